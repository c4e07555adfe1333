//! How the bytes of frames are kept: as they are, or as one Zstandard frame.

use std::cell::RefCell;

use bytes::Bytes;
use zstd::{
    bulk::{Compressor, Decompressor},
    zstd_safe::find_frame_compressed_size,
};

use crate::api::log::v1 as api;

/// How the bytes of a frame are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FrameEncoding {
    /// As they are.
    Raw,
    /// As one Zstandard frame.
    Zstd,
}

impl FrameEncoding {
    /// Its value in the schema.
    #[must_use]
    pub const fn to_api(self) -> api::FrameEncoding {
        match self {
            Self::Raw => api::FrameEncoding::Raw,
            Self::Zstd => api::FrameEncoding::Zstd,
        }
    }
}

thread_local! {
    // A context costs more to make than a frame to read, so each thread keeps one of each.
    static COMPRESSOR: RefCell<Option<(i32, Compressor<'static>)>> = const { RefCell::new(None) };
    static DECOMPRESSOR: RefCell<Option<Decompressor<'static>>> = const { RefCell::new(None) };
}

/// The bytes as one Zstandard frame, if that is smaller.
pub(super) fn compress(data: &[u8], level: i32) -> Option<Vec<u8>> {
    if level == 0 || data.is_empty() {
        return None;
    }
    COMPRESSOR.with_borrow_mut(|kept| {
        if kept.as_ref().is_none_or(|(at, _)| *at != level) {
            *kept = Compressor::new(level).ok().map(|made| (level, made));
        }
        let (_, compressor) = kept.as_mut()?;
        // Room for less than what there is: when that does not suffice, raw is better.
        let mut smaller = Vec::with_capacity(data.len() - 1);
        compressor.compress_to_buffer(data, &mut smaller).ok()?;
        smaller.shrink_to_fit();
        Some(smaller)
    })
}

/// The bytes of a frame, if they are exactly as many as they should be.
pub(super) fn decode(encoding: FrameEncoding, data: &Bytes, total: usize) -> Option<Bytes> {
    match encoding {
        FrameEncoding::Raw if data.len() == total => Some(data.clone()),
        FrameEncoding::Raw => None,
        FrameEncoding::Zstd => decompress(data, total),
    }
}

/// Decodes one Zstandard frame without dictionary into a buffer of exactly `total` bytes.
fn decompress(data: &[u8], total: usize) -> Option<Bytes> {
    if find_frame_compressed_size(data) != Ok(data.len()) {
        return None;
    }
    let mut buffer = Vec::with_capacity(total);
    DECOMPRESSOR.with_borrow_mut(|kept| {
        if kept.is_none() {
            *kept = Decompressor::new().ok();
        }
        kept.as_mut()?.decompress_to_buffer(data, &mut buffer).ok()
    })?;
    (buffer.len() == total).then(|| buffer.into())
}
