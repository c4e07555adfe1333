//! A task of the exchange that ends in a panic: nobody waits for it for ever. What has it
//! panic here is a source of random bytes that has nothing to give any more, just when a wait
//! is to be spread.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use anyhow::Result;
use tokio::time::timeout;
use wpsx_client::{
    random::Random,
    testing::{Lie, TestLog, record_id},
};
use wpsx_doors::{
    config::Config,
    serve::{self, Listeners},
};
use wpsx_node::app::{self, World};
use wpsx_tests::federation::{BOUND, TestNode, wait_until};

use super::liar::Liar;

const HELD: u64 = 300;

#[tokio::test(flavor = "multi_thread")]
async fn a_task_of_the_exchange_that_panics_stops_the_node_with_a_sentence() -> Result<()> {
    // One is the task of a log within a session, the other that of a peer.
    for lie in [Lie::Cut, Lie::HangUp] {
        let log = TestLog::with_records("log.example", HELD, 300);
        let origin = log.origin().clone();
        let liar = Liar::start("liar", vec![log]).await?;
        let folder = TestNode::create("a")?;
        let broken = Arc::<AtomicBool>::default();
        let world = World {
            random: Random::seeded_until(7, broken.clone()),
            ..World::real()
        };
        let mut config = Config::default();
        config.node.listen = None;
        config.limits.disk_reserve = 0;
        let app = app::open_in(world, &folder.data_dir(), config)?;
        app.federation().peering().add(liar.peer())?;
        let running = serve::start(app, Listeners::default()).await?;
        let held = || {
            running
                .node()
                .store()
                .log(&origin)
                .and_then(|log| log.head())
        };
        wait_until(|| held().is_some_and(|head| head.size().value() == HELD)).await?;
        broken.store(true, Ordering::SeqCst);
        liar.node.tell(lie);
        liar.node.with_log(&origin, |log| {
            for number in HELD..2 * HELD {
                log.publish(record_id(number), 1, b"more");
            }
            log.sign();
        });
        let sentence = timeout(BOUND, running.failed()).await?;
        assert_eq!(
            sentence, "the exchange with peers failed: it ended in a panic",
            "{lie:?}"
        );
        running.stop().await?;
    }
    Ok(())
}
