//! One vocabulary: its codes in order, and what is found by a name in any language.
//!
//! A text is looked for as a code, then as a name or an alias; what fits two terms is
//! answered with both, never with a guess.

use std::{collections::HashMap, sync::OnceLock};

use wpsx_proto::record::each_word;

use super::table::Term;
use crate::{Label, Language, State, fold};

/// Codes with their names.
#[derive(Debug, Default)]
pub struct Vocabulary {
    name: String,
    terms: Vec<Term>,
    by_code: HashMap<String, usize>,
    by_folded_code: HashMap<String, Vec<usize>>,
    by_name: HashMap<String, Vec<(usize, Language)>>,
    by_alias: HashMap<String, Vec<usize>>,
    /// By each word of a name, made when it is first asked for.
    by_word: OnceLock<HashMap<String, Vec<usize>>>,
    /// By the code of the term that is used today, made when it is first asked for.
    by_today: OnceLock<HashMap<String, Vec<usize>>>,
}

/// What a text was taken for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// It is the code, letter for letter.
    Code,
    /// It is the code in another case or with other separators: `gbr`, `in_force`.
    CodeWrittenOtherwise,
    /// It is a code or name that was used before; the term is today's.
    Former,
    /// It is the name in that language.
    Name(Language),
    /// It is another name or code that people write for it.
    Alias,
}

/// What a vocabulary has for a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found<'a> {
    /// One term, and how the text was understood.
    One {
        /// The term.
        term: &'a Term,
        /// How the text was understood.
        how: How,
    },
    /// Several terms that it fits equally well.
    Several(Vec<&'a Term>),
    /// None.
    Nothing,
}

impl<'a> Found<'a> {
    /// The term, where there is exactly one.
    #[must_use]
    pub fn term(&self) -> Option<&'a Term> {
        match self {
            Self::One { term, .. } => Some(term),
            _ => None,
        }
    }
}

impl Vocabulary {
    pub(super) fn new(name: &str, terms: Vec<Term>) -> Self {
        let mut vocabulary = Self {
            name: name.to_owned(),
            ..Self::default()
        };
        for (at, term) in terms.iter().enumerate() {
            vocabulary.by_code.insert(term.code.clone(), at);
            push(&mut vocabulary.by_folded_code, fold(&term.code), at);
            for language in Language::ALL {
                for spelling in term.name(language).into_iter().flat_map(spellings) {
                    let entries = vocabulary.by_name.entry(spelling).or_default();
                    if !entries.iter().any(|(known, _)| *known == at) {
                        entries.push((at, language));
                    }
                }
            }
            for spelling in term.aliases.iter().flat_map(|alias| spellings(alias)) {
                push(&mut vocabulary.by_alias, spelling, at);
            }
        }
        vocabulary.terms = terms;
        vocabulary
    }

    /// The name that the schema calls it by.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Every term, in the order of the files.
    #[must_use]
    pub fn terms(&self) -> &[Term] {
        &self.terms
    }

    /// The terms that a new record may use: without those that were replaced or withdrawn.
    pub fn offered(&self) -> impl Iterator<Item = &Term> {
        self.terms.iter().filter(|term| term.is_offered())
    }

    /// The term of a code, letter for letter.
    #[must_use]
    pub fn term(&self, code: &str) -> Option<&Term> {
        self.by_code.get(code).map(|at| &self.terms[*at])
    }

    /// The term that is used today instead of this one, or itself.
    #[must_use]
    pub fn today<'a>(&'a self, term: &'a Term) -> &'a Term {
        let mut today = term;
        // A circle of replacements ends too.
        for _ in 0..10 {
            match self.term(&today.replaced_by) {
                Some(next) => today = next,
                None => break,
            }
        }
        today
    }

    /// The terms, of today and of before, for which the term of this code is used today.
    pub fn once(&self, code: &str) -> impl Iterator<Item = &Term> {
        let by_today = self.by_today.get_or_init(|| {
            let mut by_today = HashMap::new();
            for (at, term) in self.terms.iter().enumerate() {
                push(&mut by_today, self.today(term).code.clone(), at);
            }
            by_today
        });
        let found = by_today.get(code).into_iter().flatten();
        found.map(|at| &self.terms[*at])
    }

