//! Moments in microseconds since 1970, as Python's `datetime` counts them.

use crate::amount::digits;

const DAY_S: i64 = 86_400;
const SECOND_US: i64 = 1_000_000;
// The last year of Python's calendar is left out, in which a moment may have none after it.
const FIRST_YEAR: i64 = 1900;
const END_YEAR: i64 = 9999;

/// From the first of March of the year 0.
const DAYS_TO_1970: i64 = 719_468;
const ERA_DAYS: i64 = 146_097;

/// A moment in UTC, of the years 1900 to 9998.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment {
    microseconds: i64,
}

impl Moment {
    /// Reads `YYYY-MM-DDTHH:MM:SS`, with up to six digits of a second, in UTC or without an offset.
    pub fn read(text: &[u8]) -> Option<Self> {
        let (whole, rest) = text.split_at_checked(19)?;
        let [
            y0,
            y1,
            y2,
            y3,
            b'-',
            m0,
            m1,
            b'-',
            d0,
            d1,
            b'T',
            rest_of_whole @ ..,
        ] = whole
        else {
            return None;
        };
        let [h0, h1, b':', n0, n1, b':', s0, s1] = rest_of_whole else {
            return None;
        };
        let year = number(&[*y0, *y1, *y2, *y3])?;
        let days = days_to(year, number(&[*m0, *m1])?, number(&[*d0, *d1])?)?;
        let hour = number(&[*h0, *h1]).filter(|hour| *hour < 24)?;
        let minute = number(&[*n0, *n1]).filter(|minute| *minute < 60)?;
        let second = number(&[*s0, *s1]).filter(|second| *second < 60)?;
        let rest = rest
            .strip_suffix(b"Z")
            .or_else(|| rest.strip_suffix(b"+00:00"))
            .unwrap_or(rest);
        let seconds = days * DAY_S + (hour * 60 + minute) * 60 + second;
        Self::from_microseconds(seconds * SECOND_US + fraction(rest)?)
    }

    /// Kafka's time: milliseconds since 1970.
    pub fn from_milliseconds(milliseconds: i64) -> Option<Self> {
        Self::from_microseconds(milliseconds.checked_mul(1_000)?)
    }

    pub fn from_microseconds(microseconds: i64) -> Option<Self> {
        let first = days_to(FIRST_YEAR, 1, 1)? * DAY_S * SECOND_US;
        let end = days_to(END_YEAR, 1, 1)? * DAY_S * SECOND_US;
        (first..end)
            .contains(&microseconds)
            .then_some(Self { microseconds })
    }

    /// By how much it is after another one; negative where it is before.
    pub fn microseconds_after(self, other: Self) -> i64 {
        self.microseconds - other.microseconds
    }

    /// Whole seconds since 1970, rounded down, and microseconds.
    pub fn parts(self) -> (i64, i64) {
        (
            self.microseconds.div_euclid(SECOND_US),
            self.microseconds.rem_euclid(SECOND_US),
        )
    }

    /// Its date and time of day.
    pub fn calendar(self) -> Calendar {
        let (seconds, microsecond) = self.parts();
        let (year, month, day) = date_of(seconds.div_euclid(DAY_S));
        let second = seconds.rem_euclid(DAY_S);
        Calendar {
            year,
            month,
            day,
            hour: second / 3_600,
            minute: second / 60 % 60,
            second: second % 60,
            microsecond,
        }
    }

    /// As msgspec writes a moment in UTC, in quotes.
    pub fn write_quoted(self, out: &mut Vec<u8>) {
        out.push(b'"');
        self.calendar().write(out);
        out.extend_from_slice(b"Z\"");
    }

    /// As Python's `isoformat` writes a moment in UTC.
    pub fn write_iso(self, out: &mut Vec<u8>) {
        self.calendar().write(out);
        out.extend_from_slice(b"+00:00");
    }
}

/// A moment by the calendar, in UTC.
pub struct Calendar {
    pub year: i64,
    pub month: i64,
    pub day: i64,
    pub hour: i64,
    pub minute: i64,
    pub second: i64,
    pub microsecond: i64,
}

impl Calendar {
    fn write(&self, out: &mut Vec<u8>) {
        put(out, self.year, 4);
        for (mark, number) in [
            (b'-', self.month),
            (b'-', self.day),
            (b'T', self.hour),
            (b':', self.minute),
            (b':', self.second),
        ] {
            out.push(mark);
            put(out, number, 2);
        }
        if self.microsecond > 0 {
            out.push(b'.');
            put(out, self.microsecond, 6);
        }
    }
}

fn number(text: &[u8]) -> Option<i64> {
    i64::try_from(digits(text)?).ok()
}

/// Nothing, or a point and up to six digits, in microseconds.
fn fraction(text: &[u8]) -> Option<i64> {
    if text.is_empty() {
        return Some(0);
    }
    let text = text.strip_prefix(b".")?;
    let missing = 6_usize.checked_sub(text.len())?;
    Some((0..missing).fold(number(text)?, |number, _| number * 10))
}

fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

/// The days from 1970 to a date of the Gregorian calendar; none where there is no such date.
///
/// As in <https://howardhinnant.github.io/date_algorithms.html>: years begin in March, so that a
/// leap day is the last of its year, and 400 of them are always as long.
fn days_to(year: i64, month: i64, day: i64) -> Option<i64> {
    let length = match month {
        2 => 28 + i64::from(is_leap(year)),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    let is_date = (1..=12).contains(&month) && (1..=length).contains(&day);
    let (march_year, march_month) = (year - i64::from(month < 3), (month + 9) % 12);
    let leap_days = march_year / 4 - march_year / 100 + march_year / 400;
    let day_of_year = (153 * march_month + 2) / 5 + day - 1;
    is_date.then_some(march_year * 365 + leap_days + day_of_year - DAYS_TO_1970)
}

/// Year, month and day, from the same page.
fn date_of(days: i64) -> (i64, i64, i64) {
    let days = days + DAYS_TO_1970;
    let (era, day_of_era) = (days / ERA_DAYS, days % ERA_DAYS);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let march_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * march_month + 2) / 5 + 1;
    let month = (march_month + 2) % 12 + 1;
    (era * 400 + year_of_era + i64::from(month < 3), month, day)
}

fn put(out: &mut Vec<u8>, number: i64, width: u32) {
    for place in (0..width).rev() {
        out.push(b'0' + (number / 10_i64.pow(place) % 10) as u8);
    }
}
