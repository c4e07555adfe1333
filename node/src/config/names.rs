//! How keys are named, in the file and in the environment, and what was meant by a
//! name that is none.

use super::{
    error::ConfigError,
    keys::{KEYS, Key},
};

pub(super) fn find(section: &str, name: &str) -> Option<&'static Key> {
    KEYS.iter()
        .find(|key| key.section == section && key.name == name)
}

pub(super) fn dotted(key: &Key) -> String {
    format!("{}.{}", key.section, key.name)
}

pub(super) fn variable(key: &Key) -> String {
    format!("WPSX_{}_{}", key.section, key.name).to_uppercase()
}

pub(super) fn unknown(place: &str, key: String, spelling: fn(&Key) -> String) -> ConfigError {
    let nearest = KEYS
        .iter()
        .map(spelling)
        .min_by_key(|known| distance(known, &key));
    ConfigError::Unknown {
        place: place.to_owned(),
        key,
        nearest,
    }
}

pub(super) fn unknown_section(place: &str, section: &str) -> ConfigError {
    let nearest = KEYS
        .iter()
        .map(|key| key.section)
        .min_by_key(|known| distance(known, section))
        .map(|known| format!("[{known}]"));
    ConfigError::Unknown {
        place: place.to_owned(),
        key: format!("[{section}]"),
        nearest,
    }
}

/// How many letters must be added, removed or changed (Levenshtein).
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, to) in b.iter().enumerate() {
            let cost = diagonal + usize::from(from != *to);
            diagonal = row[j + 1];
            row[j + 1] = cost.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}
