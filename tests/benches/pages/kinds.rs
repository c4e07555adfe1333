//! Each kind of page with the demo's data, one request after the other.

use std::{
    net::{IpAddr, SocketAddr},
    time::Duration,
};

use anyhow::Result;
use tokio::time::Instant;
use wpsx_proto::{api::record::v1::Kind as KindNumber, record::Kind};

use crate::http::Reader;

const LANGUAGES: [&str; 6] = ["en", "fr", "es", "ru", "ar", "zh"];
/// Some of those that records are about.
const REGIONS: [&str; 4] = ["AU", "EU", "WESTERN_BALKANS", "001"];
const THEMES: [&str; 3] = ["mediation", "police", "peacekeeping"];
const ORGANISATION: Kind = Kind::new(KindNumber::Organisation as u32);
/// Records of a list that is asked for as a file.
const SMALL: usize = 1_000;

/// What there is on a site, to ask for.
pub(crate) struct Site {
    pub(crate) address: SocketAddr,
    pub(crate) kinds: Vec<String>,
    /// Those with so few records that they are asked for as files.
    pub(crate) small: Vec<String>,
    pub(crate) countries: Vec<String>,
    pub(crate) records: Vec<String>,
    /// Organisations that have a record.
    pub(crate) organisations: Vec<String>,
}

/// All kinds of pages, and the files that are made of other rows than their records.
const PAGES: [&str; 14] = [
    "home",
    "list",
    "record",
    "revision",
    "history",
    "country",
    "region",
    "theme",
    "organisation",
    "network",
    "method",
    "styleguide",
    "not found",
    "observations",
];

impl Site {
    pub(crate) async fn read(address: SocketAddr) -> Result<Self> {
        let mut reader = Reader::plain(address).await?;
        let home = String::from_utf8(reader.get("/en?region=all").await?.body)?;
        let countries = home.split("/en/country/").skip(1);
        let countries = countries.filter_map(|rest| rest.get(..3).map(str::to_owned));
        let mut site = Self {
            address,
            kinds: Vec::new(),
            small: Vec::new(),
            countries: countries.collect(),
            records: Vec::new(),
            organisations: Vec::new(),
        };
        for kind in Kind::known() {
            let lines = reader.get(&format!("/en/{kind}.jsonl?region=all")).await?;
            let lines = String::from_utf8(lines.body)?;
            let ids = lines.lines().filter_map(record_id);
            let ids: Vec<String> = ids.collect();
            if ids.is_empty() {
                continue;
            }
            site.kinds.push(kind.to_string());
            if kind == ORGANISATION {
                site.organisations.clone_from(&ids);
            }
            if ids.len() < SMALL {
                site.small.push(kind.to_string());
            }
            // Some of each kind, so that none decides alone.
            let step = (ids.len() / 100).max(1);
            site.records.extend(ids.into_iter().step_by(step));
        }
        anyhow::ensure!(!site.records.is_empty(), "there is nothing to ask for");
        Ok(site)
    }

    /// The `n`th page to ask for, of a kind.
    pub(crate) fn page(&self, kind: &str, n: usize) -> String {
        let language = LANGUAGES[n % LANGUAGES.len()];
        let of = |names: &[String]| names[n / LANGUAGES.len() % names.len()].clone();
        match kind {
            "list" => format!("/{language}/{}", of(&self.kinds)),
            "record" => format!("/{language}/record/{}", of(&self.records)),
            "country" => format!("/{language}/country/{}", of(&self.countries)),
            "revision" => format!("/{language}/record/{}/1", of(&self.records)),
            "history" => format!("/{language}/record/{}/history", of(&self.records)),
            "region" => format!("/{language}/region/{}", REGIONS[n % REGIONS.len()]),
            "theme" => format!("/{language}/theme/{}", THEMES[n % THEMES.len()]),
            "organisation" if !self.organisations.is_empty() => {
                format!("/{language}/organisation/{}", of(&self.organisations))
            }
            "network" | "method" | "styleguide" => format!("/{language}/{kind}"),
            "observations" => format!(
                "/{language}/series.observations.csv?country={}",
                of(&self.countries)
            ),
            "not found" => format!("/{language}/evnts-{n}"),
            _ => format!("/{language}"),
        }
    }
}

/// The id in a line of a list.
fn record_id(line: &str) -> Option<String> {
    let line: serde_json::Value = serde_json::from_str(line).ok()?;
    let id = line.get("record_id").or_else(|| line.get("id"))?;
    Some(id.as_str()?.to_owned())
}

/// Asks for each kind of page so many times, and prints how long it took.
pub(crate) async fn each(site: &Site, rounds: usize) -> Result<()> {
    let mut reader = Reader::from(IpAddr::from([127, 0, 0, 1]), site.address).await?;
    println!("each kind of page with the demo's data, {rounds} requests one after the other");
    for kind in PAGES {
        let mut times = Vec::with_capacity(rounds);
        let mut largest = 0;
        for n in 0..rounds {
            let path = site.page(kind, n);
            let (began, mut bytes) = (Instant::now(), 0);
            reader.read(&path, |part| bytes += part.len()).await?;
            times.push(began.elapsed());
            largest = largest.max(bytes);
        }
        let largest = largest / 1000;
        println!(
            "  {kind}: {}, largest {largest} KB packed",
            Times::of(times)
        );
    }
    Ok(())
}

/// How long requests took.
pub(crate) struct Times {
    pub(crate) median: Duration,
    pub(crate) p99: Duration,
    pub(crate) most: Duration,
}

impl Times {
    pub(crate) fn of(mut times: Vec<Duration>) -> Self {
        times.sort_unstable();
        let at = |share: usize| times.get(times.len() * share / 100).copied();
        Self {
            median: at(50).unwrap_or_default(),
            p99: at(99).unwrap_or_default(),
            most: times.last().copied().unwrap_or_default(),
        }
    }
}

impl std::fmt::Display for Times {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { median, p99, most } = self;
        write!(f, "median {median:.1?}, p99 {p99:.1?}, most {most:.1?}")
    }
}
