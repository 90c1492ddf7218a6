//! The row of a seat: `LastSeen` in msgpack, an array of price, currency and moment.

use crate::amount::Amount;
use crate::fields::is_currency;
use crate::moment::Moment;

const ARRAY_OF_THREE: u8 = 0x93;
/// A text of up to 31 bytes begins with its length, added to this.
const SHORT_TEXT: u8 = 0xa0;
const LONGEST_SHORT_TEXT: usize = 31;

// The extension of msgpack for a moment, of 4, 8 or 12 bytes:
// <https://github.com/msgpack/msgpack/blob/master/spec.md#timestamp-extension-type>
const MOMENT_4: [u8; 2] = [0xd6, 0xff];
const MOMENT_8: [u8; 2] = [0xd7, 0xff];
const MOMENT_12: [u8; 3] = [0xc7, 12, 0xff];
const SECONDS_BITS: u32 = 34;

/// What was last seen of a seat.
pub struct Row<'a> {
    pub price: Amount<'a>,
    pub currency: &'a [u8],
    pub seen_at: Moment,
}

impl<'a> Row<'a> {
    pub fn read(row: &'a [u8]) -> Option<Self> {
        let (&ARRAY_OF_THREE, rest) = row.split_first()? else {
            return None;
        };
        let (price, rest) = short_text(rest)?;
        let (currency, moment) = short_text(rest)?;
        Some(Self {
            price: Amount::read_price(price)?,
            currency: is_currency(currency).then_some(currency)?,
            seen_at: read_moment(moment)?,
        })
    }

    pub fn write(&self, out: &mut Vec<u8>) {
        out.push(ARRAY_OF_THREE);
        write_short_text(self.price.text, out);
        write_short_text(self.currency, out);
        write_moment(self.seen_at, out);
    }
}

fn short_text(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (mark, rest) = bytes.split_first()?;
    let length = usize::from(mark.checked_sub(SHORT_TEXT)?);
    if length > LONGEST_SHORT_TEXT {
        return None;
    }
    rest.split_at_checked(length)
}

// An amount has at most 19 bytes, a currency 8.
fn write_short_text(text: &[u8], out: &mut Vec<u8>) {
    out.push(SHORT_TEXT + text.len() as u8);
    out.extend_from_slice(text);
}

fn read_moment(bytes: &[u8]) -> Option<Moment> {
    let (seconds, nanoseconds) = if let Some(rest) = bytes.strip_prefix(&MOMENT_4) {
        (u32::from_be_bytes(rest.try_into().ok()?).into(), 0)
    } else if let Some(rest) = bytes.strip_prefix(&MOMENT_8) {
        let both = u64::from_be_bytes(rest.try_into().ok()?);
        let seconds = both & ((1 << SECONDS_BITS) - 1);
        (i64::try_from(seconds).ok()?, both >> SECONDS_BITS)
    } else {
        let (nanoseconds, seconds) = bytes.strip_prefix(&MOMENT_12)?.split_at_checked(4)?;
        let nanoseconds = u32::from_be_bytes(nanoseconds.try_into().ok()?);
        (
            i64::from_be_bytes(seconds.try_into().ok()?),
            nanoseconds.into(),
        )
    };
    if nanoseconds >= 1_000_000_000 || nanoseconds % 1_000 != 0 {
        return None;
    }
    let microseconds = i64::try_from(nanoseconds / 1_000).ok()?;
    Moment::from_microseconds(seconds.checked_mul(1_000_000)?.checked_add(microseconds)?)
}

fn write_moment(moment: Moment, out: &mut Vec<u8>) {
    let (seconds, microseconds) = moment.parts();
    let nanoseconds = microseconds as u32 * 1_000;
    match u64::try_from(seconds) {
        Ok(short) if nanoseconds == 0 && short <= u32::MAX.into() => {
            out.extend_from_slice(&MOMENT_4);
            out.extend_from_slice(&(short as u32).to_be_bytes());
        }
        Ok(long) if long >> SECONDS_BITS == 0 => {
            out.extend_from_slice(&MOMENT_8);
            let both = u64::from(nanoseconds) << SECONDS_BITS | long;
            out.extend_from_slice(&both.to_be_bytes());
        }
        _ => {
            out.extend_from_slice(&MOMENT_12);
            out.extend_from_slice(&nanoseconds.to_be_bytes());
            out.extend_from_slice(&seconds.to_be_bytes());
        }
    }
}
