//! The payload slots of one bundle, in memory and as a file.
//!
//! ```text
//! "wpsxpay1"  slots(2) frames(2) crc32(4) of the tables
//! tables      state(1) of each slot, length(4) of each slot,
//!             start(2) count(2) encoding(1) 0(3) bytes(4) crc32(4) of each frame
//! frames      one after the other, in order
//! ```
//!
//! Integers are little-endian. A slot's length counts salt and payload, 0 for a
//! hole. Frames cover the slots without gap or overlap; each holds the full slots
//! of its run, one after the other, raw or as one Zstandard frame.

use std::{
    ops::Range,
    sync::atomic::{AtomicU64, Ordering},
};

use bytes::Bytes;
use wpsx_proto::{index::BUNDLE, payload::SlotState};

use crate::format::{
    frame::{Encoding, Frame},
    holes::Holes,
};

const MAGIC: &[u8; 8] = b"wpsxpay1";
const HEADER: usize = 16;
const FRAME_ROW: usize = 16;

/// Up to 256 slots that start at a multiple of 256.
#[derive(Clone, Debug)]
pub(crate) struct Payloads {
    id: u64,
    states: Vec<u8>,
    lengths: Vec<u32>,
    frames: Vec<Part>,
}

/// A slot's state, and its bytes where it is full.
pub(crate) type Decoded = (SlotState, Option<Bytes>);

/// A file of payloads that is not what was written.
#[derive(Debug)]
pub(crate) struct Flawed {
    /// How it shows.
    pub(crate) reason: String,
    /// What can be read of each slot; unchecked.
    pub(crate) slots: Vec<Option<Decoded>>,
    /// The holes that it had, if that can be read. Else the erased ones are those of the
    /// list, and that there were others is not known: they are counted anew in time.
    pub(crate) holes: Option<Holes>,
}

impl Flawed {
    /// Nothing of it can be read.
    pub(crate) fn wholly(reason: String) -> Self {
        Self {
            reason,
            slots: Vec::new(),
            holes: None,
        }
    }
}

/// A frame and where it stands in the bundle.
#[derive(Clone, Debug)]
pub(crate) struct Part {
    pub(crate) start: u16,
    pub(crate) count: u16,
    pub(crate) encoding: Encoding,
    pub(crate) data: Bytes,
}

impl Default for Payloads {
    fn default() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        Self {
            id: NEXT.fetch_add(1, Ordering::Relaxed),
            states: Vec::new(),
            lengths: Vec::new(),
            frames: Vec::new(),
        }
    }
}

impl Part {
    pub(crate) fn end(&self) -> usize {
        self.start as usize + self.count as usize
    }
}

impl Payloads {
    /// A number that no other slots have, unless these are a prefix of those.
    pub(crate) fn id(&self) -> u64 {
        self.id
    }

    pub(crate) fn len(&self) -> usize {
        self.states.len()
    }

    pub(crate) fn state(&self, slot: usize) -> SlotState {
        let code = self.states.get(slot).copied().unwrap_or_default();
        SlotState::try_from(code).unwrap_or(SlotState::NotHeld)
    }

    /// Salt and payload of a slot; 0 for a hole.
    pub(crate) fn length(&self, slot: usize) -> usize {
        self.lengths[slot] as usize
    }

    /// The holes among the slots.
    pub(crate) fn holes(&self) -> Holes {
        let mut holes = Holes::default();
        for slot in 0..self.len() {
            holes.count(self.state(slot));
        }
        holes
    }

    /// The bytes that the frames take.
    pub(crate) fn bytes(&self) -> usize {
        self.frames
            .iter()
            .map(|part| part.data.len())
            .sum::<usize>()
            + 5 * self.states.len()
    }

    pub(crate) fn parts(&self) -> &[Part] {
        &self.frames
    }

    /// Appends the slots of a frame that starts where these end.
    pub(crate) fn push(&mut self, frame: Frame) {
        debug_assert_eq!(frame.start % BUNDLE, self.states.len() as u64);
        let part = Part {
            start: self.states.len() as u16,
            count: frame.states.len() as u16,
            encoding: frame.encoding,
            data: frame.data,
        };
        self.states.extend_from_slice(&frame.states);
        self.lengths.extend_from_slice(&frame.lengths);
        self.frames.push(part);
    }

    /// The frame that holds a slot, and the slot's place in what it decodes to.
    pub(crate) fn find(&self, slot: usize) -> Option<(usize, Range<usize>)> {
        let at = self.frames.partition_point(|part| part.end() <= slot);
        let part = self.frames.get(at)?;
        let before: usize = self.lengths[part.start as usize..slot]
            .iter()
            .map(|length| *length as usize)
            .sum();
        Some((at, before..before + self.lengths[slot] as usize))
    }

