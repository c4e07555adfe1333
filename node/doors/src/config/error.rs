//! What is wrong with the configuration, in sentences.

use std::{io, path::PathBuf};

/// What is wrong with the configuration, and where.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("cannot read the configuration {path}")]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file is not TOML.
    #[error("line {line} of the configuration {path} is not valid TOML: {reason}")]
    Syntax {
        /// The file.
        path: PathBuf,
        /// Counted from 1.
        line: usize,
        /// What is wrong there.
        reason: String,
    },
    /// Nobody knows this key.
    #[error("{place} sets {key}, which is not a key{}", hint(.nearest))]
    Unknown {
        /// The file or "the environment".
        place: String,
        /// As it was written.
        key: String,
        /// The known key that looks most like it.
        nearest: Option<String>,
    },
    /// The key is known, the value is not usable.
    #[error("{place} sets {key} to {value}, but it must be {expected}")]
    Value {
        /// The file or "the environment".
        place: String,
        /// The key.
        key: String,
        /// As it was written.
        value: String,
        /// What would be usable.
        expected: String,
    },
    /// The value names what is not there or cannot be used.
    #[error("{key}: {reason}")]
    Named {
        /// The key.
        key: &'static str,
        /// What is wrong with it, and what to do.
        reason: String,
    },
}

fn hint(nearest: &Option<String>) -> String {
    nearest
        .as_ref()
        .map(|name| format!("; did you mean {name}?"))
        .unwrap_or_default()
}
