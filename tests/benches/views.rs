//! How fast entries become visible, and how fast they reach the table.
//!
//! `cargo bench -p wpsx-tests --bench views [-- <entries>]`: posts 1,000,000 entries
//! of random record ids, one country each, 1,000 at a time, once with the machine
//! to itself and once beside a thread that never rests, and prints seconds, memory
//! and the cost of queries meanwhile.

use std::hint::black_box;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use wpsx_proto::envelope::Operation;
use wpsx_proto::origin::RecordId;
use wpsx_proto::payload::SlotState;
use wpsx_views::{Content, Filter, Mark, Order, OrderBy, ViewEntry, Views};

fn main() {
    let entries = std::env::args()
        .filter_map(|word| word.parse::<u64>().ok())
        .next()
        .unwrap_or(1_000_000);
    for busy in [false, true] {
        run(entries, busy);
    }
}

/// The same ids in every run.
fn record(index: u64) -> RecordId {
    let mut state = index.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let mut bytes = [0; 16];
    for half in bytes.chunks_mut(8) {
        state = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        state = (state ^ (state >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        half.copy_from_slice(&(state ^ (state >> 31)).to_be_bytes());
    }
    RecordId::from_bytes(bytes)
}

/// What a record of the Network says: a country of 200, two themes, a status, some years, a
/// title of six words.
fn content(index: u64) -> Content {
    let mut content = Content::default();
    let country = country(index);
    content.value("country", &country);
    content.country(&country);
    let spread = index.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 20;
    content.value("theme", THEMES[(spread % 8) as usize]);
    content.value("theme", THEMES[(spread / 8 % 8) as usize]);
    content.value(
        "status",
        ["draft", "in-force", "ended"][(spread % 3) as usize],
    );
    let first = 2000 + (spread % 25) as u16;
    for year in first..first + 4 {
        content.year(year);
    }
    content.date(&format!("{first}-{:02}", 1 + spread % 12));
    content.title(&format!(
        "National Action Plan {first} to {} of {country}-{index}",
        first + 3
    ));
    content
}

const THEMES: [&str; 8] = [
    "peacekeeping",
    "mediation",
    "crsv",
    "participation",
    "relief",
    "climate",
    "budget",
    "monitoring",
];

fn country(index: u64) -> String {
    let country = (index % 200) as u8;
    format!("{}{}", char::from(b'A' + country / 20), country % 20)
}

fn entry(index: u64) -> ViewEntry {
    ViewEntry {
        index,
        record_id: record(index),
        revision: 1,
        operation: Operation::Publish,
        kind: 1 + (index % 2) as u32,
        state: SlotState::Full,
        change: 1_700_000_000_000 + index * 37,
        content: content(index),
        external_id: None,
        readable: true,
        unknown_kind: false,
    }
}

fn run(entries: u64, busy: bool) {
    let dir = tempfile::tempdir().expect("temporary folder");
    let views = Views::open(dir.path()).expect("views");
    let stop = Arc::new(AtomicBool::new(false));
    let other = busy.then(|| {
        let stop = Arc::clone(&stop);
        std::thread::spawn(move || {
            let mut number = 1u64;
            while !stop.load(Ordering::Relaxed) {
                for _ in 0..1000 {
                    number = black_box(number.wrapping_mul(0x5851_f42d_4c95_7f2d) + 1);
                }
            }
        })
    });
    println!(
        "{entries} entries, {}",
        if busy { "beside a busy core" } else { "alone" }
    );
    let memory = resident();
    let cpu = cpu();
    let start = Instant::now();
    let mut slowest = Duration::ZERO;
    let mut lookups = Duration::ZERO;
    for first in (0..entries).step_by(1000) {
        let batch: Vec<ViewEntry> = (first..(first + 1000).min(entries)).map(entry).collect();
        let last = batch.last().map(|entry| entry.record_id).expect("a batch");
        let posting = Instant::now();
        views.post(0, first, batch).expect("post");
        slowest = slowest.max(posting.elapsed());
        let looking = Instant::now();
        let latest = views.latest(0, &last).expect("latest");
        assert!(latest.is_some_and(|latest| latest.current));
        lookups += looking.elapsed();
    }
    let posted = start.elapsed();
    let counting = Instant::now();
    assert_eq!(views.counts(0).expect("counts").records, entries);
    let counting = counting.elapsed();
    println!(
        "  visible      {:6.2} s, {} entries only in memory, slowest post {slowest:.1?}, count {counting:.1?}",
        posted.as_secs_f64(),
        views.behind()
    );
    println!(
        "  lookup of the newest, mean {:.1?}",
        lookups / (entries / 1000).max(1) as u32
    );
    views.flush().expect("flush");
    let settled = start.elapsed();
    println!(
        "  in the table {:6.2} s = {:.0} entries/s, {:.1} s of processor",
        settled.as_secs_f64(),
        entries as f64 / settled.as_secs_f64(),
        self::cpu() - cpu
    );
    println!(
        "  memory       {} MB more at the peak",
        peak().saturating_sub(memory)
    );

    let looking = Instant::now();
    let looked = 100_000.min(entries);
    for index in 0..looked {
        let record = record(index * (entries / looked));
        black_box(views.latest(0, &record).expect("latest").expect("known"));
    }
    println!(
        "  lookups      {:.0}/s",
        looked as f64 / looking.elapsed().as_secs_f64()
    );
    let logs = [0].into();
    let filter = Filter {
        values: [("country".to_owned(), vec!["A3".to_owned()])].into(),
        ..Filter::default()
    };
    let listing = Instant::now();
    let listed = views
        .list(&logs, &filter, None, usize::MAX)
        .expect("list")
        .len();
    println!(
        "  one country  {listed} entries in {:.1?}",
        listing.elapsed()
    );
    let listing = Instant::now();
    let listed = views
        .list(&logs, &Filter::default(), Some((0, entries / 2)), 100)
        .expect("list")
        .len();
    println!("  a page of {listed} in {:.1?}", listing.elapsed());
    pages(&views);
    drop(views);
    let opening = Instant::now();
    let views = Views::open(dir.path()).expect("views");
    assert_eq!(views.position(0), entries);
    println!("  reopened in  {:.1?}", opening.elapsed());
    let erasing = Instant::now();
    let mut erased = entry(entries / 2);
    erased.state = SlotState::Erased;
    erased.content = Content::default();
    views.refill(0, vec![erased]).expect("refill");
    views.leave_no_trace().expect("copied");
    println!("  one erased   no trace after {:.1?}", erasing.elapsed());
    stop.store(true, Ordering::Relaxed);
    if let Some(other) = other {
        other.join().expect("the busy thread");
    }
}

/// Filtered and sorted pages of 50 with the counts of facets, in every order.
fn pages(views: &Views) {
    let logs = [0].into();
    let facets = ["country", "theme", "status", "year"].map(str::to_owned);
    let of = |facet: &str, value: &str| {
        let values = [(facet.to_owned(), vec![value.to_owned()])].into();
        Filter {
            values,
            ..Filter::default()
        }
    };
    let filters = [
        ("all", Filter::default()),
        ("a country", of("country", "A3")),
        ("a theme", of("theme", "crsv")),
        (
            "years and a word",
            Filter {
                years: Some((2010, 2013)),
                words: "plan".to_owned(),
                ..Filter::default()
            },
        ),
    ];
    for (name, filter) in filters {
        let mut took = Vec::new();
        for by in [
            OrderBy::Change,
            OrderBy::Date,
            OrderBy::TITLE,
            OrderBy::Country,
        ] {
            for descending in [false, true] {
                let mut after: Option<Mark> = None;
                for _ in 0..5 {
                    let order = Order { by, descending };
                    let asking = Instant::now();
                    let page = views
                        .page(&logs, &filter, order, after.as_ref(), 50, &|| true)
                        .expect("page");
                    black_box(
                        views
                            .tally(&logs, &filter, &facets, &|| true)
                            .expect("tally"),
                    );
                    took.push(asking.elapsed());
                    after = page.last().cloned();
                }
            }
        }
        took.sort_unstable();
        println!(
            "  page of 50 with counts, {name}: median {:.1?}, slowest {:.1?} of {}",
            took[took.len() / 2],
            took[took.len() - 1],
            took.len()
        );
    }
}

fn status(field: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with(field));
    line.and_then(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok())
        .unwrap_or(0)
        / 1024
}

fn resident() -> u64 {
    status("VmRSS")
}

fn peak() -> u64 {
    status("VmHWM")
}

/// Seconds of processor used by this process, all threads.
fn cpu() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let ticks = stat.split_whitespace().skip(13).take(2);
    ticks
        .filter_map(|ticks| ticks.parse::<f64>().ok())
        .sum::<f64>()
        / 100.0
}
