//! Further sheets and files, whose rows are parts of the records of the first one.

use prost_reflect::DynamicMessage;
use wpsx_domain::publishing::{Extent, remedy_of};
use wpsx_proto::record::{Record, schema::record_message};

use super::{state::Reading, way::Partly};
use crate::{bad::BadRow, groups::Whose, judged::Broken, row::Row, target::drop_empty_items};

impl Reading<'_> {
    /// Adds what further sheets say of a record, and the rules that it breaks with that.
    pub(super) fn add_parts(&mut self, row: &Row, partly: &mut Partly) {
        let Partly {
            record,
            extent,
            bad,
            broken,
            ..
        } = partly;
        let whole = |error: &dyn std::fmt::Display| {
            BadRow::at(row.line, "", error.to_string()).remedy("correct the row")
        };
        let mut message = match DynamicMessage::decode(record_message(), record.payload().clone()) {
            Ok(message) => message,
            Err(error) => return bad.push(whole(&error)),
        };
        let whose = Whose {
            kind: record.kind(),
            record_id: &row.from.0,
            external_id: &record.message().external_id,
        };
        bad.extend(self.groups.fill(whose, &mut message, &mut self.finds));
        self.finds.numbers.turn_to(None, self.has_points);
        drop_empty_items(&mut message);
        *record = match Record::of(&message) {
            Ok(record) => record,
            Err(error) => return bad.push(whole(&error)),
        };
        if bad.is_empty() {
            let before = std::mem::take(broken);
            for error in record.check().err().into_iter().flatten() {
                if let Some(told) = before.iter().find(|before| before.is_same(&error)) {
                    broken.push(told.clone());
                    continue;
                }
                let remedy = remedy_of(&error);
                let told = match self.groups.spot(record.kind(), &error.field) {
                    Some(spot) => spot.bad(error.reason),
                    None => BadRow::at(row.line, &error.field, error.reason),
                };
                broken.push(Broken {
                    field: error.field,
                    bad: told.remedy(remedy),
                });
            }
        }
        if let Extent::Fields(fields) = extent {
            match Extent::fields(&self.groups.fields(record.kind())) {
                Ok(Extent::Fields(more)) => fields.extend(more),
                Ok(_) => {}
                Err(error) => bad.push(whole(&error)),
            }
        }
    }
}
