//! Every vocabulary that codes come from: those shipped, and what an operator adds.
//!
//! An operator's `vocabularies/NAME.csv` adds rows to the vocabulary of that name or
//! changes them, and makes a new vocabulary where there is none; `memberships.csv` adds to
//! the lists of members. A code that no vocabulary has is legal everywhere, and is shown as
//! the code it is.
//!
//! A shipped table is read when it is first asked for, so that a command that needs none
//! starts at once.

use std::{
    collections::{BTreeMap, HashMap},
    fs,
    path::Path,
    sync::{Arc, LazyLock, OnceLock},
};

use super::{
    memberships::{self, Membership},
    shipped,
    table::{self, Fault, Term},
    vocabulary::Vocabulary,
};
use crate::{Label, Language};

/// The largest file that an operator may add.
const MAX_FILE: u64 = 16 << 20;

/// All vocabularies.
#[derive(Debug, Default)]
pub struct Vocabularies {
    slots: BTreeMap<String, Slot>,
    memberships: OnceLock<Vec<Membership>>,
    added_memberships: Vec<Membership>,
    within: OnceLock<HashMap<String, Vec<String>>>,
}

/// One vocabulary, read when it is first asked for.
#[derive(Debug, Default)]
struct Slot {
    shipped: &'static str,
    added: Vec<Term>,
    read: OnceLock<Vocabulary>,
}

/// The operator's files cannot be used; every fault of every file.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", lines(.0))]
pub struct BadFolder(pub Vec<Fault>);

fn lines(faults: &[Fault]) -> String {
    let lines: Vec<String> = faults.iter().map(Fault::to_string).collect();
    lines.join("\n")
}

impl Vocabularies {
    /// Those that come with the program.
    #[must_use]
    pub fn shipped() -> Arc<Self> {
        static SHIPPED: LazyLock<Arc<Vocabularies>> =
            LazyLock::new(|| Arc::new(Vocabularies::of_tables()));
        Arc::clone(&SHIPPED)
    }

    /// Those that come with the program, with what the folder's files add. A folder that
    /// is not there adds nothing.
    ///
    /// # Errors
    ///
    /// Files that cannot be read or have faults: all of them at once.
    pub fn with_folder(folder: &Path) -> Result<Arc<Self>, BadFolder> {
        let files = match csv_files(folder) {
            Ok(files) if files.is_empty() => return Ok(Self::shipped()),
            Ok(files) => files,
            Err(fault) => return Err(BadFolder(vec![fault])),
        };
        let mut all = Self::of_tables();
        let mut faults = Vec::new();
        for (name, text) in files {
            if let Err(bad) = text.and_then(|text| all.add(&name, &text)) {
                faults.extend(bad);
            }
        }
        match faults.is_empty() {
            true => Ok(Arc::new(all)),
            false => Err(BadFolder(faults)),
        }
    }

    fn of_tables() -> Self {
        let slot = |(name, shipped): &(&str, &'static str)| {
            let slot = Slot {
                shipped,
                ..Slot::default()
            };
            ((*name).to_owned(), slot)
        };
        Self {
            slots: shipped::TABLES.iter().map(slot).collect(),
            ..Self::default()
        }
    }

    fn add(&mut self, name: &str, text: &str) -> Result<(), Vec<Fault>> {
        let file = format!("{name}.csv");
        if name == "memberships" {
            let rows = memberships::read(&file, text, true)?;
            self.added_memberships.extend(rows);
            return Ok(());
        }
        let rows = table::read(&file, text)?;
        self.slots.entry(name.to_owned()).or_default().added = rows;
        Ok(())
    }

    /// The countries and areas within each region of M49, found once: every question about
    /// a region asks for them. `find` finds them.
    pub(super) fn within(
        &self,
        find: impl FnOnce() -> HashMap<String, Vec<String>>,
    ) -> &HashMap<String, Vec<String>> {
        self.within.get_or_init(find)
    }

    /// The names of all vocabularies, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.slots.keys().map(String::as_str)
    }

    /// The vocabulary of that name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Vocabulary> {
        let slot = self.slots.get(name)?;
        Some(slot.read.get_or_init(|| slot.vocabulary(name)))
    }

    /// The vocabulary of that name, or one without terms, whose every code is unknown.
    #[must_use]
    pub fn get_or_empty(&self, name: &str) -> &Vocabulary {
        static EMPTY: LazyLock<Vocabulary> = LazyLock::new(Vocabulary::default);
        self.get(name).unwrap_or(&EMPTY)
    }

    /// What to show for a code of a vocabulary; the code itself where nobody knows it.
    #[must_use]
    pub fn label(&self, vocabulary: &str, code: &str, language: Language) -> Label<'_> {
        self.get_or_empty(vocabulary).label(code, language)
    }

    /// Every line of every list of members.
    #[must_use]
    pub fn memberships(&self) -> &[Membership] {
        self.memberships.get_or_init(|| {
            let mut rows = shipped::memberships();
            rows.extend(self.added_memberships.iter().cloned());
            rows
        })
    }
}

impl Slot {
    fn vocabulary(&self, name: &str) -> Vocabulary {
        let mut terms = shipped::rows(name, self.shipped);
        let codes = terms.iter().enumerate();
        let places: HashMap<String, usize> =
            codes.map(|(at, term)| (term.code.clone(), at)).collect();
        for row in &self.added {
            match places.get(&row.code) {
                Some(at) => terms[*at].overlay(row.clone()),
                None => terms.push(row.clone()),
            }
        }
        Vocabulary::new(name, terms)
    }
}

type FileText = Result<String, Vec<Fault>>;

/// Name and text of every CSV file in the folder, sorted by name.
fn csv_files(folder: &Path) -> Result<Vec<(String, FileText)>, Fault> {
    let fault = |problem: String| Fault {
        file: folder.display().to_string(),
        line: None,
        problem,
    };
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(fault(error.to_string())),
    };
    let mut files = Vec::new();
    for entry in entries {
        let path = entry.map_err(|error| fault(error.to_string()))?.path();
        let is_csv = path
            .extension()
            .is_some_and(|extension| extension.eq_ignore_ascii_case("csv"));
        if let (true, Some(name)) = (is_csv, path.file_stem().and_then(|name| name.to_str())) {
            files.push((name.to_owned(), text_of(&path)));
        }
    }
    files.sort_by(|one, other| one.0.cmp(&other.0));
    Ok(files)
}

fn text_of(path: &Path) -> FileText {
    let fault = |problem: String| {
        let file = path.file_name().unwrap_or_default();
        vec![Fault {
            file: file.to_string_lossy().into_owned(),
            line: None,
            problem,
        }]
    };
    let size = fs::metadata(path)
        .map_err(|error| fault(error.to_string()))?
        .len();
    if size > MAX_FILE {
        return Err(fault(format!("{size} bytes; at most {MAX_FILE}")));
    }
    let bytes = fs::read(path).map_err(|error| fault(error.to_string()))?;
    String::from_utf8(bytes).map_err(|error| {
        fault(format!(
            "byte {} is not UTF-8; save the file as CSV in UTF-8",
            error.utf8_error().valid_up_to()
        ))
    })
}
