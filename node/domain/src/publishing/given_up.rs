//! Batches that their callers gave up: one that was not carried out by then never is.

use std::collections::VecDeque;

use parking_lot::Mutex;
use wpsx_store::RequestId;

/// Callers that go away wait for the answer to this, so few are under way at a time.
const MOST: usize = 1_000;

/// The ids of batches that were given up. It is asked and told in the log's turn.
#[derive(Default)]
pub(super) struct GivenUp {
    requests: Mutex<VecDeque<RequestId>>,
}

impl GivenUp {
    pub(super) fn add(&self, request: RequestId) {
        let mut requests = self.requests.lock();
        if requests.len() == MOST {
            requests.pop_front();
        }
        requests.push_back(request);
    }

    pub(super) fn has(&self, request: &RequestId) -> bool {
        self.requests.lock().contains(request)
    }
}
