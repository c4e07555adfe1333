//! What every decoder promises of any bytes whatever, in one function for each.
//!
//! A decoder that reads what strangers, disks or operators send never panics, and what
//! it took in comes out again: as the same bytes where the form has one encoding, else
//! as bytes that read as the same value. [`DECODERS`] lists them. Two callers feed
//! them: the programs in `libfuzzer/`, one for each, and the test `corpus`, which changes
//! the seeds at random where libFuzzer cannot be built.
//!
//! Each says whether it understood the bytes at all, so that seeds that have become
//! useless are noticed ([`check_seeds`]).

mod checkpoints;
mod entries;
mod identities;
mod notes;
mod payloads;
mod records;
mod rows;

use std::{
    fs,
    path::{Path, PathBuf},
};

pub use self::{
    checkpoints::{checkpoint, erasure, fork, tlog_proof},
    entries::{bundle, envelope, package, tile},
    identities::{card, identity},
    notes::{SEED, key, note},
    payloads::frame,
    records::{record, record_json},
    rows::{csv, json, json_lines},
};
pub use wpsx_store::testing::decoders::{backup, group, journal, payloads, state};

/// Feeds one decoder: panics where it breaks its promise, and says whether it
/// understood the bytes.
pub type Decode = fn(&[u8]) -> bool;

/// Every decoder by the name of its folder in `corpus/`.
pub const DECODERS: &[(&str, Decode)] = &[
    ("note", note),
    ("key", key),
    ("identity", identity),
    ("card", card),
    ("checkpoint", checkpoint),
    ("fork", fork),
    ("erasure", erasure),
    ("tlog_proof", tlog_proof),
    ("envelope", envelope),
    ("bundle", bundle),
    ("package", package),
    ("tile", tile),
    ("frame", frame),
    ("record", record),
    ("record_json", record_json),
    ("csv", csv),
    ("json", json),
    ("json_lines", json_lines),
    ("journal", journal),
    ("group", group),
    ("payloads", payloads),
    ("state", state),
    ("backup", backup),
];

/// Where the seeds of a decoder lie.
pub fn corpus(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("corpus")
        .join(name)
}

/// The committed seeds of a decoder, in the order of their names.
pub fn seeds(name: &str) -> Vec<(PathBuf, Vec<u8>)> {
    let folder = corpus(name);
    let listing = fs::read_dir(&folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    let paths = listing.map(|file| file.expect("a file of the corpus").path());
    let mut paths: Vec<PathBuf> = paths.collect();
    paths.sort();
    let read = |path: PathBuf| {
        let bytes = fs::read(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        (path, bytes)
    };
    paths.into_iter().map(read).collect()
}

/// Holds the seeds of a decoder to what they are for: it understands them all.
pub fn check_seeds(name: &str, decode: Decode) {
    let seeds = seeds(name);
    assert!(!seeds.is_empty(), "the decoder {name} has no seeds");
    for (path, bytes) in seeds {
        assert!(decode(&bytes), "not understood: {}", path.display());
    }
}
