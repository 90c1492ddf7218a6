//! What comes of a record where Python's objects or this code are not as they should be.

use std::panic::{AssertUnwindSafe, catch_unwind};

use pyo3::exceptions::PyException;
use pyo3::prelude::*;
use pyo3::types::PyInt;

/// An int, and nothing that only can be read as one.
pub fn exact_integer(number: &Bound<'_, PyAny>) -> PyResult<i64> {
    number.cast_exact::<PyInt>()?.extract()
}

/// A record that raises an exception is not plain. What is no `Exception` is not the record's.
pub fn plain<T>(read: PyResult<T>) -> PyResult<Option<T>> {
    match read {
        Ok(it) => Ok(Some(it)),
        Err(error) => Python::attach(|py| match error.is_instance_of::<PyException>(py) {
            true => Ok(None),
            false => Err(error),
        }),
    }
}

/// A mistake in here must not stop a partition for ever: Python takes the record.
pub fn unless_it_panics<T>(attempt: impl FnOnce() -> Option<T>) -> Option<T> {
    catch_unwind(AssertUnwindSafe(attempt)).unwrap_or(None)
}
