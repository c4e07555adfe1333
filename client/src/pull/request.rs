//! What one call asks for: the spans of entries whose payloads are wanted.

use wpsx_proto::{
    envelope::Leaf,
    index::{BUNDLE, LeafIndex},
    payload::SALT,
};

use super::filter::{Erased, PayloadFilter};

/// Payload bytes after which a call is full at the latest, unless it is one large payload.
pub(super) const CALL_BYTES: u64 = 4 * 1_048_576;
/// The protocol's bounds of one call.
const CALL_RANGES: usize = 4096;
const CALL_INDEXES: u64 = 65_536;

/// Indexes [start, end).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) start: u64,
    pub(super) end: u64,
}

impl Span {
    pub(super) fn len(self) -> u64 {
        self.end - self.start
    }
}

/// What one call asks for.
#[derive(Debug, Default)]
pub(super) struct Request {
    pub(super) spans: Vec<Span>,
    pub(super) indexes: u64,
    /// salt || payload of everything asked for.
    pub(super) bytes: u64,
}

impl Request {
    pub(super) fn is_empty(&self) -> bool {
        self.spans.is_empty()
    }

    /// Whether it asks for `piece` bytes, or has no room for one more span, which is as long
    /// as a bundle at the most.
    pub(super) fn is_full(&self, piece: u64) -> bool {
        let indexes = self.indexes + BUNDLE;
        self.bytes >= piece || self.spans.len() >= CALL_RANGES || indexes > CALL_INDEXES
    }

    /// Adds the indexes of a span of one bundle that brings `bytes` of payload.
    pub(super) fn add(&mut self, span: Span, bytes: u64) {
        self.indexes += span.len();
        self.bytes += bytes;
        match self.spans.last_mut() {
            Some(last) if last.end == span.start => last.end = span.end,
            _ => self.spans.push(span),
        }
    }
}

/// A span of one bundle to ask for, and the bytes that it brings.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wanted {
    pub(super) span: Span,
    pub(super) bytes: u64,
}

/// The spans of `leaves` whose payloads are wanted. Entries without a payload do not
/// interrupt a span, so that whole bundles stay whole; a span ends where a call is full
/// with `piece` bytes.
pub(super) fn wanted(
    start: LeafIndex,
    leaves: &[Leaf],
    filter: &PayloadFilter,
    erased: &Erased,
    piece: u64,
) -> Vec<Wanted> {
    let mut spans = Vec::new();
    let mut open: Option<Wanted> = None;
    for (index, leaf) in (start.value()..).zip(leaves) {
        let takes = match filter.wanted(leaf) {
            Some(length) if !erased(LeafIndex::new(index)) => Some(u64::from(length) + SALT as u64),
            Some(_) => None,
            None if leaf.payload().is_some() => None,
            None => Some(0),
        };
        let Some(bytes) = takes else {
            spans.extend(open.take());
            continue;
        };
        let span = open.get_or_insert(Wanted {
            span: Span {
                start: index,
                end: index,
            },
            bytes: 0,
        });
        span.span.end = index + 1;
        span.bytes += bytes;
        if span.bytes >= piece {
            spans.extend(open.take());
        }
    }
    spans.extend(open);
    spans.retain(|wanted| wanted.bytes > 0);
    spans
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_call_asks_for_more_indexes_or_ranges_than_one_may() {
        for (long, apart, indexes, ranges) in [
            // Whole bundles, one range.
            (BUNDLE, 0, CALL_INDEXES, 1),
            (BUNDLE - 1, 1, 257 * (BUNDLE - 1), 257),
            // One index each: the ranges are the bound.
            (1, 1, CALL_RANGES as u64, CALL_RANGES),
            (200, 0, 327 * 200, 1),
        ] {
            let mut request = Request::default();
            let mut start = 0;
            while !request.is_full(u64::MAX) {
                let end = start + long;
                request.add(Span { start, end }, 1);
                start = end + apart;
            }
            let asks = (request.indexes, request.spans.len());
            assert_eq!(asks, (indexes, ranges), "{long} and {apart} apart");
            assert!(request.indexes <= CALL_INDEXES && ranges <= CALL_RANGES);
        }
    }
}
