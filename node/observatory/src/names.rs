//! What publishers and nodes are called: by the names that people know, with the machine's
//! name in small beside it where that says which one is meant. The name of an organisation or
//! a country that the vocabularies have is said in the reader's language.

use std::{fmt, sync::Arc};

use maud::{Markup, html};
use wpsx_domain::records::BODIES;
use wpsx_proto::identity::Identity;
use wpsx_words::{
    Label, Language, State, Vocabularies, fold,
    vocabularies::{Found, Term},
};

use crate::{foreign, plain::short, texts::Voice};

/// Characters of a name.
const LONGEST: usize = 200;

/// Publishers of one node that its title names.
const NAMED: usize = 3;

/// Whom a node hosts, by its card.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hosted {
    /// What they call themselves.
    title: String,
    /// Their machine names.
    publishers: Vec<String>,
}

impl Hosted {
    /// These publishers; none where there is nobody.
    pub fn of(publishers: &[Identity]) -> Option<Self> {
        let titles = publishers.iter().map(Identity::title).take(NAMED);
        let names = publishers.iter().map(|it| it.name().to_string());
        (!publishers.is_empty()).then(|| Self {
            title: titles.collect::<Vec<_>>().join(", "),
            publishers: names.collect(),
        })
    }

    /// One publisher, of which nothing else is known.
    pub(crate) fn made_up(title: &str, name: &str) -> Self {
        Self {
            title: title.to_owned(),
            publishers: vec![name.to_owned()],
        }
    }
}

/// Tells what a node is called, by its machine name: what the publishers that it hosts call
/// themselves.
#[derive(Clone)]
pub(crate) struct Names(Arc<Told>);

/// Whom a node of that machine name hosts.
type Told = dyn Fn(&str) -> Option<Hosted> + Send + Sync;

impl Names {
    pub(crate) fn told_by(names: impl Fn(&str) -> Option<Hosted> + Send + Sync + 'static) -> Self {
        Self(Arc::new(names))
    }

    /// The title of a node, where one is known.
    pub(crate) fn title(&self, node: &str) -> Option<String> {
        let hosted = (self.0)(node)?;
        Some(hosted.title).filter(|title| !title.is_empty())
    }

    /// Whether a node signs for a publisher: what it says of that publisher's log is no word
    /// of anybody else.
    pub(crate) fn signs_for(&self, node: &str, publisher: &str) -> bool {
        let hosted = (self.0)(node).unwrap_or_default();
        hosted.publishers.iter().any(|hosted| hosted == publisher)
    }
}

impl Default for Names {
    fn default() -> Self {
        Self::told_by(|_| None)
    }
}

impl fmt::Debug for Names {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Names")
    }
}

/// What a publisher or a body calls itself, in the reader's language where a vocabulary has that.
pub(crate) fn called(title: &str, voice: Voice<'_>) -> String {
    known(title, voice).map_or_else(|| title.to_owned(), |name| name.text.into_owned())
}

/// The same on a page: nobody has said in which language a publisher names itself.
pub(crate) fn shown(title: &str, voice: Voice<'_>) -> Markup {
    match known(title, voice) {
        Some(name) => html! { bdi { (voice.shown(&name)) } },
        None => foreign::unsaid(title),
    }
}

/// The same, where a vocabulary has it.
pub(crate) fn known<'a>(title: &str, voice: Voice<'a>) -> Option<Label<'a>> {
    let (vocabulary, term) = listed(title, voice.vocabularies)?;
    Some(voice.code(vocabulary, &term.code))
}

/// Whether an organisation of States is called so.
pub(crate) fn is_of_states(title: &str, voice: Voice<'_>) -> bool {
    listed(title, voice.vocabularies).is_some_and(|(list, _)| list == BODIES[0])
}

/// The names in all languages of what calls itself so, where a vocabulary has it.
pub(crate) fn everywhere<'a>(title: &str, vocabularies: &'a Vocabularies) -> Vec<&'a str> {
    let term = listed(title, vocabularies).map(|(_, term)| term);
    let names = term.into_iter().flat_map(|term| {
        let all = Language::ALL.into_iter();
        all.filter_map(|language| term.name(language))
    });
    names.collect()
}

