//! Lists of records: what passes a filter, page by page, each entry proven.

use std::{
    collections::{BTreeSet, HashSet},
    sync::Arc,
};

use futures::{Stream, TryStreamExt as _, pin_mut};
use wpsx_proto::{
    api::exchange::v1::{ListRecordsRequest, ProvenEntry, RecordOrder},
    checkpoint::VerifiedCheckpoint,
    origin::Origin,
};

use super::{
    Client,
    answers::{endless, exchange, named, wrong},
    filter::Filter,
    position::Position,
    watch::Watched,
};
use crate::{
    ClientError, Connection, Entry, Included,
    pull::{PullError, Transport},
};

/// Pages in a row that bring nothing before a list counts as endless.
const MAX_EMPTY_PAGES: u32 = 100;

/// A list to be read page by page.
#[derive(Clone)]
pub struct List<T = Connection> {
    client: Client<T>,
    filter: Filter,
    order: RecordOrder,
    descending: bool,
    page_size: u32,
}

impl<T: Transport> Client<T> {
    /// Current records that pass a filter.
    pub fn list(&self, filter: Filter) -> List<T> {
        List {
            client: self.clone(),
            filter: filter.believed_by(&self.trust),
            order: RecordOrder::Unspecified,
            descending: false,
            page_size: 0,
        }
    }
}

impl<T: Transport> List<T> {
    /// Asks for so many records at a time, at most 1,000.
    #[must_use]
    pub fn page_size(mut self, records: u32) -> Self {
        self.page_size = records.min(1000);
        self
    }

    /// Up to where the node has seen its logs now. A list that is read after this, and a
    /// [watch from here](Client::watch_from), leave no gap between them.
    ///
    /// # Errors
    ///
    /// If the node cannot be asked, or is older than positions.
    pub async fn position(&self) -> Result<Position, ClientError> {
        let first = Self {
            page_size: 1,
            ..self.clone()
        };
        let page = first.page(String::new()).await?;
        let position = Position::parse(&page.position);
        Ok(position.ok_or_else(|| wrong("a list without a position"))?)
    }

    /// Tells of every record that passes the filter, and then of every change that comes
    /// after, each entry once: what a page of the list and the watch both bring is told by
    /// the list alone. It remembers for that what the list told, some hundred bytes a record,
    /// until the watch is past it.
    pub fn then_watch(self) -> impl Stream<Item = Result<Watched, ClientError>> + Send + use<T> {
        async_stream::try_stream! {
            let position = self.position().await?;
            let watch = self.client.watch_from(self.filter.clone(), position);
            let mut told = HashSet::new();
            let list = self.stream();
            pin_mut!(list);
            while let Some(entry) = list.try_next().await? {
                told.insert((entry.origin().clone(), entry.index()));
                yield Watched::Changed(Box::new(entry));
            }
            pin_mut!(watch);
            while let Some(watched) = watch.try_next().await? {
                if let Watched::Changed(entry) = &watched
                    && told.remove(&(entry.origin().clone(), entry.index()))
                {
                    continue;
                }
                yield watched;
            }
        }
    }

    /// Asks for another order than that of the logs. The node decides it; each record is
    /// told once.
    #[must_use]
    pub fn order_by(mut self, order: RecordOrder, descending: bool) -> Self {
        (self.order, self.descending) = (order, descending);
        self
    }

    /// Reads the list, a page whenever one is needed. It ends after an error.
    pub fn stream(
        self,
    ) -> impl Stream<Item = Result<Included<Entry>, ClientError>> + Send + use<T> {
        async_stream::try_stream! {
            let mut page_token = String::new();
            let mut last: Option<(Origin, u64)> = None;
            let mut finished = BTreeSet::new();
            let by_place = self.order == RecordOrder::Unspecified && !self.descending;
            let mut told = HashSet::new();
            let mut empty = 0;
            loop {
                let page = self.page(page_token).await?;
                empty = if page.entries.is_empty() { empty + 1 } else { 0 };
                for proven in page.entries {
                    let (origin, index) = (named(&proven)?, proven.index);
                    // Ordered by log and index: nothing comes twice, so a list ends.
                    if !by_place && !told.insert((origin.clone(), index)) {
                        Err(wrong("an entry twice"))?;
                    }
                    match &last {
                        _ if !by_place => {}
                        Some((log, before)) if *log == origin && index <= *before => {
                            Err(wrong("an entry out of order"))?;
                        }
                        Some((log, _)) if *log != origin => {
                            finished.insert(log.to_string());
                        }
                        _ => {}
                    }
                    if finished.contains(origin.as_str()) {
                        Err(wrong("an entry out of order"))?;
                    }
                    let checkpoint = page
                        .checkpoints
                        .iter()
                        .find(|checkpoint| *checkpoint.origin() == origin)
                        .cloned()
                        .ok_or_else(|| wrong(format!("no checkpoint of {origin}")))?;
                    let entry = Included::verify(proven, checkpoint)?;
                    self.filter.check(&entry)?;
                    last = Some((origin, index));
                    yield entry;
                }
                if page.next.is_empty() {
                    return;
                }
                if empty > MAX_EMPTY_PAGES {
                    Err(endless("a list of empty pages"))?;
                }
                page_token = page.next;
            }
        }
    }

    async fn page(&self, page_token: String) -> Result<Page, ClientError> {
        let request = ListRecordsRequest {
            filter: Some(self.filter.to_api()),
            page_size: self.page_size,
            page_token,
            order: self.order.into(),
            descending: self.descending,
        };
        let client = &self.client;
        let answer = client
            .call(|transport| {
                let request = request.clone();
                async move {
                    let mut exchange = exchange(transport);
                    client.options.wait(exchange.list_records(request)).await
                }
            })
            .await?
            .into_inner();
        let mut checkpoints = Vec::new();
        for note in &answer.checkpoints {
            // The first line of a note is its origin; what it claims is checked next.
            let line = note.split(|byte| *byte == b'\n').next().unwrap_or_default();
            let origin = std::str::from_utf8(line)
                .map_err(|error| error.to_string())
                .and_then(|line| Origin::parse(line).map_err(|error| error.to_string()))
                .map_err(|why| PullError::Malformed {
                    what: "a checkpoint",
                    why,
                })?;
            checkpoints.push(client.seen(&origin, note).await?);
        }
        Ok(Page {
            entries: answer.entries,
            checkpoints,
            next: answer.next_page_token,
            position: answer.position,
        })
    }
}

struct Page {
    entries: Vec<ProvenEntry>,
    checkpoints: Vec<Arc<VerifiedCheckpoint>>,
    next: String,
    position: String,
}
