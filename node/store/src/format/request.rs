//! Request ids: a caller may send the same request twice, and it is carried out once.

use std::collections::{HashMap, VecDeque};

use crate::error::StoreError;

/// So many are remembered for each log.
const MOST: usize = 10_000;
const MOST_BYTES: usize = 64;

/// A caller's name for one request.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RequestId(String);

impl RequestId {
    /// Reads an id.
    ///
    /// # Errors
    /// Not 1 to 64 bytes, or control characters among them.
    pub fn parse(text: &str) -> Result<Self, StoreError> {
        if text.is_empty() || text.len() > MOST_BYTES || text.chars().any(char::is_control) {
            return Err(StoreError::BadRequestId);
        }
        Ok(Self(text.to_owned()))
    }

    /// The id's characters.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The newest requests of one log and the entries that they made.
#[derive(Clone, Debug, Default)]
pub(crate) struct Requests {
    order: VecDeque<RequestId>,
    made: HashMap<RequestId, (u64, u64)>,
}

impl Requests {
    /// Start and count of the entries that a request made.
    pub(crate) fn get(&self, id: &RequestId) -> Option<(u64, u64)> {
        self.made.get(id).copied()
    }

    pub(crate) fn insert(&mut self, id: RequestId, start: u64, count: u64) {
        if self.made.insert(id.clone(), (start, count)).is_none() {
            self.order.push_back(id);
        }
        while self.order.len() > MOST {
            if let Some(oldest) = self.order.pop_front() {
                self.made.remove(&oldest);
            }
        }
    }

    /// One line for each, oldest first: start, count, id.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let mut text = String::new();
        for id in &self.order {
            if let Some((start, count)) = self.made.get(id) {
                text.push_str(&format!("{start} {count} {}\n", id.0));
            }
        }
        text.into_bytes()
    }

    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, String> {
        let text = std::str::from_utf8(bytes).map_err(|e| e.to_string())?;
        let mut requests = Self::default();
        for line in text.lines() {
            let mut parts = line.splitn(3, ' ');
            let mut number = || parts.next().and_then(|n| n.parse::<u64>().ok());
            let (start, count) = (number(), number());
            let id = parts.next().and_then(|id| RequestId::parse(id).ok());
            let (Some(start), Some(count), Some(id)) = (start, count, id) else {
                return Err(format!("not a line of requests: {line:?}"));
            };
            requests.insert(id, start, count);
        }
        Ok(requests)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_requests_are_forgotten() {
        let mut requests = Requests::default();
        for n in 0..MOST as u64 + 5 {
            requests.insert(RequestId::parse(&format!("request {n}")).unwrap(), n, 1);
        }
        let again = Requests::parse(&requests.to_bytes()).unwrap();
        let id = |n: u64| RequestId::parse(&format!("request {n}")).unwrap();
        assert_eq!(again.get(&id(4)), None);
        assert_eq!(again.get(&id(5)), Some((5, 1)));
        assert_eq!(again.get(&id(MOST as u64 + 4)), Some((MOST as u64 + 4, 1)));
    }

    #[test]
    fn an_id_without_sense_is_refused() {
        for bad in ["", "a\nb", &"x".repeat(65)] {
            assert!(RequestId::parse(bad).is_err(), "{bad:?}");
        }
    }
}
