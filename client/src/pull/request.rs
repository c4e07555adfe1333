//! What one call asks for: the spans of entries whose payloads are wanted.

use wpsx_proto::{envelope::Leaf, index::LeafIndex, payload::SALT};

use super::filter::{Erased, PayloadFilter};

/// Payload bytes after which a call is full at the latest, unless it is one large payload.
pub(super) const CALL_BYTES: u64 = 8 * 1_048_576;
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

    /// Whether it asks for `piece` bytes, or for all that a call may.
    pub(super) fn is_full(&self, piece: u64) -> bool {
        self.bytes >= piece || self.spans.len() >= CALL_RANGES || self.indexes >= CALL_INDEXES
    }

    /// Adds the indexes of a span that brings `bytes` of payload.
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
