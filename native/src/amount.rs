//! Amounts as nearly every price has them: plain decimal numbers with a few digits on either side
//! of the point. They are counted in millionths, so that everything here is exact.

use std::cmp::Ordering;

use crate::written::Written;

const MAX_WHOLE_DIGITS: usize = 12;
const MAX_FRACTION_DIGITS: usize = 6;
const PERCENT_DIGITS: usize = 4;
const POWERS_OF_TEN: [u64; MAX_FRACTION_DIGITS + 1] =
    [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000];

/// An amount and its text, which is also how Python's `Decimal` writes it.
#[derive(Clone, Copy)]
pub struct Amount<'a> {
    pub text: &'a [u8],
    millionths: u64,
    fraction_digits: usize,
}

impl<'a> Amount<'a> {
    /// Reads `digits` or `digits.digits`, as JSON has them: no sign, exponent or leading zero.
    pub fn read(text: &'a [u8]) -> Option<Self> {
        let point = text.iter().position(|&byte| byte == b'.');
        let whole = whole_number(text.get(..point.unwrap_or(text.len()))?, MAX_WHOLE_DIGITS)?;
        let mut millionths = whole * POWERS_OF_TEN[MAX_FRACTION_DIGITS];
        let mut fraction_digits = 0;
        if let Some(point) = point {
            let fraction = text.get(point + 1..)?;
            fraction_digits = fraction.len();
            let unit = POWERS_OF_TEN.get(MAX_FRACTION_DIGITS.checked_sub(fraction_digits)?)?;
            millionths += digits(fraction)? * unit;
        }
        Some(Self {
            text,
            millionths,
            fraction_digits,
        })
    }

    /// Reads an amount that can be divided by.
    pub fn read_price(text: &'a [u8]) -> Option<Self> {
        Self::read(text).filter(|price| price.millionths > 0)
    }

    /// This price against an older one; none where it rose beyond all measure.
    pub fn change_since(&self, old: &Self) -> Option<Change> {
        let moved = self.millionths.abs_diff(old.millionths);
        let digits = self.fraction_digits.max(old.fraction_digits);
        // Both are multiples of this unit, so nothing is lost.
        let unit = POWERS_OF_TEN.get(MAX_FRACTION_DIGITS.checked_sub(digits)?)?;
        Some(Change {
            direction: self.millionths.cmp(&old.millionths),
            amount: Written::decimal(moved / unit, digits),
            percent: Written::decimal(percent_of(moved, old.millionths)?, PERCENT_DIGITS),
        })
    }
}

/// How a price moved. The numbers have no sign: where it went down both are negative, also a
/// percentage that is rounded to nothing.
pub struct Change {
    pub direction: Ordering,
    pub amount: Written,
    pub percent: Written,
}

/// Whether this is an amount, or one with a minus before it, whose text is Python's of it.
pub fn is_signed_amount(text: &[u8]) -> bool {
    // msgspec reads a whole number as an integer first, and of integers none is minus nothing.
    text != b"-0" && Amount::read(text.strip_prefix(b"-").unwrap_or(text)).is_some()
}

/// A whole number as JSON has it, of at most so many digits.
pub fn whole_number(text: &[u8], max_digits: usize) -> Option<u64> {
    if text.len() > max_digits || (text.len() > 1 && text.first() == Some(&b'0')) {
        return None;
    }
    digits(text)
}

/// The digits, of which there is at least one and at most 18, as a number.
pub fn digits(text: &[u8]) -> Option<u64> {
    if text.is_empty() || text.len() > 18 {
        return None;
    }
    text.iter().try_fold(0, |number, byte| {
        byte.is_ascii_digit()
            .then(|| number * 10 + u64::from(byte - b'0'))
    })
}

/// A part of a whole in ten-thousandths of a percent; what lies between two goes to the even one.
fn percent_of(part: u64, whole: u64) -> Option<u64> {
    let scale = 100 * POWERS_OF_TEN.get(PERCENT_DIGITS)?;
    // The processor divides 64 bits many times as fast as 128.
    let (quotient, rest) = match part.checked_mul(scale) {
        Some(scaled) => (scaled / whole, scaled % whole),
        None => {
            let (scaled, whole) = (u128::from(part) * u128::from(scale), u128::from(whole));
            let quotient = u64::try_from(scaled / whole).ok()?;
            (quotient, u64::try_from(scaled % whole).ok()?)
        }
    };
    let rounds_up = match rest.cmp(&(whole - rest)) {
        Ordering::Less => false,
        Ordering::Equal => quotient % 2 == 1,
        Ordering::Greater => true,
    };
    quotient.checked_add(u64::from(rounds_up))
}
