//! Files of the folder that the store does not keep: it asks whoever has them, so that who
//! looks through the folder looks through all of it.

use std::path::PathBuf;

use crate::log::handle::LogHandle;

/// Files in the folder that the store does not keep.
pub trait KeptBeside: Send + Sync {
    /// Those of them that are not what they must be beside these logs, and how it shows,
    /// with what to do about it. Blocks.
    fn damaged(&self, logs: &[LogHandle]) -> Vec<(PathBuf, String)>;
}
