//! Giving memory back without waiting for it.

use std::thread;

/// Drops a large value while others go on, where there is somebody to do it. A program that ends
/// does not wait. The threads that build are not asked: whoever waits for something else there
/// would do it first.
pub(crate) fn give_back<T: Send + 'static>(value: T) {
    if rayon::current_num_threads() > 1 {
        // Without a new thread, it is dropped here.
        let _ = thread::Builder::new().spawn(move || drop(value));
    }
}
