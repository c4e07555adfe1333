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

use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use wpsx_proto::{index::BUNDLE, payload::SlotState};

use crate::format::frame::{Encoding, Frame};

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
    pub(crate) fn find(&self, slot: usize) -> Option<(usize, std::ops::Range<usize>)> {
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

    /// Reads a file back. `check` compares the frames' CRCs too.
    pub(crate) fn parse(bytes: &Bytes, check: bool) -> Result<Self, String> {
        let too_short = || "it is too short".to_owned();
        let head = bytes.get(..HEADER).ok_or_else(too_short)?;
        if head[..8] != *MAGIC {
            return Err("it does not begin as a payload bundle".into());
        }
        let slots = u16::from_le_bytes([head[8], head[9]]) as usize;
        let frames = u16::from_le_bytes([head[10], head[11]]) as usize;
        if slots == 0 || slots as u64 > BUNDLE || frames > slots {
            return Err("its numbers of slots and frames cannot be".into());
        }
        let tables = HEADER + 5 * slots + FRAME_ROW * frames;
        let table = bytes.get(..tables).ok_or_else(too_short)?;
        if head[12..16] != tables_crc(table).to_le_bytes() {
            return Err("its tables do not match their CRC".into());
        }
        let states = table[HEADER..HEADER + slots].to_vec();
        let lengths: Vec<u32> = table[HEADER + slots..HEADER + 5 * slots]
            .chunks_exact(4)
            .map(|c| u32::from_le_bytes([c[0], c[1], c[2], c[3]]))
            .collect();
        let mut parts = Vec::with_capacity(frames);
        let (mut next, mut offset) = (0usize, tables);
        for row in table[HEADER + 5 * slots..].chunks_exact(FRAME_ROW) {
            let start = u16::from_le_bytes([row[0], row[1]]);
            let count = u16::from_le_bytes([row[2], row[3]]);
            let length = u32::from_le_bytes([row[8], row[9], row[10], row[11]]) as usize;
            let end = offset.checked_add(length).ok_or_else(too_short)?;
            let data = bytes.get(offset..end).ok_or_else(too_short)?;
            if start as usize != next || count == 0 {
                return Err("its frames leave a gap or overlap".into());
            }
            let encoding = Encoding::from_code(row[4]).ok_or("a frame has an unknown encoding")?;
            if check && row[12..16] != crc32fast::hash(data).to_le_bytes() {
                return Err(format!("the frame at slot {start} does not match its CRC"));
            }
            parts.push(Part {
                start,
                count,
                encoding,
                data: bytes.slice(offset..end),
            });
            next += count as usize;
            offset = end;
        }
        if next != slots || offset != bytes.len() {
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
