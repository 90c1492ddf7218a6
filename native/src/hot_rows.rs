//! The rows of a table's partition that were read or written last: `conscope_app.stream.hot_rows`
//! says what it promises; here a row is one allocation instead of two Python objects.

use std::hash::BuildHasher;

use hashbrown::{DefaultHashBuilder, HashTable};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyList};

/// What a row takes beside its bytes: its place in the table, and the allocator's own.
const ROW_BYTES: usize = 40;
const LENGTH_BYTES: usize = 4;

/// A key and its value side by side, behind the key's length.
struct Row(Box<[u8]>);

impl Row {
    fn new(key: &[u8], value: &[u8]) -> Self {
        let length = key.len() as u32; // Kafka bounds a key far below
        Row([&length.to_ne_bytes(), key, value]
            .concat()
            .into_boxed_slice())
    }

    fn split(&self) -> (&[u8], &[u8]) {
        let (length, rest) = self.0.split_at(LENGTH_BYTES);
        let length = u32::from_ne_bytes(length.try_into().unwrap_or_default());
        rest.split_at(length as usize)
    }

    fn key(&self) -> &[u8] {
        self.split().0
    }

    fn value(&self) -> &[u8] {
        self.split().1
    }

    fn size(&self) -> usize {
        self.0.len() + ROW_BYTES
    }
}

/// At most about `most_bytes` of rows; those that nobody asked for the longest go first.
#[pyclass]
pub struct HotRows {
    half: usize,
    taken: usize,
    young: HashTable<Row>,
    old: HashTable<Row>,
    hasher: DefaultHashBuilder,
}

#[pymethods]
impl HotRows {
    #[new]
    fn new(most_bytes: usize) -> Self {
        HotRows {
            half: most_bytes / 2,
            taken: 0,
            young: HashTable::new(),
            old: HashTable::new(),
            hasher: DefaultHashBuilder::default(),
        }
    }

    /// The value of a key, None where it is not held.
    fn get<'py>(&mut self, py: Python<'py>, key: &[u8]) -> Option<Bound<'py, PyBytes>> {
        let hash = self.hasher.hash_one(key);
        if let Some(row) = self.young.find(hash, |row| row.key() == key) {
            return Some(PyBytes::new(py, row.value()));
        }
        let row = take(&mut self.old, hash, key)?;
        let value = PyBytes::new(py, row.value());
        self.hold(hash, row);
        Some(value)
    }

    /// Hold a row as it is now; None says that there is no such row.
    fn put(&mut self, key: &[u8], value: Option<&[u8]>) {
        let hash = self.hasher.hash_one(key);
        if let Some(row) = take(&mut self.young, hash, key) {
            self.taken -= row.size();
        }
        take(&mut self.old, hash, key);
        if let Some(value) = value {
            self.hold(hash, Row::new(key, value));
        }
    }

    /// Hold rows, `(key, value or None)`, as they are now.
    fn put_all(&mut self, rows: &Bound<'_, PyList>) -> PyResult<()> {
        for row in rows.iter() {
            let (key, value): (Bound<'_, PyBytes>, Option<Bound<'_, PyBytes>>) = row.extract()?;
            self.put(key.as_bytes(), value.as_ref().map(|value| value.as_bytes()));
        }
        Ok(())
    }

    /// Hold nothing.
    fn clear(&mut self) {
        self.taken = 0;
        self.young = HashTable::new();
        self.old = HashTable::new();
    }
}

impl HotRows {
    fn hold(&mut self, hash: u64, row: Row) {
        self.taken += row.size();
        let hasher = &self.hasher;
        self.young
            .insert_unique(hash, row, |row| hasher.hash_one(row.key()));
        if self.taken > self.half {
            self.old = std::mem::take(&mut self.young);
            self.taken = 0;
        }
    }
}

fn take(rows: &mut HashTable<Row>, hash: u64, key: &[u8]) -> Option<Row> {
    let held = rows.find_entry(hash, |row| row.key() == key).ok()?;
    Some(held.remove().0)
}
