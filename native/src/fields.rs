//! The fields of a raw price, in the order in which they are written, and what each may hold.

use crate::amount::{Amount, whole_number};

const MAX_BYTES: usize = 256 * 1024;
const MAX_NAME: usize = 512;
const MAX_URL: usize = 2_048;
const MAX_NOTES: usize = 4_000;
const MAX_QUANTITY: u64 = 1_000_000;

pub const NULL: &[u8] = b"null";

#[derive(Clone, Copy)]
pub enum Holds {
    Text { least: usize, most: usize },
    TextOrNull { most: usize },
    Price,
    AmountOrNull,
    Timestamp,
    QuantityOrNull,
    Currency,
}

/// A field: its name as JSON has it, what it holds, and what stands for one that is not there.
pub struct Field {
    pub name: &'static [u8],
    pub holds: Holds,
    pub default: Option<&'static [u8]>,
}

const fn field(name: &'static [u8], holds: Holds) -> Field {
    Field {
        name,
        holds,
        default: None,
    }
}

const fn optional(name: &'static [u8], holds: Holds, default: &'static [u8]) -> Field {
    Field {
        name,
        holds,
        default: Some(default),
    }
}

const IDENTITY: Holds = Holds::Text {
    least: 1,
    most: MAX_NAME,
};
const NAME: Holds = Holds::Text {
    least: 0,
    most: MAX_NAME,
};
const NAME_OR_NULL: Holds = Holds::TextOrNull { most: MAX_NAME };
const URL_OR_NULL: Holds = Holds::TextOrNull { most: MAX_URL };
const NOTES_OR_NULL: Holds = Holds::TextOrNull { most: MAX_NOTES };

pub const COUNT: usize = 18;

/// In the order in which they are written.
pub const FIELDS: [Field; COUNT] = [
    field(b"\"event_id\"", IDENTITY),
    field(b"\"event_name\"", NAME),
    field(b"\"venue\"", NAME),
    field(b"\"event_date\"", NAME_OR_NULL),
    field(b"\"source\"", IDENTITY),
    field(b"\"section\"", NAME),
    field(b"\"row\"", NAME),
    field(b"\"seat\"", NAME),
    field(b"\"price\"", Holds::Price),
    optional(b"\"fees\"", Holds::AmountOrNull, NULL),
    optional(b"\"total_price\"", Holds::AmountOrNull, NULL),
    field(b"\"timestamp\"", Holds::Timestamp),
    optional(b"\"listing_id\"", NAME_OR_NULL, NULL),
    optional(b"\"listing_url\"", URL_OR_NULL, NULL),
    optional(b"\"quantity\"", Holds::QuantityOrNull, b"1"),
    optional(b"\"delivery_method\"", NAME_OR_NULL, NULL),
    optional(b"\"seller_notes\"", NOTES_OR_NULL, NULL),
    optional(b"\"currency\"", Holds::Currency, b"\"USD\""),
];
pub const SEAT: [usize; 5] = [0, 4, 5, 6, 7];
pub const PRICE: usize = 8;
pub const TIMESTAMP: usize = 11;
pub const CURRENCY: usize = 17;

/// Three to eight capital letters.
pub fn is_currency(code: &[u8]) -> bool {
    (3..=8).contains(&code.len()) && code.iter().all(u8::is_ascii_uppercase)
}

/// What is known of all bytes of a value.
pub struct Bytes {
    has_control: bool,
}

impl Bytes {
    /// None for what is too long, is no text, or holds an escape or a DEL.
    pub fn look(value: &[u8]) -> Option<Self> {
        if value.len() > MAX_BYTES {
            return None;
        }
        // In bytes and without a branch, so that the compiler looks at many of them in one step.
        let (mut special, mut control, mut all) = (0, 0, 0);
        for &byte in value {
            special |= u8::from(byte == b'\\') | u8::from(byte == 0x7f);
            control |= u8::from(byte < b' ');
            all |= byte;
        }
        let is_text = all < 0x80 || std::str::from_utf8(value).is_ok();
        (is_text && special == 0).then_some(Self {
            has_control: control != 0,
        })
    }
}

impl Holds {
    /// Whether a value is plain and within its limits; timestamp and price are read besides.
    pub fn is_good(self, value: &[u8], bytes: &Bytes) -> bool {
        match self {
            Self::Text { least, most } => is_text(value, least, most, bytes),
            Self::TextOrNull { most } => value == NULL || is_text(value, 0, most, bytes),
            Self::AmountOrNull => value == NULL || Amount::read(value).is_some(),
            Self::QuantityOrNull => {
                value == NULL || whole_number(value, 7).is_some_and(|it| it <= MAX_QUANTITY)
            }
            Self::Currency => is_quoted(value) && is_currency(inside(value)),
            Self::Timestamp => is_quoted(value),
            Self::Price => true,
        }
    }
}

fn is_text(value: &[u8], least: usize, most: usize, bytes: &Bytes) -> bool {
    let text = inside(value);
    is_quoted(value)
        && text.len() >= least
        && (text.len() <= most || characters(text) <= most)
        && !(bytes.has_control && text.iter().any(|&byte| byte < b' '))
}

/// Every character of UTF-8 has one byte that does not go on with another's.
fn characters(text: &[u8]) -> usize {
    text.iter().filter(|&&byte| byte & 0xc0 != 0x80).count()
}

fn is_quoted(value: &[u8]) -> bool {
    value.first() == Some(&b'"')
}

/// What stands between the quotes.
pub fn inside(value: &[u8]) -> &[u8] {
    value.get(1..value.len().saturating_sub(1)).unwrap_or(b"")
}
