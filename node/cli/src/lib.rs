//! What is typed and what is answered: `wpsx list`, `wpsx import`, `wpsx status`, …
//!
//! A command is a function of what was typed, a [`Desk`] in front of a node and
//! an [`Output`]. It says what was done and what to do next; its exit code is 0
//! only when it was done.
//!
//! A command speaks `wpsx.admin.v1` and knows nothing else of a node: not its parts, not
//! where it runs. Who opens one (the program, a test) puts the desk in front of it.
//!
//! `args` is what can be typed, `access` the desk, `output` and `failure` how it is
//! answered; the other files are the commands, by what they are about.

mod access;
mod args;
mod aside;
mod asking;
mod backup;
mod batches;
mod counting;
mod describing;
mod exported_readme;
mod exporting;
mod failure;
mod families;
mod file_options;
mod forks;
mod getting;
mod handing_over;
mod history;
mod identities;
mod import;
mod judged;
mod known_codes;
mod lines;
mod list_columns;
mod listing;
mod manual;
mod mapping;
mod matching;
mod mirror;
mod mirrored;
mod output;
mod peers;
mod preview;
mod proofs;
mod publishing;
mod reading_page;
mod records;
mod recover;
mod repair;
mod sending;
mod shown;
mod status;
mod upkeep;
mod verdict;
mod words;

use std::path::Path;

pub use self::{
    access::{Admin, Desk, SOCKET, socket_path},
    args::{
        Cli, Command, DemoArgs, FILE_NAME, ForkCommand, Global, InitArgs, OriginCommand,
        PeerCommand, PublisherCommand, RecoverArgs, RestoreArgs,
    },
    failure::{FAILED, Failure, UNREACHED, USAGE},
    identities::verified,
    output::Output,
    peers::read_card,
    recover::recover,
    words::rfc3339,
};
use self::{mirror::mirror, mirrored::MirrorFolder};

/// Runs a command that needs no node, or gives it back. What the operator has added to
/// vocabularies is in `data_dir`, if there is one.
///
/// # Errors
///
/// Why it was not done.
pub async fn without_desk(
    command: Command,
    data_dir: &Path,
    out: &mut Output,
) -> Result<Option<Command>, Failure> {
    match command {
        Command::Mirror(args) => mirror(&args, out).await?,
        Command::CheckProof(args) => proofs::check_proof(&args, out)?,
        Command::Completions(args) => manual::completions(&args, out)?,
        Command::Man(args) => manual::man(&args, out)?,
        Command::Map(args) => mapping::map(&args, out)?,
        Command::Fields(args) => describing::fields(&args, data_dir, out)?,
        Command::Template(args) => describing::template(&args, data_dir, out)?,
        command => return in_folder(command, data_dir, out).await,
    }
    Ok(None)
}

/// Runs a command that was told to read a folder, or gives it back.
async fn in_folder(
    command: Command,
    data_dir: &Path,
    out: &mut Output,
) -> Result<Option<Command>, Failure> {
    let folder = match &command {
        Command::List(args) => &args.folder,
        Command::Count(args) => &args.folder,
        Command::Get(args) => &args.folder,
        Command::History(args) => &args.folder,
        Command::Export(args) => &args.folder,
        _ => return Ok(Some(command)),
    };
    let Some(folder) = &folder.mirror else {
        return Ok(Some(command));
    };
    let mut folder = MirrorFolder::open(folder, known_codes::vocabularies(Some(data_dir))?)?;
    match command {
        Command::List(args) => listing::list(&args, &mut folder, out).await?,
        Command::Count(args) => counting::count(&args, &mut folder, out).await?,
        Command::Get(args) => getting::get(&args, &mut folder, out).await?,
        Command::Export(args) => exporting::export(&args, &mut folder, out).await?,
        Command::History(args) => match &args.record {
            Some(record) => history::history(&args, record, &mut folder, out).await?,
            None => {
                return Err(
                    Failure::usage("a folder has no batches, which are a node's own")
                        .remedy("give a record's id, or leave --mirror out"),
                );
            }
        },
        command => return Ok(Some(command)),
    }
    Ok(None)
}

/// Runs a command that needs a node.
///
/// # Errors
///
/// Why it was not done.
pub async fn with_desk(command: Command, desk: &mut Desk, out: &mut Output) -> Result<(), Failure> {
    match command {
        Command::Publisher(command) => identities::publisher(&command, desk, out).await,
        Command::Card(args) => identities::card(&args, desk, out).await,
        Command::Key(args) => identities::key(&args, desk, out).await,
        Command::Peer(command) => peers::peer(&command, desk, out).await,
        Command::Origin(command) => peers::origin(&command, desk, out).await,
        Command::Import(args) => import::import(&args, desk, out).await,
        Command::Revert(args) => batches::revert(&args, desk, out).await,
        Command::Publish(args) => publishing::publish(&args, desk, out).await,
        Command::Withdraw(args) => publishing::withdraw(&args, desk, out).await,
        Command::Supersede(args) => handing_over::supersede(&args, desk, out).await,
        Command::Erase(args) => publishing::erase(&args, desk, out).await,
        Command::List(args) => listing::list(&args, desk, out).await,
        Command::Count(args) => counting::count(&args, desk, out).await,
        Command::Get(args) => getting::get(&args, desk, out).await,
        Command::Export(args) => exporting::export(&args, desk, out).await,
        Command::History(args) => match &args.record {
            Some(record) => history::history(&args, record, desk, out).await,
            None => batches::history(&args, desk, out).await,
        },
        Command::Status(args) => status::status(&args, desk, out).await,
        Command::Fork(command) => forks::fork(&command, desk, out).await,
        Command::Verify => upkeep::verify(desk, out).await,
        Command::Recover(args) => recover(args.yes, desk, out).await,
        Command::Repair => repair::repair(desk, out).await,
        Command::Reindex => upkeep::reindex(desk, out).await,
        Command::Backup(args) => backup::backup(&args, desk, out).await,
        Command::Init(_)
        | Command::Serve
        | Command::Mirror(_)
        | Command::CheckProof(_)
        | Command::Completions(_)
        | Command::Man(_)
        | Command::Fields(_)
        | Command::Map(_)
        | Command::Template(_)
        | Command::Restore(_)
        | Command::Demo(_) => Err(Failure::usage("this command takes no node")),
    }
}
