//! What a profile does for records of one kind.

use std::{collections::BTreeSet, sync::Arc};

use wpsx_proto::record::Kind;

use super::{
    parts::{Parts, Wrong},
    profile::Profile,
    source::Source,
    target::Target,
};

/// The fields and lists of one kind, with their paths found.
pub(super) struct Shape {
    pub(super) kind: Kind,
    pub(super) fields: Vec<(Source, Target)>,
    /// In the order of the profile's joins.
    pub(super) joins: Vec<Arc<Parts>>,
    pub(super) group: Option<Arc<Parts>>,
    /// Columns of the file that it reads; those of joined files are others.
    pub(super) used: BTreeSet<String>,
}

impl Shape {
    pub(super) fn of(profile: &Profile, kind: Kind) -> Result<Self, Vec<Wrong>> {
        let (mut fields, mut wrong) = (Vec::new(), Vec::new());
        let name = kind.to_string();
        for field in &profile.field {
            if field.each.is_some() || !(field.kinds.is_empty() || field.kinds.contains(&name)) {
                continue;
            }
            let found =
                Source::new(field).and_then(|source| Ok((source, Target::find(kind, &field.to)?)));
            match found {
                Ok(found) => fields.push(found),
                // A header row of paths is known by its columns, a profile by its paths.
                Err(reason) => wrong.push((field.line, field.to.clone(), reason)),
            }
        }
        let mut list = |to: &str, elements: &[_], file: Option<&str>| {
            let parts = Parts::new(kind, to, elements, file);
            parts.map(Arc::new).map_err(|more| wrong.extend(more)).ok()
        };
        let joins = profile
            .join
            .iter()
            .filter_map(|join| list(&join.to, &join.element, Some(&join.file)))
            .collect();
        let group = profile
            .group
            .as_ref()
            .and_then(|group| list(&group.to, &group.element, None));
        if !wrong.is_empty() {
            return Err(wrong);
        }
        let own = fields.iter().flat_map(|(source, _)| source.columns());
        let used = own.chain(group.iter().flat_map(|parts| parts.columns()));
        Ok(Self {
            used: used.map(str::to_owned).collect(),
            kind,
            fields,
            joins,
            group,
        })
    }
}
