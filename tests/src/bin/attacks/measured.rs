//! What the operator and a peer feel, while something goes on.

use std::{
    fmt,
    time::{Duration, Instant},
};

use anyhow::Result;

use crate::nodes::Pair;

/// Between two questions for the status.
const ASK: Duration = Duration::from_millis(20);
/// Between two records.
const PUBLISH: Duration = Duration::from_millis(100);

/// 99th percentiles, and the most memory of the attacked node.
pub(crate) struct Measured {
    pub(crate) status: Duration,
    pub(crate) publish: Duration,
    pub(crate) memory: u64,
}

impl Measured {
    /// Measures for so long.
    pub(crate) async fn over(pair: &Pair, time: Duration) -> Result<Self> {
        let until = Instant::now() + time;
        let asking = async {
            let mut took = Vec::new();
            while Instant::now() < until {
                let begun = Instant::now();
                pair.ask_status().await?;
                took.push(begun.elapsed());
                tokio::time::sleep(ASK).await;
            }
            anyhow::Ok(took)
        };
        let publishing = async {
            let mut took = Vec::new();
            while Instant::now() < until {
                let begun = Instant::now();
                pair.publish_to_the_peer().await?;
                took.push(begun.elapsed());
                tokio::time::sleep(PUBLISH).await;
            }
            anyhow::Ok(took)
        };
        let (status, publish) = tokio::try_join!(asking, publishing)?;
        Ok(Self {
            status: most_of(status),
            publish: most_of(publish),
            memory: pair.most_memory()?,
        })
    }
}

impl fmt::Display for Measured {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "status p99 {:7.1} ms   publish to peer p99 {:7.1} ms   memory {:4} MB",
            self.status.as_secs_f64() * 1e3,
            self.publish.as_secs_f64() * 1e3,
            self.memory >> 20
        )
    }
}

fn most_of(mut took: Vec<Duration>) -> Duration {
    took.sort();
    let at = (took.len() * 99).div_ceil(100).saturating_sub(1);
    took.get(at).copied().unwrap_or(Duration::MAX)
}
