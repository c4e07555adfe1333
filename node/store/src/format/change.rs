//! What a group of the journal says: changes of logs, in the order in which they
//! are applied, by the committer now and by recovery later.
//!
//! Each is a number, the log's number, and fields; integers are little-endian,
//! byte strings stand behind their length (4 bytes).

use bytes::{Buf as _, Bytes};

use crate::{
    format::frame::{Encoding, Frame},
    format::holes::HoleChange,
    format::{remembered::MOST_WORDS, request::RequestId},
};

/// One change of one log.
#[derive(Debug)]
pub(crate) struct Change {
    pub(crate) log: u32,
    pub(crate) what: What,
    /// The change as it stands in the group.
    pub(crate) bytes: Bytes,
}

/// What changes.
#[derive(Debug)]
pub(crate) enum What {
    /// The next entries with their slots; frames cover all entries, in order,
    /// and none crosses a multiple of 256.
    Extend {
        start: u64,
        count: u64,
        entries: Bytes,
        frames: Vec<Frame>,
    },
    /// A new head of the log: a signed note.
    Head(Bytes),
    /// The checkpoint that is being pulled: a signed note.
    Pending(Bytes),
    /// Holes become full.
    Fill(Frame, HoleChange),
    /// Slots are destroyed for ever.
    Erase(Vec<u64>, HoleChange),
    /// All slots of a full bundle, whose file was damaged.
    Mend {
        bundle: u64,
        holes: HoleChange,
        frames: Vec<Frame>,
    },
    /// A request was carried out by these entries.
    Request {
        id: RequestId,
        start: u64,
        count: u64,
        /// What is remembered with it; none: it is no batch to remember.
        words: Option<Bytes>,
    },
}

const EXTEND: u8 = 1;
const HEAD: u8 = 2;
const PENDING: u8 = 3;
const FILL: u8 = 4;
const ERASE: u8 = 5;
const REQUEST: u8 = 6;
const MEND: u8 = 7;

/// Writes changes at the end of a group's buffer.
pub(crate) struct Writer<'a>(pub(crate) &'a mut Vec<u8>);

impl Writer<'_> {
    /// The next entries; `frames` frames must follow, each by [`Writer::frame`].
    pub(crate) fn extend(
        &mut self,
        log: u32,
        start: u64,
        count: u64,
        entries: &[u8],
        frames: usize,
    ) {
        self.head(EXTEND, log);
        self.u64(start);
        self.u64(count);
        self.bytes(entries);
        self.u32(frames as u32);
    }

    /// A frame whose data come in parts.
    pub(crate) fn frame<'p>(
        &mut self,
        start: u64,
        states: &[u8],
        lengths: &[u32],
        encoding: Encoding,
        data: impl Iterator<Item = &'p [u8]>,
    ) {
        self.u64(start);
        self.0.push(encoding.code());
        self.0
            .extend_from_slice(&(states.len() as u16).to_le_bytes());
        self.0.extend_from_slice(states);
        for length in lengths {
            self.u32(*length);
        }
        let at = self.0.len();
        self.u32(0);
        for part in data {
            self.0.extend_from_slice(part);
        }
        let length = (self.0.len() - at - 4) as u32;
        self.0[at..at + 4].copy_from_slice(&length.to_le_bytes());
    }

    /// A frame as it is.
    pub(crate) fn whole_frame(&mut self, frame: &Frame) {
        let data = std::iter::once(frame.data.as_ref());
        self.frame(
            frame.start,
            &frame.states,
            &frame.lengths,
            frame.encoding,
            data,
        );
    }

    pub(crate) fn note(&mut self, log: u32, note: &[u8]) {
        self.head(HEAD, log);
        self.bytes(note);
    }

    pub(crate) fn pending(&mut self, log: u32, note: &[u8]) {
        self.head(PENDING, log);
        self.bytes(note);
    }

    pub(crate) fn fill(&mut self, log: u32, frame: &Frame, holes: HoleChange) {
        self.head(FILL, log);
        self.holes(holes);
        self.whole_frame(frame);
    }

    pub(crate) fn erase(&mut self, log: u32, indexes: &[u64], holes: HoleChange) {
        self.head(ERASE, log);
        self.holes(holes);
        self.u32(indexes.len() as u32);
        for index in indexes {
            self.u64(*index);
        }
    }

    /// A bundle anew; `frames` frames must follow, each by [`Writer::whole_frame`].
    pub(crate) fn mend(&mut self, log: u32, bundle: u64, holes: HoleChange, frames: usize) {
        self.head(MEND, log);
        self.u64(bundle);
        self.holes(holes);
        self.u32(frames as u32);
    }

    pub(crate) fn request(
        &mut self,
        log: u32,
        id: &RequestId,
        (start, count): (u64, u64),
        words: Option<&[u8]>,
    ) {
        self.head(REQUEST, log);
        self.bytes(id.as_str().as_bytes());
        self.u64(start);
        self.u64(count);
        self.0.push(u8::from(words.is_some()));
        self.bytes(words.unwrap_or_default());
    }

    fn head(&mut self, what: u8, log: u32) {
        self.0.push(what);
        self.u32(log);
    }

    fn holes(&mut self, holes: HoleChange) {
        for n in [holes.filtered, holes.erased, holes.not_held] {
            self.0.extend_from_slice(&n.to_le_bytes());
        }
    }

    fn u32(&mut self, n: u32) {
        self.0.extend_from_slice(&n.to_le_bytes());
    }

    fn u64(&mut self, n: u64) {
        self.0.extend_from_slice(&n.to_le_bytes());
    }

    fn bytes(&mut self, bytes: &[u8]) {
        self.u32(bytes.len() as u32);
        self.0.extend_from_slice(bytes);
    }
}

