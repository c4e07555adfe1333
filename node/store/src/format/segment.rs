//! The bytes of a journal segment: a header, and groups.
//!
//! ```text
//! segment  magic(8) sequence(8) nonce(8) crc32(4)            written whole and renamed
//! group    nonce(8) number(8) length(8) crc32(4)  body  crc32(4) "wpsxdone"
//! ```
//!
//! Integers are little-endian. The nonce is random, so that no payload can look
//! like a group. Groups are numbered without a gap. A group that lacks its
//! commit mark or does not match its CRC was never acknowledged if nothing
//! follows it: it is cut. If a whole group follows, it is damage.

use bytes::Bytes;

const MAGIC: &[u8; 8] = b"wpsxjnl1";
const DONE: &[u8; 8] = b"wpsxdone";
/// The length of a segment's header.
pub(crate) const SEGMENT_HEADER: usize = 28;
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
    /// Each group's number and body.
    pub(crate) groups: Vec<(u64, Bytes)>,
    /// Where a torn tail begins, if there is one.
    pub(crate) torn: Option<u64>,
}

/// The header of a segment.
pub(crate) fn header(sequence: u64, nonce: &Nonce) -> Vec<u8> {
    let mut header = Vec::with_capacity(SEGMENT_HEADER);
    header.extend_from_slice(MAGIC);
    header.extend_from_slice(&sequence.to_le_bytes());
    header.extend_from_slice(nonce);
    header.extend_from_slice(&crc32fast::hash(&header).to_le_bytes());
    header
}

/// The name of a segment.
pub(crate) fn name(sequence: u64) -> String {
    format!("{sequence:016x}.journal")
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

/// Reads a segment: its sequence number and what it holds.
pub(crate) fn parse(bytes: &Bytes) -> Result<(u64, Parsed), String> {
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
    let mut torn = None;
    while at < bytes.len() {
        let expected = groups.last().map(|(number, _)| number + 1);
        match group_at(bytes, at, &nonce) {
            Some((number, body)) if expected.is_none_or(|n| n == number) => {
                at += GROUP_HEADER + body.len() + COMMIT_MARK;
                groups.push((number, body));
            }
            _ => {
                let next = (at + 1..bytes.len().saturating_sub(GROUP_HEADER)).find(|p| {
                    bytes[*p..].starts_with(&nonce) && group_at(bytes, *p, &nonce).is_some()
                });
                if let Some(next) = next {
                    return Err(format!(
                        "the group at byte {at} is damaged, and a whole one follows at byte {next}"
                    ));
                }
                torn = Some(at as u64);
                break;
            }
        }
    }
    Ok((sequence, Parsed { groups, torn }))
}

fn group_at(bytes: &Bytes, at: usize, nonce: &[u8; 8]) -> Option<(u64, Bytes)> {
    let header = bytes.get(at..at + GROUP_HEADER)?;
    if header[..8] != *nonce || header[24..28] != crc32fast::hash(&header[..24]).to_le_bytes() {
        return None;
    }
    let number = u64::from_le_bytes(array(&header[8..16]));
    let length = usize::try_from(u64::from_le_bytes(array(&header[16..24]))).ok()?;
    let start = at + GROUP_HEADER;
    let end = start.checked_add(length)?;
    let mark = bytes.get(end..end.checked_add(COMMIT_MARK)?)?;
    let body = bytes.slice(start..end);
    let whole = mark[4..] == *DONE && mark[..4] == crc32fast::hash(&body).to_le_bytes();
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
        let (sequence, parsed) = parse(&segment(LAST - 1, &[LAST - 2, LAST - 1])).unwrap();
        assert_eq!((sequence, parsed.groups.len()), (LAST - 1, 2));
        assert!(parse(&segment(LAST, &[])).is_err());
        let (_, parsed) = parse(&segment(1, &[LAST - 1, LAST])).unwrap();
        assert_eq!(parsed.groups.len(), 1);
        assert_eq!(parsed.torn, Some(72));
        let (_, parsed) = parse(&segment(1, &[LAST])).unwrap();
        assert_eq!((parsed.groups.len(), parsed.torn), (0, Some(28)));
    }
}
