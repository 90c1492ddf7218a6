//! The fields of a raw price and of a processed one, in the order in which they are written, and
//! what each may hold.

use crate::amount::{Amount, is_signed_amount, whole_number};
use crate::kind::Kind;

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
    Id,
    Kind,
    ChangeOrNull,
}

/// A field: its name as JSON has it, what it holds, and what stands for one that is not there.
#[derive(Clone, Copy)]
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

const BEYOND: [Field; 5] = [
    field(b"\"id\"", Holds::Id),
    field(b"\"kind\"", Holds::Kind),
    field(b"\"old_price\"", Holds::AmountOrNull),
    field(b"\"change\"", Holds::ChangeOrNull),
    field(b"\"change_percent\"", Holds::ChangeOrNull),
];
pub const PROCESSED_COUNT: usize = COUNT + BEYOND.len();

/// Those of a raw price, and what a processed one says beyond it.
pub const PROCESSED_FIELDS: [Field; PROCESSED_COUNT] = {
    let mut all = [BEYOND[0]; PROCESSED_COUNT];
    let mut place = 0;
    while place < PROCESSED_COUNT {
        all[place] = if place < COUNT {
            FIELDS[place]
        } else {
            BEYOND[place - COUNT]
        };
        place += 1;
    }
    all
};

/// Id, name, venue and date.
pub const EVENT: [usize; 4] = [0, 1, 2, 3];
/// The parts of a seat key; the last one is the seat itself.
pub const SEAT: [usize; 5] = [0, 4, 5, 6, 7];
pub const PRICE: usize = 8;
pub const TIMESTAMP: usize = 11;
pub const LISTING_ID: usize = 12;
pub const CURRENCY: usize = 17;
pub const ID: usize = 18;

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
    /// Whether a value is plain and within its limits; timestamp, price and id are read besides.
    pub fn is_good(self, value: &[u8], bytes: &Bytes) -> bool {
        match self {
            Self::Text { least, most } => is_text(value, least, most, bytes),
            Self::TextOrNull { most } => value == NULL || is_text(value, 0, most, bytes),
            Self::AmountOrNull => value == NULL || Amount::read(value).is_some(),
            Self::QuantityOrNull => {
                value == NULL || whole_number(value, 7).is_some_and(|it| it <= MAX_QUANTITY)
            }
            Self::Currency => is_quoted(value) && is_currency(inside(value)),
            Self::Kind => is_quoted(value) && Kind::is_name(inside(value)),
            Self::ChangeOrNull => value == NULL || is_signed_amount(value),
            Self::Timestamp | Self::Id => is_quoted(value),
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
