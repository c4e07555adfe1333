//! Whole federations in one process, and the machine's ceiling, for tests and benchmarks.

pub mod ceiling;
pub mod federation;
pub mod line;
pub mod noise;
pub mod strangers;
