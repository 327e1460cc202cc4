//! Moments in the life of a page, and how they are written.
//!
//! A date without a zone means the zone of the site (`timezone` in `site.toml`), never the
//! zone of the machine: the same input gives the same bytes everywhere.

mod when;

use std::fmt;

use jiff::civil;
use jiff::tz::{Offset, TimeZone};
use jiff::{Timestamp, Zoned};

pub(crate) use when::When;

/// A point in time together with the offset it was written with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Moment {
    at: Timestamp,
    offset: Offset,
}

/// The time zone of a name, when there is one that tells the time.
pub(crate) fn zone_of(name: &str) -> Option<TimeZone> {
    TimeZone::get(name).ok().filter(|zone| !zone.is_unknown())
}

impl Moment {
    /// Reads `2026-05-01` (also `2026-5-1`), `2026-05-01 10:00`, `2026-05-01T10:00:00+01:00` and
    /// the form with a space before the offset that Jekyll writes. `None` when it is no date or
    /// its year is not between 1000 and 9999: 0206 is a slip.
    pub(crate) fn parse(text: &str, zone: &TimeZone) -> Option<Self> {
        let (date, rest) = split_day(text.trim())?;
        let rest = rest.trim_start_matches(['T', 't']).trim();
        if rest.is_empty() {
            return Self::local(date.at(0, 0, 0, 0), zone);
        }
        let split = rest.find(['Z', 'z', '+', '-']).unwrap_or(rest.len());
        let (time, offset) = rest.split_at(split);
        let time: civil::Time = time.trim().parse().ok()?;
        let local = date.to_datetime(time);
        if offset.is_empty() {
            return Self::local(local, zone);
        }
        let offset = parse_offset(offset)?;
        Some(Self { at: offset.to_timestamp(local).ok()?, offset })
    }

    /// Whether a text that [`Moment::parse`] can read says an offset.
    pub(crate) fn has_offset(text: &str) -> bool {
        let bare = text.trim().trim_matches(['"', '\'']);
        let time = split_day(bare).map_or("", |(_, rest)| rest);
        time.contains(['Z', 'z', '+', '-'])
    }

    /// A local time in `zone`. In the hour that is skipped in spring it is moved forward, in
    /// the one that comes twice in autumn it is the first.
    pub(crate) fn local(local: civil::DateTime, zone: &TimeZone) -> Option<Self> {
        zone.to_ambiguous_zoned(local).compatible().ok().map(|zoned| Self::from(&zoned))
    }

    /// The moment as it is called in `zone`.
    pub(crate) fn at(at: Timestamp, zone: &TimeZone) -> Self {
        Self { at, offset: zone.to_offset(at) }
    }

    /// The beginning of Unix time, for what has no date.
    pub(crate) fn epoch(zone: &TimeZone) -> Self {
        Self::at(Timestamp::UNIX_EPOCH, zone)
    }

    /// The same in whole seconds: what `published.toml` and the feeds keep.
    pub(crate) fn whole_seconds(self) -> Self {
        let at = Timestamp::from_second(self.at.as_second()).unwrap_or(self.at);
        Self { at, ..self }
    }

    /// The instant, for comparisons.
    pub(crate) fn timestamp(self) -> Timestamp {
        self.at
    }

    /// Whether it is the beginning of a day, as for a date without a time.
    pub(crate) fn is_midnight(self) -> bool {
        self.civil().time() == civil::Time::midnight()
    }

    /// Year, month and day where it was written.
    pub(crate) fn date(self) -> civil::Date {
        self.civil().date()
    }

    fn civil(self) -> civil::DateTime {
        self.offset.to_datetime(self.at)
    }

    /// As on the fediverse: `2026-05-01T09:00:00Z`. Not all servers read offsets alike.
    pub(crate) fn to_utc(self) -> String {
        self.whole_seconds().at.to_string()
    }

    /// As in mail and RSS: `Fri, 01 May 2026 10:00:00 +0100` (RFC 2822).
    pub(crate) fn to_rfc2822(self) -> String {
        let zoned = Zoned::new(self.at, TimeZone::fixed(self.offset));
        jiff::fmt::rfc2822::to_string(&zoned).unwrap_or_else(|_| self.to_string())
    }
}

impl From<&Zoned> for Moment {
    fn from(zoned: &Zoned) -> Self {
        Self { at: zoned.timestamp(), offset: zoned.offset() }
    }
}

