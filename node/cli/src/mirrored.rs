//! Records read from a folder that `wpsx mirror` made, without a node.
//!
//! The cards that were believed when it was made lie in it, and their keys are what its
//! logs are checked with when they are opened.

use std::{
    collections::BTreeMap,
    fs,
    io::{BufRead as _, BufReader, Read as _},
    path::{Path, PathBuf},
    sync::Arc,
};

use wpsx_client::{ClientError, Entry, Included, LocalLog, Trust};
use wpsx_proto::{
    api::{
        admin::v1::CountRecordsResponse,
        exchange::v1::{FacetCounts, RecordOrder, ValueCount},
    },
    card::NodeCard,
    chain,
    index::LeafIndex,
    origin::{Origin, RecordId},
    record::facet_names,
};
use wpsx_words::Vocabularies;

use super::{
    failure::Failure,
    families::{self, Member},
    identities::verified,
    matching::{Key, Matching},
    peers::read_card,
    records::{Ask, Page, ProvenRecord, Records},
    shown::Shown,
};

/// Where the believed cards lie in the folder.
const CARDS: &str = "cards";
/// Records read in one go.
const AT_ONCE: usize = 1_000;
/// Ids told where a person typed too few digits.
const MOST_FOUND: usize = 10;
/// The first line of a checkpoint is at most this long.
const MOST_ORIGIN: u64 = 300;

/// The logs in a folder, checked.
pub(crate) struct MirrorFolder {
    logs: Vec<LocalLog>,
    vocabularies: Arc<Vocabularies>,
    /// What was found for the question that is being paged through.
    found: Option<(Ask, Vec<Place>)>,
}

#[derive(Clone, Copy)]
struct Place {
    log: usize,
    index: LeafIndex,
}

/// Keeps what was believed beside the logs that it is to check.
///
/// # Errors
///
/// What writing it gives.
pub(crate) fn keep_cards(folder: &Path, cards: &[NodeCard]) -> Result<(), Failure> {
    let folder = folder.join(CARDS);
    let kept = || {
        fs::create_dir_all(&folder)?;
        for card in cards {
            let path = folder.join(format!("{}.card", card.name()));
            fs::write(path, card.note_bytes())?;
        }
        Ok(())
    };
    kept().map_err(|error: std::io::Error| {
        Failure::because(
            format!("cannot keep the cards in {}", folder.display()),
            &error,
        )
    })
}

impl MirrorFolder {
    /// Opens the logs in a folder. Every entry is hashed again. These vocabularies say what
    /// codes are called.
    ///
    /// # Errors
    ///
    /// It is no mirror, or its files do not give what their publishers signed.
    pub(crate) fn open(folder: &Path, vocabularies: Arc<Vocabularies>) -> Result<Self, Failure> {
        let trust = believed(folder)?;
        let mut logs = Vec::new();
        for path in folders(folder)? {
            let Some(origin) = origin_in(&path) else {
                continue;
            };
            let key = trust
                .key(&origin)
                .map_err(|error| unreadable(&path, &error))?;
            let log = LocalLog::open(&path, origin, key);
            logs.push(log.map_err(|error| unreadable(&path, &error))?);
        }
        if logs.is_empty() {
            return Err(no_mirror(folder));
        }
        logs.sort_by(|a, b| a.origin().as_str().cmp(b.origin().as_str()));
        Ok(Self {
            logs,
            vocabularies,
            found: None,
        })
    }

    fn search(&self, ask: &Ask) -> Result<Vec<Place>, Failure> {
        let matching = Matching::new(&ask.filter, &self.vocabularies)?;
        let mut found: Vec<(Key, Place)> = Vec::new();
        let mut members = Vec::new();
        for (number, log) in self.logs.iter().enumerate() {
            if !matching.wants_log(log.origin()) {
                continue;
            }
            for entry in log.latest() {
                let entry = entry.map_err(|error| damaged(log, &error))?;
                if !matching.wants(&entry) {
                    continue;
                }
                let place = Place {
                    log: number,
                    index: entry.index(),
                };
                if ask.filter.families_once {
                    members.push(Member::of(&entry));
                }
                found.push((Key::of(&entry, ask.order), place));
            }
        }
        if ask.filter.families_once {
            let mut told = families::told(&members).into_iter();
            found.retain(|_| told.next().unwrap_or(true));
        }
        if ask.order != RecordOrder::Unspecified {
            // What has no such key comes last, whichever way round.
            found.sort_by(|(a, _), (b, _)| a.compare(b, ask.descending));
        } else if ask.descending {
            found.reverse();
        }
        Ok(found.into_iter().map(|(_, place)| place).collect())
    }