    /// What the frame `at` decodes to.
    pub(crate) fn decode(&self, at: usize) -> Result<Bytes, String> {
        let part = &self.frames[at];
        let size: usize = self.lengths[part.start as usize..part.end()]
            .iter()
            .map(|length| *length as usize)
            .sum();
        part.encoding.decode(&part.data, size)
    }

    /// The frame `at` with its place in the log, as it is kept.
    pub(crate) fn frame(&self, bundle: u64, at: usize) -> Frame {
        let part = &self.frames[at];
        let run = part.start as usize..part.end();
        Frame {
            start: bundle * BUNDLE + u64::from(part.start),
            states: self.states[run.clone()].to_vec(),
            lengths: self.lengths[run].to_vec(),
            encoding: part.encoding,
            data: part.data.clone(),
        }
    }

    /// Every slot decoded, hole or not.
    pub(crate) fn slots(&self) -> Result<Vec<(SlotState, Option<Bytes>)>, String> {
        let mut slots = Vec::with_capacity(self.len());
        for at in 0..self.frames.len() {
            slots.extend(self.frame(0, at).slots()?);
        }
        Ok(slots)
    }

    /// Bundles made of `slots`, which start at slot 0.
    pub(crate) fn from_slots(slots: &[(SlotState, Option<Bytes>)], level: i32) -> Self {
        let mut payloads = Self::default();
        for frame in Frame::make(0, slots, level) {
            payloads.push(frame);
        }
        payloads
    }

    /// The same with other contents of some slots. Frames that are not touched stay.
    pub(crate) fn replaced(
        &self,
        changes: &[(usize, SlotState, Option<Bytes>)],
    ) -> Result<Self, String> {
        let mut payloads = Self::default();
        for (at, part) in self.frames.iter().enumerate() {
            let run = part.start as usize..part.end();
            if !changes.iter().any(|(slot, ..)| run.contains(slot)) {
                payloads.push(self.frame(0, at));
                continue;
            }
            let mut slots = self.frame(0, at).slots()?;
            for (slot, state, bytes) in changes.iter().filter(|(slot, ..)| run.contains(slot)) {
                slots[slot - run.start] = (*state, bytes.clone());
            }
            let level = if part.encoding == Encoding::Zstd {
                LEVEL
            } else {
                0
            };
            for frame in Frame::make(run.start as u64, &slots, level) {
                payloads.push(frame);
            }
        }
        Ok(payloads)
    }

    /// The same in as few frames as hold it: frames that cover the bundle stay as
    /// they came, many small ones are joined. Raw ones are tried again.
    pub(crate) fn joined(&self) -> Result<Option<Self>, String> {
        let bytes: usize = self.lengths.iter().map(|length| *length as usize).sum();
        let enough = bytes / FRAME_AIM + 2;
        let raw = |part: &Part| part.encoding == Encoding::Raw && part.data.len() >= COMPRESS_FROM;
        if self.frames.len() <= enough && !self.frames.iter().any(raw) {
            return Ok(None);
        }
        Ok(Some(Self::from_slots(&self.slots()?, LEVEL)))
    }

    /// The file's bytes: the head, and the frames that follow it.
    pub(crate) fn file(&self) -> (Vec<u8>, impl Iterator<Item = &Bytes>) {
        let mut head =
            Vec::with_capacity(HEADER + 5 * self.states.len() + FRAME_ROW * self.frames.len());
        head.extend_from_slice(MAGIC);
        head.extend_from_slice(&(self.states.len() as u16).to_le_bytes());
        head.extend_from_slice(&(self.frames.len() as u16).to_le_bytes());
        head.extend_from_slice(&[0; 4]);
        head.extend_from_slice(&self.states);
        for length in &self.lengths {
            head.extend_from_slice(&length.to_le_bytes());
        }
        for part in &self.frames {
            head.extend_from_slice(&part.start.to_le_bytes());
            head.extend_from_slice(&part.count.to_le_bytes());
            head.extend_from_slice(&[part.encoding.code(), 0, 0, 0]);
            head.extend_from_slice(&(part.data.len() as u32).to_le_bytes());
            head.extend_from_slice(&crc32fast::hash(&part.data).to_le_bytes());
        }
        let crc = tables_crc(&head);
        head[12..16].copy_from_slice(&crc.to_le_bytes());
        (head, self.frames.iter().map(|part| &part.data))
    }

