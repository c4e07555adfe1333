//! What the demo asks one of its nodes about all that the four publish.

use std::collections::BTreeMap;

use wpsx_domain::{
    NodeError, Wanted,
    records::{Part, Question},
};
use wpsx_proto::record::Kind;

use crate::app::App;

/// How many records of each kind a node answers with, of some countries or of all. Kinds
/// without one are left out.
///
/// # Errors
/// Our own files cannot be read.
pub(super) fn by_kind(node: &App, countries: &[&str]) -> Result<BTreeMap<String, u64>, NodeError> {
    let mut counts = BTreeMap::new();
    for kind in Kind::known() {
        let question = Question {
            kinds: vec![kind.number()],
            countries: countries.iter().map(|&code| code.to_owned()).collect(),
            ..Question::default()
        };
        let count = count(node, &question)?;
        if count > 0 {
            counts.insert(kind.to_string(), count);
        }
    }
    Ok(counts)
}

fn count(node: &App, question: &Question) -> Result<u64, NodeError> {
    let sight = node.access().public();
    let mut part = Part {
        size: 1_000,
        ..Part::default()
    };
    let mut count = 0;
    loop {
        let page = node
            .records()
            .list(&sight, question, &part, &Wanted::default())?;
        count += page.entries.len() as u64;
        if page.next_token.is_empty() {
            return Ok(count);
        }
        part.token = page.next_token;
    }
}
