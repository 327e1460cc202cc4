//! The clock of the machine, as far as it can be believed.
//!
//! A Raspberry Pi begins in 1970 and learns the time from the net some seconds later. Until then
//! every signature would look wrong, ours to others and theirs to us; nobody should be told that
//! for good, and no server be given up because of it.

use std::cell::Cell;
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};

/// No clock shows an earlier time than this, for there was no sitegen: 1 November 2026.
const EARLIEST: i64 = 1_793_491_200;

/// How far the time may jump without being doubted.
const JUMP_MAX: SignedDuration = SignedDuration::from_hours(1);

/// For how long it is doubted after a jump.
const DOUBT: Duration = Duration::from_secs(120);

/// The time of the system, and how much has passed since some moment, which never jumps.
pub(crate) type Reading = (Timestamp, Duration);

/// Tells the time, or that nobody knows it.
pub(crate) struct Clock {
    read: Box<dyn Fn() -> Reading>,
    /// What the time was when so much had passed.
    anchor: Cell<Reading>,
    doubted_until: Cell<Duration>,
}

impl Clock {
    /// That of the system.
    pub(crate) fn new() -> Self {
        let began = Instant::now();
        Self::of(move || (Timestamp::now(), began.elapsed()))
    }

    /// One that somebody else keeps.
    pub(crate) fn of(read: impl Fn() -> Reading + 'static) -> Self {
        let anchor = Cell::new(read());
        Self { read: Box::new(read), anchor, doubted_until: Cell::default() }
    }

    /// Time that has passed since some moment; it never jumps.
    pub(crate) fn passed(&self) -> Duration {
        (self.read)().1
    }

    /// What the system takes for the time, right or wrong: for what is noted, not judged.
    pub(crate) fn system(&self) -> Timestamp {
        (self.read)().0
    }

    /// The time, unless it cannot be right.
    pub(crate) fn now(&self) -> Option<Timestamp> {
        let (now, passed) = (self.read)();
        self.check(now, passed).is_ok().then_some(now)
    }

    fn check(&self, now: Timestamp, passed: Duration) -> Result<(), ()> {
        let (then, at) = self.anchor.get();
        let elapsed =
            SignedDuration::try_from(passed.saturating_sub(at)).unwrap_or(SignedDuration::MAX);
        let jump = now.duration_since(then) - elapsed;
        self.anchor.set((now, passed));
        if jump.abs() > JUMP_MAX {
            self.doubted_until.set(passed + DOUBT);
        }
        let is_early = now.as_second() < EARLIEST;
        if is_early || passed < self.doubted_until.get() { Err(()) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn q_10_a_clock_that_begins_in_1970_or_jumps_is_not_believed_for_a_while() {
        let at = |seconds: i64| Timestamp::from_second(seconds).unwrap();
        let second = Duration::from_secs;
        let clock = Clock::of(move || (at(60), second(0)));
        assert!(clock.check(at(61), second(1)).is_err(), "it is 1970");
        let now = EARLIEST + 1_000_000;
        assert!(clock.check(at(now), second(5)).is_err(), "it has just learnt the time");
        assert!(clock.check(at(now + 125), second(130)).is_ok());
        assert!(clock.check(at(now + 126 + 3599), second(131)).is_ok(), "a small jump");
        assert!(clock.check(at(now + 200_000), second(132)).is_err());
        assert!(clock.check(at(now + 200_300), second(432)).is_ok());
        assert!(clock.check(at(now), second(433)).is_err(), "back again");
    }
}