    /// Reads a file that has to hold `width` slots, and compares all checksums.
    ///
    /// # Errors
    /// It is not what was written: how it shows, and what can be read of it all the same.
    pub(crate) fn read(bytes: &Bytes, width: usize) -> Result<Self, Flawed> {
        let reason = match Self::parse(bytes, true) {
            Ok(payloads) if payloads.len() == width => return Ok(payloads),
            Ok(payloads) => format!("it holds {} slots, not {width}", payloads.len()),
            Err(reason) => reason,
        };
        let tables = Self::parse(bytes, false).ok();
        Err(Flawed {
            reason,
            slots: Self::unchecked_slots(bytes),
            holes: tables.map(|payloads| payloads.holes()),
        })
    }

    /// Each slot as far as it can be read; nothing of it is checked.
    pub(crate) fn unchecked_slots(bytes: &Bytes) -> Vec<Option<Decoded>> {
        let Ok(payloads) = Self::parse(bytes, false) else {
            return Vec::new();
        };
        let mut slots = Vec::with_capacity(payloads.len());
        for at in 0..payloads.frames.len() {
            let frame = payloads.frame(0, at);
            match frame.slots() {
                Ok(decoded) => slots.extend(decoded.into_iter().map(Some)),
                Err(_) => slots.extend(frame.states.iter().map(|code| {
                    let state = SlotState::try_from(*code).ok()?;
                    (state != SlotState::Full).then_some((state, None))
                })),
            }
        }
        slots
    }

    /// Reads a file back. `check` compares the frames' CRCs too.
    pub(crate) fn parse(bytes: &Bytes, check: bool) -> Result<Self, String> {
        Self::walk(bytes, bytes.len() as u64, |at, row| {
            let data = usize::try_from(at)
                .ok()
                .and_then(|at| Some(at..at.checked_add(row.length)?))
                .filter(|place| place.end <= bytes.len());
            let data = bytes.slice(data.ok_or_else(too_short)?);
            if check && row.crc != crc32fast::hash(&data) {
                return Err(row.unlike());
            }
            Ok(data)
        })
    }

    /// Reads of a file, which has so many bytes and begins with `head`, no more than the
    /// frames that hold the first of the slots `run`, about `most` bytes of them; `part`
    /// gives bytes at a place. What is not read is there without its bytes: see
    /// [`Payloads::stop`].
    pub(crate) fn parse_part(
        head: &Bytes,
        length: u64,
        run: &Range<usize>,
        most: usize,
        mut part: impl FnMut(u64, usize) -> Result<Bytes, String>,
    ) -> Result<Self, String> {
        let tables = Self::walk(head, length, |_, _| Ok(Bytes::new()))?;
        let stop = tables.stop(run, most);
        Self::walk(head, length, |at, row| {
            if row.start + row.count <= run.start || row.start >= stop {
                return Ok(Bytes::new());
            }
            let data = part(at, row.length)?;
            if row.crc != crc32fast::hash(&data) {
                return Err(row.unlike());
            }
            Ok(data)
        })
    }

    /// Where the first of these slots end: with the last frame that decodes, with those
    /// before it, to `most` bytes; never before the first frame's end.
    pub(crate) fn stop(&self, run: &Range<usize>, most: usize) -> usize {
        let mut bytes = 0;
        let mut stop = run.start;
        for part in &self.frames {
            let slots = part.start as usize..part.end();
            if slots.end <= run.start {
                continue;
            }
            let decoded = self.lengths[slots.clone()].iter().map(|l| *l as usize);
            bytes += decoded.sum::<usize>();
            if slots.start >= run.end || (bytes > most && stop > run.start) {
                break;
            }
            stop = slots.end.min(run.end);
        }
        stop
    }

    /// Reads the tables at the beginning of a file of so many bytes, and each frame by `data`.
    fn walk(
        head: &Bytes,
        length: u64,
        mut data: impl FnMut(u64, &Row) -> Result<Bytes, String>,
    ) -> Result<Self, String> {
        let header = head.get(..HEADER).ok_or_else(too_short)?;
        if header[..8] != *MAGIC {
            return Err("it does not begin as a payload bundle".into());
        }
        let slots = u16::from_le_bytes([header[8], header[9]]) as usize;
        let frames = u16::from_le_bytes([header[10], header[11]]) as usize;
        if slots == 0 || slots as u64 > BUNDLE || frames > slots {
            return Err("its numbers of slots and frames cannot be".into());
        }
        let tables = HEADER + 5 * slots + FRAME_ROW * frames;
        let table = head.get(..tables).ok_or_else(too_short)?;
        if header[12..16] != tables_crc(table).to_le_bytes() {
            return Err("its tables do not match their CRC".into());
        }
        let states = table[HEADER..HEADER + slots].to_vec();
        let lengths: Vec<u32> = table[HEADER + slots..HEADER + 5 * slots]
            .chunks_exact(4)
            .map(|c| u32::from_le_bytes([c[0], c[1], c[2], c[3]]))
            .collect();
        let mut parts = Vec::with_capacity(frames);
        let (mut next, mut offset) = (0usize, tables as u64);
        for row in table[HEADER + 5 * slots..].chunks_exact(FRAME_ROW) {
            let row = Row::read(row);
            let end = offset + row.length as u64;
            if end > length {
                return Err(too_short());
            }
            if row.start != next || row.count == 0 {
                return Err("its frames leave a gap or overlap".into());
            }
            let encoding =
                Encoding::from_code(row.encoding).ok_or("a frame has an unknown encoding")?;
            parts.push(Part {
                start: row.start as u16,
                count: row.count as u16,
                encoding,
                data: data(offset, &row)?,
            });
            next += row.count;
            offset = end;
        }
        if next != slots || offset != length {
            return Err("its frames do not make up the file".into());
        }
        Ok(Self {
            states,
            lengths,
            frames: parts,
            ..Self::default()
        })
    }
}

