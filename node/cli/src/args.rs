//! What can be typed: commands, their options and their help.
//!
//! The help of every command is pinned in `node/cli/tests/help`.

#![allow(rustdoc::bare_urls, reason = "these words are shown on a terminal")]

use std::path::{Path, PathBuf};

use clap::{Args, Parser, Subcommand, ValueEnum};
use wpsx_proto::record::CountryCode;

mod file;
mod files;
mod reading;
mod values;

pub(crate) use self::file::FileArgs;
pub(crate) use self::files::{
    BlankFormatArg, ExportArgs, FieldsArgs, FormatArg, MapArgs, TemplateArgs,
};
pub(crate) use self::reading::{
    AskArgs, CheckProofArgs, CompletionsArgs, CountArgs, GetArgs, HistoryArgs, ListArgs, ManArgs,
    RecordName, SortArg, SortBy,
};
use self::values::kind;

/// The name of the settings' file in the data directory.
pub const FILE_NAME: &str = "wpsx.toml";

/// Publish, exchange and verify Women, Peace and Security records.
#[derive(Debug, Parser)]
#[command(
    name = "wpsx",
    version,
    max_term_width = 100,
    after_help = "Exit codes: 0 done; 1 failed; 2 wrong usage; 3 the node could not be reached or locked.\n\
                  A command speaks to the node that runs on the data directory, or opens the directory \
                  itself when none runs."
)]
pub struct Cli {
    /// Options of every command.
    #[command(flatten)]
    pub global: Global,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// Options of every command.
#[derive(Debug, Clone, Args)]
pub struct Global {
    /// The folder with the node's keys, logs and settings [env: WPSX_DATA_DIR] [default: wpsx-data]
    #[arg(
        long,
        global = true,
        env = "WPSX_DATA_DIR",
        value_name = "DIR",
        hide_env = true,
        help_heading = EVERYWHERE
    )]
    data_dir: Option<PathBuf>,
    /// The configuration file [env: WPSX_CONFIG] [default: wpsx.toml in that folder]
    #[arg(
        long,
        global = true,
        env = "WPSX_CONFIG",
        value_name = "FILE",
        hide_env = true,
        help_heading = EVERYWHERE
    )]
    config: Option<PathBuf>,
    /// Print one JSON document instead of text
    #[arg(long, global = true, help_heading = EVERYWHERE)]
    pub json: bool,
}

const EVERYWHERE: &str = "Options of every command";

impl Global {
    /// The data directory.
    pub fn data_dir(&self) -> &Path {
        self.data_dir.as_deref().unwrap_or(Path::new("wpsx-data"))
    }

    /// The data directory, if one was named.
    pub fn named_data_dir(&self) -> Option<&Path> {
        self.data_dir.as_deref()
    }

    /// The configuration file, and whether it was named and so must be there.
    pub fn config(&self) -> (PathBuf, bool) {
        match &self.config {
            Some(path) => (path.clone(), true),
            None => (self.data_dir().join(FILE_NAME), false),
        }
    }
}

