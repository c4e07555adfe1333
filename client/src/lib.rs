//! Pulls and verifies.
