//! What a file was found to say that does not stop its import: how its cells were
//! understood, and what looks odd in them. Each is told once and counted.

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, LazyLock},
};

use wpsx_words::Vocabularies;

use super::{
    bad::shortened,
    noted::Remarks,
    numbers::Numbers,
    remark::{About, Place},
};

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
                .all(|remark| remark.places.len() <= crate::remark::MAX_PLACES)
        );
    }
}
