//! Further sheets and files, whose rows are parts of the records of the first one.

use prost_reflect::DynamicMessage;
use wpsx_domain::publishing::Extent;
use wpsx_proto::record::{Record, schema::record_message};

use super::state::Reading;
use crate::{
    bad::{BadRow, remedy_of},
    groups::Whose,
    row::Row,
    target::drop_empty_items,
};

impl Reading<'_> {
    /// Adds what further sheets say of a record. Where `bad` is not empty, the record's own
    /// rules were told before.
    pub(super) fn add_parts(
        &mut self,
        row: &Row,
        record: &mut Record,
        extent: &mut Extent,
        bad: &mut Vec<BadRow>,
    ) {
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
        let was_sound = bad.is_empty();
        bad.extend(self.groups.fill(whose, &mut message, &mut self.finds));
        let are_sound = bad.is_empty();
        drop_empty_items(&mut message);
        *record = match Record::of(&message) {
            Ok(record) => record,
            Err(error) => return bad.push(whole(&error)),
        };
        let broken = record.check().err().filter(|_| was_sound && are_sound);
        for error in broken.into_iter().flatten() {
            let remedy = remedy_of(&error);
            let told = match self.groups.spot(record.kind(), &error.field) {
                Some(spot) => spot.bad(error.reason),
                None => BadRow::at(row.line, &error.field, error.reason),
            };
            bad.push(told.remedy(remedy));
        }
        if let Extent::Fields(fields) = extent {
            match Extent::of(&self.groups.fields(record.kind())) {
                Ok(Extent::Fields(more)) => fields.extend(more),
                Ok(_) => {}
                Err(error) => bad.push(whole(&error)),
            }
        }
    }
}
