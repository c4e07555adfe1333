//! Many readers at once: requests come when they are due.

use std::{net::IpAddr, sync::Arc, time::Duration};

use anyhow::Result;
use parking_lot::Mutex;
use tokio::{
    task::JoinSet,
    time::{Instant, MissedTickBehavior, interval, sleep_until},
};

use crate::{
    http::Reader,
    kinds::{Site, Times},
    server::Server,
};

/// Addresses that readers come from: none of them may take all.
const ADDRESSES: usize = 32;
const OFTEN: Duration = Duration::from_millis(100);

/// What one request was and came to.
struct Done {
    what: &'static str,
    took: Duration,
    failure: Option<String>,
}

/// Connections that nobody uses now, by the address that they come from.
type Idle = Arc<Vec<Mutex<Vec<Reader>>>>;

pub(crate) async fn load(server: &Server, site: &Site, rate: u64, time: Duration) -> Result<()> {
    println!("{rate} requests/s for {time:?}: 80 % pages, 15 % records, 5 % lists as files");
    let idle: Idle = Arc::new((0..ADDRESSES).map(|_| Mutex::default()).collect());
    let total = rate * time.as_secs();
    let start = Instant::now();
    let mut running = JoinSet::new();
    let mut done = Vec::new();
    let mut memory = [0, 0];
    let mut look = interval(OFTEN);
    look.set_missed_tick_behavior(MissedTickBehavior::Delay);
    for n in 0..total {
        let due = start + Duration::from_nanos(n * 1_000_000_000 / rate);
        loop {
            tokio::select! {
                biased;
                () = sleep_until(due) => break,
                Some(ended) = running.join_next() => done.push(ended?),
                _ = look.tick() => {
                    let half = usize::from(start.elapsed() > time / 2);
                    memory[half] = server.memory()?.max(memory[half]);
                }
            }
        }
        let (what, path) = choose(site, n);
        let own = usize::try_from(n)? % ADDRESSES;
        running.spawn(ask(idle.clone(), own, site.address, what, path, due));
    }
    while let Some(ended) = running.join_next().await {
        done.push(ended?);
    }
    told(&done, memory, start.elapsed());
    Ok(())
}

fn told(done: &[Done], memory: [u64; 2], time: Duration) {
    let times = |what: &str| {
        let of = done
            .iter()
            .filter(|done| what.is_empty() || done.what == what);
        let times: Vec<Duration> = of.map(|done| done.took).collect();
        (times.len(), Times::of(times))
    };
    for what in ["", "page", "record", "file"] {
        let (count, times) = times(what);
        let name = if what.is_empty() { "all" } else { what };
        println!("  {name}: {count} requests, {times}");
    }
    let failures: Vec<&String> = done
        .iter()
        .filter_map(|done| done.failure.as_ref())
        .collect();
    println!("  errors: {}", failures.len());
    for failure in failures.iter().take(5) {
        println!("    {failure}");
    }
    let [first, last] = memory.map(|bytes| bytes as f64 / 1e6);
    println!(
        "  peak memory: first half {first:.1} MB, second half {last:.1} MB; all done after {time:.1?}"
    );
}

/// What the `n`th reader asks for: in each twenty, sixteen pages, three records, a file.
fn choose(site: &Site, n: u64) -> (&'static str, String) {
    // Spread, and the same in each run.
    let at = n.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 33;
    let at = usize::try_from(at).unwrap_or_default();
    match n % 20 {
        0 if !site.small.is_empty() => {
            let form = ["csv", "jsonl", "xlsx"][at % 3];
            let kind = &site.small[at / 3 % site.small.len()];
            ("file", format!("/en/{kind}.{form}"))
        }
        0..4 => ("record", site.page("record", at)),
        n => {
            let kinds = ["home", "list", "country", "list", "country"];
            let kind = kinds[usize::try_from(n).unwrap_or_default() % kinds.len()];
            ("page", site.page(kind, at))
        }
    }
}

async fn ask(
    idle: Idle,
    own: usize,
    address: std::net::SocketAddr,
    what: &'static str,
    path: String,
    due: Instant,
) -> Done {
    let kept = || idle[own].lock().pop();
    let free = std::iter::from_fn(kept).find(Reader::is_open);
    let asked = async {
        let mut reader = match free {
            Some(reader) => reader,
            None => {
                let last = u8::try_from(own + 2)?;
                Reader::from(IpAddr::from([127, 0, 1, last]), address).await?
            }
        };
        let answer = reader.read(&path, |_| {}).await?;
        anyhow::ensure!(answer.status == 200, "{}", answer.status);
        idle[own].lock().push(reader);
        anyhow::Ok(())
    };
    let failure = asked.await.err().map(|error| format!("{path}: {error:#}"));
    Done {
        what,
        took: due.elapsed(),
        failure,
    }
}
