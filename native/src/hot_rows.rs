//! The rows of a table's partition that were read or written last: `conscope_app.stream.hot_rows`
//! says what it promises; here a row is one allocation instead of two Python objects.

use std::hash::BuildHasher;

use hashbrown::{DefaultHashBuilder, HashTable};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyList};

/// What a row takes beside its bytes: its places in both tables, and the allocator's own.
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

    /// Of the same length as the one before.
    fn set_value(&mut self, value: &[u8]) {
        let begin = self.0.len() - value.len();
        self.0[begin..].copy_from_slice(value);
    }

    fn size(&self) -> usize {
        self.0.len() + ROW_BYTES
    }
}

/// At most about `most_bytes` of rows; those that nobody asked for the longest go first.
///
/// A clock: its hand goes round the rows, takes the first that nobody asked for since it came by
/// last, and lets all others off once. So everything that fits is held.
#[pyclass]
pub struct HotRows {
    most: usize,
    taken: usize,
    rows: Vec<Row>,
    asked_for: Vec<bool>,
    places: HashTable<u32>,
    hand: usize,
    hasher: DefaultHashBuilder,
}

#[pymethods]
impl HotRows {
    #[new]
    fn new(most_bytes: usize) -> Self {
        HotRows {
            most: most_bytes,
            taken: 0,
            rows: Vec::new(),
            asked_for: Vec::new(),
            places: HashTable::new(),
            hand: 0,
            hasher: DefaultHashBuilder::default(),
        }
    }

    /// The value of a key, None where it is not held.
    fn get<'py>(&mut self, py: Python<'py>, key: &[u8]) -> Option<Bound<'py, PyBytes>> {
        let at = self.place_of(key)?;
        self.asked_for[at] = true;
        Some(PyBytes::new(py, self.rows[at].value()))
    }

    /// Hold a row as it is now; None says that there is no such row.
    fn put(&mut self, key: &[u8], value: Option<&[u8]>) {
        match (self.place_of(key), value) {
            (Some(at), Some(value)) => self.replace(at, key, value),
            (Some(at), None) => self.remove(at),
            (None, Some(value)) => self.add(Row::new(key, value)),
            (None, None) => {}
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
        *self = HotRows::new(self.most);
    }
}

impl HotRows {
    fn place_of(&self, key: &[u8]) -> Option<usize> {
        let hash = self.hasher.hash_one(key);
        let rows = &self.rows;
        let place = self
            .places
            .find(hash, |&at| rows[at as usize].key() == key)?;
        Some(*place as usize)
    }

    fn add(&mut self, row: Row) {
        self.make_room(row.size());
        self.taken += row.size();
        let hash = self.hasher.hash_one(row.key());
        self.rows.push(row);
        self.asked_for.push(false);
        let (rows, hasher) = (&self.rows, &self.hasher);
        let last = rows.len() as u32 - 1; // what memory holds is far fewer
        self.places
            .insert_unique(hash, last, |&at| hasher.hash_one(rows[at as usize].key()));
    }

    fn replace(&mut self, at: usize, key: &[u8], value: &[u8]) {
        self.asked_for[at] = true;
        let row = &mut self.rows[at];
        if row.value().len() == value.len() {
            row.set_value(value);
            return;
        }
        self.taken -= row.size();
        *row = Row::new(key, value);
        self.taken += row.size();
        self.make_room(0);
    }

    /// The last row comes to the place of the one that goes.
    fn remove(&mut self, at: usize) {
        let last = self.rows.len() - 1;
        self.taken -= self.rows[at].size();
        let hash = self.hasher.hash_one(self.rows[at].key());
        if let Ok(place) = self.places.find_entry(hash, |&other| other as usize == at) {
            place.remove();
        }
        let hash = self.hasher.hash_one(self.rows[last].key());
        if let Some(place) = self.places.find_mut(hash, |&other| other as usize == last) {
            *place = at as u32;
        }
        self.rows.swap_remove(at);
        self.asked_for.swap_remove(at);
    }

    fn make_room(&mut self, size: usize) {
        while self.taken + size > self.most && !self.rows.is_empty() {
            self.hand %= self.rows.len();
            if std::mem::take(&mut self.asked_for[self.hand]) {
                self.hand += 1;
            } else {
                self.remove(self.hand);
            }
        }
    }
}
