//! What the pages stand on, and what work on a request gives.

use std::{fmt, sync::Arc};

use axum::response::Response;
use http::StatusCode;
use maud::Markup;
use tokio::sync::Semaphore;
use wpsx_domain::{
    NodeError,
    access::{Access, Sight},
    quiet::Quiet,
    records::Records,
};
use wpsx_proto::note::VerifierKey;
use wpsx_sheets::Bounds;
use wpsx_words::{Language, Vocabularies, Words};

use crate::{
    names::{Hosted, Names},
    network::{Network, NetworkState},
    settings::Settings,
    style::Style,
    texts::Voice,
    time,
};

/// Bytes of the records of one workbook: it is made in files of a few times that.
const LARGEST_WORKBOOK: u64 = 512 << 20;

/// Tells the time.
#[derive(Clone)]
struct Now(Arc<dyn Fn() -> u64 + Send + Sync>);

impl fmt::Debug for Now {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Now")
    }
}

/// What the pages stand on. They show what everybody may read, whoever asks.
#[derive(Clone, Debug)]
pub struct Observatory {
    pub(crate) records: Records,
    pub(crate) settings: Settings,
    access: Access,
    vocabularies: Arc<Vocabularies>,
    cosigners: Cosigners,
    /// What nodes are called.
    pub(crate) names: Names,
    network: Option<Arc<dyn Network>>,
    style: Arc<Style>,
    /// The turn of who makes a workbook.
    pub(crate) workbooks: Arc<Semaphore>,
    /// What one workbook takes.
    pub(crate) workbook: Bounds,
    clock: Option<Now>,
    /// How much of what cannot be shown the log says.
    pub(crate) quiet: Arc<Quiet>,
    /// What answers stand on beside records: this software, its settings, since when it runs.
    mark: String,
}

/// Gives the keys of those whose cosignatures can be checked here.
#[derive(Clone)]
struct Cosigners(Arc<dyn Fn() -> Vec<VerifierKey> + Send + Sync>);

impl fmt::Debug for Cosigners {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Cosigners")
    }
}

impl Observatory {
    /// Pages of `records`, within what `access` admits to everybody.
    pub fn new(
        records: Records,
        access: Access,
        vocabularies: Arc<Vocabularies>,
        settings: Settings,
    ) -> Self {
        let style = Arc::new(Style::with(settings.accent));
        let mark = format!("{} {settings:?}", env!("CARGO_PKG_VERSION"));
        Self {
            records,
            settings,
            access,
            vocabularies,
            cosigners: Cosigners(Arc::new(Vec::new)),
            names: Names::default(),
            network: None,
            style,
            workbooks: Arc::new(Semaphore::new(1)),
            workbook: Bounds {
                bytes: LARGEST_WORKBOOK,
                ..Bounds::default()
            },
            clock: None,
            quiet: Arc::default(),
            mark,
        }
    }

    /// The same whose workbooks have at most so many rows, with the header, and take so many
    /// bytes of records; whoever asks for more is told to take the table as text.
    #[must_use]
    pub fn with_workbooks_of(self, rows: u64, bytes: u64) -> Self {
        Self {
            workbook: Bounds { rows, bytes },
            ..self
        }
    }

    /// The same that says who saw a log, where one of these keys cosigned it. They are asked
    /// for anew for each page.
    #[must_use]
    pub fn with_cosigners(
        self,
        keys: impl Fn() -> Vec<VerifierKey> + Send + Sync + 'static,
    ) -> Self {
        Self {
            cosigners: Cosigners(Arc::new(keys)),
            ..self
        }
    }

    /// The same that says what nodes are called, by their machine names or by those of their
    /// cosigners, and whose own word each of them speaks: who hosts whom is known from their
    /// cards.
    #[must_use]
    pub fn with_names(
        self,
        names: impl Fn(&str) -> Option<Hosted> + Send + Sync + 'static,
    ) -> Self {
        Self {
            names: Names::told_by(names),
            ..self
        }
    }

    /// With what the node tells of its logs; without it, the page of the network has none.
    #[must_use]
    pub fn with_network(self, network: Arc<dyn Network>) -> Self {
        Self {
            network: Some(network),
            ..self
        }
    }

    pub(crate) fn cosigners(&self) -> Vec<VerifierKey> {
        (self.cosigners.0)()
    }

    /// The logs that everybody may see. Blocks.
    pub(crate) fn network(&self) -> Result<NetworkState, NodeError> {
        let told = self.network.as_ref();
        told.map_or_else(
            || Ok(NetworkState::default()),
            |network| network.state(&self.sight()),
        )
    }

    pub(crate) fn style(&self) -> &Style {
        &self.style
    }

    /// With a clock, in milliseconds since 1970: files say of which day they are.
    #[must_use]
    pub fn with_clock(mut self, clock: Arc<dyn Fn() -> u64 + Send + Sync>) -> Self {
        // What a node shows after a restart may be made by other software.
        self.mark = format!("{} {}", self.mark, clock());
        self.clock = Some(Now(clock));
        self
    }

    /// The time at which it is asked, where there is a clock.
    pub(crate) fn now(&self) -> Option<u64> {
        Some(self.clock.as_ref()?.0())
    }

    /// The same as a day.
    pub(crate) fn today(&self) -> Option<String> {
        time::day(self.now()?)
    }

    /// What answers about records stand on now; files say of which day they are.
    pub(crate) fn state(&self) -> String {
        self.standing_on(&self.records.state(&self.sight()))
    }

    /// The same of what says who signed them.
    pub(crate) fn signed_state(&self) -> String {
        let records = self.records.signed_state(&self.sight());
        // Pages name a witness once its key is known.
        let witnesses = self.cosigners();
        let witnesses = witnesses.iter().map(ToString::to_string);
        let witnesses = witnesses.collect::<Vec<_>>().join(" ");
        self.standing_on(&format!("{records} {witnesses}"))
    }

    fn standing_on(&self, records: &str) -> String {
        let today = self.today().unwrap_or_default();
        format!("{} {today} {records}", self.mark)
    }

    /// The whole address of a path of this site.
    pub(crate) fn address(&self, path: &str) -> String {
        let base = self.settings.base.as_deref().unwrap_or_default();
        format!("{base}{path}")
    }

    pub(crate) fn sight(&self) -> Sight {
        self.access.public()
    }

    /// The codes of this node with their names.
    pub(crate) fn vocabularies(&self) -> &Vocabularies {
        &self.vocabularies
    }

    pub(crate) fn voice(&self, language: Language) -> Voice<'_> {
        Voice {
            language,
            words: Words::shipped(),
            vocabularies: &self.vocabularies,
        }
    }
}

/// What work on a request gives.
pub(crate) enum Answered {
    /// A page, with its state.
    Page(StatusCode, Markup),
    /// A file.
    File(Response),
}

impl From<Markup> for Answered {
    fn from(page: Markup) -> Self {
        Self::Page(StatusCode::OK, page)
    }
}