    /// What a text means: a code in any case, or a name or alias in any language.
    #[must_use]
    pub fn find(&self, text: &str) -> Found<'_> {
        let text = text.trim();
        if let Some(term) = self.term(text) {
            return self.one(term, How::Code);
        }
        let folded = spellings(text);
        let look = |table: &HashMap<String, Vec<usize>>| -> Vec<usize> {
            let mut found: Vec<usize> = Vec::new();
            for at in folded.iter().filter_map(|text| table.get(text)).flatten() {
                if !found.contains(at) {
                    found.push(*at);
                }
            }
            found
        };
        let named = || -> Vec<(usize, Language)> {
            let mut found: Vec<(usize, Language)> = Vec::new();
            let hits = folded.iter().filter_map(|text| self.by_name.get(text));
            for (at, language) in hits.flatten() {
                if !found.iter().any(|(known, _)| known == at) {
                    found.push((*at, *language));
                }
            }
            found
        };
        let codes = look(&self.by_folded_code);
        let with = |how: How| move |at: usize| (at, how);
        let mut candidates: Vec<(usize, How)> = codes
            .into_iter()
            .map(with(How::CodeWrittenOtherwise))
            .collect();
        if candidates.is_empty() {
            let names = named().into_iter();
            candidates = names
                .map(|(at, language)| (at, How::Name(language)))
                .collect();
            // What is one country's name may be what people call another one.
            let aliases = look(&self.by_alias).into_iter();
            candidates.extend(aliases.map(with(How::Alias)));
        }
        self.answer(candidates)
    }

    /// The terms that have a word in a name, in any language. The word is written as
    /// [`words`](wpsx_proto::record::words) gives it.
    pub fn with_word(&self, word: &str) -> impl Iterator<Item = &Term> {
        let by_word = self.by_word.get_or_init(|| {
            let mut by_word = HashMap::new();
            for (at, term) in self.terms.iter().enumerate() {
                let names = Language::ALL.into_iter().filter_map(|it| term.name(it));
                names.for_each(|name| {
                    each_word(name, |word| push(&mut by_word, word.to_owned(), at));
                });
            }
            by_word
        });
        let found = by_word.get(word).into_iter().flatten();
        found.map(|at| &self.terms[*at])
    }

    /// What to show for a code: its name in the language, else in English, else the code.
    #[must_use]
    pub fn label(&self, code: &str, language: Language) -> Label<'_> {
        let named = |term: &'_ Term, language| term.name(language).is_some();
        let Some(term) = self.term(code) else {
            return Label::missing(code);
        };
        // Some operator's rows have a name in one language alone.
        let order = [language, Language::English];
        let found = order.into_iter().chain(Language::ALL);
        let Some(found) = found.into_iter().find(|known| named(term, *known)) else {
            return Label::missing(code);
        };
        Label {
            text: term.names[found.index()].as_str().into(),
            language: found,
            state: match term.machine.contains(&found) {
                true => State::Machine,
                false => State::Reviewed,
            },
            is_fallback: found != language,
        }
    }

    fn answer(&self, candidates: Vec<(usize, How)>) -> Found<'_> {
        // A code of the past and today's are one place.
        let mut today: Vec<(&Term, How)> = Vec::new();
        for (at, how) in candidates {
            let term = self.today(&self.terms[at]);
            if !today.iter().any(|(known, _)| known.code == term.code) {
                let how = match self.terms[at].replaced_by.is_empty() {
                    true => how,
                    false => How::Former,
                };
                today.push((term, how));
            }
        }
        match today.as_slice() {
            [] => Found::Nothing,
            [(term, how)] => Found::One { term, how: *how },
            several => Found::Several(several.iter().map(|(term, _)| *term).collect()),
        }
    }

    fn one<'a>(&'a self, term: &'a Term, how: How) -> Found<'a> {
        match term.replaced_by.is_empty() {
            true => Found::One { term, how },
            false => Found::One {
                term: self.today(term),
                how: How::Former,
            },
        }
    }
}

fn push(table: &mut HashMap<String, Vec<usize>>, key: String, at: usize) {
    let entries = table.entry(key).or_default();
    if entries.last() != Some(&at) {
        entries.push(at);
    }
}

/// The folded text, and the same without an English article: `the Gambia`, `Gambia (the)`.
fn spellings(text: &str) -> Vec<String> {
    let mut all = vec![fold(text)];
    let lower = text.trim().to_lowercase();
    let bare = lower
        .strip_prefix("the ")
        .or_else(|| lower.strip_suffix("(the)"))
        .or_else(|| lower.strip_suffix(", the"));
    all.extend(bare.map(fold));
    all.retain(|spelling| !spelling.is_empty());
    all
}
