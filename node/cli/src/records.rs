//! Where records are read from: a node, or a folder that a mirror was made in.
//!
//! Commands that read ask here, so that each of them reads both, and neither is read in
//! another way by one command than by the next.

use std::sync::Arc;

use wpsx_client::{Entry, Included};
use wpsx_proto::{
    api::{
        admin::v1::{
            CountRecordsRequest, CountRecordsResponse, FindRecordsRequest, GetHistoryRequest,
            GetRecordRequest, ListOriginsRequest, ListRecordsRequest,
        },
        exchange::v1::{ProvenEntry, RecordFilter, RecordOrder},
    },
    chain,
    checkpoint::SignedCheckpoint,
    envelope::Operation,
    note::VerifierKey,
    origin::RecordId,
};
use wpsx_words::Vocabularies;

use super::{
    access::Desk, args::RecordName, failure::Failure, known_codes::vocabularies, shown::Shown,
};

/// Records asked for in one call.
const PAGE: usize = 500;

/// Which records are wanted, and in which order.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Ask {
    /// Which.
    pub(crate) filter: RecordFilter,
    /// In which order.
    pub(crate) order: RecordOrder,
    /// The greatest first.
    pub(crate) descending: bool,
}

/// Some records of an answer.
#[derive(Default)]
pub(crate) struct Page {
    /// In their order. Nothing is proven of them.
    pub(crate) records: Vec<Shown>,
    /// What to ask for the next page with; empty at the end.
    pub(crate) next: String,
}

/// One record, with what proves it.
pub(crate) struct ProvenRecord {
    /// The entry as it came.
    pub(crate) entry: ProvenEntry,
    /// What was proven about it.
    pub(crate) proven: Included<Entry>,
}

/// What a command can ask about records.
pub(crate) trait Records {
    /// A page of what is asked for, at most `most` records, behind the page that gave `token`.
    async fn page(&mut self, ask: &Ask, most: usize, token: &str) -> Result<Page, Failure>;

    /// The newest entry of a record in the log `origin`, or in the first that has it; its
    /// signature, inclusion and payload are checked as a reader far away would.
    async fn get(&mut self, id: &RecordId, origin: Option<&str>) -> Result<ProvenRecord, Failure>;

    /// How many records there are, and how many of them have which values of these facets.
    async fn count(
        &mut self,
        ask: &Ask,
        facets: &[String],
    ) -> Result<CountRecordsResponse, Failure>;

    /// The revisions of a record, the newest first.
    async fn history(&mut self, id: &RecordId, origin: Option<&str>)
    -> Result<Vec<Shown>, Failure>;

    /// Some of the records whose ids begin with these digits.
    async fn beginning(&mut self, digits: &str) -> Result<Vec<RecordId>, Failure>;

    /// The codes and names that are known where the records are.
    fn vocabularies(&self) -> Result<Arc<Vocabularies>, Failure>;
}

/// Finds what the record said last, where an entry takes that back.
///
/// # Errors
/// Its history cannot be read.
pub(crate) async fn find_last(
    shown: &mut Shown,
    records: &mut impl Records,
) -> Result<(), Failure> {
    let taken_back = shown
        .envelope()
        .filter(|it| matches!(it.operation, Operation::Withdraw | Operation::Supersede));
    if let Some(id) = taken_back.map(|envelope| envelope.record_id) {
        let revisions = records.history(&id, Some(&shown.entry.origin)).await?;
        shown.last = revisions.into_iter().find_map(|revision| revision.reading);
    }
    Ok(())
}

/// Up to `limit` records of an answer, and whether there are more.
pub(crate) async fn up_to(
    records: &mut impl Records,
    ask: &Ask,
    limit: usize,
) -> Result<(Vec<Shown>, bool), Failure> {
    let (mut found, mut token) = (Vec::new(), String::new());
    while found.len() < limit {
        let page = records
            .page(ask, PAGE.min(limit - found.len()), &token)
            .await?;
        found.extend(page.records);
        token = page.next;
        if token.is_empty() {
            return Ok((found, false));
        }
    }
    Ok((found, true))
}

