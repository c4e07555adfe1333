//! What a file was found to say that does not stop its import: how its cells were
//! understood, and what looks odd in them. Each is told once and counted.

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, LazyLock},
};

use wpsx_words::Vocabularies;

use super::{bad::shortened, noted::Remarks, numbers::Numbers};

/// Places that are named of one remark; more are counted.
pub(super) const MAX_PLACES: usize = 5;
/// Different remarks, and different interpretations, of one file; more are counted together.
pub(super) const MAX_DIFFERENT: usize = 200;

/// A cell's text and what it was understood to mean: `UK → GBR, 14 cells`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interpretation {
    /// As the cells say it.
    pub from: String,
    /// As the records say it.
    pub to: String,
    /// Cells that say so.
    pub cells: u64,
}

impl fmt::Display for Interpretation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let s = if self.cells == 1 { "" } else { "s" };
        write!(f, "{} → {}, {} cell{s}", self.from, self.to, self.cells)
    }
}

/// What a remark is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum About {
    /// The file as a whole: a title row, a sheet that is not read.
    File,
    /// Text that was saved or opened in a wrong encoding.
    Mojibake,
    /// What a spreadsheet shows where a formula failed: `#REF!`.
    CellError,
    /// `n/a` and its like, which are no values.
    NoValue,
    /// A year outside 1945 to 2100.
    Year,
    /// A country that the publisher does not speak for.
    OtherCountry,
    /// A code that ISO 3166-1 leaves to its users.
    UserAssigned,
    /// Two editions of one country's plans with one label.
    SameEdition,
    /// Text that a spreadsheet would run as a formula.
    FormulaLike,
    /// Characters that nobody sees.
    Invisible,
    /// A language that no list of languages has.
    UnknownLanguage,
    /// A code that its vocabulary does not have.
    UnknownCode,
    /// A record of a kind that belongs to a country, without one.
    NoCountry,
    /// Two values of one record that nothing tells apart.
    Twice,
    /// Somebody's edits in a column that is not read.
    NotRead,
    /// A printed sum that is off by no more than rounding does.
    Sum,
    /// Remarks beyond those that are told apart.
    More,
}

impl About {
    /// Its name for machines.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::Mojibake => "mojibake",
            Self::CellError => "cell-error",
            Self::NoValue => "no-value",
            Self::Year => "year",
            Self::OtherCountry => "other-country",
            Self::UserAssigned => "user-assigned-code",
            Self::SameEdition => "same-edition",
            Self::FormulaLike => "formula-like",
            Self::Invisible => "invisible-characters",
            Self::UnknownLanguage => "unknown-language",
            Self::UnknownCode => "unknown-code",
            Self::NoCountry => "no-country",
            Self::Twice => "twice",
            Self::NotRead => "not-read",
            Self::Sum => "sum",
            Self::More => "more",
        }
    }
}

/// Where something stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Counted from 1.
    pub line: u64,
    /// The column's name, or the field's path; may be empty.
    pub column: String,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.line)?;
        match self.column.as_str() {
            "" => Ok(()),
            column => write!(f, ":{column}"),
        }
    }
}

/// Something that someone who imports should know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    /// What it is about.
    pub about: About,
    /// What is odd, in a sentence.
    pub sentence: String,
    /// How often.
    pub count: u64,
    /// The first places; empty where it concerns the file.
    pub places: Vec<Place>,
}

impl fmt::Display for Remark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.sentence)?;
        if self.places.is_empty() {
            return Ok(());
        }
        let places: Vec<String> = self.places.iter().map(Place::to_string).collect();
        let times = match self.count {
            1 => "once".to_owned(),
            count => format!("{count} times"),
        };
        write!(f, " ({times}, at {}", places.join(", "))?;
        let more = self.count > self.places.len() as u64;
        f.write_str(if more { ", …)" } else { ")" })
    }
}

/// Collects what is found, each thing once, and knows the words that it is found by.
#[derive(Debug, Default)]
pub(super) struct Finds {
    /// Numbers that may be either of two.
    pub(super) numbers: Numbers,
    vocabularies: Option<Arc<Vocabularies>>,
    interpretations: Vec<Interpretation>,
    at: HashMap<(String, String), usize>,
    /// The line of the record that is read.
    of: Option<u64>,
    remarks: Remarks,
    remark_at: HashMap<(About, String), usize>,
}

impl Finds {
    /// Finds codes by these vocabularies; without any, by those of the program.
    pub(super) fn by(vocabularies: Option<Arc<Vocabularies>>) -> Self {
        Self {
            vocabularies: Some(vocabularies.unwrap_or_else(Vocabularies::shipped)),
            ..Self::default()
        }
    }

