//! The bytes of a journal segment: a header, a mark, and groups.
//!
//! ```text
//! segment  magic(8) sequence(8) nonce(8) crc32(4)            written whole and renamed
//! mark     number(8) end(8) crc32(4)                         written again and again
//! group    nonce(8) number(8) length(8) crc32(4)  body  crc32(4) "wpsxdone"
//! ```
//!
//! Integers are little-endian. The nonce is random, so that no payload can look
//! like a group. Groups are numbered without a gap. The mark says which group was the
//! last that a sync made durable, and where it ends. It is written after that sync and
//! not synced itself: what it says is true, and where it is lost or old it says less.
//!
//! A group that cannot be read was never acknowledged if it stands behind the mark and no
//! whole one follows: it is a torn tail. In any other place it is damage.

use bytes::Bytes;

const MAGIC: &[u8; 8] = b"wpsxjnl2";
const DONE: &[u8; 8] = b"wpsxdone";
/// Where the mark stands in a segment.
pub(crate) const MARK_AT: usize = 28;
/// Where the groups of a segment begin.
pub(crate) const SEGMENT_HEADER: usize = 48;
/// The length of a group's header.
pub(crate) const GROUP_HEADER: usize = 28;
/// What a group has behind its body.
pub(crate) const COMMIT_MARK: usize = 12;

/// No segment and no group has this number: what follows one can always be counted.
const LAST: u64 = u64::MAX;

/// Random bytes that mark the groups of one segment.
pub(crate) type Nonce = [u8; 8];

/// What a segment's bytes hold.
#[derive(Debug)]
pub(crate) struct Parsed {
    pub(crate) sequence: u64,
    /// Each group's number and body, up to what cannot be read.
    pub(crate) groups: Vec<(u64, Bytes)>,
    pub(crate) end: End,
}

/// How a segment ends.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// With its last group.
    Whole,
    /// With one that was not acknowledged. One that is `long` has the length that it
    /// should have: a power cut may leave that, and so may a damaged disk.
    Torn { at: u64, long: bool },
    /// It should go on.
    Damaged(String),
}

/// The header of a segment, with a mark that says nothing.
pub(crate) fn header(sequence: u64, nonce: &Nonce) -> Vec<u8> {
    let mut header = Vec::with_capacity(SEGMENT_HEADER);
    header.extend_from_slice(MAGIC);
    header.extend_from_slice(&sequence.to_le_bytes());
    header.extend_from_slice(nonce);
    header.extend_from_slice(&crc32fast::hash(&header).to_le_bytes());
    header.resize(SEGMENT_HEADER, 0);
    header
}

/// The mark: the group of this number, which ends before `end`, is durable.
pub(crate) fn mark(number: u64, end: u64, nonce: &Nonce) -> Vec<u8> {
    let mut mark = [number.to_le_bytes(), end.to_le_bytes()].concat();
    mark.extend_from_slice(&mark_crc(&mark, nonce).to_le_bytes());
    mark
}

fn mark_crc(mark: &[u8], nonce: &[u8]) -> u32 {
    crc32fast::hash(&[nonce, &mark[..16]].concat())
}

/// The name of a segment.
pub(crate) fn name(sequence: u64) -> String {
    format!("{sequence:016x}.journal")
}

/// The number of the segment of that name, if it is one.
pub(crate) fn number_of(file: &str) -> Option<u64> {
    let number = u64::from_str_radix(file.strip_suffix(".journal")?, 16).ok()?;
    (name(number) == file).then_some(number)
}

/// Completes a group whose body stands behind room for its header.
pub(crate) fn seal(buffer: &mut Vec<u8>, number: u64, nonce: &Nonce) {
    let body = GROUP_HEADER..buffer.len();
    buffer[..8].copy_from_slice(nonce);
    buffer[8..16].copy_from_slice(&number.to_le_bytes());
    buffer[16..24].copy_from_slice(&(body.len() as u64).to_le_bytes());
    let header = crc32fast::hash(&buffer[..24]);
    buffer[24..28].copy_from_slice(&header.to_le_bytes());
    let crc = crc32fast::hash(&buffer[body]);
    buffer.extend_from_slice(&crc.to_le_bytes());
    buffer.extend_from_slice(DONE);
}

/// Reads a segment.
pub(crate) fn parse(bytes: &Bytes) -> Result<Parsed, String> {
    let header = bytes.get(..SEGMENT_HEADER).filter(|header| {
        header[..8] == *MAGIC && header[24..28] == crc32fast::hash(&header[..24]).to_le_bytes()
    });
    let header = header.map(|header| (u64::from_le_bytes(array(&header[8..16])), header));
    let Some((sequence, header)) = header.filter(|(sequence, _)| *sequence < LAST) else {
        return Err("its header is not that of a journal segment".to_owned());
    };
    let nonce: Nonce = array(&header[16..24]);
    let mut groups: Vec<(u64, Bytes)> = Vec::new();
    let mut at = SEGMENT_HEADER;
    while at < bytes.len() {
        let expected = groups.last().map(|(number, _)| number + 1);
        match group_at(bytes, at, &nonce) {
            Some((number, body)) if expected.is_none_or(|n| n == number) => {
                at += GROUP_HEADER + body.len() + COMMIT_MARK;
                groups.push((number, body));
            }
            _ => break,
        }
    }
    let end = end(bytes, at, &nonce);
    Ok(Parsed {
        sequence,
        groups,
        end,
    })
}

