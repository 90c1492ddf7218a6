//! How a price moved.

/// How a price moved against the last one of its seat.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    New,
    Drop,
    Rise,
    Same,
    Late,
}

impl Kind {
    pub const ALL: [Self; 5] = [Self::New, Self::Drop, Self::Rise, Self::Same, Self::Late];

    pub fn name(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Drop => "drop",
            Self::Rise => "rise",
            Self::Same => "same",
            Self::Late => "late",
        }
    }

    pub fn is_name(text: &[u8]) -> bool {
        Self::ALL.iter().any(|kind| kind.name().as_bytes() == text)
    }
}
