//! Families: a text, its translations, annexes and amendments, told once.
//!
//! Each member names the head of its family. Of those that match, the head is told, and if
//! it does not match, the first member that does. The head may be in another log.

use std::collections::{BTreeMap, HashMap};

use crate::{
    content::Reference,
    matching::Matches,
    question::{Filter, Logs},
    rows::{
        offsets::RUN,
        row::RowKey,
        set::{self, offset, run_of},
    },
    table::TableError,
    view::View,
};

/// Of one answer so many members are joined; each of the others stands for itself.
const MOST_MEMBERS: usize = 100_000;

/// What members are joined at: a place, or the name of a head that does not match.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Node {
    Entry((u32, u64)),
    Named(u32, String),
}

/// Takes all but one of each family out of what matches.
pub(crate) fn once(
    view: &View<'_>,
    logs: &Logs,
    filter: &Filter,
    matches: &mut Matches,
) -> Result<(), TableError> {
    let mut joined = Joined::default();
    let mut members = Vec::new();
    let places = view.members(matches)?;
    for (place, stood) in places.into_iter().take(MOST_MEMBERS) {
        let keys = view.keys(place.0, stood)?;
        let Some(head) = Reference::from_text(&keys.family) else {
            continue;
        };
        let records = match &head {
            // Heads are records.
            Reference::Body { .. } | Reference::Whole { .. } => continue,
            Reference::Record(id) => vec![(None, *id.as_bytes())],
            Reference::Named {
                origin,
                external_id,
            } => {
                let log = match origin.is_empty() {
                    true => Some(place.0),
                    false => filter.origins.get(origin).copied(),
                };
                let Some(log) = log.filter(|log| logs.contains(log)) else {
                    let name = Node::Named(u32::MAX, keys.family.to_string());
                    joined.join(Node::Entry(place), name);
                    members.push(place);
                    continue;
                };
                let found = view.named(log, external_id)?;
                found.into_iter().map(|id| (Some(log), id)).collect()
            }
        };
        let mut to = None;
        for (log, record) in records {
            let in_logs = log.map_or_else(|| logs.iter().copied().collect(), |log| vec![log]);
            for log in in_logs {
                let newest = view.newest(&RowKey::new(&record, log))?;
                let is_told = |index: &u64| {
                    let run = matches.get(&(log, run_of(*index)));
                    run.is_some_and(|bits| bits.contains(offset(*index)))
                };
                if let Some(index) = newest.filter(is_told) {
                    to = Some(Node::Entry((log, index)));
                    break;
                }
            }
        }
        let log = match &head {
            Reference::Named { origin, .. } if origin.is_empty() => place.0,
            _ => u32::MAX,
        };
        let to = to.unwrap_or_else(|| Node::Named(log, keys.family.to_string()));
        joined.join(Node::Entry(place), to);
        members.push(place);
    }
    for place in joined.all_but_one(&members) {
        if let Some(bits) = matches.get_mut(&(place.0, run_of(place.1))) {
            bits.remove(offset(place.1));
        }
    }
    matches.retain(|_, bits| !bits.is_empty());
    Ok(())
}

impl View<'_> {
    /// Whether an entry of these logs is, or was, a member of a family.
    pub(crate) fn has_families(&self, logs: &Logs) -> Result<bool, TableError> {
        for log in logs {
            for run in 0..self.end(*log).div_ceil(RUN) {
                if !self.run(*log, run).set(set::MEMBERS)?.is_empty() {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }

    /// The matching entries that are members of families, and where what they say stands.
    fn members(&self, matches: &Matches) -> Result<BTreeMap<(u32, u64), u64>, TableError> {
        let mut members = BTreeMap::new();
        for ((log, run), bits) in matches {
            let here = self.run(*log, *run);
            let mut found = here.set(set::MEMBERS)?;
            found.intersect(bits);
            let found: Vec<u64> = found
                .iter_from(0)
                .map(|offset| here.index(offset))
                .collect();
            members.extend(found.into_iter().map(|index| ((*log, index), index)));
            let mut ended = here.set(set::ENDED)?;
            ended.intersect(bits);
            if ended.is_empty() {
                continue;
            }
            for (index, stood) in here.links()? {
                let run = self.run(*log, run_of(stood));
                if ended.contains(offset(index)) && run.set(set::MEMBERS)?.contains(offset(stood)) {
                    members.insert((*log, index), stood);
                }
            }
        }
        Ok(members)
    }
}

/// Sets of nodes that belong together.
#[derive(Default)]
struct Joined(HashMap<Node, Node>);

impl Joined {
    /// The node that stands for all that a node is joined with.
    fn root(&mut self, node: &Node) -> Node {
        let mut root = node.clone();
        while let Some(above) = self.0.get(&root).filter(|above| **above != root) {
            root = above.clone();
        }
        // What was gone through is short from now on.
        let mut at = node.clone();
        while at != root {
            let above = self.0.insert(at, root.clone());
            at = above.unwrap_or_else(|| root.clone());
        }
        root
    }

    fn join(&mut self, a: Node, b: Node) {
        let (a, b) = (self.root(&a), self.root(&b));
        self.0.entry(b.clone()).or_insert_with(|| b.clone());
        self.0.insert(a, b);
    }

    /// The members that are not told: where a family has a head that is no member, all of
    /// them, and else all but the first.
    fn all_but_one(&mut self, members: &[(u32, u64)]) -> Vec<(u32, u64)> {
        let is_member: std::collections::BTreeSet<_> = members.iter().copied().collect();
        let entries: Vec<Node> = self.0.keys().cloned().collect();
        let mut told: HashMap<Node, (bool, (u32, u64))> = HashMap::new();
        for node in entries {
            let root = self.root(&node);
            let Node::Entry(place) = node else { continue };
            let rank = (is_member.contains(&place), place);
            let best = told.entry(root).or_insert(rank);
            *best = rank.min(*best);
        }
        let mut others = Vec::new();
        for member in is_member {
            let root = self.root(&Node::Entry(member));
            if told.get(&root).is_some_and(|(_, place)| *place != member) {
                others.push(member);
            }
        }
        others
    }
}
