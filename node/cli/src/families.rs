//! Families in a folder of mirrored logs: a text, its translations, annexes and amendments,
//! told once. Of those that are found the head is told, and where it is not among them, the
//! first member that is; a node's views do the same.

use std::collections::{HashMap, HashSet};

use wpsx_client::Entry;
use wpsx_proto::{
    origin::RecordId,
    record::{Reading, Reference, Sense, Traits, normal_external_id},
};

/// The source's id of a record, within its log.
type Named = (String, String);

/// What an answer has of one record.
pub(crate) struct Member {
    record: Option<RecordId>,
    named: Option<Named>,
    /// The head that it names.
    head: Option<Head>,
}

/// How a head is named.
#[derive(Clone, PartialEq, Eq, Hash)]
enum Head {
    Record(RecordId),
    Named(Named),
    Found(usize),
}

impl Member {
    pub(crate) fn of(entry: &Entry) -> Self {
        let origin = entry.origin().as_str();
        let named =
            |origin: &str, id: &str| (origin.to_owned(), normal_external_id(id).into_owned());
        let payload = entry
            .envelope()
            .map(|envelope| envelope.kind)
            .zip(entry.payload());
        let traits = payload.and_then(|(kind, payload)| Traits::read(kind, payload).ok());
        let family = traits.as_ref().and_then(|traits| {
            let mut references = traits.references().iter();
            references.find(|reference| reference.sense == Sense::Family)
        });
        let head = |reference: &Reference| {
            let by_id = reference.record_id.map(Head::Record);
            by_id.or_else(|| {
                let id = reference.external_id.as_deref()?;
                let of = reference.origin.as_deref().unwrap_or(origin);
                Some(Head::Named(named(of, id)))
            })
        };
        let record = entry.record();
        let id = record
            .as_ref()
            .map(Reading::header)
            .and_then(|it| it.external_id().map(str::to_owned));
        Self {
            record: entry.record_id(),
            named: id.map(|id| named(origin, &id)),
            head: family.and_then(head),
        }
    }
}

/// For each of the answer, whether it is told.
pub(crate) fn told(answer: &[Member]) -> Vec<bool> {
    let numbered = || answer.iter().enumerate();
    let by_id: HashMap<&RecordId, usize> = numbered()
        .filter_map(|(n, it)| Some((it.record.as_ref()?, n)))
        .collect();
    let by_name: HashMap<&Named, usize> = numbered()
        .filter_map(|(n, it)| Some((it.named.as_ref()?, n)))
        .collect();
    // What a member is a part of in the end; a ring of members is told by its first.
    let root = |first: usize| {
        let (mut at, mut seen) = (first, HashSet::from([first]));
        loop {
            let Some(head) = &answer[at].head else {
                return Head::Found(at);
            };
            let found = match head {
                Head::Record(id) => by_id.get(id),
                Head::Named(name) => by_name.get(name),
                Head::Found(n) => Some(n),
            };
            match found.copied() {
                None => return head.clone(),
                Some(next) if !seen.insert(next) => {
                    return Head::Found(seen.into_iter().min().unwrap_or(first));
                }
                Some(next) => at = next,
            }
        }
    };
    let mut firsts = HashSet::new();
    let told = (0..answer.len()).map(|n| match root(n) {
        Head::Found(head) => head == n,
        missing => firsts.insert(missing),
    });
    told.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn member(id: u8, name: &str, head: Option<Head>) -> Member {
        Member {
            record: Some(RecordId::from_bytes([id; 16])),
            named: (!name.is_empty()).then(|| named(name)),
            head,
        }
    }

    fn named(name: &str) -> Named {
        ("log".to_owned(), name.to_owned())
    }

    #[test]
    fn of_each_family_the_head_is_told_or_the_first_that_is_there() {
        let by_id = |id: u8| Some(Head::Record(RecordId::from_bytes([id; 16])));
        let by_name = |name: &str| Some(Head::Named(named(name)));
        let answer = [
            member(1, "text", None),
            member(2, "", by_name("text")),
            member(3, "annex", by_id(1)),
            // An annex of an annex.
            member(4, "", by_name("annex")),
            // Two of a head that is not there.
            member(5, "", by_name("elsewhere")),
            member(6, "", by_name("elsewhere")),
            // A ring.
            member(7, "", by_id(8)),
            member(8, "", by_id(7)),
            member(9, "alone", None),
        ];
        let expected = [true, false, false, false, true, false, true, false, true];
        assert_eq!(told(&answer), expected);
    }
}
