//! What looks odd in a file, with its places; nothing of it stops an import.

use std::fmt;

/// Places that are named of one remark; more are counted.
pub(super) const MAX_PLACES: usize = 5;

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
