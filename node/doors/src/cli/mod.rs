//! The program's doors: it makes a node, runs one, or opens one for a command.
//!
//! The commands themselves are in `wpsx-cli`, which knows nothing of a node's parts.

mod demo;
mod recover;
mod restore;
mod setup;

use std::{env, process::ExitCode};

use clap::Parser as _;

use wpsx_cli::{
    Cli, Command, Failure, ForkCommand, OriginCommand, Output, PeerCommand, PublisherCommand,
    with_desk, without_desk,
};
use wpsx_client::clock::Clock;

use crate::app::{Look, Root};

/// Runs what was typed and returns the process's exit code. `root` puts nodes together.
pub fn main(root: Root) -> ExitCode {
    if env::args_os()
        .nth(1)
        .is_some_and(|word| word == wpsx_sheets::READ_WORKBOOK)
    {
        return read_workbook();
    }
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        // Whoever asked for JSON reads JSON; help and the version are no errors.
        Err(error) if error.use_stderr() && env::args_os().any(|word| word == "--json") => {
            return report(&Failure::from(error), true);
        }
        Err(error) => error.exit(),
    };
    let json = cli.global.json;
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => return report(&Failure::because("cannot start", &error), json),
    };
    let result = runtime.block_on(run(root, cli));
    // Blocking reads (standard input) must not keep a finished command alive.
    runtime.shutdown_background();
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) if failure.is_unread() => ExitCode::SUCCESS,
        Err(failure) => report(&failure, json),
    }
}

/// The process that an import starts to open a workbook: nothing else of the program is
/// needed, and it must start before any thread does.
fn read_workbook() -> ExitCode {
    match wpsx_sheets::run_workbook_reader() {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

fn report(failure: &Failure, json: bool) -> ExitCode {
    if json {
        eprintln!("{}", failure.to_json());
    } else {
        eprintln!("{failure}");
    }
    ExitCode::from(failure.exit())
}

/// Runs what was typed, the program's name first, in this process.
///
/// # Errors
///
/// Why it was not done.
pub async fn run_typed(
    root: Root,
    typed: impl IntoIterator<Item = std::ffi::OsString>,
) -> Result<(), Failure> {
    run(root, Cli::try_parse_from(typed)?).await
}

async fn run(root: Root, cli: Cli) -> Result<(), Failure> {
    let mut out = Output::standard(cli.global.json, Clock::system().unix_ms());
    let out = &mut out;
    match cli.command {
        Command::Init(args) => setup::init(&cli.global, &args, out),
        Command::Serve => setup::serve(root, &cli.global, out).await,
        Command::Restore(args) => restore::restore(&cli.global, &args, out).await,
        Command::Demo(args) => demo::demo(root, &cli.global, &args, out).await,
        Command::Recover(args) if args.keys.is_some() => {
            recover::from_keys(root, &cli.global, &args, out).await
        }
        command => {
            let Some(command) = without_desk(command, cli.global.data_dir(), out).await? else {
                return Ok(());
            };
            let mut desk = setup::desk(root, &cli.global, looks(&command)).await?;
            let done = with_desk(command, &mut desk, out).await;
            let closed = desk.close().await;
            done.and(closed)
        }
    }
}

/// What a command sees of a node that does not run, if it only looks: then it changes
/// nothing there.
fn looks(command: &Command) -> Option<Look> {
    match command {
        Command::List(_)
        | Command::Count(_)
        | Command::Get(_)
        | Command::History(_)
        | Command::Export(_) => Some(Look::Records),
        // They find out what they would do, and do none of it.
        Command::Import(args) if args.dry_run => Some(Look::Records),
        Command::Revert(args) if args.dry_run => Some(Look::Records),
        Command::Status(_) | Command::Origin(OriginCommand::List) => Some(Look::Counts),
        Command::Verify
        | Command::Backup(_)
        | Command::Card(_)
        | Command::Key(_)
        | Command::Publisher(PublisherCommand::List)
        | Command::Peer(PeerCommand::List)
        | Command::Fork(ForkCommand::List | ForkCommand::Show { .. }) => Some(Look::Logs),
        _ => None,
    }
}
