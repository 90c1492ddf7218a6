//! Kafka's record batches, format 2: https://kafka.apache.org/documentation/#recordbatch

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyList, PyString, PyTuple};

const HEADER_BYTES: usize = 61;
const CRC_AT: usize = 17;
const CHECKED_FROM: usize = 21;
const TRANSACTIONAL: i16 = 0x10;
const MAGIC: u8 = 2;

/// Uncompressed records of one transaction for one partition, in the order in which they came.
#[pyclass]
pub struct RecordBatch {
    bytes: Vec<u8>,
    count: i32,
    timestamp_ms: i64,
}

#[pymethods]
impl RecordBatch {
    /// An empty batch whose records all carry this time.
    #[new]
    fn new(timestamp_ms: i64) -> Self {
        RecordBatch {
            bytes: vec![0; HEADER_BYTES],
            count: 0,
            timestamp_ms,
        }
    }

    /// Take records, `(key, value, headers)`, from `outputs[start]` on while the batch stays within
    /// `most_bytes`; the first one always fits. Gives the place of the first that was not taken.
    fn take(
        &mut self,
        outputs: &Bound<'_, PyList>,
        start: usize,
        most_bytes: usize,
    ) -> PyResult<usize> {
        let mut body = Vec::with_capacity(1024);
        for at in start..outputs.len() {
            body.clear();
            write_body(&mut body, self.count, &outputs.get_item(at)?)?;
            let size = body.len() + varint_bytes(body.len());
            if self.count > 0 && self.bytes.len() + size > most_bytes {
                return Ok(at);
            }
            put_varint(&mut self.bytes, length(body.len())?);
            self.bytes.extend_from_slice(&body);
            self.count += 1;
        }
        Ok(outputs.len())
    }

    /// How many records it holds.
    #[getter]
    fn count(&self) -> i32 {
        self.count
    }

    /// How many bytes it takes, with its header.
    #[getter]
    fn size(&self) -> usize {
        self.bytes.len()
    }

    /// The whole batch, under a producer's id, epoch and first sequence number.
    fn sealed<'py>(
        &self,
        py: Python<'py>,
        producer_id: i64,
        epoch: i16,
        base_sequence: i32,
    ) -> PyResult<Bound<'py, PyBytes>> {
        let mut header = Vec::with_capacity(HEADER_BYTES);
        header.extend_from_slice(&0_i64.to_be_bytes()); // base offset: the broker's to say
        header.extend_from_slice(&length(self.bytes.len() - 12)?.to_be_bytes());
        header.extend_from_slice(&(-1_i32).to_be_bytes()); // partition leader epoch: not known here
        header.push(MAGIC);
        header.extend_from_slice(&[0; 4]); // the checksum of all that follows it
        header.extend_from_slice(&TRANSACTIONAL.to_be_bytes());
        header.extend_from_slice(&(self.count - 1).to_be_bytes());
        header.extend_from_slice(&self.timestamp_ms.to_be_bytes());
        header.extend_from_slice(&self.timestamp_ms.to_be_bytes());
        header.extend_from_slice(&producer_id.to_be_bytes());
        header.extend_from_slice(&epoch.to_be_bytes());
        header.extend_from_slice(&base_sequence.to_be_bytes());
        header.extend_from_slice(&self.count.to_be_bytes());
        let checksum = crc32c::crc32c(&header[CHECKED_FROM..]);
        let checksum = crc32c::crc32c_append(checksum, &self.bytes[HEADER_BYTES..]);
        header[CRC_AT..CHECKED_FROM].copy_from_slice(&checksum.to_be_bytes());
        PyBytes::new_with(py, self.bytes.len(), |whole| {
            whole[..HEADER_BYTES].copy_from_slice(&header);
            whole[HEADER_BYTES..].copy_from_slice(&self.bytes[HEADER_BYTES..]);
            Ok(())
        })
    }
}

fn write_body(body: &mut Vec<u8>, place: i32, record: &Bound<'_, PyAny>) -> PyResult<()> {
    let record = record.cast::<PyTuple>()?;
    body.push(0); // attributes: none are defined
    put_varint(body, 0); // all carry the batch's time
    put_varint(body, place);
    put_bytes(body, &record.get_item(0)?)?;
    put_bytes(body, &record.get_item(1)?)?;
    let headers = record.get_item(2)?;
    put_varint(body, length(headers.len()?)?);
    for header in headers.try_iter()? {
        let (name, value): (Bound<'_, PyString>, Bound<'_, PyAny>) = header?.extract()?;
        let name = name.to_str()?;
        put_varint(body, length(name.len())?);
        body.extend_from_slice(name.as_bytes());
        put_bytes(body, &value)?;
    }
    Ok(())
}

fn put_bytes(body: &mut Vec<u8>, value: &Bound<'_, PyAny>) -> PyResult<()> {
    if value.is_none() {
        put_varint(body, -1);
        return Ok(());
    }
    let value = value.cast::<PyBytes>()?.as_bytes();
    put_varint(body, length(value.len())?);
    body.extend_from_slice(value);
    Ok(())
}

fn length(bytes: usize) -> PyResult<i32> {
    i32::try_from(bytes).map_err(|_| PyValueError::new_err("too long for a record batch"))
}

fn put_varint(out: &mut Vec<u8>, value: i32) {
    // Signs are folded in, so that small negative numbers are short too.
    let mut rest = ((value << 1) ^ (value >> 31)) as u32;
    while rest >= 0x80 {
        out.push(rest as u8 | 0x80);
        rest >>= 7;
    }
    out.push(rest as u8);
}

fn varint_bytes(value: usize) -> usize {
    let folded = (value as u64) << 1;
    (64 - (folded | 1).leading_zeros() as usize).div_ceil(7)
}