    fn shown(&self, places: &[Place]) -> Result<Vec<Shown>, Failure> {
        let mut shown = Vec::new();
        let mut rest = places;
        while let Some(first) = rest.first() {
            let run = rest
                .iter()
                .take_while(|place| place.log == first.log)
                .count();
            let log = &self.logs[first.log];
            let indexes: Vec<LeafIndex> = rest[..run].iter().map(|place| place.index).collect();
            let proven = log.prove(&indexes).map_err(|error| damaged(log, &error))?;
            shown.extend(proven.into_iter().map(Shown::new));
            rest = &rest[run..];
        }
        Ok(shown)
    }

    /// The first log that has the record, of those that are meant.
    fn log_of(
        &self,
        id: &RecordId,
        origin: Option<&str>,
    ) -> Result<(&LocalLog, Included<Entry>), Failure> {
        for log in &self.logs {
            if origin.is_some_and(|origin| origin != log.origin().as_str()) {
                continue;
            }
            let newest = log.get(id).map_err(|error| damaged(log, &error))?;
            let (Some(newest), Some(head)) = (newest, log.checkpoint()) else {
                continue;
            };
            let index = newest.index();
            let proven = log.prove(&[index]).map_err(|error| damaged(log, &error))?;
            let Some(entry) = proven.into_iter().next() else {
                continue;
            };
            let proven = Included::verify(entry, Arc::new(head.clone()));
            return proven.map(|proven| (log, proven)).map_err(|error| {
                Failure::because(
                    format!("entry {index} of {} is not proven", log.origin()),
                    &error,
                )
            });
        }
        Err(
            Failure::failed(format!("record {id} is not in this folder"))
                .remedy("wpsx list --withdrawn --mirror FOLDER shows the records that are"),
        )
    }
}

impl Records for MirrorFolder {
    async fn page(&mut self, ask: &Ask, most: usize, token: &str) -> Result<Page, Failure> {
        if self.found.as_ref().is_none_or(|(asked, _)| asked != ask) {
            self.found = Some((ask.clone(), self.search(ask)?));
        }
        let places = self.found.as_ref().map_or(&[][..], |(_, places)| places);
        let from = token.parse().unwrap_or(0).min(places.len());
        let to = from.saturating_add(most).min(places.len());
        Ok(Page {
            records: self.shown(&places[from..to])?,
            next: match to < places.len() {
                true => to.to_string(),
                false => String::new(),
            },
        })
    }

    async fn get(&mut self, id: &RecordId, origin: Option<&str>) -> Result<ProvenRecord, Failure> {
        let (log, proven) = self.log_of(id, origin)?;
        let entry = log
            .prove(&[proven.index()])
            .map_err(|error| damaged(log, &error))?;
        let entry = entry.into_iter().next().unwrap_or_default();
        Ok(ProvenRecord { entry, proven })
    }

