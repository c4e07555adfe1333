//! Records by the first digits of their ids, as a person types them.

use std::collections::BTreeSet;

use wpsx_proto::origin::RecordId;

use crate::{
    error::ViewsError,
    question::Logs,
    rows::{keys::ROWS, row::RowKey},
    views::Views,
};

impl Views {
    /// The first `most` records of `logs`, in order, whose ids begin with these hexadecimal
    /// digits. It looks at all that do, so there should be some digits.
    ///
    /// # Errors
    /// Whatever the table says.
    pub fn beginning(
        &self,
        logs: &Logs,
        digits: &str,
        most: usize,
    ) -> Result<Vec<RecordId>, ViewsError> {
        let Some(whole) = whole_bytes(digits) else {
            return Ok(Vec::new());
        };
        let shared = &self.poster.shared;
        let (mut ends, layers) = (shared.ends(), shared.layers());
        // A log that was forgotten may have rows left.
        ends.retain(|log, _| logs.contains(log));
        let mut found = BTreeSet::new();
        let mut take = |key: RowKey| {
            let id = RecordId::from_bytes(key.record());
            if ends.contains_key(&key.log()) && id.to_string().starts_with(digits) {
                found.insert(id);
                if found.len() > most {
                    found.pop_last();
                }
            }
        };
        shared.stored().scan(ROWS, &whole, |key, _| {
            take(RowKey::from_bytes(key)?);
            Ok(())
        })?;
        for layer in &layers {
            layer.read().rows.keys().copied().for_each(&mut take);
        }
        Ok(found.into_iter().collect())
    }
}

/// The bytes that whole pairs of digits stand for.
fn whole_bytes(digits: &str) -> Option<Vec<u8>> {
    let pairs = 0..digits.len() / 2;
    pairs
        .map(|pair| u8::from_str_radix(digits.get(2 * pair..2 * pair + 2)?, 16).ok())
        .collect()
}
