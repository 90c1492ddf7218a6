//! Short numbers as text, without an allocation.

const ROOM: usize = 24;

/// A number as text.
pub struct Written {
    bytes: [u8; ROOM],
    begin: usize,
}

impl Written {
    /// The number with its last digits behind a point; none of them is left out.
    pub fn decimal(mut number: u64, fraction_digits: usize) -> Self {
        let mut written = Self::nothing();
        for _ in 0..fraction_digits {
            number = written.push_digit_of(number);
        }
        if fraction_digits > 0 {
            written.push(b'.');
        }
        written.push_whole(number);
        written
    }

    /// A whole number, with its sign where it is negative.
    pub fn integer(number: i64) -> Self {
        let mut written = Self::nothing();
        written.push_whole(number.unsigned_abs());
        if number < 0 {
            written.push(b'-');
        }
        written
    }

    pub fn text(&self) -> &[u8] {
        &self.bytes[self.begin..]
    }

    fn nothing() -> Self {
        Self {
            bytes: [0; ROOM],
            begin: ROOM,
        }
    }

    fn push_whole(&mut self, mut number: u64) {
        loop {
            number = self.push_digit_of(number);
            if number == 0 {
                break;
            }
        }
    }

    fn push_digit_of(&mut self, number: u64) -> u64 {
        self.push(b'0' + (number % 10) as u8);
        number / 10
    }

    // The numbers of 64 bits have at most 20 digits, and a point or a sign.
    fn push(&mut self, byte: u8) {
        self.begin -= 1;
        self.bytes[self.begin] = byte;
    }
}
