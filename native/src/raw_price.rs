//! A raw price as its JSON has it, where that is plain and nothing about it is in doubt.

use memchr::memchr;

use crate::amount::Amount;
use crate::fields::{Bytes, COUNT, CURRENCY, FIELDS, NULL, PRICE, SEAT, TIMESTAMP, inside};
use crate::moment::Moment;

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
        let values = read_object(value)?;
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

/// The values of an object, each as its bytes, with defaults for those that are not there.
fn read_object(value: &[u8]) -> Option<[&[u8]; COUNT]> {
    let mut values: [Option<&[u8]>; COUNT] = [None; COUNT];
    let mut rest = skip_space(value).strip_prefix(b"{")?;
    let mut expected = 0;
    loop {
        let place;
        (place, rest) = read_name(skip_space(rest), expected)?;
        rest = skip_space(rest).strip_prefix(b":")?;
        let token;
        (token, rest) = read_token(skip_space(rest))?;
        if values[place].replace(token).is_some() {
            return None;
        }
        expected = place + 1;
        let (end, after) = skip_space(rest).split_first()?;
        rest = after;
        match end {
            b',' => {}
            b'}' if skip_space(rest).is_empty() => break,
            _ => return None,
        }
    }
    let mut complete = [NULL; COUNT];
    for (place, value) in values.into_iter().enumerate() {
        complete[place] = value.or(FIELDS[place].default)?;
    }
    Some(complete)
}

/// The field that a name stands for. Nearly always it is the one that is expected.
fn read_name(text: &[u8], expected: usize) -> Option<(usize, &[u8])> {
    if let Some(rest) = FIELDS
        .get(expected)
        .and_then(|field| text.strip_prefix(field.name))
    {
        return Some((expected, rest));
    }
    FIELDS
        .iter()
        .enumerate()
        .find_map(|(place, field)| Some((place, text.strip_prefix(field.name)?)))
}

/// A text with its quotes, a number, or null.
fn read_token(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let length = match text.first()? {
        b'"' => memchr(b'"', text.get(1..)?)? + 2,
        b'n' if text.starts_with(NULL) => NULL.len(),
        b'0'..=b'9' => text
            .iter()
            .position(|byte| !matches!(byte, b'0'..=b'9' | b'.'))?,
        _ => return None,
    };
    text.split_at_checked(length)
}

fn skip_space(text: &[u8]) -> &[u8] {
    let mut rest = text;
    while let [b' ' | b'\t' | b'\n' | b'\r', after @ ..] = rest {
        rest = after;
    }
    rest
}
