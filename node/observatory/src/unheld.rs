//! What a site knows to be there without holding what it says: its node fetches no content of
//! some kinds or countries, or could not have it yet. Of such a record the kind and the publisher
//! are known, and not which place, organisation or theme it is about. So a page or a file
//! on one of these says what it has found, how much there is beside that, and where that can be read.

use std::collections::BTreeMap;

use maud::{Markup, html};
use wpsx_domain::{
    NodeError, Wanted,
    records::{PUBLISHER, Question},
};
use wpsx_proto::record::Kind;

use crate::{
    observatory::Observatory,
    publishers::Publishers,
    texts::{self, Voice},
};

/// Publishers that are named.
const MOST: usize = 20;

/// The current records whose content a site does not hold.
#[derive(Default)]
pub(crate) struct Unheld {
    total: u64,
    kinds: BTreeMap<u32, u64>,
    by: BTreeMap<String, u64>,
    publishers: Publishers,
}

impl Unheld {
    /// Those of a kind, or of all. Blocks.
    pub(crate) fn of(
        site: &Observatory,
        kind: Option<Kind>,
        wanted: &Wanted,
    ) -> Result<Self, NodeError> {
        // Most sites hold all, and nothing is counted.
        if site.sight().logs().iter().all(|log| log.is_whole()) {
            return Ok(Self::default());
        }
        let question = Question {
            kinds: kind.iter().map(|kind| kind.number()).collect(),
            unheld: true,
            ..Question::default()
        };
        let facets = [PUBLISHER.to_owned()];
        let mut tally = site
            .records
            .tally(&site.sight(), &question, &facets, wanted)?;
        Ok(Self {
            total: tally.total,
            by: tally.facets.remove(PUBLISHER).unwrap_or_default(),
            kinds: tally.kinds,
            publishers: Publishers::of(site),
        })
    }

    /// How many are of a kind.
    pub(crate) fn count(&self, kind: Kind) -> u64 {
        self.kinds.get(&kind.number()).copied().unwrap_or_default()
    }

    /// How many there are.
    pub(crate) fn total(&self) -> u64 {
        self.total
    }

    /// Whether there are any.
    pub(crate) fn are_some(&self) -> bool {
        self.total > 0
    }

    /// How many there are, of which kinds, and who has them; none where there are none.
    pub(crate) fn said(&self, voice: Voice<'_>) -> Option<String> {
        let kinds = self.kinds.iter().map(|(kind, count)| {
            let name = voice.kind(Kind::new(*kind), true);
            format!("{}{}{}", name.text, voice.colon(), voice.number(*count))
        });
        let by = self.by.keys().take(MOST);
        let by: Vec<String> = by.map(|name| self.publishers.called(name, voice)).collect();
        let parts = [
            voice.count(self.total, &texts::RECORDS_OF),
            voice.list(&kinds.collect::<Vec<_>>()),
            voice.list(&by),
        ];
        let parts = parts.each_ref().map(String::as_str);
        self.are_some().then(|| voice.fill(&texts::UNHELD, &parts))
    }

    /// The same on a page, with the way to who has them.
    pub(crate) fn note(&self, voice: Voice<'_>) -> Markup {
        html! {
            @if let Some(said) = self.said(voice) {
                p.note role="note" {
                    (said) (voice.gap())
                    a href=(format!("/{}/network", voice.language)) { (voice.say(&texts::NETWORK)) }
                }
            }
        }
    }
}
