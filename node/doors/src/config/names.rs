//! How keys are named, in the file and in the environment, and what was meant by a
//! name that is none.

use strsim::levenshtein;

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
        .min_by_key(|known| levenshtein(known, &key));
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
        .min_by_key(|known| levenshtein(known, section))
        .map(|known| format!("[{known}]"));
    ConfigError::Unknown {
        place: place.to_owned(),
        key: format!("[{section}]"),
        nearest,
    }
}
