//! What feeds write in the place of a seat where they know none: `SAYS_NOTHING` in
//! `conscope_app/domains/tickets/seat_key.py`.

const WORDS: [&[u8]; 40] = [
    b"",
    b"*",
    b"**",
    b"-",
    b"--",
    b"---",
    b"?",
    b"??",
    b"any",
    b"any seat",
    b"best available",
    b"free seating",
    b"ga",
    b"gen adm",
    b"general",
    b"general admission",
    b"lawn",
    b"multiple",
    b"n/a",
    b"na",
    b"none",
    b"not available",
    b"not specified",
    b"null",
    b"open seating",
    b"pit",
    b"sro",
    b"standing",
    b"standing room",
    b"standing room only",
    b"tba",
    b"tbd",
    b"unassigned",
    b"undisclosed",
    b"unknown",
    b"unnumbered",
    b"unreserved",
    b"unspecified",
    b"varies",
    b"various",
];

const LONGEST: usize = 18;

/// Whether a seat, or the id of a listing, is empty or a word for "not known".
pub fn says_nothing(text: &[u8]) -> bool {
    let text = trimmed(text);
    text.len() <= LONGEST
        && !text.first().is_some_and(u8::is_ascii_digit)
        && WORDS.iter().any(|word| text.eq_ignore_ascii_case(word))
}

fn trimmed(mut text: &[u8]) -> &[u8] {
    while let [b' ', rest @ ..] | [rest @ .., b' '] = text {
        text = rest;
    }
    text
}
