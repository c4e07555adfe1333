//! The publishers whose records are here: what each is called, and which one was meant.
//!
//! An address names a publisher by its own name, such as `ministry.example`; what it calls
//! itself is understood too, where only one calls itself so.

use std::collections::BTreeMap;

use maud::{Markup, html};
use wpsx_domain::records::PUBLISHER;
use wpsx_words::{Vocabularies, distance, fold};

use crate::{
    address::Address,
    foreign::unsteered,
    names::{called, everywhere, shown, with_machine},
    observatory::Observatory,
    texts::Voice,
};

/// What each publisher calls itself, by its name.
#[derive(Debug, Default)]
pub(crate) struct Publishers(BTreeMap<String, String>);

impl Publishers {
    /// Those whose logs everybody may read.
    pub(crate) fn of(site: &Observatory) -> Self {
        let logs = site.sight().logs().into_iter();
        let named = logs.map(|log| {
            let identity = log.identity();
            (identity.name().to_string(), identity.title().to_owned())
        });
        Self(named.collect())
    }

    /// Whether there is one of that name.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// What one is called: as it calls itself, in the reader's language where a vocabulary has
    /// that; one that nobody knows by the name that was asked for.
    pub(crate) fn called(&self, name: &str, voice: Voice<'_>) -> String {
        match self.0.get(name).filter(|title| !title.is_empty()) {
            Some(title) => unsteered(&called(title, voice)),
            None => name.to_owned(),
        }
    }

    /// The same on a page.
    pub(crate) fn title_shown(&self, name: &str, voice: Voice<'_>) -> Markup {
        match self.0.get(name).filter(|title| !title.is_empty()) {
            Some(title) => shown(title, voice),
            None => html! { bdi dir="ltr" { (name) } },
        }
    }

    /// The same, with its name in small.
    pub(crate) fn shown(&self, name: &str, voice: Voice<'_>) -> Markup {
        with_machine(self.0.get(name).map(String::as_str), name, voice)
    }

    /// An address that names them as we do, so that one question has one address.
    pub(crate) fn settle(&self, address: &mut Address, vocabularies: &Vocabularies) {
        let name = |asked: &str| self.meant(asked, vocabularies).map(str::to_owned);
        address.rename(PUBLISHER, name);
    }

    /// The one that is named so, or alone calls itself so, in whatever language it is said.
    fn meant(&self, asked: &str, vocabularies: &Vocabularies) -> Option<&str> {
        let wanted = fold(asked);
        let by_name = self.0.keys().find(|name| fold(name) == wanted);
        let is_called = |title: &str| names(title, vocabularies).any(|it| fold(it) == wanted);
        let mut by_title = self.0.iter().filter(|(_, title)| is_called(title));
        let one = by_title.next().map(|(name, _)| name);
        let one = one.filter(|_| by_title.next().is_none());
        by_name.or(one).map(String::as_str)
    }

    /// The names that may have been meant by one that nobody has, the nearest first.
    pub(crate) fn near(&self, asked: &str, vocabularies: &Vocabularies) -> Vec<String> {
        let asked = fold(asked);
        let measured = self.0.iter().filter_map(|(name, title)| {
            let known = names(title, vocabularies).chain([name.as_str()]);
            let far = known.filter_map(|known| distance(&asked, &fold(known)));
            Some((far.min()?, name))
        });
        let mut near: Vec<(usize, &String)> = measured.collect();
        near.sort_unstable();
        near.into_iter().map(|(_, name)| name.clone()).collect()
    }
}

/// What one calls itself, and what that is in the languages of the vocabularies.
fn names<'a>(title: &'a str, vocabularies: &'a Vocabularies) -> impl Iterator<Item = &'a str> {
    let also = everywhere(title, vocabularies).into_iter();
    also.chain([title]).filter(|name| !name.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn publishers() -> Publishers {
        let all = [
            ("au.example", "African Union"),
            ("ke.example", "Ministry of Gender"),
            ("office.example", "Office"),
            ("other.example", "Office"),
        ];
        Publishers(
            all.map(|(name, title)| (name.to_owned(), title.to_owned()))
                .into(),
        )
    }

    #[test]
    fn a_publisher_is_meant_by_its_name_in_any_case_or_by_what_it_alone_calls_itself() {
        let (all, words) = (publishers(), Vocabularies::shipped());
        for asked in ["ke.example", "KE.Example", "ministry of gender"] {
            assert_eq!(all.meant(asked, &words), Some("ke.example"), "{asked}");
        }
        for asked in ["African union", "Union africaine", "الاتحاد الأفريقي"] {
            assert_eq!(all.meant(asked, &words), Some("au.example"), "{asked}");
        }
        assert_eq!(all.meant("office", &words), None, "two call themselves so");
        assert_eq!(all.meant("nobody.example", &words), None);
    }

    #[test]
    fn a_mistyped_publisher_finds_those_that_may_have_been_meant() {
        let (all, words) = (publishers(), Vocabularies::shipped());
        let near = |asked: &str| all.near(asked, &words);
        assert_eq!(near("ke.exmple")[0], "ke.example");
        assert_eq!(near("Ministry of Gendre"), ["ke.example"]);
        assert_eq!(near("Offce"), ["office.example", "other.example"]);
        assert_eq!(near("Union africane"), ["au.example"]);
        assert!(near("Atlantis").is_empty());
    }
}
