//! The data files of the demo, which are part of the program, compressed.
//!
//! `node/data/PROVENANCE.md` names their sources; what is derived from others is not
//! among them.

use std::io;

use wpsx_sheets::{Format, ImportErrors, Imported, Options};

/// More than the largest file has.
const MOST_BYTES: usize = 16 << 20;

macro_rules! file {
    ($name:literal) => {
        (
            $name,
            include_bytes!(concat!(env!("OUT_DIR"), "/", $name, ".zst")) as &[u8],
        )
    };
}

/// The files whose rows are records, in the order in which they are published: what
/// others refer to comes before them.
const RECORDS: [(&str, &[u8]); 16] = [
    file!("nap_editions.csv"),
    file!("regional_action_plans.csv"),
    file!("organisations.csv"),
    file!("series.csv"),
    file!("targets.csv"),
    file!("peacekeeping_indicators.csv"),
    file!("observations.csv"),
    file!("peacekeeping_country_mission_year.csv"),
    file!("peacekeeping_snippets.csv"),
    file!("peacekeeping_global_points.csv"),
    file!("wps_resolutions.csv"),
    file!("network_timeline.csv"),
    file!("seed_records.json"),
    file!("initiatives.csv"),
    file!("nap_counts_over_time.csv"),
    file!("wpsha_compact_points.csv"),
];

/// Files that are joined to them.
const BESIDE: [(&str, &[u8]); 2] = [
    file!("nap_conflicting_claims.csv"),
    file!("observation_flags.csv"),
];

/// Every file, read.
///
/// # Errors
///
/// When a file does not fit the schema, which a test rules out.
pub(super) fn read_all() -> Result<Vec<Imported>, ImportErrors> {
    RECORDS
        .iter()
        .map(|(name, packed)| read(name, packed))
        .collect()
}

fn read(name: &str, packed: &[u8]) -> Result<Imported, ImportErrors> {
    let unreadable = |source| ImportErrors::Unreadable {
        file: name.to_owned(),
        source,
    };
    let text = unpacked(packed).map_err(unreadable)?;
    let format = match name.rsplit_once('.') {
        Some((_, "json")) => Format::Json,
        _ => Format::Csv,
    };
    let input = Box::new(text.as_slice());
    wpsx_sheets::read_from(
        name,
        format,
        input,
        &Options::default(),
        &|beside| match BESIDE.iter().find(|(known, _)| *known == beside) {
            None => Ok(None),
            Some((_, packed)) => Ok(Some(Box::new(io::Cursor::new(unpacked(packed)?)))),
        },
    )
}

fn unpacked(packed: &[u8]) -> io::Result<Vec<u8>> {
    zstd::bulk::decompress(packed, MOST_BYTES)
}