    async fn count(
        &mut self,
        ask: &Ask,
        facets: &[String],
    ) -> Result<CountRecordsResponse, Failure> {
        let unknown = |facet: &&String| {
            !["kind", "publisher"].contains(&facet.as_str()) && !facet_names().contains(*facet)
        };
        if let Some(unknown) = facets.iter().find(unknown) {
            let known: Vec<&str> = facet_names().iter().map(String::as_str).collect();
            return Err(Failure::usage(format!("there is no facet {unknown:?}"))
                .remedy(format!("there are kind, publisher, {}", known.join(", "))));
        }
        let places = self.search(ask)?;
        let mut counted = vec![BTreeMap::<String, u64>::new(); facets.len()];
        for places in places.chunks(AT_ONCE).filter(|_| !facets.is_empty()) {
            for shown in self.shown(places)? {
                for (facet, values) in facets.iter().zip(&mut counted) {
                    for value in shown.values(facet) {
                        *values.entry(value).or_default() += 1;
                    }
                }
            }
        }
        let facets = facets.iter().zip(counted).map(|(facet, values)| {
            let values = values.into_iter();
            let values = values.map(|(value, records)| ValueCount { value, records });
            let mut values: Vec<ValueCount> = values.collect();
            values.sort_by_key(|counted| std::cmp::Reverse(counted.records));
            FacetCounts {
                facet: facet.clone(),
                values,
            }
        });
        Ok(CountRecordsResponse {
            records: places.len() as u64,
            facets: facets.collect(),
        })
    }

    async fn history(
        &mut self,
        id: &RecordId,
        origin: Option<&str>,
    ) -> Result<Vec<Shown>, Failure> {
        let (log, _) = self.log_of(id, origin)?;
        let indexes = log.revisions(id).map_err(|error| damaged(log, &error))?;
        let proven = log.prove(&indexes).map_err(|error| damaged(log, &error))?;
        Ok(proven.into_iter().rev().map(Shown::new).collect())
    }

    async fn beginning(&mut self, digits: &str) -> Result<Vec<RecordId>, Failure> {
        let ids = self.logs.iter().flat_map(LocalLog::ids);
        let mut found: Vec<RecordId> = ids
            .filter(|id| id.to_string().starts_with(digits))
            .copied()
            .collect();
        found.sort_unstable();
        found.dedup();
        found.truncate(MOST_FOUND);
        Ok(found)
    }

    fn vocabularies(&self) -> Result<Arc<Vocabularies>, Failure> {
        Ok(self.vocabularies.clone())
    }
}

/// The publishers on the cards in the folder.
fn believed(folder: &Path) -> Result<Trust, Failure> {
    let mut trust = Trust::default();
    let cards = fs::read_dir(folder.join(CARDS)).map_err(|_| no_mirror(folder))?;
    for card in cards.flatten() {
        let path = card.path();
        if path
            .extension()
            .is_some_and(|extension| extension == "card")
        {
            let card = verified(&read_card(&path)?)?;
            trust
                .add_card(&card)
                .map_err(|error| Failure::because("the cards contradict each other", &error))?;
        }
    }
    Ok(trust)
}

fn folders(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let inner = fs::read_dir(folder).map_err(|error| {
        Failure::because(
            format!("cannot read the folder {}", folder.display()),
            &error,
        )
    })?;
    let inner = inner.flatten().map(|entry| entry.path());
    Ok(inner
        .filter(|path| path.join("checkpoint").is_file())
        .collect())
}

/// The log that a folder says it is; its checkpoint is verified when it is opened.
fn origin_in(folder: &Path) -> Option<Origin> {
    let note = fs::File::open(folder.join("checkpoint")).ok()?;
    let mut line = String::new();
    BufReader::new(note.take(MOST_ORIGIN))
        .read_line(&mut line)
        .ok()?;
    Origin::parse(line.trim_end_matches('\n')).ok()
}

fn no_mirror(folder: &Path) -> Failure {
    Failure::failed(format!("{} holds no mirrored log", folder.display())).remedy(
        "wpsx mirror NODE.card --output FOLDER makes one, or brings an older one up to date",
    )
}

fn unreadable(path: &Path, error: &ClientError) -> Failure {
    Failure::failed(format!(
        "cannot read the log in {}: {}",
        path.display(),
        chain(error)
    ))
    .remedy("wpsx mirror NODE.card --output FOLDER --trust PUBLISHER.card brings what is missing")
}

fn damaged(log: &LocalLog, error: &ClientError) -> Failure {
    Failure::because(format!("cannot read {}", log.origin()), error)
        .remedy("a disk or a hand changed the copy: remove its folder and mirror it again")
}
