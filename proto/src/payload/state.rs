//! What there is in a slot, and what there is not and why.

use std::fmt;

use bytes::Bytes;

use super::slot::PayloadError;
use crate::api::log::v1 as api;

/// What there is at one index of the payloads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SlotState {
    /// Salt and payload are here.
    Full,
    /// The entry has no payload.
    None,
    /// Left out by the reader's filter.
    Filtered,
    /// Destroyed by a later erase entry. Final.
    Erased,
    /// Not held by who answers.
    NotHeld,
}

impl SlotState {
    /// Its number in the schema.
    #[must_use]
    pub const fn number(self) -> u8 {
        match self {
            Self::Full => 1,
            Self::None => 2,
            Self::Filtered => 3,
            Self::Erased => 4,
            Self::NotHeld => 5,
        }
    }

    /// Its value in the schema.
    #[must_use]
    pub const fn to_api(self) -> api::SlotState {
        match self {
            Self::Full => api::SlotState::Full,
            Self::None => api::SlotState::None,
            Self::Filtered => api::SlotState::Filtered,
            Self::Erased => api::SlotState::Erased,
            Self::NotHeld => api::SlotState::NotHeld,
        }
    }

    /// The state that a value of the schema means, if it means one.
    #[must_use]
    pub const fn from_api(state: api::SlotState) -> Option<Self> {
        match state {
            api::SlotState::Unspecified => None,
            api::SlotState::Full => Some(Self::Full),
            api::SlotState::None => Some(Self::None),
            api::SlotState::Filtered => Some(Self::Filtered),
            api::SlotState::Erased => Some(Self::Erased),
            api::SlotState::NotHeld => Some(Self::NotHeld),
        }
    }

    /// Whether the entry has a payload that is not here.
    #[must_use]
    pub const fn is_hole(self) -> bool {
        matches!(self, Self::Filtered | Self::Erased | Self::NotHeld)
    }
}

impl TryFrom<u8> for SlotState {
    type Error = PayloadError;

    fn try_from(number: u8) -> Result<Self, PayloadError> {
        match number {
            1 => Ok(Self::Full),
            2 => Ok(Self::None),
            3 => Ok(Self::Filtered),
            4 => Ok(Self::Erased),
            5 => Ok(Self::NotHeld),
            other => Err(PayloadError::State(other.into())),
        }
    }
}

impl TryFrom<i32> for SlotState {
    type Error = PayloadError;

    fn try_from(number: i32) -> Result<Self, PayloadError> {
        let byte = u8::try_from(number).map_err(|_| PayloadError::State(number))?;
        Self::try_from(byte)
    }
}

impl fmt::Display for SlotState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Full => "full",
            Self::None => "none",
            Self::Filtered => "filtered",
            Self::Erased => "erased",
            Self::NotHeld => "not held",
        })
    }
}

/// The states as the schema packs them, a byte each.
pub(super) fn numbers(states: &[SlotState]) -> Bytes {
    states.iter().map(|state| state.number()).collect()
}
