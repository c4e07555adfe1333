//! What can be typed to read records.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use wpsx_proto::record::LanguageTag;

use super::values::kind;

/// Which records are meant.
#[derive(Debug, Clone, Default, Args)]
pub struct AskArgs {
    /// Only this kind, such as national-action-plan; may be given several times
    #[arg(long, value_parser = kind)]
    pub kind: Vec<u32>,
    /// Only records about this country: its code (KEN) or its name; may be given several times
    #[arg(long, value_name = "COUNTRY", value_parser = named)]
    pub country: Vec<String>,
    /// Only records about a country of this region, by its M49 code or its name
    #[arg(long, value_name = "REGION", value_parser = named)]
    pub region: Vec<String>,
    /// Only records about a member of this organisation, such as EU or AU, or of its own
    #[arg(long, value_name = "ORGANISATION", value_parser = named)]
    pub organisation: Vec<String>,
    /// The date at which countries have to be members [default: now]
    #[arg(long, value_name = "DATE", value_parser = named)]
    pub members_at: Option<String>,
    /// Only records with this theme, such as mediation; may be given several times
    #[arg(long, value_name = "CODE", value_parser = named)]
    pub theme: Vec<String>,
    /// Only records whose last status is this, such as in-force; may be given several times
    #[arg(long, value_name = "STATUS", value_parser = named)]
    pub status: Vec<String>,
    /// Only records with this value of a facet; may be given several times
    #[arg(long, value_name = "NAME=VALUE", value_parser = facet)]
    pub facet: Vec<(String, String)>,
    /// Only records that cover one of these years: 2018, 2018..2020, 2018.. or ..2020
    #[arg(long, value_name = "YEARS", value_parser = years)]
    pub years: Option<(u32, u32)>,
    /// Only records with all of these words in their titles
    #[arg(long, value_name = "WORDS", value_parser = named)]
    pub words: Option<String>,
    /// Only records that refer to the record with this id, or the first digits of it
    #[arg(long, value_name = "ID", value_parser = record_name)]
    pub refers_to: Option<RecordName>,
    /// Only this publisher; may be given several times
    #[arg(long, value_name = "NAME")]
    pub publisher: Vec<String>,
    /// Only the record that its source calls so; may be given several times
    #[arg(long, value_name = "ID", value_parser = named)]
    pub source_id: Vec<String>,
    /// Each translation, annex and amendment by itself; without it they are one thing with
    /// their text
    #[arg(long)]
    pub every_text: bool,
    /// Only this log; may be given several times
    #[arg(long)]
    pub origin: Vec<String>,
    /// Also withdrawn and erased records
    #[arg(long)]
    pub withdrawn: bool,
    /// Only news: without what was imported here as history, with --backfill
    #[arg(long)]
    pub news: bool,
    /// Only what changed since then: 2026-03-01, or with a time 2026-03-01T12:00:00Z
    #[arg(long, value_name = "DATE", value_parser = since)]
    pub since: Option<u64>,
}

/// The folder that records are read from instead of a node.
#[derive(Debug, Clone, Default, Args)]
pub struct FolderArgs {
    /// Read this folder, which wpsx mirror made, instead of a node
    #[arg(long, value_name = "FOLDER")]
    pub mirror: Option<PathBuf>,
}

/// `wpsx list`
#[derive(Debug, Args)]
pub struct ListArgs {
    /// Which.
    #[command(flatten)]
    pub ask: AskArgs,
    /// Where from.
    #[command(flatten)]
    pub folder: FolderArgs,
    /// At most this many
    #[arg(long, value_name = "N", default_value = "100", value_parser = limit)]
    pub limit: usize,
    /// The order; with a minus before it (--sort=-date) the other way round
    #[arg(long, value_name = "BY", value_parser = sort, allow_hyphen_values = true)]
    pub sort: Option<SortArg>,
    /// The columns, with commas between: title, country, dates, kind, id, origin, publisher,
    /// revision, changed, backfill, age, source-id, or a field by its path
    #[arg(long, value_name = "NAMES", value_delimiter = ',', value_parser = named)]
    pub columns: Vec<String>,
    /// The language of titles (BCP 47)
    #[arg(long, value_name = "TAG", default_value = "en", value_parser = language)]
    pub lang: String,
}

/// What a list is in the order of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SortArg {
    /// By what.
    pub by: SortBy,
    /// The greatest, or the newest, first.
    pub descending: bool,
}

/// What a list can be in the order of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum SortBy {
    /// The last change, the newest first
    Changed,
    /// The record's date, the oldest first
    Date,
    /// The title
    Title,
    /// The country's code
    Country,
}

/// `wpsx count`
#[derive(Debug, Args)]
pub struct CountArgs {
    /// Which.
    #[command(flatten)]
    pub ask: AskArgs,
    /// Where from.
    #[command(flatten)]
    pub folder: FolderArgs,
    /// Also how many for each value of this facet, of "kind" or of "publisher"; may be given several times
    #[arg(long, value_name = "FACET", value_parser = named)]
    pub by: Vec<String>,
}