    pub(super) fn vocabularies(&self) -> &Vocabularies {
        static NONE: LazyLock<Vocabularies> = LazyLock::new(Vocabularies::default);
        self.vocabularies.as_deref().unwrap_or(&NONE)
    }

    /// A cell says `from` and is read as `to`.
    pub(super) fn read_as(&mut self, from: &str, to: &str) {
        let from = shortened(from);
        let key = (from.clone(), to.to_owned());
        let full = self.interpretations.len() >= MAX_DIFFERENT;
        if let Some(at) = self.at.get(&key) {
            self.interpretations[*at].cells += 1;
        } else if full && let Some(rest) = self.interpretations.last_mut() {
            if rest.from != OTHERS {
                *rest = Interpretation {
                    from: OTHERS.to_owned(),
                    to: OTHERS_TO.to_owned(),
                    cells: rest.cells,
                };
                self.at.retain(|_, at| *at + 1 < MAX_DIFFERENT);
            }
            rest.cells += 1;
        } else {
            self.at.insert(key, self.interpretations.len());
            self.interpretations.push(Interpretation {
                from,
                to: to.to_owned(),
                cells: 1,
            });
        }
    }

    /// What concerns the file as a whole.
    pub(super) fn say(&mut self, sentence: impl Into<String>) {
        self.note(About::File, "", sentence, None);
    }

    /// The sentences about the file as a whole.
    pub(super) fn said(&self) -> Vec<String> {
        self.remarks.said()
    }

    /// What is remarked from now on is of the record that stands in this line; none: of the file.
    pub(super) fn turn_to_record(&mut self, line: Option<u64>) {
        self.of = line;
    }

    /// What looks odd at a place. Those of one `detail` are counted together, under the
    /// first sentence.
    pub(super) fn remark(
        &mut self,
        about: About,
        detail: &str,
        sentence: impl Into<String>,
        place: Place,
    ) {
        self.note(about, detail, sentence, Some(place));
    }

    fn note(
        &mut self,
        about: About,
        detail: &str,
        sentence: impl Into<String>,
        place: Option<Place>,
    ) {
        let mut sentence = sentence.into();
        let mut key = match place {
            Some(_) => (about, shortened(detail)),
            None => (about, sentence.clone()),
        };
        let mut about = about;
        if !self.remark_at.contains_key(&key) && self.remarks.len() >= MAX_DIFFERENT {
            about = About::More;
            key = (about, String::new());
            "there is more like this".clone_into(&mut sentence);
        }
        let remarks = &mut self.remarks;
        let at = *self
            .remark_at
            .entry(key)
            .or_insert_with(|| remarks.add(about, sentence));
        remarks.note(at, self.of.filter(|_| place.is_some()), place);
    }

    /// All of it.
    pub(super) fn into_parts(self) -> (Vec<Interpretation>, Remarks) {
        (self.interpretations, self.remarks)
    }
}

const OTHERS: &str = "others";
const OTHERS_TO: &str = "as listed in the guide";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_interpretation_is_listed_once_with_its_cells() {
        let mut finds = Finds::default();
        for _ in 0..14 {
            finds.read_as("UK", "GBR");
        }
        finds.read_as("Kenya", "KEN");
        let (read, _) = finds.into_parts();
        let told: Vec<String> = read.iter().map(Interpretation::to_string).collect();
        assert_eq!(told, ["UK → GBR, 14 cells", "Kenya → KEN, 1 cell"]);
    }

    #[test]
    fn what_is_found_has_a_bound() {
        let mut finds = Finds::default();
        for n in 0..100_000 {
            finds.read_as(&format!("x{n}"), "y");
            let place = Place {
                line: n,
                column: "c".to_owned(),
            };
            finds.remark(About::UnknownCode, &n.to_string(), n.to_string(), place);
        }
        let (read, remarks) = finds.into_parts();
        let remarks = remarks.told(|_| true);
        assert_eq!(read.len(), MAX_DIFFERENT);
        assert_eq!(read.iter().map(|read| read.cells).sum::<u64>(), 100_000);
        assert_eq!(remarks.len(), MAX_DIFFERENT + 1);
        assert_eq!(remarks.iter().map(|r| r.count).sum::<u64>(), 100_000);
        assert!(
            remarks
                .iter()
                .all(|remark| remark.places.len() <= MAX_PLACES)
        );
    }
}
