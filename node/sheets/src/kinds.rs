//! The kind that a file names.

use wpsx_proto::record::{Kind, UnknownKind};

use super::folding;

/// The kind of that name, however it is written.
///
/// # Errors
/// There is none.
pub(super) fn named(said: &str) -> Result<Kind, UnknownKind> {
    said.parse().or_else(|error| {
        let folded = folding::folded(said).replace('_', "-");
        folded.parse().map_err(|_| error)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_is_named_and_a_number_names_none() {
        assert_eq!(named("Good practice"), Ok(Kind::GOOD_PRACTICE));
        assert_eq!(named("good_practice"), Ok(Kind::GOOD_PRACTICE));
        for said in ["1", "12", " 3 ", "", "total"] {
            let told = named(said).unwrap_err().to_string();
            assert!(told.starts_with("there is no kind"), "{told}");
        }
    }
}