/// `wpsx get`
#[derive(Debug, Args)]
pub struct GetArgs {
    /// The record's id, or as many of its first digits as only it has
    #[arg(value_name = "ID", value_parser = record_name)]
    pub record: RecordName,
    /// The log to look in
    #[arg(long)]
    pub origin: Option<String>,
    /// Where from.
    #[command(flatten)]
    pub folder: FolderArgs,
    /// Write the record's exact bytes to this file
    #[arg(long, value_name = "FILE")]
    pub payload: Option<PathBuf>,
    /// Write a proof file (.tlog-proof) that others can check without this node
    #[arg(long, value_name = "FILE")]
    pub proof: Option<PathBuf>,
    /// The language of the record's texts, where it has it (BCP 47)
    #[arg(long, value_name = "TAG", default_value = "en", value_parser = language)]
    pub lang: String,
}

/// `wpsx history`
#[derive(Debug, Args)]
pub struct HistoryArgs {
    /// The record's id, or as many of its first digits as only it has; without it: the
    /// batches that were imported
    #[arg(value_name = "ID", value_parser = record_name)]
    pub record: Option<RecordName>,
    /// The log to look in
    #[arg(long)]
    pub origin: Option<String>,
    /// Only the batches of this publisher
    #[arg(long, value_name = "NAME", conflicts_with = "record")]
    pub publisher: Option<String>,
    /// At most this many batches
    #[arg(long, value_name = "N", default_value = "20", value_parser = limit)]
    pub limit: usize,
    /// Where from.
    #[command(flatten)]
    pub folder: FolderArgs,
}

/// `wpsx check-proof`
#[derive(Debug, Args)]
pub struct CheckProofArgs {
    /// The proof file
    pub file: PathBuf,
    /// The card of the publisher or of its node, and of nodes that saw its log; may be given several times
    #[arg(long, value_name = "CARD", required = true)]
    pub card: Vec<PathBuf>,
    /// Also write the record's exact bytes to this file
    #[arg(long, value_name = "FILE")]
    pub payload: Option<PathBuf>,
}

/// `wpsx completions`
#[derive(Debug, Args)]
pub struct CompletionsArgs {
    /// The shell
    #[arg(value_enum)]
    pub shell: clap_complete::Shell,
}

/// `wpsx man`
#[derive(Debug, Args)]
pub struct ManArgs {
    /// The folder, which is made if it is not there
    #[arg(long, value_name = "FOLDER")]
    pub dir: PathBuf,
}

/// A record as it is typed: its id, or the first digits of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordName(pub String);

/// Fewer digits say nothing.
const LEAST: usize = 6;
/// Digits of a whole id.
const WHOLE: usize = 32;

pub(super) fn record_name(text: &str) -> Result<RecordName, String> {
    let text = text.to_ascii_lowercase();
    let is_digits = text.bytes().all(|b| b.is_ascii_hexdigit());
    match is_digits && (LEAST..=WHOLE).contains(&text.len()) {
        true => Ok(RecordName(text)),
        false => Err(
            "a record's id has 32 hexadecimal digits, of which the first 6 or more will do; \
             `wpsx list` shows it"
                .to_owned(),
        ),
    }
}

fn limit(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(0) | Err(_) => Err("a number of records, at least 1".to_owned()),
        Ok(limit) => Ok(limit),
    }
}

fn named(text: &str) -> Result<String, String> {
    match text.trim() {
        "" => Err("it is empty".to_owned()),
        text => Ok(text.to_owned()),
    }
}

fn facet(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() && !value.is_empty() => {
            Ok((name.to_owned(), value.to_owned()))
        }
        _ => Err("a facet and its value, such as theme=mediation".to_owned()),
    }
}

/// The first and the last year; 0 where a side is open.
fn years(text: &str) -> Result<(u32, u32), String> {
    let wrong = || "a year or a stretch of years, such as 2018..2020".to_owned();
    let year = |text: &str| match text {
        "" => Ok(0),
        text => text
            .parse()
            .ok()
            .filter(|year| (1..=9999).contains(year))
            .ok_or_else(wrong),
    };
    let (first, last) = text.split_once("..").unwrap_or((text, text));
    let (first, last) = (year(first)?, year(last)?);
    match (first, last) {
        (0, 0) => Err(wrong()),
        (first, last) if last != 0 && first > last => Err(wrong()),
        years => Ok(years),
    }
}

fn sort(text: &str) -> Result<SortArg, String> {
    let (name, turned) = match text.strip_prefix('-') {
        Some(name) => (name, true),
        None => (text, false),
    };
    let by = SortBy::from_str(name, true)
        .map_err(|_| "a list is sorted by changed, date, title or country".to_owned())?;
    // What changed last is what is asked for; everything else begins at its beginning.
    let descending = (by == SortBy::Changed) != turned;
    Ok(SortArg { by, descending })
}

/// A date, or a date with a time, as milliseconds since 1970.
fn since(text: &str) -> Result<u64, String> {
    let time = text.parse::<jiff::Timestamp>().or_else(|_| {
        let day: jiff::civil::Date = text.parse()?;
        day.to_zoned(jiff::tz::TimeZone::UTC)
            .map(|midnight| midnight.timestamp())
    });
    time.ok()
        .and_then(|time| u64::try_from(time.as_millisecond()).ok())
        .ok_or_else(|| "a date such as 2026-03-01, or 2026-03-01T12:00:00Z".to_owned())
}

fn language(text: &str) -> Result<String, String> {
    text.parse::<LanguageTag>()
        .map(|tag| tag.as_str().to_owned())
        .map_err(|error| error.to_string())
}
