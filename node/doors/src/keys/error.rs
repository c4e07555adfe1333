//! Why keys cannot be had, with the remedy.

use std::{
    io,
    path::{Path, PathBuf},
};

use wpsx_client::tls::TlsError;
use wpsx_domain::NodeError;
use wpsx_proto::{note::NoteError, origin::NameError};

/// Why keys cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum KeysError {
    /// A publisher has a key that no log here knows.
    #[error(
        "{0} is there, but the state knows no log of that publisher: it is missing, or older \
         than the key; restore logs/ and state/ from one backup, or get the log back from a \
         peer with wpsx recover, or move the key away to begin a publisher anew"
    )]
    Unknown(PathBuf),
    /// There are keys already.
    #[error("{0} exists already; keys are never overwritten")]
    Exists(PathBuf),
    /// There is no such file or folder.
    #[error("{0} is missing; restore it from your backup of the keys")]
    Missing(PathBuf),
    /// Other users may read it.
    #[error("other users of this machine may read {path}; run: chmod {wanted:o} {path}", path = .path.display())]
    Exposed {
        /// The file or folder.
        path: PathBuf,
        /// The rights it should have.
        wanted: u32,
    },
    /// The system does not let us read it.
    #[error("cannot read {path}; it must belong to the user that runs the node", path = .path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The system does not let us write it.
    #[error("cannot write {path}; check the rights of its folder and the space on the disk", path = .path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file holds something else.
    #[error("{path} is not the key that belongs there; restore it from your backup of the keys", path = .path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: Damage,
    },
    /// The system gives no randomness.
    #[error("the system gives no random bytes to make a key of")]
    Random(#[source] io::Error),
    /// A key cannot be made for this name.
    #[error("cannot make a key for this name")]
    Make(#[source] Damage),
}

impl KeysError {
    /// The file or folder.
    pub fn path(&self) -> Option<&Path> {
        match self {
            Self::Unknown(path)
            | Self::Exists(path)
            | Self::Missing(path)
            | Self::Exposed { path, .. }
            | Self::Read { path, .. }
            | Self::Write { path, .. }
            | Self::Damaged { path, .. } => Some(path),
            Self::Random(_) | Self::Make(_) => None,
        }
    }
}

impl From<KeysError> for NodeError {
    fn from(error: KeysError) -> Self {
        Self::Keys(Box::new(error))
    }
}

/// What is wrong with the content of a key file.
#[derive(Debug, thiserror::Error)]
pub enum Damage {
    /// Not text, or too long.
    #[error("it is not a short text")]
    NotText,
    /// No key in signed-note form.
    #[error(transparent)]
    Note(#[from] NoteError),
    /// The key's name is no node's.
    #[error(transparent)]
    Name(#[from] NameError),
    /// A key of another name.
    #[error("it is the key of {found}, not of {wanted}")]
    Named {
        /// The name inside.
        found: String,
        /// The name that belongs there.
        wanted: String,
    },
    /// It is whole, and not what it was.
    #[error("it is not the key that it was")]
    Another,
    /// No TLS key or certificate.
    #[error(transparent)]
    Tls(#[from] TlsError),
}
