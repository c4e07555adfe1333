//! Values that several commands take.

use wpsx_proto::record::Kind;

/// The number of a kind by its name.
pub(super) fn kind(text: &str) -> Result<u32, String> {
    text.parse::<Kind>()
        .map(Kind::number)
        .map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    #[test]
    fn a_kind_is_typed_by_its_name_and_a_number_is_none() {
        assert_eq!(
            kind("event").unwrap(),
            "event".parse::<Kind>().unwrap().number()
        );
        assert_eq!(kind("kind-57").unwrap(), 57);
        for number in ["1", "12", " 3", ""] {
            let told = kind(number).unwrap_err();
            assert!(told.contains("known are national-action-plan,"), "{told}");
        }
    }
}
