//! A processed price as its JSON has it, where that is plain, and its line of `price_history`.

use crate::amount::{Amount, whole_number};
use crate::fields::{
    Bytes, EVENT, ID, NULL, PRICE, PROCESSED_COUNT, PROCESSED_FIELDS, TIMESTAMP, inside,
};
use crate::moment::Moment;
use crate::object::read_object;

// The first one is 1900, as it is of every moment.
const LAST_YEAR_STORED: i64 = 2100;

const ID_BEGIN: &[u8] = b"raw_prices-";
const MAX_ID_DIGITS: usize = 18;

/// The fields as `HISTORY_COLUMNS` has them, from `event_id` to `seller_notes`.
const COLUMNS: [usize; 18] = [
    0, 4, 5, 6, 7, 8, 9, 10, 17, 19, 20, 21, 22, 12, 13, 14, 15, 16,
];

/// A processed price that is good beyond doubt, and that has a partition.
pub struct ProcessedPrice<'a> {
    values: [&'a [u8]; PROCESSED_COUNT],
    raw_partition: &'a [u8],
    raw_offset: &'a [u8],
    pub observed_at: Moment,
}

impl<'a> ProcessedPrice<'a> {
    pub fn read(value: &'a [u8]) -> Option<Self> {
        let bytes = Bytes::look(value)?;
        let values = read_object(value, &PROCESSED_FIELDS)?;
        for (field, value) in PROCESSED_FIELDS.iter().zip(values) {
            if !field.holds.is_good(value, &bytes) {
                return None;
            }
        }
        Amount::read(values[PRICE])?;
        let (raw_partition, raw_offset) = read_id(inside(values[ID]))?;
        let observed_at = Moment::read(inside(values[TIMESTAMP]))?;
        (observed_at.calendar().year <= LAST_YEAR_STORED).then_some(Self {
            values,
            raw_partition,
            raw_offset,
            observed_at,
        })
    }

    /// Writes it as COPY reads it. Nothing in it needs an escape: it came without any.
    pub fn write_line(&self, recorded_at: Moment, out: &mut Vec<u8>) {
        out.extend_from_slice(self.raw_partition);
        out.push(b'\t');
        out.extend_from_slice(self.raw_offset);
        for moment in [self.observed_at, recorded_at] {
            out.push(b'\t');
            moment.write_iso(out);
        }
        for place in COLUMNS {
            out.push(b'\t');
            out.extend_from_slice(text_of(self.values[place]).unwrap_or(b"\\N"));
        }
        out.push(b'\n');
    }

    /// Id, name, venue and date of its event.
    pub fn event(&self) -> [Option<&'a [u8]>; 4] {
        EVENT.map(|place| text_of(self.values[place]))
    }
}

/// Partition and offset of the raw record that an id names.
fn read_id(id: &[u8]) -> Option<(&[u8], &[u8])> {
    let place = id.strip_prefix(ID_BEGIN)?;
    let dash = place.iter().position(|&byte| byte == b'-')?;
    let (partition, offset) = (place.get(..dash)?, place.get(dash + 1..)?);
    for number in [partition, offset] {
        whole_number(number, MAX_ID_DIGITS)?;
    }
    Some((partition, offset))
}

/// A value without its quotes; none where it is null.
fn text_of(value: &[u8]) -> Option<&[u8]> {
    match value {
        NULL => None,
        [b'"', ..] => Some(inside(value)),
        number => Some(number),
    }
}
