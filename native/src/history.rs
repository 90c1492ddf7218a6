//! The seam to Python of what is stored: processed prices become rows of `price_history`.

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDateTime, PyList, PyString, PyTzInfo};

use crate::moment::Moment;
use crate::processed_price::ProcessedPrice;
use crate::seam::{exact_integer, plain, unless_it_panics};

/// For each record its row, as `make` makes it, or None where the record is not plain.
///
/// `make` is given the line, the moment, and the event's id, name, venue and date.
#[pyfunction]
pub fn history_rows<'py>(
    records: &Bound<'py, PyList>,
    make: &Bound<'py, PyAny>,
) -> PyResult<Bound<'py, PyList>> {
    let rows = PyList::empty(records.py());
    let mut line = Vec::with_capacity(1024);
    for record in records {
        rows.append(row_of(&record, make, &mut line)?)?;
    }
    Ok(rows)
}

/// The row of a record; `line` is memory that is used for one after the other.
fn row_of<'py>(
    record: &Bound<'py, PyAny>,
    make: &Bound<'py, PyAny>,
    line: &mut Vec<u8>,
) -> PyResult<Option<Bound<'py, PyAny>>> {
    let Some((value, timestamp)) = plain(parts(record))? else {
        return Ok(None);
    };
    let read = unless_it_panics(|| {
        let price = ProcessedPrice::read(value.as_bytes())?;
        line.clear();
        price.write_line(Moment::from_milliseconds(timestamp)?, line);
        Some(price)
    });
    let Some(price) = read else {
        return Ok(None);
    };
    let py = record.py();
    let text = |bytes| PyString::from_bytes(py, bytes);
    let [id, name, venue, date] = price.event().map(|it| it.map(text).transpose());
    let observed_at = moment_in(py, price.observed_at)?;
    make.call1((text(line)?, observed_at, id?, name?, venue?, date?))
        .map(Some)
}

fn parts<'py>(record: &Bound<'py, PyAny>) -> PyResult<(Bound<'py, PyBytes>, i64)> {
    let py = record.py();
    let value = record.getattr(intern!(py, "value"))?.cast_into_exact()?;
    let timestamp = exact_integer(&record.getattr(intern!(py, "timestamp"))?)?;
    Ok((value, timestamp))
}

fn moment_in<'py>(py: Python<'py>, moment: Moment) -> PyResult<Bound<'py, PyDateTime>> {
    let at = moment.calendar();
    PyDateTime::new(
        py,
        i32::try_from(at.year)?,
        at.month as u8,
        at.day as u8,
        at.hour as u8,
        at.minute as u8,
        at.second as u8,
        at.microsecond as u32,
        Some(&PyTzInfo::utc(py)?.to_owned()),
    )
}
