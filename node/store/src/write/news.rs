//! Which logs changed, in the order in which they did.
//!
//! Whoever follows the changes asks for those since it last looked, and looks at these logs
//! alone: what a change costs it does not depend on how many other logs there are. A log
//! stands once in the order, at its newest change, so what is kept is as much as there are
//! logs, however far a follower is behind.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use parking_lot::Mutex;
use tokio::sync::watch;

/// The changes of all logs.
#[derive(Debug, Default)]
pub(crate) struct News {
    order: Mutex<Order>,
    told: watch::Sender<u64>,
}

#[derive(Debug, Default)]
struct Order {
    last: u64,
    by_time: BTreeMap<u64, u32>,
    of_log: HashMap<u32, u64>,
}

impl News {
    /// These logs changed.
    pub(crate) fn of(&self, logs: impl IntoIterator<Item = u32>) {
        let mut order = self.order.lock();
        for log in logs {
            order.last += 1;
            let now = order.last;
            order.by_time.insert(now, log);
            if let Some(before) = order.of_log.insert(log, now) {
                order.by_time.remove(&before);
            }
        }
        // Told in the order in which it is kept.
        self.told.send_replace(order.last);
    }

    /// Those from now on.
    pub(crate) fn follow(self: &Arc<Self>) -> Changes {
        let told = self.told.subscribe();
        let seen = *told.borrow();
        Changes {
            seen,
            told,
            news: self.clone(),
        }
    }
}

/// The changes since somebody last looked.
#[derive(Clone, Debug)]
pub struct Changes {
    news: Arc<News>,
    told: watch::Receiver<u64>,
    seen: u64,
}

impl Changes {
    /// The numbers of the logs that changed since this was last asked, each once. A log that
    /// was added changed; one that was dropped did, too.
    pub fn take(&mut self) -> Vec<u32> {
        let order = self.news.order.lock();
        let changed = order.by_time.range(self.seen + 1..);
        let changed = changed.map(|(_, log)| *log).collect();
        self.seen = order.last;
        changed
    }

    /// Waits until a log has changed since [`take`](Self::take) was last asked. False when
    /// none ever will: the store is gone.
    pub async fn come(&mut self) -> bool {
        let seen = self.seen;
        self.told.wait_for(|last| *last > seen).await.is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn who_was_away_is_told_each_log_once_and_only_what_changed() {
        let news = Arc::new(News::default());
        news.of(0..1_000);
        let (mut first, mut second) = (news.follow(), news.follow());
        assert!(first.take().is_empty());
        news.of([7]);
        assert!(first.come().await);
        assert_eq!(first.take(), [7]);
        for _ in 0..1_000 {
            news.of([3, 7]);
        }
        assert_eq!(first.take(), [3, 7]);
        assert!(first.take().is_empty());
        assert_eq!(second.take(), [3, 7]);
        assert_eq!(news.order.lock().by_time.len(), 1_000);
    }
}