/// A command.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Make a new node: its keys, an empty store and a configuration file
    Init(InitArgs),
    /// Run the node until it is told to stop
    Serve,
    /// The publishers that this node hosts
    #[command(subcommand)]
    Publisher(PublisherCommand),
    /// Print the node's card, which peers need to join
    Card(CardArgs),
    /// Print the public keys of the node and its publishers
    Key(KeyArgs),
    /// The nodes that this node exchanges with
    #[command(subcommand)]
    Peer(PeerCommand),
    /// The logs that this node holds
    #[command(subcommand)]
    Origin(OriginCommand),
    /// Publish all records of a file (spreadsheet or JSON) under one checkpoint, or none
    #[command(
        after_help = "A CSV file names fields in its header row, as `wpsx get` shows them: external_id, \
                            kind, title.en, countries, period.start and so on. Several values of one \
                            cell have \" | \" between them. A JSON Lines file has one record a line, \
                            as `wpsx get --json` shows it under \"record\".\n\
                            A bad row is named with its line, column and reason. A second import of the \
                            same file changes nothing: records are known by their external_id. Fields of columns \
                            that a CSV file does not have stay as they are; an emptied cell removes a value with \
                            --allow-removals alone."
    )]
    Import(ImportArgs),
    /// Take a batch back: publish what was before, withdraw what was new
    #[command(
        after_help = "Records that were changed since are left and listed, and what was erased stays \
                            erased. A revert is a batch too, so it can be reverted."
    )]
    Revert(RevertArgs),
    /// Publish one record from a JSON file
    Publish(PublishArgs),
    /// Mark a record as no longer current, here and at every peer
    Withdraw(RetireArgs),
    /// Hand a record over to the publisher whose record it is
    #[command(
        after_help = "Both publishers sign. First the new publisher publishes its own record, which names \
                            the old one in takes_over by origin and record_id; then, once that record is here, \
                            this command ends the old one, and lists and counts have the new one alone."
    )]
    Supersede(SupersedeArgs),
    /// Destroy a record's content, here and at every peer, for ever
    #[command(
        after_help = "The entry stays in the log without its content. What people have copied cannot be \
                            recalled."
    )]
    Erase(EraseArgs),
    /// Write records into a file that can be corrected and imported again: CSV, XLSX, JSON Lines
    #[command(
        after_help = "Every row of a table carries the record's id and the revision that it was made from: \
                            an import of the file as it is finds nothing to do, and a row that was \
                            corrected is refused if the record has changed since. So it is with a line \
                            of JSON Lines. A list with many parts has a sheet or a file of its own, which \
                            an import of the first file reads with it. What no column can hold stands in \
                            one that ends in .json."
    )]
    Export(ExportArgs),
    /// Write a blank table of a kind to fill in, with an example and explanations
    Template(TemplateArgs),
    /// List the columns that tables of a kind may have
    Fields(FieldsArgs),
    /// Write a first mapping of a file's columns to fields, from the headers that are known
    #[command(
        after_help = "Headers are recognised by field path or by label, in any of the six languages. The \
                            others are listed in the mapping, for whoever knows what they mean. wpsx import \
                            takes the mapping with --profile."
    )]
    Map(MapArgs),
    /// List current records
    List(ListArgs),
    /// Count current records, in all and by the values of facets
    Count(CountArgs),
    /// Show one record as it reads, and what is proven about it
    Get(GetArgs),
    /// Show the revisions of one record with what changed, or the batches that were imported
    #[command(
        after_help = "Of the batches the newest 1,000 of each log are kept; wpsx revert takes one back."
    )]
    History(HistoryArgs),
    /// Check a proof file (.tlog-proof) with nothing but the publisher's card
    #[command(
        after_help = "It asks no node. The proof file is what `wpsx get --proof` writes: it says that a record \
                            version was in its publisher's log when the checkpoint in it was signed. It does not say \
                            that there is no newer one."
    )]
    CheckProof(CheckProofArgs),
    /// Say whether the node needs somebody, and show its state, its logs and its peers
    Status(StatusArgs),
    /// Logs of which two contradicting trees were signed
    #[command(subcommand)]
    Fork(ForkCommand),
    /// Check every stored byte against the signatures
    Verify,
    /// Get the missing part of this node's own logs back from its peers
    #[command(
        after_help = "For a store that was lost or restored from an old backup. The node stays read-only \
                            until the missing part is back, and then signs on in the same log. Where \
                            nothing is left but the keys: wpsx recover --keys DIR --card PEER.card"
    )]
    Recover(RecoverArgs),
    /// Check every stored byte, and mend what is damaged, with what peers hold
    Repair,
    /// Build the views again from the stored logs
    Reindex,
    /// Copy the node into one file, while it runs or not: logs, decisions and settings
    #[command(
        after_help = "The file is made for its owner alone and is one moment of the whole node. It is a tar \
                            archive that ends with a checksum. Views are left out; a restored node builds \
                            them again."
    )]
    Backup(BackupArgs),
    /// Make a data directory (--data-dir, new or empty) of a backup
    #[command(
        after_help = "Never run a restored node beside the one it was taken from: two nodes with one key \
                            fork their logs."
    )]
    Restore(RestoreArgs),
    /// Copy public logs from a node into a folder, verified, without running a node
    Mirror(MirrorArgs),
    /// Print what a shell needs to complete commands and options
    #[command(
        after_help = "For bash: wpsx completions bash > ~/.local/share/bash-completion/completions/wpsx"
    )]
    Completions(CompletionsArgs),
    /// Write the manual pages of all commands into a folder
    Man(ManArgs),
    /// Run four nodes on this machine that exchange real action plans
    #[command(
        after_help = "The stores are made in --data-dir, which must be new or empty, and kept there; without \
                            it they go with the demo."
    )]
    Demo(DemoArgs),
}

