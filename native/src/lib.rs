//! What of ConScope's work is done once a record: here it costs a fraction of what it costs in Python,
//! where all of it is defined, and done where this kernel is not installed.
//!
//! - `fold`: detection, for the raw price that nearly all of them are, plain and well-formed. What a
//!   raw price is and what follows from it: `conscope_app/domains/tickets/tracking.py`. A record of
//!   which anything is out of the ordinary is not taken here: nothing is refused, put right or sent
//!   elsewhere. What is taken leads to the same bytes as there.
//! - `history_rows`: processed prices as rows of `price_history`, for those that are as plain
//!   (`conscope_app/store/tickets/rows.py`).
//! - `HotRows`: the rows of a table used last, as `conscope_app/stream/hot_rows.py`.
//! - `RecordBatch`: Kafka's record batches, byte for byte as aiokafka's builder makes them.

#![forbid(unsafe_code)]

mod amount;
mod fields;
mod fold;
mod history;
mod hot_rows;
mod kind;
mod moment;
mod object;
mod outputs;
mod processed_price;
mod raw_price;
mod record_batch;
mod row;
mod seam;
mod unseated;
mod written;

/// What ConScope does once a record.
#[pyo3::pymodule]
mod conscope_native {
    #[pymodule_export]
    use crate::fold::fold;
    #[pymodule_export]
    use crate::history::history_rows;
    #[pymodule_export]
    use crate::hot_rows::HotRows;
    #[pymodule_export]
    use crate::record_batch::RecordBatch;

    /// What it takes and gives, and which format of rows it writes: counted up together with
    /// `NATIVE_VERSION` and `LAST_SEEN_FORMAT` in Python.
    #[pymodule_export]
    const VERSION: u32 = 3;
    #[pymodule_export]
    const LAST_SEEN_FORMAT: u32 = 1;
}
