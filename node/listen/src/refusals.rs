//! The latest refusals, for the operator to see: bounded, whoever knocks.

use std::{collections::VecDeque, net::IpAddr};

/// How many are kept.
pub(crate) const MAX_REFUSALS: usize = 64;

/// A connection that was not accepted, or that was ended for what it did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// When it happened last, in milliseconds since 1970.
    pub unix_ms: u64,
    /// Who it was, where it has an address.
    pub address: Option<IpAddr>,
    /// Why.
    pub reason: String,
    /// How often in a row.
    pub times: u64,
}

/// The latest refusals.
#[derive(Default)]
pub(crate) struct Refusals(VecDeque<Refusal>);

impl Refusals {
    /// Notes a refusal, and says whether it differs from the one before. One that does
    /// not is only counted, so that a caller who insists cannot push out the others.
    pub(crate) fn add(&mut self, address: Option<IpAddr>, reason: &str, unix_ms: u64) -> bool {
        if let Some(last) = self.0.back_mut()
            && last.address == address
            && last.reason == reason
        {
            last.times += 1;
            last.unix_ms = unix_ms;
            return false;
        }
        if self.0.len() == MAX_REFUSALS {
            self.0.pop_front();
        }
        self.0.push_back(Refusal {
            unix_ms,
            address,
            reason: reason.to_owned(),
            times: 1,
        });
        true
    }

    /// All that are kept, the newest last.
    pub(crate) fn list(&self) -> Vec<Refusal> {
        self.0.iter().cloned().collect()
    }
}
