//! Giving memory back without waiting for it.

use std::mem;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

static ENDS: AtomicBool = AtomicBool::new(false);

/// Says that the program ends after what it does now. The system then takes all memory back at
/// once, in less time than it takes to give it back piece by piece.
pub(crate) fn leave_to_system() {
    ENDS.store(true, Ordering::Relaxed);
}

/// Drops a large value while others go on, where there is somebody to do it. The threads that build
/// are not asked: whoever waits for something else there would do it first.
pub(crate) fn give_back<T: Send + 'static>(value: T) {
    if ENDS.load(Ordering::Relaxed) {
        mem::forget(value);
    } else if rayon::current_num_threads() > 1 {
        // Without a new thread, it is dropped here.
        let _ = thread::Builder::new().spawn(move || drop(value));
    }
}

/// Drops two large values that borrow from others, at the same time.
pub(crate) fn let_go<A: Send, B: Send>(a: A, b: B) {
    if ENDS.load(Ordering::Relaxed) {
        mem::forget((a, b));
    } else {
        rayon::join(|| drop(a), || drop(b));
    }
}
