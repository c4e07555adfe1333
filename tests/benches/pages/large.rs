//! Pages and files of a node with many records.

use std::{path::Path, time::Duration};

use anyhow::Result;
use tokio::time::Instant;
use wpsx_domain::publishing::{Batch, Draft};
use wpsx_doors::{
    app::App,
    config::Config,
    serve::{self, Listeners},
};
use wpsx_proto::{origin::NodeName, record::Record};

use crate::{http::Reader, kinds::Times, server::Server};

/// A kind of page, and the address of the next to ask for.
type Asked<'a> = (&'a str, Box<dyn Fn(usize) -> String + 'a>);

const BATCH: usize = 10_000;
/// Records of the file that is timed.
const FILE: usize = 100_000;
const ROUNDS: usize = 200;
const COUNTRIES: [&str; 8] = ["KEN", "ALB", "XKX", "FRA", "COL", "NPL", "LBN", "FJI"];
const THEMES: [&str; 4] = ["mediation", "police", "funding", "disarmament"];

pub(crate) async fn large(folder: &Path, records: usize, pages: bool, csv: bool) -> Result<()> {
    let dir = folder.join("large");
    fill(&dir, records).await?;
    let server = Server::start(&dir)?;
    if pages {
        self::pages(&server, records).await?;
    }
    if csv {
        self::csv(&server, records.min(FILE)).await?;
    }
    server.stop()
}

/// Events up to the size of the file that is timed, and practices beyond.
async fn fill(dir: &Path, records: usize) -> Result<()> {
    let mut config = Config::default();
    config.limits.disk_reserve = 0;
    App::create(dir, &NodeName::parse("large.example")?)?;
    let node = wpsx_node::app::open(dir, config)?;
    node.publishing()
        .publishers()
        .create("large.example", "Large", &[])?;
    let running = serve::start(node.clone(), Listeners::default()).await?;
    for first in (0..records).step_by(BATCH) {
        let drafts = (first..records.min(first + BATCH)).map(draft);
        let drafts: Vec<Draft> = drafts.collect::<Result<_>>()?;
        node.publishing().publish(Batch::default(), drafts).await?;
    }
    node.records()
        .index()
        .settled_in(&node.access().public())
        .await?;
    running.stop().await?;
    Ok(())
}

fn draft(n: usize) -> Result<Draft> {
    let country = COUNTRIES[n % COUNTRIES.len()];
    let theme = THEMES[n / 3 % THEMES.len()];
    let body = match n < FILE {
        true => r#""event": {"state": "EVENT_STATE_PLANNED"}"#,
        false => r#""good_practice": {}"#,
    };
    let year = 2000 + n % 25;
    let json = format!(
        r#"{{"external_id": "{n}", "countries": ["{country}"], "themes": ["{theme}"],
            "date": {{"value": "{year}"}},
            "title": [{{"language": "en", "text": "Meeting {n} on what was promised in {year}"}}],
            {body}}}"#
    );
    let record = Record::from_json(&json).map_err(|error| anyhow::anyhow!("{error}"))?;
    Ok(Draft {
        kind: record.kind().number(),
        external_id: n.to_string(),
        payload: record.payload().clone(),
        ..Draft::default()
    })
}

async fn pages(server: &Server, records: usize) -> Result<()> {
    println!("pages of a node with {records} records, {ROUNDS} requests one after the other");
    let mut reader = Reader::plain(server.address).await?;
    let kind = if records > FILE {
        "good-practice"
    } else {
        "event"
    };
    let list = reader.get(&format!("/en/{kind}")).await?;
    let list = String::from_utf8(list.body)?;
    let ids: Vec<&str> = list.split("/en/record/").skip(1).collect();
    let ids: Vec<&str> = ids.iter().filter_map(|rest| rest.get(..32)).collect();
    anyhow::ensure!(!ids.is_empty(), "a list without records");
    let asked: [Asked<'_>; 4] = [
        ("list with facets", Box::new(move |_| format!("/en/{kind}"))),
        (
            "list with two choices",
            Box::new(move |n| {
                let (country, theme) = (COUNTRIES[n % 8], THEMES[n % 4]);
                format!("/en/{kind}?country={country}&theme={theme}&sort=title")
            }),
        ),
        (
            "record",
            Box::new(|n| format!("/en/record/{}", ids[n % ids.len()])),
        ),
        ("home", Box::new(|_| "/en".to_owned())),
    ];
    for (name, path) in asked {
        let mut times: Vec<Duration> = Vec::new();
        for n in 0..ROUNDS {
            let began = Instant::now();
            reader.get(&path(n)).await?;
            times.push(began.elapsed());
        }
        println!("  {name}: {}", Times::of(times));
    }
    Ok(())
}

async fn csv(server: &Server, records: usize) -> Result<()> {
    let mut reader = Reader::plain(server.address).await?;
    // A small one first, so that what is made once does not count.
    reader
        .get("/en/event.csv?country=KEN&from=2003&to=2003")
        .await?;
    let idle = server.memory()?;
    let mut most = idle;
    let mut lines = 0;
    let began = Instant::now();
    let answer = reader.read("/en/event.csv", |part| {
        lines += part.iter().filter(|byte| **byte == b'\n').count();
        most = server.memory().unwrap_or_default().max(most);
    });
    let answer = answer.await?;
    let first = answer.first.duration_since(began);
    anyhow::ensure!(lines > records, "{lines} lines for {records} records");
    let above = (most - idle) as f64 / 1e6;
    println!(
        "CSV of {records} records: first byte after {first:.1?}, all after {:.1?}, memory {above:.1} MB above idle",
        began.elapsed()
    );
    Ok(())
}
