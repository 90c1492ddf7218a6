//! A raw price as its JSON has it, where that is plain and nothing about it is in doubt.

use crate::amount::Amount;
use crate::fields::{Bytes, COUNT, CURRENCY, FIELDS, PRICE, SEAT, TIMESTAMP, inside};
use crate::moment::Moment;
use crate::object::read_object;

const MAX_AHEAD_US: i64 = 5 * 60 * 1_000_000;

/// A raw price that is good beyond doubt.
pub struct RawPrice<'a> {
    values: [&'a [u8]; COUNT],
    pub price: Amount<'a>,
    pub currency: &'a [u8],
    pub seen_at: Moment,
}

impl<'a> RawPrice<'a> {
    /// Reads a record's value; `recorded_at` is Kafka's time of it.
    pub fn read(value: &'a [u8], recorded_at: Moment) -> Option<Self> {
        let bytes = Bytes::look(value)?;
        let values = read_object(value, &FIELDS)?;
        for (field, value) in FIELDS.iter().zip(values) {
            if !field.holds.is_good(value, &bytes) {
                return None;
            }
        }
        let seen_at = Moment::read(inside(values[TIMESTAMP]))?;
        if seen_at.microseconds_after(recorded_at) > MAX_AHEAD_US {
            return None;
        }
        Some(Self {
            values,
            price: Amount::read_price(values[PRICE])?,
            currency: inside(values[CURRENCY]),
            seen_at,
        })
    }

    /// Whether these bytes are the seat key: the JSON array of what makes the seat.
    pub fn is_keyed_by(&self, key: &[u8]) -> bool {
        let mut rest = key;
        for (before, place) in [b'[', b',', b',', b',', b','].into_iter().zip(SEAT) {
            let after = rest
                .strip_prefix(&[before])
                .and_then(|rest| rest.strip_prefix(self.values[place]));
            match after {
                Some(after) => rest = after,
                None => return false,
            }
        }
        rest == b"]"
    }

    /// Writes it as an object with every field, without the brace that ends it.
    pub fn write(&self, out: &mut Vec<u8>) {
        for (place, (field, value)) in FIELDS.iter().zip(self.values).enumerate() {
            out.push(if place == 0 { b'{' } else { b',' });
            out.extend_from_slice(field.name);
            out.push(b':');
            if place == TIMESTAMP {
                self.seen_at.write_quoted(out);
            } else {
                out.extend_from_slice(value);
            }
        }
    }
}
