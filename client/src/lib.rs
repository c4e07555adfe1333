//! Pulls and verifies.

pub mod pull;
pub mod tls;
pub mod transport;
