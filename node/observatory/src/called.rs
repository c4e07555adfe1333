//! What a record is called, wherever it stands: on its page, in lists, links, feeds and
//! citations. It is its title in the reader's language; of an organisation without one the name
//! that the vocabularies have; else the title as its author wrote it, else the English one, else
//! the first. What was translated says how, and has what it was translated from beside it.

use wpsx_proto::{
    api::record::v1::{Text, TextKind},
    payload::SlotState,
    record::schema::record_message,
};
use wpsx_words::State;

use crate::{
    item::{Content, Item},
    plain::one_line,
    texts::{self, Voice, method},
};

/// A title with its language and how it came to be in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Worded {
    pub(crate) language: String,
    pub(crate) text: String,
    pub(crate) kind: TextKind,
}

/// What a record is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Called {
    /// What is shown.
    pub(crate) title: Worded,
    /// What its author wrote, where that is another text.
    pub(crate) original: Option<Worded>,
}

impl Called {
    /// None of a record whose titles nobody here has.
    pub(crate) fn of(item: &Item, voice: Voice<'_>) -> Option<Self> {
        let Content::Here(reading) = &item.content else {
            return None;
        };
        let header = reading.header();
        let tag = voice.language.tag();
        let stated = header.stated()?;
        let known = || {
            let known = item.known_as(&stated.text, voice)?;
            Some(Worded {
                language: tag.to_owned(),
                text: known.text.into_owned(),
                kind: match known.state {
                    State::Machine => TextKind::MachineTranslation,
                    _ => TextKind::UnofficialTranslation,
                },
            })
        };
        let original = header.original();
        let worded = |text: &Text| Worded {
            language: text.language.clone(),
            text: text.text.clone(),
            // What was translated is its author's, whether or not that is said.
            kind: match original.is_some_and(|original| std::ptr::eq(original, text)) {
                true => TextKind::Original,
                false => text.kind(),
            },
        };
        let own = header.in_language(tag).map(worded);
        let (known, is_known) = match own {
            Some(own) => (Some(own), false),
            None => (known(), true),
        };
        let stated = worded(stated);
        let title = known.unwrap_or_else(|| stated.clone());
        let is_original = stated.kind == TextKind::Original || is_known;
        let original = Some(stated).filter(|it| is_original && *it != title);
        Some(Self { title, original })
    }

    /// How it was translated; none where it was not.
    pub(crate) fn translated(&self, voice: Voice<'_>) -> Option<String> {
        match self.title.kind {
            TextKind::OfficialTranslation
            | TextKind::UnofficialTranslation
            | TextKind::MachineTranslation => how(self.title.kind, voice),
            _ => None,
        }
    }

    /// On one line, where no element marks anything.
    pub(crate) fn line(&self, voice: Voice<'_>) -> String {
        let title = one_line(&self.title.text);
        match self.translated(voice) {
            Some(how) => format!("{title} [{how}]"),
            None => title,
        }
    }
}

impl Item {
    /// What a reader calls it; none where nobody here knows.
    pub(crate) fn called(&self, voice: Voice<'_>) -> Option<Called> {
        Called::of(self, voice)
    }

    /// The same alone, with its language.
    pub(crate) fn title(&self, voice: Voice<'_>) -> Option<(String, String)> {
        let called = self.called(voice)?;
        Some((called.title.language, called.title.text))
    }

    /// The same where no element marks anything, with its language; what is said in its place
    /// where nobody knows.
    pub(crate) fn title_line(&self, voice: Voice<'_>) -> (String, String) {
        match self.called(voice) {
            Some(called) => {
                let line = called.line(voice);
                (called.title.language, line)
            }
            None => (voice.language.tag().to_owned(), untitled(self, voice)),
        }
    }
}

/// How a text came to be in its language, in the reader's words.
pub(crate) fn how(kind: TextKind, voice: Voice<'_>) -> Option<String> {
    let field = record_message().get_field_by_name("title")?;
    let field = field.kind().as_message()?.get_field_by_name("kind")?;
    Some(voice.value(&field, kind as i32).text.into_owned())
}

/// What is said in the place of a title: of what this site does not hold, that it does not.
pub(crate) fn untitled(item: &Item, voice: Voice<'_>) -> String {
    match item.content {
        Content::Hole(SlotState::None | SlotState::Erased) | Content::Here(_) => {
            voice.say(&texts::NO_TITLE).to_owned()
        }
        Content::Hole(_) => {
            let kind = voice.kind(item.kind(), false);
            format!("{} ({})", voice.say(&method::NOT_HELD), kind.text)
        }
    }
}
