//! From what a row says to a draft, or to everything that is wrong with it.

use std::sync::Arc;

use super::{
    start::{id_of, start_of},
    state::Reading,
    way::{Found, Partly, Way, spot_in},
};
use crate::{
    bad::BadRow,
    context,
    drafted::draft,
    examine::{Examined, Examiner, Suspected, Whole},
    groups::Whose,
    joins::CellRow,
    judged::Broken,
    laid::Laid,
    row::Row,
    undecided::Undecided,
    whereabouts::Lists,
};
use wpsx_domain::publishing::{Draft, Extent, Place, Suspect};
use wpsx_proto::{
    origin::RecordId,
    record::{Kind, Record, normal_external_id},
};

/// Contacts of one record that are left to who publishes it; more are faults of the file.
const MOST_SUSPECTS: usize = 20;
/// Where records say their countries.
const COUNTRIES: &str = "countries";

impl Reading<'_> {
    pub(super) fn take_found(&mut self, way: &Way, row: &Row, rows: &[CellRow], found: Found) {
        self.finds.turn_to_record(Some(row.line));
        let mut partly = match found {
            Ok(partly) => partly,
            Err(bad) => {
                self.groups.pass_over(Whose {
                    kind: Kind::new(0),
                    record_id: &row.from.0,
                    external_id: &normal_external_id(&id_of(row)),
                });
                return bad.into_iter().for_each(|bad| self.refuse(bad));
            }
        };
        if !self.groups.is_empty() {
            self.add_parts(row, &mut partly);
        }
        let Partly {
            record,
            extent,
            mut bad,
            broken,
            laid,
        } = partly;
        let judges = self.options.publisher_judges;
        // Its record may keep the rule with what it says elsewhere.
        let (broken, own) = match judges && matches!(extent, Extent::Fields(_)) {
            true => (broken, Vec::new()),
            false => (Vec::new(), broken),
        };
        bad.extend(own.into_iter().map(|own| own.bad));
        let (suspected, whole) = self.examined(way, (row.line, rows), &record, &laid);
        // Of a record that says its countries elsewhere nobody knows here whether it lacks them.
        let whole = match judges && !speaks_of(&extent, COUNTRIES) {
            true => Some(whole).filter(|whole| whole.concerns(record.kind())),
            false => {
                self.examiner.remark(&record, whole, &mut self.finds);
                None
            }
        };
        let is_sound = bad.is_empty() && self.count == 0 && suspected.len() <= MOST_SUSPECTS;
        let suspects = match is_sound && judges {
            true => suspected,
            false => {
                bad.extend(suspected.into_iter().map(|it| it.bad));
                Vec::new()
            }
        };
        if bad.is_empty() {
            let suspects = suspects.into_iter().map(|it| it.told(self.file));
            let suspects = suspects.collect();
            let at = self.imported.drafts.len();
            let lists = Lists {
                laid,
                placed: self.groups.placed(),
            };
            self.take(row, record, extent, (suspects, broken, whole));
            if self.imported.drafts.len() > at && !lists.is_empty() {
                self.lists.insert(at, lists);
            }
        } else if let Ok(draft) = self.draft(row, record, extent, Vec::new()) {
            bad.extend(self.twice(&draft));
            if !broken.is_empty() {
                self.undecided.push(Undecided {
                    draft,
                    broken,
                    of_file: None,
                });
            }
        }
        bad.into_iter().for_each(|bad| self.refuse(bad));
    }

    fn examined(
        &mut self,
        way: &Way,
        from: (u64, &[CellRow]),
        record: &Record,
        laid: &[Laid],
    ) -> (Vec<Suspected>, Whole) {
        let kind = record.kind();
        let column_of = |path: &str| way.column_of(kind, path);
        let (groups, columns) = (&self.groups, &self.columns);
        let spot_of = |path: &str, text: &str| {
            let beside = groups.spot(kind, path);
            let laid = || laid.iter().find_map(|laid| laid.spot(path, columns));
            let listed = beside.or_else(laid);
            listed.unwrap_or_else(|| spot_in(columns, from, column_of(path), text))
        };
        let examined = Examined {
            record,
            line: from.0,
            sheet: &self.sheet,
            column_of: &column_of,
            spot_of: &spot_of,
        };
        let let_through = &mut self.imported.let_through;
        Examiner::examine(&examined, self.options, &mut self.finds, let_through)
    }

    /// What a row says as a draft.
    fn draft(
        &self,
        row: &Row,
        record: Record,
        extent: Extent,
        suspects: Vec<Suspect>,
    ) -> Result<Draft, BadRow> {
        let line = row.line;
        let (record_id, revision) = start_of(row)?;
        Ok(Draft {
            record_id,
            revision,
            extent,
            place: Some(Place {
                file: Arc::from(self.file),
                line,
            }),
            suspects,
            ..draft(&record)
        })
    }

    /// The id of a draft is that of one before it.
    fn twice(&mut self, draft: &Draft) -> Option<BadRow> {
        let judges = self.options.publisher_judges;
        let line = draft.place.as_ref().map_or(0, |place| place.line);
        // What has no name of its own is known by its id.
        let name = match (draft.external_id.as_str(), &draft.record_id) {
            ("", Some(id)) => id.to_string(),
            ("", None) => return None,
            (name, _) => name.to_owned(),
        };
        // Two publishers may have called a record of theirs alike.
        let is_other = |other: &Option<RecordId>| {
            let both = draft.record_id.zip(*other);
            both.is_some_and(|(one, other)| one != other)
        };
        if let Some((first, other)) = self.ids.get(&name)
            && !(judges && is_other(other))
        {
            let reason = format!("{name:?} stands in line {first} too");
            let bad = BadRow::at(line, "external_id", reason);
            return Some(bad.remedy("give each record an id of its own"));
        }
        self.ids.insert(name, (line, draft.record_id));
        None
    }

    fn take(
        &mut self,
        row: &Row,
        record: Record,
        extent: Extent,
        (suspects, broken, whole): (Vec<Suspect>, Vec<Broken>, Option<Whole>),
    ) {
        let (kind, payload) = (record.kind().number(), record.payload().clone());
        let draft = match self.draft(row, record, extent, suspects) {
            Ok(draft) => draft,
            Err(bad) => return self.refuse(bad),
        };
        if let Some(bad) = self.twice(&draft) {
            return self.refuse(bad);
        }
        if let (Some(table), Some(at)) = (&self.kept, row.kept) {
            table.borrow_mut().name(at, &draft.external_id);
        }
        // Once a row is bad, of the others those alone are kept that may have faults.
        if self.count == 0 || !broken.is_empty() {
            let at = self.imported.drafts.len();
            if !broken.is_empty() {
                self.imported.broken.insert(at, broken);
            }
            let mut context = context::of_row(row);
            context.extend(self.groups.context());
            let differs = self.of_records.differ(kind, &payload, &context);
            let draft = Draft {
                show: whole.is_some() || differs,
                ..draft
            };
            if !context.is_empty() {
                self.imported.context.insert(at, context);
            }
            if let Some(whole) = whole {
                self.imported.wholes.insert(at, whole);
            }
            self.imported.drafts.push(draft);
        }
    }
}

fn speaks_of(extent: &Extent, path: &str) -> bool {
    match extent {
        Extent::Whole | Extent::Known => true,
        Extent::Fields(fields) => fields.iter().any(|field| field.as_str() == path),
    }
}
