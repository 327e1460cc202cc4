//! Giving memory back without waiting for it.

/// Drops a large value while others go on, where there is somebody to do it. A program that ends
/// does not wait.
pub(crate) fn give_back<T: Send + 'static>(value: T) {
    if rayon::current_num_threads() > 1 {
        rayon::spawn(move || drop(value));
    }
}