/// Reads all changes of a group. The bytes stay where they are.
pub(crate) fn read(body: Bytes) -> Result<Vec<Change>, String> {
    let mut reader = Reader(body);
    let mut changes = Vec::new();
    while reader.0.has_remaining() {
        let from = reader.0.clone();
        let what = reader.u8()?;
        let log = reader.u32()?;
        let what = match what {
            EXTEND => {
                let start = reader.u64()?;
                let count = reader.u64()?;
                let entries = reader.bytes()?;
                let frames = reader.u32()?;
                let frames = (0..frames)
                    .map(|_| reader.frame())
                    .collect::<Result<_, _>>()?;
                What::Extend {
                    start,
                    count,
                    entries,
                    frames,
                }
            }
            HEAD => What::Head(reader.bytes()?),
            PENDING => What::Pending(reader.bytes()?),
            FILL => {
                let holes = reader.holes()?;
                What::Fill(reader.frame()?, holes)
            }
            ERASE => {
                let holes = reader.holes()?;
                let count = reader.u32()?;
                let indexes = (0..count).map(|_| reader.u64()).collect::<Result<_, _>>()?;
                What::Erase(indexes, holes)
            }
            REQUEST => {
                let id = reader.bytes()?;
                let id = std::str::from_utf8(&id).map_err(|e| e.to_string())?;
                let id = RequestId::parse(id).map_err(|e| e.to_string())?;
                What::Request {
                    id,
                    start: reader.u64()?,
                    count: reader.u64()?,
                    words: reader.words()?,
                }
            }
            MEND => {
                let bundle = reader.u64()?;
                let holes = reader.holes()?;
                let frames = reader.u32()?;
                let frames = (0..frames)
                    .map(|_| reader.frame())
                    .collect::<Result<_, _>>()?;
                What::Mend {
                    bundle,
                    holes,
                    frames,
                }
            }
            other => return Err(format!("a change of kind {other} is not known")),
        };
        let bytes = from.slice(..from.len() - reader.0.len());
        changes.push(Change { log, what, bytes });
    }
    Ok(changes)
}

struct Reader(Bytes);

impl Reader {
    fn need(&self, bytes: usize) -> Result<(), String> {
        if self.0.remaining() < bytes {
            return Err("a change ends early".to_owned());
        }
        Ok(())
    }

    fn u8(&mut self) -> Result<u8, String> {
        self.need(1)?;
        Ok(self.0.get_u8())
    }

    fn u32(&mut self) -> Result<u32, String> {
        self.need(4)?;
        Ok(self.0.get_u32_le())
    }

    fn u64(&mut self) -> Result<u64, String> {
        self.need(8)?;
        Ok(self.0.get_u64_le())
    }

    fn words(&mut self) -> Result<Option<Bytes>, String> {
        let are_there = self.u8()?;
        let words = self.bytes()?;
        match are_there {
            0 if words.is_empty() => Ok(None),
            1 if words.len() <= MOST_WORDS => Ok(Some(words)),
            _ => Err("words that are none".to_owned()),
        }
    }

    fn bytes(&mut self) -> Result<Bytes, String> {
        let length = self.u32()? as usize;
        self.need(length)?;
        Ok(self.0.split_to(length))
    }

    fn holes(&mut self) -> Result<HoleChange, String> {
        self.need(24)?;
        Ok(HoleChange {
            filtered: self.0.get_i64_le(),
            erased: self.0.get_i64_le(),
            not_held: self.0.get_i64_le(),
        })
    }

    fn frame(&mut self) -> Result<Frame, String> {
        let start = self.u64()?;
        let encoding = Encoding::from_code(self.u8()?).ok_or("a frame has an unknown encoding")?;
        self.need(2)?;
        let count = self.0.get_u16_le() as usize;
        self.need(5 * count)?;
        let states = self.0.split_to(count).to_vec();
        let lengths = (0..count).map(|_| self.0.get_u32_le()).collect();
        Ok(Frame {
            start,
            states,
            lengths,
            encoding,
            data: self.bytes()?,
        })
    }
}