/// `wpsx init`
#[derive(Debug, Args)]
pub struct InitArgs {
    /// The node's name, best a DNS name of yours; it cannot change afterwards
    #[arg(long)]
    pub name: Option<String>,
    /// Where peers and readers reach the node; "none" to listen on nothing
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub listen: Option<String>,
    /// Where the static public log is served; "none" to not serve it
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub http_listen: Option<String>,
    /// Where Prometheus reads metrics; "none" to not serve them
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub metrics_listen: Option<String>,
    /// An endpoint for the node's card, such as https://node.example.org:7443
    #[arg(long, value_name = "URL")]
    pub advertise: Vec<String>,
}

/// `wpsx publisher …`
#[derive(Debug, Subcommand)]
pub enum PublisherCommand {
    /// Make a publisher with its own identity, key and public log
    Add {
        /// Its name: lower-case labels with dots, best a DNS name of the organisation
        name: String,
        /// Its name for people to read
        #[arg(long)]
        title: String,
        /// A country it speaks for (ISO 3166-1 alpha-3); may be given several times
        #[arg(long, value_name = "CODE", value_parser = country)]
        country: Vec<String>,
    },
    /// List the publishers of this node
    List,
}

/// `wpsx card`
#[derive(Debug, Args)]
pub struct CardArgs {
    /// Write the card to this file
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Not the card but the certificate that the node shows over TLS (PEM), which clients in
    /// other languages pin
    #[arg(long)]
    pub tls_cert: bool,
}

/// `wpsx key`
#[derive(Debug, Args)]
pub struct KeyArgs {
    /// Only this publisher, or this origin of a log held here
    pub name: Option<String>,
    /// Print only verifier keys in signed-note form, one a line
    #[arg(long)]
    pub vkey: bool,
}

/// `wpsx peer …`
#[derive(Debug, Subcommand)]
pub enum PeerCommand {
    /// Exchange with another node, known by its card; it must add yours too
    Add(PeerAddArgs),
    /// List the peers
    List,
    /// Stop exchanging with a peer and close its connections; copies of its logs stay
    Remove {
        /// The peer's name
        name: String,
    },
}

/// `wpsx peer add`
#[derive(Debug, Args)]
pub struct PeerAddArgs {
    /// The file with the peer's card, or - for standard input
    pub card: PathBuf,
    /// Also follow publishers that this peer tells of
    #[arg(long)]
    pub introduces: bool,
    /// Fetch only payloads of this kind; may be given several times
    #[arg(long, value_parser = kind)]
    pub kind: Vec<u32>,
    /// Fetch only payloads that name this country; may be given several times
    #[arg(long, value_name = "CODE", value_parser = country)]
    pub country: Vec<String>,
    /// Let the peer pull from this node over the connection that this node opens
    #[arg(long)]
    pub turn: bool,
    /// Of a peer that is known: take back the options that are not given; they stay otherwise
    #[arg(long)]
    pub reset_options: bool,
}

