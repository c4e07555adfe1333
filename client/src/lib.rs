//! Pulls and verifies.

pub mod tls;
pub mod transport;
