//! When something takes place: on whole days, or at a time.

use jiff::civil;
use jiff::tz::TimeZone;

use super::{Moment, split_day};

/// The beginning or the end of something that takes place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum When {
    /// All of this day, wherever it is.
    Day(civil::Date),
    /// At a moment, with the offset of the place where it is.
    At(Moment),
}

impl When {
    /// Reads what [`Moment::parse`] does. A date without a time is a day. A time with an offset is
    /// told by the clock of `zone`.
    pub(crate) fn parse(text: &str, zone: &TimeZone) -> Option<Self> {
        let (day, rest) = split_day(text.trim())?;
        // It ends with the day after it, which the last of all does not have.
        day.tomorrow().ok()?;
        if rest.trim().is_empty() {
            return Some(Self::Day(day));
        }
        Moment::parse(text, zone).map(|moment| Self::At(Moment::at(moment.at, zone)))
    }

    /// The day in the calendar.
    pub(crate) fn day(self) -> civil::Date {
        match self {
            Self::Day(day) => day,
            Self::At(moment) => moment.date(),
        }
    }

    /// The hour and minute, as in `19:30`; nothing of a whole day.
    pub(crate) fn clock(self) -> Option<String> {
        match self {
            Self::Day(_) => None,
            Self::At(moment) => {
                let time = moment.civil().time();
                Some(format!("{:02}:{:02}", time.hour(), time.minute()))
            }
        }
    }

    /// The moment when it begins in `zone`.
    pub(crate) fn begins(self, zone: &TimeZone) -> Moment {
        match self {
            Self::Day(day) => midnight(day, zone),
            Self::At(moment) => moment,
        }
    }

    /// The midnight in `zone` with which its day ends.
    pub(crate) fn day_ends(self, zone: &TimeZone) -> Moment {
        midnight(self.day().tomorrow().unwrap_or(civil::Date::MAX), zone)
    }
}

/// As machines read it: `2026-05-01`, or RFC 3339.
impl std::fmt::Display for When {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Day(day) => day.fmt(f),
            Self::At(moment) => moment.fmt(f),
        }
    }
}

fn midnight(day: civil::Date, zone: &TimeZone) -> Moment {
    Moment::local(day.at(0, 0, 0, 0), zone).unwrap_or_else(|| Moment::epoch(zone))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_with_an_offset_is_told_by_the_clock_of_the_place() {
        let berlin = TimeZone::get("Europe/Berlin").unwrap();
        let told = |text| When::parse(text, &berlin).unwrap().to_string();
        assert_eq!(told("2026-06-05 19:30"), "2026-06-05T19:30:00+02:00");
        assert_eq!(told("2026-06-05T19:30:00Z"), "2026-06-05T21:30:00+02:00");
        assert_eq!(told("2026-06-05"), "2026-06-05");
        assert_eq!(When::parse("soon", &berlin), None);
    }

    #[test]
    fn a_day_ends_with_it_also_when_it_has_23_hours() {
        let london = TimeZone::get("Europe/London").unwrap();
        let day = When::parse("2026-03-29", &london).unwrap();
        assert_eq!(day.begins(&london).to_string(), "2026-03-29T00:00:00+00:00");
        assert_eq!(day.day_ends(&london).to_string(), "2026-03-30T00:00:00+01:00");
    }
}
