//! A JSON object with known fields, each taken as the bytes that stand for it.

use memchr::memchr;

use crate::fields::{Field, NULL};

/// The values of an object in the order of its fields, with defaults for those that are not there.
///
/// None where a field comes twice, is unknown, or is missing without a default.
pub fn read_object<'a, const COUNT: usize>(
    value: &'a [u8],
    fields: &[Field; COUNT],
) -> Option<[&'a [u8]; COUNT]> {
    let mut values: [Option<&[u8]>; COUNT] = [None; COUNT];
    let mut rest = skip_space(value).strip_prefix(b"{")?;
    let mut expected = 0;
    loop {
        let place;
        (place, rest) = read_name(skip_space(rest), fields, expected)?;
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
        complete[place] = value.or(fields[place].default)?;
    }
    Some(complete)
}

/// The field that a name stands for. Nearly always it is the one that is expected.
fn read_name<'a>(text: &'a [u8], fields: &[Field], expected: usize) -> Option<(usize, &'a [u8])> {
    if let Some(rest) = fields
        .get(expected)
        .and_then(|field| text.strip_prefix(field.name))
    {
        return Some((expected, rest));
    }
    fields
        .iter()
        .enumerate()
        .find_map(|(place, field)| Some((place, text.strip_prefix(field.name)?)))
}

/// A text with its quotes, a number, or null.
fn read_token(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let (first, after) = text.split_first()?;
    let length = match first {
        b'"' => memchr(b'"', after)? + 2,
        b'n' if text.starts_with(NULL) => NULL.len(),
        b'-' | b'0'..=b'9' => {
            1 + after
                .iter()
                .position(|byte| !matches!(byte, b'0'..=b'9' | b'.'))?
        }
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
