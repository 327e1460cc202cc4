//! How many pictures are in memory at a time: few, for each may need hundreds of megabytes.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use crate::limits::{PICTURE_PIXELS_MAX, PICTURES_AT_ONCE_MAX};

/// Lets pictures in, one at a time.
#[derive(Debug, Default)]
pub(super) struct Gate {
    inside: Mutex<Vec<(String, u64)>>,
    changed: Condvar,
}

/// A picture that is inside, until this is dropped.
pub(super) struct Pass<'g> {
    gate: &'g Gate,
    digest: &'g str,
}

impl Gate {
    /// Waits until there is room for a picture of so many pixels, and nobody has the same.
    pub(super) fn enter<'g>(&'g self, digest: &'g str, pixels: u64) -> Pass<'g> {
        let must_wait = |inside: &mut Vec<(String, u64)>| {
            let all: u64 = inside.iter().map(|(_, pixels)| pixels).sum();
            inside.len() >= PICTURES_AT_ONCE_MAX
                || (!inside.is_empty() && all + pixels > PICTURE_PIXELS_MAX)
                || inside.iter().any(|(other, _)| other == digest)
        };
        let inside = self.changed.wait_while(self.lock(), must_wait);
        let mut inside = inside.unwrap_or_else(PoisonError::into_inner);
        inside.push((digest.to_owned(), pixels));
        Pass { gate: self, digest }
    }

    fn lock(&self) -> MutexGuard<'_, Vec<(String, u64)>> {
        // The list is whole whatever happened to who had it.
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Pass<'_> {
    fn drop(&mut self) {
        self.gate.lock().retain(|(digest, _)| digest != self.digest);
        self.gate.changed.notify_all();
    }
}
