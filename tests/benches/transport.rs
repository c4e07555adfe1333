//! The machine's ceiling: what the bare connection carries, without verification or
//! storage. `cargo bench -p wpsx-tests --bench transport`

use std::time::{Duration, Instant};

use wpsx_tests::ceiling::Ends;

const TOTAL: u64 = 1_000_000_000;
const RECORD: u64 = 1_000;
const ROUNDS: usize = 5;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    println!("bare mutual-TLS stream, both ends in one process, loopback, median of {ROUNDS}");
    println!(
        "{:>12} {:>10} {:>16} {:>8}",
        "message", "MB/s", "1 KB records/s", "wire"
    );
    let ends = Ends::start().await?;
    for size in [64_000, 256_000, 1_000_000] {
        let messages = TOTAL / size;
        ends.stream(messages / 10, size).await?;
        let mut rounds = Vec::new();
        for _ in 0..ROUNDS {
            rounds.push(ends.stream(messages, size).await?);
        }
        rounds.sort_by_key(|round| round.time);
        let median = rounds[ROUNDS / 2];
        println!(
            "{:>10} B {:>10.0} {:>16.0} {:>7.2}%",
            size,
            median.megabytes_per_second(),
            median.records_per_second(RECORD),
            100.0 * median.wire as f64 / median.bytes as f64,
        );
    }

    let mut calls = Vec::new();
    let counters = ends.connection.counters();
    let before = (counters.received(), counters.sent());
    for _ in 0..2_000 {
        let begun = Instant::now();
        ends.stream(0, 1).await?;
        calls.push(begun.elapsed());
    }
    let bytes = counters.received() + counters.sent() - before.0 - before.1;
    println!(
        "empty call on an open connection: median {:?}, {} bytes both ways",
        median(&mut calls),
        bytes / 2_000,
    );

    let mut dials = Vec::new();
    let mut bytes = 0;
    for _ in 0..200 {
        let begun = Instant::now();
        let connection = ends.dial().await?;
        dials.push(begun.elapsed());
        bytes = connection.counters().received() + connection.counters().sent();
    }
    println!(
        "new connection with mutual TLS: median {:?}, {bytes} bytes both ways",
        median(&mut dials),
    );
    Ok(())
}

fn median(times: &mut [Duration]) -> Duration {
    times.sort();
    times[times.len() / 2]
}
