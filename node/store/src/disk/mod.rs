//! A store in a directory.
//!
//! ```text
//! wpsx-store            the format's version
//! lock                  held by the one process that has the store open
//! journal/<seq>.journal what the files below may not have yet
//!     ….damaged, ….torn what of it could not be used, moved aside
//! logs/<hash>/          one log, by the hex SHA-256 of its origin line
//!     origin            that line
//!     checkpoint        its head as of the last time the journal was dropped
//!     tile/…            C2SP tlog-tiles, byte for byte
//!     payload/<N>       256 payload slots; laid out like tile/entries/<N>
//! state/                small files that cannot be rebuilt
//!     cover             which of them have to be there, and what is to be removed
//!     journal           which segments have to be there
//!     doubt             why nobody knows whether all is here, if so
//! reserve               room that is given back when the disk is full
//! views/                can be rebuilt
//! ```

pub(crate) mod files;
pub(crate) mod folder;
pub(crate) mod journal;
pub(crate) mod parts;
pub(crate) mod reserve;
pub(crate) mod state;
pub(crate) mod whole;
