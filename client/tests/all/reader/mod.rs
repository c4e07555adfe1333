//! A reader and what it reads, for the tests of readers, followers and mirrors.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

use std::{sync::Arc, time::Duration};

use wpsx_client::{
    Client, Retry,
    pull::{PullOptions, Speed},
    testing::{TestLog, TestNode, TestTransport},
};

/// The publisher of the log.
pub(crate) const NAME: &str = "ministry.example";

/// A reader that takes no for an answer.
pub(crate) fn reader(node: &TestNode) -> Client<TestTransport> {
    Client::over(node.transport(), &node.card())
        .expect("the card is sound")
        .with_retry(Retry::never())
        .with_options(PullOptions {
            patience: Duration::from_secs(5),
            speed: Arc::new(Speed::known(1 << 30)),
            ..PullOptions::default()
        })
}

/// One full bundle, and a part of one.
pub(crate) fn some_records() -> TestLog {
    TestLog::with_records(NAME, 300, 100)
}