/// The record that is meant by its id or its first digits.
pub(crate) async fn meant(
    records: &mut impl Records,
    name: &RecordName,
) -> Result<RecordId, Failure> {
    if let Ok(id) = name.0.parse() {
        return Ok(id);
    }
    let found = records.beginning(&name.0).await?;
    match found.as_slice() {
        [one] => Ok(*one),
        [] => Err(
            Failure::failed(format!("no record has an id that begins with {}", name.0))
                .remedy("wpsx list --withdrawn shows the records that are"),
        ),
        several => {
            let ids: Vec<String> = several.iter().map(ToString::to_string).collect();
            let what = format!("several records have ids that begin with {}", name.0);
            Err(Failure::failed(what)
                .remedy(format!("give more digits of one: {}", ids.join(", "))))
        }
    }
}

impl Records for Desk {
    async fn page(&mut self, ask: &Ask, most: usize, token: &str) -> Result<Page, Failure> {
        let request = ListRecordsRequest {
            filter: Some(ask.filter.clone()),
            page_size: u32::try_from(most).unwrap_or(0),
            page_token: token.to_owned(),
            order: ask.order.into(),
            descending: ask.descending,
        };
        let answer = self.admin.list_records(request).await?.into_inner();
        Ok(Page {
            records: answer.entries.into_iter().map(Shown::new).collect(),
            next: answer.next_page_token,
        })
    }

    async fn get(&mut self, id: &RecordId, origin: Option<&str>) -> Result<ProvenRecord, Failure> {
        let request = GetRecordRequest {
            record_id: id.as_bytes().to_vec().into(),
            origin: origin.unwrap_or_default().to_owned(),
        };
        let answer = self.admin.get_record(request).await?.into_inner();
        let entry = answer
            .entry
            .ok_or_else(|| Failure::failed("the node answered without a record"))?;
        let key = verifier_key(self, &entry.origin).await?;
        let proven = prove(&entry, &answer.checkpoint, &key)?;
        Ok(ProvenRecord { entry, proven })
    }

    async fn count(
        &mut self,
        ask: &Ask,
        facets: &[String],
    ) -> Result<CountRecordsResponse, Failure> {
        let request = CountRecordsRequest {
            filter: Some(ask.filter.clone()),
            facets: facets.to_vec(),
        };
        Ok(self.admin.count_records(request).await?.into_inner())
    }

    async fn history(
        &mut self,
        id: &RecordId,
        origin: Option<&str>,
    ) -> Result<Vec<Shown>, Failure> {
        let (mut found, mut token) = (Vec::new(), String::new());
        loop {
            let request = GetHistoryRequest {
                record_id: id.as_bytes().to_vec().into(),
                origin: origin.unwrap_or_default().to_owned(),
                page_size: 0,
                page_token: token,
            };
            let answer = self.admin.get_history(request).await?.into_inner();
            found.extend(answer.entries.into_iter().map(Shown::new));
            token = answer.next_page_token;
            if token.is_empty() {
                return Ok(found);
            }
        }
    }

    async fn beginning(&mut self, digits: &str) -> Result<Vec<RecordId>, Failure> {
        let prefix = digits.to_owned();
        let answer = self
            .admin
            .find_records(FindRecordsRequest { prefix })
            .await?;
        let ids = answer.into_inner().record_ids;
        Ok(ids
            .iter()
            .filter_map(|id| RecordId::try_from(&id[..]).ok())
            .collect())
    }

    fn vocabularies(&self) -> Result<Arc<Vocabularies>, Failure> {
        vocabularies(self.data_dir())
    }
}

async fn verifier_key(desk: &mut Desk, origin: &str) -> Result<VerifierKey, Failure> {
    let answer = desk
        .admin
        .list_origins(ListOriginsRequest {})
        .await?
        .into_inner();
    let log = answer.origins.into_iter().find(|log| log.origin == origin);
    let vkey = log.map(|log| log.vkey).unwrap_or_default();
    VerifierKey::parse(&vkey)
        .map_err(|error| Failure::because(format!("the key of {origin} is unusable"), &error))
}

/// Checks signature, inclusion and payload, as a reader far away would.
fn prove(
    entry: &ProvenEntry,
    checkpoint: &[u8],
    key: &VerifierKey,
) -> Result<Included<Entry>, Failure> {
    let wrong = |error: &dyn std::error::Error| {
        Failure::failed(format!(
            "entry {} of {} is not proven: {}",
            entry.index,
            entry.origin,
            chain(error)
        ))
        .remedy("the store or the node is damaged: run wpsx verify")
    };
    let checkpoint = SignedCheckpoint::parse(checkpoint)
        .and_then(|checkpoint| checkpoint.verify(key))
        .map_err(|error| wrong(&error))?;
    Included::verify(entry.clone(), Arc::new(checkpoint)).map_err(|error| wrong(&error))
}
