//! Which of the demo's four nodes publishes which of the real records.
//!
//! - What is about an organisation goes to its node, and so does its own record.
//! - What is about countries goes to the node that all of them belong to: first the
//!   Western Balkans, then the members of the European Union and of the African Union.
//! - All else goes to the secretariat, which marks what has a country as held in custody
//!   for it, and a regional plan as held for its organisation.
//! - A reference to a record that another node publishes names its log.

use std::collections::{BTreeMap, BTreeSet};

use wpsx_domain::publishing::{Draft, hold_in_custody};
use wpsx_proto::{
    api::record::v1 as api,
    origin::Audience,
    record::{Kind, Reading, Record},
};
use wpsx_sheets::ImportErrors;

use super::files;

const MEMBERSHIPS: &str = include_str!("../../../data/memberships.csv");
const MEMBERSHIPS_UNVERIFIED: &str = include_str!("../../../data/memberships_unverified.csv");

/// The licence of records whose file states none (`node/data/PROVENANCE.md`).
pub const LICENCE: &str =
    "Facts alone, taken from the sources named; their texts keep the licences of their sites";

/// A node of the demo.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Network {
    /// The European Union.
    Eu,
    /// The African Union.
    Au,
    /// The Western Balkans.
    WesternBalkans,
    /// The secretariat of the network of focal points.
    Secretariat,
}

impl Network {
    /// Every network, in the order in which the demo shows them.
    pub const ALL: [Self; 4] = [Self::Eu, Self::Au, Self::WesternBalkans, Self::Secretariat];

    /// The node's name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Eu => "eu",
            Self::Au => "au",
            Self::WesternBalkans => "western-balkans",
            Self::Secretariat => "secretariat",
        }
    }

    /// The publisher's title.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Eu => "European Union",
            Self::Au => "African Union",
            Self::WesternBalkans => "Western Balkans",
            Self::Secretariat => "Secretariat of the focal points network",
        }
    }

    /// The log of its public records.
    fn log(self) -> String {
        format!("{}/wpsx/{}", self.name(), Audience::Public)
    }

    /// The organisation whose members and plans the network publishes, as the files name it.
    fn organisation(self) -> Option<&'static str> {
        match self {
            Self::Eu => Some("EU"),
            Self::Au => Some("AU"),
            Self::WesternBalkans => Some("WESTERN_BALKANS"),
            Self::Secretariat => None,
        }
    }
}

/// What one node publishes.
#[derive(Clone, Debug)]
pub struct Share {
    /// The node.
    pub network: Network,
    /// The countries it speaks for, in order; none for the secretariat.
    pub countries: Vec<String>,
    /// Its records, in the order of the files.
    pub drafts: Vec<Draft>,
}

/// Every record of the demo, each with the node that publishes it.
///
/// # Errors
///
/// When a file does not fit the schema, which a test rules out.
pub fn shares() -> Result<Vec<Share>, ImportErrors> {
    let members = members();
    let read = files::read_all()?.into_iter();
    let assigned: Vec<(Network, Draft)> = read
        .flat_map(|imported| imported.drafts)
        .map(|draft| assign(draft, &members))
        .collect();
    let places: BTreeMap<String, Network> = assigned
        .iter()
        .map(|(network, draft)| (draft.external_id.clone(), *network))
        .collect();
    let mut drafts: BTreeMap<Network, Vec<Draft>> = BTreeMap::new();
    for (network, draft) in assigned {
        let elsewhere = |id: &str| places.get(id).filter(|place| **place != network);
        let draft = wpsx_sheets::lead(draft, &|id| elsewhere(id).map(|place| place.log()));
        drafts.entry(network).or_default().push(draft);
    }
    let share = |network| {
        let countries = members
            .iter()
            .filter(|(_, of)| **of == network)
            .map(|(country, _)| country.clone())
            .collect();
        Share {
            network,
            countries,
            drafts: drafts.remove(&network).unwrap_or_default(),
        }
    };
    Ok(Network::ALL.map(share).into())
}

/// The network of each country; the first that claims it has it.
fn members() -> BTreeMap<String, Network> {
    let mut members = BTreeMap::new();
    let lists = [
        (
            Network::WesternBalkans,
            MEMBERSHIPS_UNVERIFIED,
            "participant",
        ),
        (Network::Eu, MEMBERSHIPS, "member"),
        (Network::Au, MEMBERSHIPS, "member"),
    ];
    for (network, list, role) in lists {
        for country in countries_of(list, network, role) {
            members.entry(country).or_insert(network);
        }
    }
    members
}

fn countries_of(list: &str, network: Network, role: &str) -> BTreeSet<String> {
    let mut rows = csv::Reader::from_reader(list.as_bytes());
    let header = rows.headers().cloned().unwrap_or_default();
    let at = |name: &str| header.iter().position(|column| column == name);
    let (Some(organisation), Some(country), Some(of)) = (at("org_id"), at("iso3"), at("role"))
    else {
        return BTreeSet::new();
    };
    rows.records()
        .flatten()
        .filter(|row| row.get(organisation) == network.organisation() && row.get(of) == Some(role))
        .filter_map(|row| row.get(country).map(str::to_owned))
        .collect()
}