impl PartialOrd for Moment {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Moment {
    /// By the instant; of two names of one instant, by the offset.
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.at.cmp(&other.at).then(self.offset.cmp(&other.offset))
    }
}

impl fmt::Display for Moment {
    /// RFC 3339, in whole seconds: `2026-05-01T10:00:00+01:00`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let civil = self.civil();
        let seconds = self.offset.seconds();
        let minutes = seconds.unsigned_abs() / 60;
        // Every page and every entry has some of these, so they are not left to `write!`.
        let mut text = *b"0000-00-00T00:00:00+00:00";
        put(&mut text[..4], u32::from(civil.year().unsigned_abs()));
        let parts = [civil.month(), civil.day(), civil.hour(), civil.minute(), civil.second()];
        for (part, at) in parts.into_iter().zip([5, 8, 11, 14, 17]) {
            put(&mut text[at..at + 2], u32::from(part.unsigned_abs()));
        }
        if seconds < 0 {
            text[19] = b'-';
        }
        put(&mut text[20..22], minutes / 60);
        put(&mut text[23..25], minutes % 60);
        // All of it is ASCII.
        f.write_str(std::str::from_utf8(&text).unwrap_or_default())
    }
}

/// Writes a number over the zeros of its place.
fn put(place: &mut [u8], mut number: u32) {
    for digit in place.iter_mut().rev() {
        *digit += (number % 10) as u8;
        number /= 10;
    }
}

/// The day at the beginning of a text, and what follows it.
fn split_day(text: &str) -> Option<(civil::Date, &str)> {
    let (year, rest) = text.split_once('-')?;
    let (month, rest) = rest.split_once('-')?;
    let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    let (day, rest) = rest.split_at(end);
    let number = |digits: &str, lengths: std::ops::RangeInclusive<usize>| -> Option<i16> {
        let good = lengths.contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
        good.then(|| digits.parse().ok()).flatten()
    };
    let year = number(year, 4..=4).filter(|year| *year >= 1000)?;
    let month = i8::try_from(number(month, 1..=2)?).ok()?;
    let day = i8::try_from(number(day, 1..=2)?).ok()?;
    Some((civil::Date::new(year, month, day).ok()?, rest))
}

fn parse_offset(text: &str) -> Option<Offset> {
    if text.eq_ignore_ascii_case("z") {
        return Some(Offset::UTC);
    }
    let sign = match text.as_bytes()[0] {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let digits: String = text[1..].chars().filter(|c| *c != ':').collect();
    if digits.len() != 4 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let hours: i32 = digits[..2].parse().ok()?;
    let minutes: i32 = digits[2..].parse().ok()?;
    if hours > 23 || minutes > 59 {
        return None;
    }
    Offset::from_seconds(sign * (hours * 3600 + minutes * 60)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn london() -> TimeZone {
        TimeZone::get("Europe/London").unwrap()
    }

    #[test]
    fn dates_are_read_in_all_the_forms_people_write() {
        let cases = [
            ("2026-05-01", "2026-05-01T00:00:00+01:00"),
            ("2026-12-01 10:30", "2026-12-01T10:30:00+00:00"),
            ("2026-05-01T10:30:15Z", "2026-05-01T10:30:15+00:00"),
            ("2026-05-01T10:30:15.25+02:00", "2026-05-01T10:30:15+02:00"),
            ("2021-06-10 10:00:00 +0200", "2021-06-10T10:00:00+02:00"),
            ("2026-05-01T10:00:00-03:30", "2026-05-01T10:00:00-03:30"),
            ("2026-5-1", "2026-05-01T00:00:00+01:00"),
        ];
        for (written, meant) in cases {
            let moment = Moment::parse(written, &london()).expect(written);
            assert_eq!(moment.to_string(), meant);
        }
    }

    #[test]
    fn what_is_no_date_is_refused() {
        for text in [
            "2026-02-30",
            "0000-01-01",
            "10000-01-01",
            "-2026-01-01",
            "tomorrow",
            "0206-01-01",
            "",
            "2026-05-01T25:00",
            "2026-05-01T10:00+99:00",
            "2026-05-01 noon",
            "2026-0\u{e9}-01",
        ] {
            assert_eq!(Moment::parse(text, &london()), None, "{text}");
        }
    }

    #[test]
    fn feeds_get_the_date_as_mail_writes_it() {
        let moment = Moment::parse("2026-05-01 10:00", &london()).unwrap();
        assert_eq!(moment.to_rfc2822(), "Fri, 1 May 2026 10:00:00 +0100");
    }
}