/// What it means that no further group can be read at this byte.
fn end(bytes: &Bytes, at: usize, nonce: &Nonce) -> End {
    let next = (at + 1..bytes.len().saturating_sub(GROUP_HEADER))
        .find(|p| bytes[*p..].starts_with(nonce) && group_at(bytes, *p, nonce).is_some());
    if let Some(next) = next {
        return End::Damaged(format!(
            "the group at byte {at} is damaged, and a whole one follows at byte {next}"
        ));
    }
    let acknowledged = acknowledged(&bytes[MARK_AT..SEGMENT_HEADER], nonce);
    if acknowledged > at as u64 {
        return End::Damaged(format!(
            "the group at byte {at} cannot be read, and all up to byte {acknowledged} was \
             acknowledged"
        ));
    }
    match bytes.len() - at {
        0 => End::Whole,
        left => {
            let length = length_at(bytes, at, nonce);
            let long = length.is_some_and(|length| length <= left);
            let at = at as u64;
            End::Torn { at, long }
        }
    }
}

/// Where what is known to be durable ends.
fn acknowledged(mark: &[u8], nonce: &Nonce) -> u64 {
    let is_whole = mark[16..] == mark_crc(mark, nonce).to_le_bytes();
    let end = is_whole.then(|| u64::from_le_bytes(array(&mark[8..16])));
    end.unwrap_or(0)
}

/// The length that a group should have, by its header.
fn length_at(bytes: &Bytes, at: usize, nonce: &Nonce) -> Option<usize> {
    let header = bytes.get(at..at + GROUP_HEADER)?;
    if header[..8] != *nonce || header[24..28] != crc32fast::hash(&header[..24]).to_le_bytes() {
        return None;
    }
    let length = usize::try_from(u64::from_le_bytes(array(&header[16..24]))).ok()?;
    length.checked_add(GROUP_HEADER + COMMIT_MARK)
}

fn group_at(bytes: &Bytes, at: usize, nonce: &Nonce) -> Option<(u64, Bytes)> {
    let length = length_at(bytes, at, nonce)?;
    let group = bytes.get(at..at.checked_add(length)?)?;
    let number = u64::from_le_bytes(array(&group[8..16]));
    let mark = length - COMMIT_MARK;
    let body = bytes.slice(at + GROUP_HEADER..at + mark);
    let whole =
        group[mark + 4..] == *DONE && group[mark..mark + 4] == crc32fast::hash(&body).to_le_bytes();
    (whole && number < LAST).then_some((number, body))
}

/// The bytes of a slice whose length the caller has just chosen.
fn array<const N: usize>(bytes: &[u8]) -> [u8; N] {
    let mut array = [0; N];
    array.copy_from_slice(bytes);
    array
}

#[cfg(test)]
mod tests {
    use super::*;

    fn segment(sequence: u64, numbers: &[u64]) -> Bytes {
        let nonce = [7; 8];
        let mut segment = header(sequence, &nonce);
        for number in numbers {
            let mut group = vec![0; GROUP_HEADER];
            group.extend_from_slice(b"body");
            seal(&mut group, *number, &nonce);
            segment.extend(group);
        }
        segment.into()
    }

    #[test]
    fn numbers_behind_which_none_can_follow_are_not_read() {
        let parsed = parse(&segment(LAST - 1, &[LAST - 2, LAST - 1])).unwrap();
        assert_eq!((parsed.sequence, parsed.groups.len()), (LAST - 1, 2));
        assert!(parse(&segment(LAST, &[])).is_err());
        let parsed = parse(&segment(1, &[LAST - 1, LAST])).unwrap();
        assert_eq!(parsed.groups.len(), 1);
        assert_eq!(parsed.end, End::Torn { at: 92, long: true });
        let parsed = parse(&segment(1, &[LAST])).unwrap();
        assert_eq!(parsed.groups.len(), 0);
        assert_eq!(parsed.end, End::Torn { at: 48, long: true });
    }

    #[test]
    fn the_name_of_a_segment_is_read_back_and_that_of_a_copy_is_not_one() {
        assert_eq!(number_of(&name(0x1f)), Some(0x1f));
        for other in [
            "1f.journal",
            "000000000000001f.journal.bak",
            "copy.journal",
            "x",
        ] {
            assert_eq!(number_of(other), None, "{other}");
        }
    }
}
