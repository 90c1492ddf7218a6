//! A raw price as its JSON has it, where that is plain and nothing about it is in doubt.

use crate::amount::Amount;
use crate::fields::{
    Bytes, COUNT, CURRENCY, FIELDS, LISTING_ID, NULL, PRICE, SEAT, TIMESTAMP, inside,
};
use crate::moment::Moment;
use crate::object::read_object;
use crate::unseated::says_nothing;

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

    /// Whether nothing tells the offer from another of its row: neither a seat nor a listing.
    pub fn is_unnamed(&self) -> bool {
        self.says_no_seat() && self.listing_id().is_none()
    }

    fn says_no_seat(&self) -> bool {
        says_nothing(inside(self.values[SEAT[4]]))
    }

    /// The id of the listing as JSON, where there is one that says something.
    fn listing_id(&self) -> Option<&'a [u8]> {
        let id = self.values[LISTING_ID];
        (id != NULL && !says_nothing(inside(id))).then_some(id)
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
        if rest == b"]" {
            return !self.says_no_seat() || self.listing_id().is_none();
        }
        let listing = rest
            .strip_prefix(b",")
            .and_then(|rest| rest.strip_suffix(b"]"));
        listing.is_some() && self.says_no_seat() && listing == self.listing_id()
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