fn listed<'a>(title: &str, vocabularies: &'a Vocabularies) -> Option<(&'static str, &'a Term)> {
    let mut found =
        BODIES
            .into_iter()
            .filter_map(|name| match vocabularies.get_or_empty(name).find(title) {
                Found::One { term, .. } if is_name(title, term) => Some((name, term)),
                _ => None,
            });
    found.next()
}

/// The name of a body of which a record has the short form alone, where that is the code that
/// the vocabularies have for it, letter for letter.
pub(crate) fn behind<'a>(acronym: &str, voice: Voice<'a>) -> Option<Label<'a>> {
    let lists = ["groups", "organisations"].into_iter();
    let mut names = lists.map(|list| voice.code(list, acronym));
    names.find(|name| name.state != State::Missing)
}

/// A country by its name, with the code that was written for it, where a text is nothing else
/// than such a code: whoever has no field for it writes it among words.
pub(crate) fn country_behind(text: &str, voice: Voice<'_>) -> Option<Markup> {
    let term = voice.vocabularies.get_or_empty("countries").term(text)?;
    let name = voice.country(&term.code);
    Some(html! { bdi { (voice.shown(&name)) } " " small { bdi dir="ltr" { (term.code) } } })
}

/// It is a name of the term in full, and no short form of it, which another may have too.
fn is_name(title: &str, term: &Term) -> bool {
    let title = fold(title);
    let names = Language::ALL.into_iter().filter_map(|it| term.name(it));
    names.into_iter().any(|name| fold(name) == title)
}

/// A name for people, with the machine's in small behind it.
pub(crate) fn with_machine(title: Option<&str>, machine: &str, voice: Voice<'_>) -> Markup {
    let title = title.filter(|title| !title.is_empty() && *title != machine);
    html! {
        @match title {
            Some(title) => {
                (shown(&short(title, LONGEST), voice))
                @if !machine.is_empty() { " " small { bdi dir="ltr" { (machine) } } }
            }
            None => bdi { (machine) },
        }
    }
}

#[cfg(test)]
mod tests {
    use wpsx_words::{Vocabularies, Words};

    use super::*;

    fn said(title: Option<&str>, machine: &str, language: Language) -> String {
        let vocabularies = Vocabularies::shipped();
        let voice = Voice {
            language,
            words: Words::shipped(),
            vocabularies: &vocabularies,
        };
        with_machine(title, machine, voice).into_string()
    }

    #[test]
    fn a_machine_name_stands_in_small_behind_the_name_that_people_know_in_their_language() {
        assert_eq!(
            said(Some("African Union"), "au", Language::French),
            "<bdi>Union africaine</bdi> <small><bdi dir=\"ltr\">au</bdi></small>"
        );
        let arabic = said(Some("European Union"), "eu", Language::Arabic);
        assert!(arabic.starts_with("<bdi>الاتحاد الأوروبي</bdi>"), "{arabic}");
        let balkans = said(Some("Western Balkans"), "western-balkans", Language::French);
        assert!(balkans.contains("Balkans occidentaux"), "{balkans}");
        let own = said(Some("Ministry of A"), "a.example", Language::Russian);
        let unsaid = "<bdi lang=\"und\" dir=\"auto\">Ministry of A</bdi> <small>";
        assert!(own.starts_with(unsaid), "{own}");
        assert_eq!(
            said(None, "x.example", Language::English),
            "<bdi>x.example</bdi>"
        );
    }

    #[test]
    fn a_short_form_is_no_name_of_a_publisher() {
        // Whoever calls itself so may be another than the one that is meant elsewhere.
        let vocabularies = Vocabularies::shipped();
        let voice = Voice {
            language: Language::French,
            words: Words::shipped(),
            vocabularies: &vocabularies,
        };
        assert_eq!(called("UA", voice), "UA");
        assert_eq!(called("Secretariat", voice), "Secretariat");
    }
}