/// What the tables say of a frame.
struct Row {
    start: usize,
    count: usize,
    encoding: u8,
    length: usize,
    crc: u32,
}

impl Row {
    fn read(row: &[u8]) -> Self {
        let number =
            |at: usize| u32::from_le_bytes([row[at], row[at + 1], row[at + 2], row[at + 3]]);
        Self {
            start: u16::from_le_bytes([row[0], row[1]]) as usize,
            count: u16::from_le_bytes([row[2], row[3]]) as usize,
            encoding: row[4],
            length: number(8) as usize,
            crc: number(12),
        }
    }

    fn unlike(&self) -> String {
        format!("the frame at slot {} does not match its CRC", self.start)
    }
}

fn too_short() -> String {
    "it is too short".to_owned()
}

/// The tables of any bundle lie within so many bytes.
pub(crate) const TABLES: usize = HEADER + (5 + FRAME_ROW) * BUNDLE as usize;
/// Compression level of what we compress ourselves.
const LEVEL: i32 = 1;
/// About what a frame decodes to.
const FRAME_AIM: usize = (1 << 20) - (8 << 10);
/// A raw frame of so many bytes is worth a try.
pub(crate) const COMPRESS_FROM: usize = 1024;

fn tables_crc(table: &[u8]) -> u32 {
    let mut crc = crc32fast::Hasher::new();
    crc.update(&table[..12]);
    crc.update(&table[HEADER..]);
    crc.finalize()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Slots of 20 kB that do not compress: five frames.
    fn large() -> Vec<(SlotState, Option<Bytes>)> {
        let mut state = 1_u32;
        let mut byte = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        };
        let slot = |_| (SlotState::Full, Some((0..20_000).map(|_| byte()).collect()));
        (0..BUNDLE).map(slot).collect()
    }

    #[test]
    fn a_part_of_a_large_bundle_is_read_without_the_rest() {
        let slots = large();
        let bundle = Payloads::from_slots(&slots, LEVEL);
        let (mut file, data) = bundle.file();
        data.for_each(|data| file.extend_from_slice(data));
        let file = Bytes::from(file);
        let head = file.slice(..TABLES.min(file.len()));
        let most = 1 << 20;
        let (mut at, mut parts) = (60, 0);
        while at < 200 {
            let run = at..200;
            let mut read = 0;
            let part = Payloads::parse_part(&head, file.len() as u64, &run, most, |at, length| {
                read += length;
                Ok(file.slice(at as usize..at as usize + length))
            })
            .unwrap();
            assert!(read <= most, "{read} bytes at once");
            let stop = part.stop(&run, most);
            assert!(stop > at && stop <= 200);
            for (slot, (_, expected)) in slots.iter().enumerate().take(stop).skip(at) {
                let (frame, place) = part.find(slot).unwrap();
                let decoded = part.decode(frame).unwrap().slice(place);
                assert_eq!(Some(&decoded), expected.as_ref());
            }
            (at, parts) = (stop, parts + 1);
        }
        assert!(parts >= 3, "{parts} parts");
    }

    #[test]
    fn a_damaged_frame_of_a_part_is_found_and_others_are_not_looked_at() {
        let bundle = Payloads::from_slots(&large(), LEVEL);
        let (mut file, data) = bundle.file();
        data.for_each(|data| file.extend_from_slice(data));
        *file.last_mut().unwrap() ^= 1;
        let file = Bytes::from(file);
        let read = |run: Range<usize>| {
            Payloads::parse_part(&file, file.len() as u64, &run, 1, |at, length| {
                Ok(file.slice(at as usize..at as usize + length))
            })
        };
        assert!(read(0..256).is_ok());
        assert!(
            read(255..256)
                .unwrap_err()
                .contains("does not match its CRC")
        );
    }
}
