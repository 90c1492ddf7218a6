//! Detection's seam to Python: a run of records, as far as they are plain.

use pyo3::exceptions::PyException;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyList, PyString, PyTuple};

use crate::kind::Kind;
use crate::moment::Moment;
use crate::outputs::{Outputs, Place};
use crate::raw_price::RawPrice;
use crate::seam::{exact_integer, plain, unless_it_panics};

/// Take records from `start` on, up to the first that is not plain; give the index of that one.
///
/// What they lead to is added to `tracked`. Nothing of the record that is not taken is there.
/// Where `held` raises an exception, what `unreadable` makes of key and exception is raised.
#[pyfunction]
pub fn fold(
    records: &Bound<'_, PyList>,
    start: usize,
    held: &Bound<'_, PyAny>,
    partition: i64,
    partition_of: &Bound<'_, PyAny>,
    unreadable: &Bound<'_, PyAny>,
    tracked: &Bound<'_, PyAny>,
) -> PyResult<usize> {
    let py = records.py();
    let mut run = Run {
        partition,
        held,
        partition_of,
        unreadable,
        processed: tracked.getattr(intern!(py, "processed"))?.cast_into()?,
        alerts: tracked.getattr(intern!(py, "alerts"))?.cast_into()?,
        changes: tracked.getattr(intern!(py, "changes"))?.cast_into()?,
        kinds: [0; Kind::ALL.len()],
        outputs: Outputs::default(),
    };
    let mut next = start;
    while next < records.len() && run.take(&records.get_item(next)?)? {
        next += 1;
    }
    let counts = tracked.getattr(intern!(py, "counts"))?.cast_into()?;
    run.count(&counts, next.saturating_sub(start))?;
    Ok(next)
}

struct Run<'a, 'py> {
    partition: i64,
    held: &'a Bound<'py, PyAny>,
    partition_of: &'a Bound<'py, PyAny>,
    unreadable: &'a Bound<'py, PyAny>,
    processed: Bound<'py, PyList>,
    alerts: Bound<'py, PyList>,
    changes: Bound<'py, PyDict>,
    kinds: [usize; Kind::ALL.len()],
    outputs: Outputs,
}

/// What a record consists of, as far as its types are what Kafka's are.
struct Parts<'py> {
    key: Bound<'py, PyBytes>,
    value: Bound<'py, PyBytes>,
    timestamp: i64,
    topic: Bound<'py, PyString>,
    partition: i64,
    offset: i64,
}

impl<'py> Run<'_, 'py> {
    /// Whether the record was taken. Where it was not, nothing has been added to anything.
    fn take(&mut self, record: &Bound<'py, PyAny>) -> PyResult<bool> {
        let py = record.py();
        let Some(parts) = plain(Parts::read(record))? else {
            return Ok(false);
        };
        let Some(kind) = self.follow(&parts)? else {
            return Ok(false);
        };
        let processed = PyBytes::new(py, &self.outputs.processed);
        self.processed.append(sent(&parts.key, processed)?)?;
        if kind == Kind::Drop {
            let alert = PyBytes::new(py, &self.outputs.alert);
            self.alerts.append(sent(&parts.key, alert)?)?;
        }
        if kind != Kind::Late {
            let row = PyBytes::new(py, &self.outputs.row);
            self.changes.set_item(&parts.key, row)?;
        }
        self.kinds[kind as usize] += 1;
        Ok(true)
    }

    /// Fills the outputs from a record; none where it is not plain.
    fn follow(&mut self, parts: &Parts<'py>) -> PyResult<Option<Kind>> {
        let Some((place, raw)) = unless_it_panics(|| parts.raw_price()) else {
            return Ok(None);
        };
        let Some(last) = self.last_seen(&parts.key)? else {
            return Ok(None);
        };
        let last = last.as_ref().map(|row| row.as_bytes());
        Ok(unless_it_panics(|| self.outputs.fill(&raw, last, &place)))
    }

    /// The row of the seat, or that it has none here and belongs here; none where that is in doubt.
    fn last_seen(
        &self,
        key: &Bound<'py, PyBytes>,
    ) -> PyResult<Option<Option<Bound<'py, PyBytes>>>> {
        let row = match self.changes.get_item(key)? {
            Some(row) => row,
            None => match self.held.call1((key,)) {
                Ok(row) => row,
                Err(error) if error.is_instance_of::<PyException>(key.py()) => {
                    return Err(self.unreadable_row(key, error));
                }
                Err(error) => return Err(error),
            },
        };
        if !row.is_none() {
            return Ok(row.cast_into_exact().ok().map(Some));
        }
        let belongs = plain(
            self.partition_of
                .call1((key,))
                .and_then(|it| exact_integer(&it)),
        )?;
        Ok((belongs == Some(self.partition)).then_some(None))
    }

    fn unreadable_row(&self, key: &Bound<'py, PyBytes>, error: PyErr) -> PyErr {
        let py = key.py();
        match self.unreadable.call1((key, error.value(py))) {
            Ok(raised) => {
                let raised = PyErr::from_value(raised);
                raised.set_cause(py, Some(error));
                raised
            }
            Err(other) => other,
        }
    }

    fn count(&self, counts: &Bound<'py, PyDict>, records: usize) -> PyResult<()> {
        let kinds = Kind::ALL.map(|kind| (kind.name(), self.kinds[kind as usize]));
        for (name, by) in kinds.into_iter().chain([("records", records)]) {
            if by > 0 {
                let before = counts.get_item(name)?;
                let before = before.map_or(Ok(0), |count| count.extract::<usize>())?;
                counts.set_item(name, before + by)?;
            }
        }
        Ok(())
    }
}

impl<'py> Parts<'py> {
    fn read(record: &Bound<'py, PyAny>) -> PyResult<Self> {
        let py = record.py();
        Ok(Self {
            key: record.getattr(intern!(py, "key"))?.cast_into_exact()?,
            value: record.getattr(intern!(py, "value"))?.cast_into_exact()?,
            timestamp: exact_integer(&record.getattr(intern!(py, "timestamp"))?)?,
            topic: record.getattr(intern!(py, "topic"))?.cast_into_exact()?,
            partition: exact_integer(&record.getattr(intern!(py, "partition"))?)?,
            offset: exact_integer(&record.getattr(intern!(py, "offset"))?)?,
        })
    }

    /// The place of the record and the raw price that it holds, if that is plain and its key too.
    fn raw_price(&self) -> Option<(Place<'_>, RawPrice<'_>)> {
        let place = Place {
            topic: self.topic.to_str().ok().filter(|name| is_topic(name))?,
            partition: self.partition,
            offset: self.offset,
            recorded_at: Moment::from_milliseconds(self.timestamp)?,
        };
        let raw = RawPrice::read(self.value.as_bytes(), place.recorded_at)?;
        raw.is_keyed_by(self.key.as_bytes()).then_some((place, raw))
    }
}

/// Kafka's own rule for a topic's name; nothing of it needs an escape.
fn is_topic(name: &str) -> bool {
    name.bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-'))
}

/// A record to be sent: key, value and no headers.
fn sent<'py>(
    key: &Bound<'py, PyBytes>,
    value: Bound<'py, PyBytes>,
) -> PyResult<Bound<'py, PyTuple>> {
    let py = key.py();
    (key, value, PyTuple::empty(py)).into_pyobject(py)
}