fn assign(draft: Draft, members: &BTreeMap<String, Network>) -> (Network, Draft) {
    let Reading::Readable(record) = Record::read(draft.kind, &draft.payload) else {
        return (Network::Secretariat, draft);
    };
    let message = record.message();
    let network = by_organisation(record.kind(), message)
        .or_else(|| by_country(message, members))
        .unwrap_or(Network::Secretariat);
    let is_owned = message.countries.is_empty() && record.kind() != Kind::REGIONAL_ACTION_PLAN;
    if network != Network::Secretariat || is_owned {
        return (network, draft);
    }
    match record.with(hold_in_custody) {
        Ok(record) => (network, wpsx_sheets::draft(&record)),
        Err(_) => (network, draft),
    }
}

/// The network whose organisation the record names, by acronym or title, or is.
fn by_organisation(kind: Kind, record: &api::Record) -> Option<Network> {
    let is_it = |network: &Network| {
        let is_organisation = kind.to_string() == "organisation";
        is_organisation
            && record
                .title
                .iter()
                .any(|title| title.text == network.title())
    };
    Network::ALL.into_iter().find(|network| {
        is_it(network)
            || record.organisations.iter().any(|body| {
                Some(body.acronym.as_str()) == network.organisation()
                    || body.name.iter().any(|name| name.text == network.title())
            })
    })
}

/// The network that all countries of the record belong to.
fn by_country(record: &api::Record, members: &BTreeMap<String, Network>) -> Option<Network> {
    let network = *members.get(record.countries.first()?)?;
    record
        .countries
        .iter()
        .all(|country| members.get(country) == Some(&network))
        .then_some(network)
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use wpsx_proto::record::Traits;

    use super::*;

    /// All of them, read once for all tests.
    static SHARES: LazyLock<Vec<Share>> = LazyLock::new(|| shares().unwrap());

    fn records(share: &Share) -> impl Iterator<Item = Record> {
        share
            .drafts
            .iter()
            .map(|draft| match Record::read(draft.kind, &draft.payload) {
                Reading::Readable(record) => *record,
                other => panic!("{other:?}"),
            })
    }

    fn count(share: &Share, kind: Kind) -> usize {
        records(share)
            .filter(|record| record.kind() == kind)
            .count()
    }

    #[test]
    fn every_node_gets_its_share() {
        let counts: Vec<_> = SHARES
            .iter()
            .map(|share| {
                (
                    share.network.name(),
                    count(share, Kind::NATIONAL_ACTION_PLAN),
                    count(share, Kind::REGIONAL_ACTION_PLAN),
                    count(share, Kind::GOOD_PRACTICE),
                )
            })
            .collect();
        assert_eq!(
            counts,
            [
                ("eu", 60, 3, 2),
                ("au", 58, 2, 2),
                ("western-balkans", 12, 0, 0),
                ("secretariat", 83, 5, 11),
            ]
        );
        let countries: Vec<usize> = SHARES.iter().map(|share| share.countries.len()).collect();
        assert_eq!(countries, [27, 54, 6, 0]);
    }

    #[test]
    fn whatever_refers_to_a_record_of_the_demo_leads_to_it() {
        let ids = |share: &'static Share| share.drafts.iter().map(|it| it.external_id.as_str());
        let logs: BTreeMap<String, BTreeSet<&str>> = SHARES
            .iter()
            .map(|share| (share.network.log(), ids(share).collect()))
            .collect();
        let known: BTreeSet<&str> = logs.values().flatten().copied().collect();
        let mut led = 0;
        for share in SHARES.iter() {
            let own = &logs[&share.network.log()];
            for draft in &share.drafts {
                let traits = Traits::read(draft.kind, &draft.payload).unwrap();
                for reference in traits.references() {
                    let Some(id) = reference.external_id.as_deref() else {
                        continue;
                    };
                    let Some(log) = reference.origin.as_deref().filter(|log| !log.is_empty())
                    else {
                        assert!(own.contains(id) || !known.contains(id), "{id}");
                        continue;
                    };
                    assert!(logs[log].contains(id), "{log} has no {id}");
                    led += 1;
                }
            }
        }
        assert!(led > 2_000, "{led}");
    }

    #[test]
    fn what_the_secretariat_holds_for_others_says_so() {
        for share in SHARES.iter() {
            for record in records(share) {
                record.check().unwrap();
                let custody = record.message().custody.as_ref();
                let has_owner = !record.message().countries.is_empty()
                    || record.kind() == Kind::REGIONAL_ACTION_PLAN;
                let held = share.network == Network::Secretariat && has_owner;
                assert_eq!(custody.is_some(), held, "{}", record.message().external_id);
                if record.kind() == Kind::NATIONAL_ACTION_PLAN && held {
                    assert_eq!(custody.unwrap().countries, record.message().countries);
                }
            }
        }
    }

    #[test]
    fn no_record_has_two_publishers() {
        let ids: Vec<String> = SHARES
            .iter()
            .flat_map(|share| share.drafts.iter().map(|draft| draft.external_id.clone()))
            .collect();
        // Every record of every file.
        assert_eq!(
            ids.len(),
            213 + 8 + 39 + 39 + 3 + 1 + 6099 + 140 + 10 + 1 + 18 + 8 + 134 + 24 + 22 + 8
        );
        assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len());
    }
}
