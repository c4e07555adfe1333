//! How what a log says is spoilt.

use bytes::{Bytes, BytesMut};
use wpsx_proto::{
    api::log::v1::{FrameEncoding, PayloadFrame},
    payload::SlotState,
};

use super::lie::Lie;

pub(super) fn flip(bytes: &Bytes, at: usize) -> Bytes {
    let mut changed = BytesMut::from(&bytes[..]);
    if let Some(byte) = changed.get_mut(at) {
        *byte ^= 1;
    }
    changed.freeze()
}

/// Changes a frame as the lie says.
pub(super) fn spoil(frame: &mut PayloadFrame, lie: Lie) {
    let last = frame.data.len().saturating_sub(1);
    let replace = |states: &Bytes, state: SlotState| -> Bytes {
        let changed = states
            .iter()
            .map(|old| match *old == SlotState::Full.number() {
                true => state.number(),
                false => *old,
            });
        changed.collect::<Vec<_>>().into()
    };
    match lie {
        Lie::ChangedPayload => frame.data = flip(&frame.data, last),
        Lie::ChangedSalt => frame.data = flip(&frame.data, 0),
        Lie::ExtraSlots => {
            frame.states = [&frame.states[..], &[SlotState::NotHeld.number()]]
                .concat()
                .into();
        }
        Lie::TooMuchData => {
            let mut states = frame.states.to_vec();
            if let Some(state) = states
                .iter_mut()
                .find(|state| **state == SlotState::Full.number())
            {
                *state = SlotState::NotHeld.number();
            }
            frame.states = states.into();
        }
        Lie::ZstdBomb => {
            frame.set_encoding(FrameEncoding::Zstd);
            frame.data = bomb();
        }
        Lie::OversizedFrame => frame.data = vec![0; 2 << 20].into(),
        Lie::FilteredUnasked => {
            frame.states = replace(&frame.states, SlotState::Filtered);
            frame.data = Bytes::new();
            frame.set_encoding(FrameEncoding::Raw);
        }
        Lie::NoneClaimed => {
            frame.states = replace(&frame.states, SlotState::None);
            frame.data = Bytes::new();
            frame.set_encoding(FrameEncoding::Raw);
        }
        Lie::ErasedClaimed => {
            frame.states = replace(&frame.states, SlotState::Erased);
            frame.data = Bytes::new();
            frame.set_encoding(FrameEncoding::Raw);
        }
        _ => {}
    }
}

/// 64 MiB of nothing in a few kilobytes.
fn bomb() -> Bytes {
    let mut small = Vec::new();
    let nothing = std::io::Read::take(std::io::repeat(0), 1 << 26);
    zstd::stream::copy_encode(nothing, &mut small, 1).expect("memory can be written");
    small.into()
}
