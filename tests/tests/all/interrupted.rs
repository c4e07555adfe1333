//! Callers that go away while they publish: nothing is published twice, and what is given
//! up is published before or never.

use std::{pin::pin, time::Duration};

use anyhow::Result;
use futures::poll;
use wpsx_domain::publishing::Batch;
use wpsx_tests::federation::{TestNode, practice};

fn batch(request_id: &str) -> Batch {
    Batch {
        request_id: request_id.to_owned(),
        ..Batch::default()
    }
}

/// Hands a draft in and goes away after it was looked at `polls` times.
async fn go_away(node: &TestNode, request_id: &str, source_id: &str, polls: usize) {
    let publishing = node.node().publishing().clone();
    let drafts = vec![practice(source_id, &["FRA"], 300)];
    let mut publish = pin!(publishing.publish(batch(request_id), drafts));
    for _ in 0..polls {
        if poll!(&mut publish).is_ready() {
            return;
        }
        tokio::time::sleep(Duration::from_micros(300)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_publishes_after_one_who_went_away_knows_what_was_published() -> Result<()> {
    let a = TestNode::start("a").await?;
    for polls in 0..60 {
        let id = format!("x-{polls}");
        go_away(&a, "", &id, polls % 20).await;
        // One record, whether the first is written before this one or never.
        a.publish(vec![practice(&id, &["FRA"], 300)]).await?;
        assert_eq!(a.head_size(&a.origin()), polls as u64 + 1, "{polls}");
    }
    a.verify()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_given_up_was_published_before_or_never_is() -> Result<()> {
    let a = TestNode::start("a").await?;
    let (mut before, mut never) = (0, 0);
    for polls in 0..60 {
        let id = format!("x-{polls}");
        let size = a.head_size(&a.origin());
        go_away(&a, &id, &id, polls % 20).await;
        let publishing = a.node().publishing();
        let written = match publishing.give_up("", &id).await {
            Ok(done) => {
                assert_eq!(done.records.len(), 1);
                before += 1;
                1
            }
            Err(error) => {
                assert!(error.to_string().contains("not known here"), "{error}");
                never += 1;
                let late = publishing.publish(batch(&id), vec![practice(&id, &["FRA"], 300)]);
                let refused = late.await.expect_err("it was given up");
                assert!(refused.to_string().contains("gave it up"), "{refused}");
                0
            }
        };
        assert_eq!(a.head_size(&a.origin()), size + written, "{polls}");
    }
    assert!(before > 0 && never > 0, "{before} before, {never} never");
    a.verify()
}