/// `wpsx origin …`
#[derive(Debug, Subcommand)]
pub enum OriginCommand {
    /// Follow the logs of the publishers on a card, whichever peer brings them
    Add {
        /// The file with the card, or - for standard input
        card: PathBuf,
    },
    /// List the logs
    List,
    /// Drop this node's copy of another publisher's log; it is pulled again if a peer has it
    Drop {
        /// The log
        origin: String,
    },
}

/// `wpsx import`
#[derive(Debug, Args)]
pub struct ImportArgs {
    /// The file: .csv, .xlsx, .ods, .jsonl or .json
    pub file: PathBuf,
    /// How the file is read
    #[command(flatten)]
    pub reading: FileArgs,
    /// The publisher; needed when the node hosts several
    #[arg(long, value_name = "NAME")]
    pub publisher: Option<String>,
    /// How the columns become fields: a name, or a TOML file [default: told by the columns]
    #[arg(long, value_name = "NAME")]
    pub profile: Option<String>,
    /// The kind of all rows, for a file without a column "kind"
    #[arg(long, value_parser = kind)]
    pub kind: Option<u32>,
    /// Mark every record as held in custody for the countries it names
    #[arg(long)]
    pub in_custody: bool,
    /// Publish records again that were withdrawn; without it they stay withdrawn
    #[arg(long)]
    pub reinstate: bool,
    /// Let emptied cells remove the values that their records have
    #[arg(long)]
    pub allow_removals: bool,
    /// Let an office's e-mail address or telephone number through, by its cell, such as C12
    /// or SHEET!C12, as the error names it; may be given several times
    #[arg(long, value_name = "CELL")]
    pub allow_contact: Vec<String>,
    /// Mark the batch as history: it is never news
    #[arg(long)]
    pub backfill: bool,
    /// Show what would be new, changed, unchanged and refused; change nothing
    #[arg(long)]
    pub dry_run: bool,
}

/// `wpsx revert`
#[derive(Debug, Args)]
pub struct RevertArgs {
    /// The batch's id, as wpsx history shows it
    pub batch: String,
    /// Show what would be done; change nothing
    #[arg(long)]
    pub dry_run: bool,
}

/// `wpsx publish`
#[derive(Debug, Args)]
pub struct PublishArgs {
    /// The file with the record as JSON, as `wpsx get --json` shows it; - for standard input
    pub file: PathBuf,
    /// The publisher; needed when the node hosts several
    #[arg(long, value_name = "NAME")]
    pub publisher: Option<String>,
    /// Publish as a new revision of this record
    #[arg(long, value_name = "ID", value_parser = reading::record_name)]
    pub record: Option<RecordName>,
    /// Let an office's e-mail address or telephone number through, by its field, such as
    /// note.en; may be given several times
    #[arg(long, value_name = "FIELD")]
    pub allow_contact: Vec<String>,
}

/// `wpsx withdraw`
#[derive(Debug, Args)]
pub struct RetireArgs {
    /// The record's id, or the first digits of it
    #[arg(value_name = "ID", value_parser = reading::record_name)]
    pub record: RecordName,
    /// Why
    #[arg(long, value_enum)]
    pub reason: ReasonArg,
}

/// `wpsx supersede`
#[derive(Debug, Args)]
pub struct SupersedeArgs {
    /// The id of the record that ends, or the first digits of it
    #[arg(value_name = "OLD", value_parser = reading::record_name)]
    pub record: RecordName,
    /// The record that takes its place: its log and its id
    #[arg(long, value_name = "ORIGIN/ID", value_parser = successor)]
    pub by: (String, RecordName),
}

/// `wpsx erase`
#[derive(Debug, Args)]
pub struct EraseArgs {
    /// Which, and why.
    #[command(flatten)]
    pub retire: RetireArgs,
    /// Do not ask
    #[arg(long)]
    pub yes: bool,
}

