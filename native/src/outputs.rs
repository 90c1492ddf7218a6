//! What follows from a raw price: a processed price, an alert where it dropped, and the new row.

use std::cmp::Ordering;

use crate::amount::Change;
use crate::kind::Kind;
use crate::moment::Moment;
use crate::raw_price::RawPrice;
use crate::row::Row;
use crate::written::Written;

/// Where a record stands, which is also the id of what follows from it.
pub struct Place<'a> {
    pub topic: &'a str,
    pub partition: i64,
    pub offset: i64,
    pub recorded_at: Moment,
}

/// The bytes that follow from records, in memory that is used for one after the other.
#[derive(Default)]
pub struct Outputs {
    pub processed: Vec<u8>,
    pub alert: Vec<u8>,
    pub row: Vec<u8>,
}

impl Outputs {
    /// Fills all three from a raw price and the row held; none where they cannot be compared here.
    ///
    /// The alert belongs to a drop alone, and the row to all but what is late.
    pub fn fill(&mut self, raw: &RawPrice, last: Option<&[u8]>, place: &Place) -> Option<Kind> {
        let last = match last {
            Some(row) => Some(Row::read(row)?),
            None => None,
        };
        let (kind, change) = decide(raw, last.as_ref())?;
        self.processed.clear();
        raw.write(&mut self.processed);
        write_id(place, &mut self.processed);
        if let (Kind::Drop, Some(last), Some(change)) = (kind, &last, &change) {
            self.alert.clear();
            self.alert.extend_from_slice(&self.processed);
            write_drop(raw, last, change, place.recorded_at, &mut self.alert);
        }
        write_movement(kind, last.as_ref(), change.as_ref(), &mut self.processed);
        self.row.clear();
        Row {
            price: raw.price,
            currency: raw.currency,
            seen_at: raw.seen_at,
        }
        .write(&mut self.row);
        Some(kind)
    }
}

/// As `pricing.observe` does. The change is there where the prices compare.
fn decide(raw: &RawPrice, last: Option<&Row>) -> Option<(Kind, Option<Change>)> {
    let Some(last) = last else {
        return Some((Kind::New, None));
    };
    let is_late = raw.seen_at < last.seen_at;
    if raw.currency != last.currency {
        return Some((if is_late { Kind::Late } else { Kind::New }, None));
    }
    let change = raw.price.change_since(&last.price)?;
    // Of offers that nothing tells apart, a moment may have several: Python knows what then.
    if raw.seen_at == last.seen_at && change.direction != Ordering::Equal && raw.is_unnamed() {
        return None;
    }
    let kind = match change.direction {
        _ if is_late => Kind::Late,
        Ordering::Less => Kind::Drop,
        Ordering::Greater => Kind::Rise,
        Ordering::Equal => Kind::Same,
    };
    Some((kind, Some(change)))
}

fn write_id(place: &Place, out: &mut Vec<u8>) {
    out.extend_from_slice(b",\"id\":\"");
    out.extend_from_slice(place.topic.as_bytes());
    for number in [place.partition, place.offset] {
        out.push(b'-');
        out.extend_from_slice(Written::integer(number).text());
    }
    out.push(b'"');
}

fn write_movement(kind: Kind, last: Option<&Row>, change: Option<&Change>, out: &mut Vec<u8>) {
    out.extend_from_slice(b",\"kind\":\"");
    out.extend_from_slice(kind.name().as_bytes());
    let (Some(last), Some(change)) = (last, change) else {
        out.extend_from_slice(b"\",\"old_price\":null,\"change\":null,\"change_percent\":null}");
        return;
    };
    let sign: &[u8] = match change.direction {
        Ordering::Less => b"-",
        _ => b"",
    };
    for part in [
        b"\",\"old_price\":",
        last.price.text,
        b",\"change\":",
        sign,
        change.amount.text(),
        b",\"change_percent\":",
        sign,
        change.percent.text(),
        b"}",
    ] {
        out.extend_from_slice(part);
    }
}

fn write_drop(raw: &RawPrice, last: &Row, change: &Change, at: Moment, out: &mut Vec<u8>) {
    for part in [
        b",\"old_price\":",
        last.price.text,
        b",\"new_price\":",
        raw.price.text,
        b",\"drop_amount\":",
        change.amount.text(),
        b",\"drop_percent\":",
        change.percent.text(),
        b",\"alert_timestamp\":",
    ] {
        out.extend_from_slice(part);
    }
    at.write_quoted(out);
    out.extend_from_slice(b",\"alert_type\":\"price_drop\"}");
}
