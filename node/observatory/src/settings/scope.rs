//! Whose countries a site shows by itself.

use wpsx_words::{Vocabularies, vocabularies::GroupError};

/// A region, or the members of an organisation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scope {
    pub(crate) code: String,
    pub(crate) vocabulary: &'static str,
}

impl Scope {
    /// The region or organisation of a code or a name.
    ///
    /// # Errors
    /// There is none, or several.
    pub fn find(text: &str, vocabularies: &Vocabularies) -> Result<Self, GroupError> {
        let code = vocabularies.countries().members(text, None)?.group;
        let groups = vocabularies.get_or_empty("groups");
        let vocabulary = match groups.term(&code) {
            Some(_) => "groups",
            None => "m49",
        };
        Ok(Self { code, vocabulary })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_is_a_region_or_an_organisation_that_the_vocabularies_know() {
        let vocabularies = Vocabularies::shipped();
        let find = |text: &str| Scope::find(text, &vocabularies);
        let of = |code: &str, vocabulary| Scope {
            code: code.to_owned(),
            vocabulary,
        };
        assert_eq!(find("002"), Ok(of("002", "m49")));
        assert_eq!(find("AU"), Ok(of("AU", "groups")));
        assert_eq!(find("African Union"), Ok(of("AU", "groups")));
        let error = find("Atlantis").unwrap_err().to_string();
        assert!(error.contains("write a code such as"), "{error}");
    }
}