/// Why a record leaves.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum ReasonArg {
    /// The content was wrong
    Correction,
    /// The content no longer applies
    Outdated,
    /// Published by mistake
    Mistake,
    /// To protect a person
    Protection,
    /// A court or a law asks for it
    Legal,
    /// The same content stands in another record
    Duplicate,
}

/// `wpsx status`
#[derive(Debug, Args)]
pub struct StatusArgs {
    /// For monitoring: print the verdict alone, and exit with 1 and the reasons if anything
    /// needs somebody, with 3 if the node does not run
    #[arg(long)]
    pub check: bool,
}

/// `wpsx fork …`
#[derive(Debug, Subcommand)]
pub enum ForkCommand {
    /// List the logs with evidence of a fork
    List,
    /// Show the evidence
    Show {
        /// The log
        origin: String,
    },
    /// Decide which tree to follow, so that the log goes on
    Accept {
        /// The log
        origin: String,
        /// keep: the tree held here; switch: drop it and pull the other one
        #[arg(value_enum)]
        choice: ForkChoiceArg,
    },
}

/// Which tree to follow.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum ForkChoiceArg {
    /// The tree that this node holds
    Keep,
    /// The other one: the copy is dropped, pulled again, and never cosigned
    Switch,
}

/// `wpsx backup`
#[derive(Debug, Args)]
pub struct BackupArgs {
    /// The file to write; it must not be there yet
    pub file: PathBuf,
    /// Also copy the secret keys of the node and its publishers
    #[arg(long)]
    pub with_keys: bool,
    /// Replace the file if it is there
    #[arg(long)]
    pub force: bool,
}

/// `wpsx restore`
#[derive(Debug, Args)]
pub struct RestoreArgs {
    /// The backup, as wpsx backup wrote it
    pub file: PathBuf,
}

/// `wpsx mirror`
#[derive(Debug, Args)]
pub struct MirrorArgs {
    /// The card of the node to copy from: its keys and endpoints
    pub card: PathBuf,
    /// The folder to copy into; a second run continues there
    #[arg(long, short, value_name = "DIR")]
    pub output: PathBuf,
    /// Only this log; may be given several times [default: the logs of the cards' publishers]
    #[arg(long)]
    pub origin: Vec<String>,
    /// A further card whose publishers are believed; may be given several times
    #[arg(long, value_name = "CARD")]
    pub trust: Vec<PathBuf>,
    /// Reach the node at this address instead of its card's, such as https://127.0.0.1:7443
    #[arg(long, value_name = "URL")]
    pub connect: Option<String>,
}

/// `wpsx recover`
#[derive(Debug, Args)]
pub struct RecoverArgs {
    /// Do not ask
    #[arg(long)]
    pub yes: bool,
    /// The whole data directory is lost: make it anew with the keys in this folder
    #[arg(long, value_name = "DIR", requires = "card")]
    pub keys: Option<PathBuf>,
    /// With --keys: the card of a peer that holds the logs; may be given several times
    #[arg(long, value_name = "CARD", requires = "keys")]
    pub card: Vec<PathBuf>,
}

/// `wpsx demo`
#[derive(Debug, Args)]
pub struct DemoArgs {
    /// Stop after the table instead of staying up
    #[arg(long)]
    pub once: bool,
    /// Publish this many further made-up records on each node
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub records: u64,
}

/// `eu.example/wpsx/public/` and an id.
fn successor(text: &str) -> Result<(String, RecordName), String> {
    let (origin, id) = text.rsplit_once('/').ok_or_else(|| {
        "write the log and the id, as in eu.example/wpsx/public/0123456789abcdef0123456789abcdef"
            .to_owned()
    })?;
    Ok((origin.to_owned(), reading::record_name(id)?))
}

fn country(text: &str) -> Result<String, String> {
    let known: Result<CountryCode, _> = text.parse();
    known.map(|known| known.to_string()).map_err(|_| {
        "a country is a code of ISO 3166-1 alpha-3, in three capital letters, such as KEN"
            .to_owned()
    })
}
