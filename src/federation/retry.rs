//! When a message that did not arrive is sent again.

use jiff::{SignedDuration, Timestamp};

/// How long a message is worth anything. Servers that are away for a week come back.
pub const LIFETIME: SignedDuration = SignedDuration::from_hours(8 * 24);

/// Waits after the first, second, … failure in a row, in seconds: a minute, five, half an hour,
/// two hours, six, twelve; then a day.
const WAITS: [i64; 6] = [60, 300, 1800, 7200, 21_600, 43_200];

/// The longest wait, also when a server asks for more.
pub const WAIT_MAX: SignedDuration = SignedDuration::from_hours(24);

/// How much longer a wait may become, so that not all servers are asked at once.
const JITTER: f64 = 0.2;

/// How long to wait after so many failures of a server in a row. `random` is from 0 to 1.
pub fn wait(failures: u32, random: f64) -> SignedDuration {
    let index = usize::try_from(failures.saturating_sub(1)).unwrap_or(usize::MAX);
    let base = WAITS.get(index).map_or(WAIT_MAX, |seconds| SignedDuration::from_secs(*seconds));
    base.mul_f64(1.0 + JITTER * random.clamp(0.0, 1.0))
}

/// How long a server asks us to wait (RFC 9110, 10.2.3): seconds, or a date. Not longer than a
/// day; `None` when it makes no sense or is over.
pub fn asked(retry_after: &str, now: Timestamp) -> Option<SignedDuration> {
    let text = retry_after.trim();
    let wait = if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        // More digits than a number has are a long time as well.
        text.parse().map_or(WAIT_MAX, SignedDuration::from_secs)
    } else {
        let parser = jiff::fmt::rfc2822::DateTimeParser::new();
        parser.parse_timestamp(text).ok()?.duration_since(now)
    };
    (wait.is_positive()).then_some(wait.min(WAIT_MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_from_a_minute_to_a_day_with_a_fifth_of_chance() {
        assert_eq!(wait(1, 0.0).as_secs(), 60);
        assert_eq!(wait(1, 1.0).as_secs(), 72);
        assert_eq!(wait(6, 0.0).as_secs(), 43_200);
        assert_eq!(wait(7, 0.0), WAIT_MAX);
        assert_eq!(wait(u32::MAX, 0.0), WAIT_MAX);
        let mut all = SignedDuration::ZERO;
        let tries = (1..).take_while(|failures| {
            all += wait(*failures, 0.5);
            all < LIFETIME
        });
        assert!(tries.count() >= 11, "a server that is away for a week is found again");
    }

    #[test]
    fn q_07_what_a_server_asks_for_is_bounded() {
        let now = Timestamp::from_second(1_800_000_000).unwrap();
        let asked = |text: &str| asked(text, now).map(|wait| wait.as_secs());
        assert_eq!(asked("120"), Some(120));
        assert_eq!(asked(" Fri, 15 Jan 2027 08:01:00 GMT "), Some(60));
        for long in ["1000000000", "99999999999999999999999", "Fri, 15 Jan 2100 08:01:00 GMT"] {
            assert_eq!(asked(long), Some(86_400), "{long}");
        }
        for none in ["", "0", "-5", "soon", "Fri, 15 Jan 2020 08:01:00 GMT", "1.5"] {
            assert_eq!(asked(none), None, "{none}");
        }
    }
}
