//! The parts of a node that run: started together, ended together. One that fails or
//! panics ends the node with a sentence, so that nobody waits for it for ever.

use std::{future::Future, time::Duration};

use futures::future::BoxFuture;
use tokio::{sync::watch, task::JoinSet};
use tokio_util::sync::CancellationToken;

/// Running parts.
pub(super) struct Tasks {
    running: JoinSet<()>,
    failure: watch::Sender<Option<String>>,
    stop: CancellationToken,
}

impl Tasks {
    /// No parts yet; a failure of one cancels `stop`.
    pub(super) fn new(stop: CancellationToken) -> Self {
        Self {
            running: JoinSet::new(),
            failure: watch::Sender::new(None),
            stop,
        }
    }

    /// Runs a part; `name` is how the sentence calls it.
    pub(super) fn spawn(
        &mut self,
        name: &'static str,
        part: impl Future<Output = Result<(), String>> + Send + 'static,
    ) {
        self.run(name, Box::pin(part));
    }

    fn run(&mut self, name: &'static str, part: BoxFuture<'static, Result<(), String>>) {
        let (failure, stop) = (self.failure.clone(), self.stop.clone());
        self.running.spawn(async move {
            // Dropping the set must end the part too, which an own task would survive.
            let mut alone = JoinSet::new();
            alone.spawn(part);
            let ended = match alone.join_next().await {
                Some(Ok(ended)) => ended,
                // What it said stays out of it: it may hold what a caller sent.
                Some(Err(error)) if error.is_panic() => Err("it ended in a panic".to_owned()),
                Some(Err(_)) | None => Ok(()),
            };
            if let Err(reason) = ended {
                let sentence = format!("{name} failed: {reason}");
                tracing::error!(sentence, "the node stops");
                failure.send_replace(Some(sentence));
                stop.cancel();
            }
        });
    }

    /// The sentence, once a part has failed.
    pub(super) async fn failed(&self) -> String {
        let mut failure = self.failure.subscribe();
        match failure.wait_for(Option::is_some).await {
            Ok(sentence) => sentence.clone().unwrap_or_default(),
            Err(_) => std::future::pending().await,
        }
    }

    /// Waits until all parts have ended; false if some had to be cut after `bound`.
    pub(super) async fn end(mut self, bound: Duration) -> bool {
        let ended = async { while self.running.join_next().await.is_some() {} };
        if tokio::time::timeout(bound, ended).await.is_ok() {
            return true;
        }
        self.running.shutdown().await;
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_part_that_panics_stops_the_others_and_says_so() {
        let stop = CancellationToken::new();
        let mut tasks = Tasks::new(stop.clone());
        let waiting = stop.clone();
        tasks.spawn("the one that waits", async move {
            waiting.cancelled().await;
            Ok(())
        });
        tasks.spawn("the one that fails", async { panic!("it counted to two") });
        let sentence = tasks.failed().await;
        assert_eq!(sentence, "the one that fails failed: it ended in a panic");
        assert!(tasks.end(Duration::from_secs(5)).await);
    }

    #[tokio::test]
    async fn a_part_that_does_not_end_is_cut() {
        let mut tasks = Tasks::new(CancellationToken::new());
        tasks.spawn("the one that stays", std::future::pending());
        assert!(!tasks.end(Duration::from_millis(10)).await);
    }
}
