//! The command line: `wpsx init`, `wpsx serve`, `wpsx list`, …
//!
//! A command is a function of what was typed, a [`Desk`] in front of a node and
//! an [`Output`]. It says what was done and what to do next; its exit code is 0
//! only when it was done.

mod access;
mod args;
mod demo;
mod failure;
mod forks;
mod identities;
mod mirror;
mod output;
mod peers;
mod publishing;
mod reading;
mod setup;
mod status;
mod upkeep;

use std::{env, process::ExitCode};

use clap::Parser as _;

pub use access::{Admin, Desk, socket_path};
pub use args::{Cli, Command, DemoArgs, Global};
pub use failure::Failure;
pub use output::Output;

use wpsx_client::clock::Clock;

/// Runs what was typed and returns the process's exit code.
pub fn main() -> ExitCode {
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
    let result = runtime.block_on(run(cli));
    // Blocking reads (standard input) must not keep a finished command alive.
    runtime.shutdown_background();
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) if failure.is_unread() => ExitCode::SUCCESS,
        Err(failure) => report(&failure, json),
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

async fn run(cli: Cli) -> Result<(), Failure> {
    let mut out = Output::standard(cli.global.json, Clock::system().unix_ms());
    let out = &mut out;
    match cli.command {
        Command::Init(args) => setup::init(&cli.global, &args, out),
        Command::Serve => setup::serve(&cli.global, out).await,
        Command::Mirror(args) => mirror::mirror(&args, out).await,
        Command::Demo(args) => demo::demo(&cli.global, &args, out).await,
        command => {
            let mut desk = setup::desk(&cli.global).await?;
            let done = with_desk(command, &mut desk, out).await;
            let closed = desk.close().await;
            done.and(closed)
        }
    }
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
        Command::Import(args) => publishing::import(&args, desk, out).await,
        Command::Publish(args) => publishing::publish(&args, desk, out).await,
        Command::Withdraw(args) => publishing::withdraw(&args, desk, out).await,
        Command::Erase(args) => publishing::erase(&args, desk, out).await,
        Command::List(args) => reading::list(&args, desk, out).await,
        Command::Get(args) => reading::get(&args, desk, out).await,
        Command::Status => status::status(desk, out).await,
        Command::Fork(command) => forks::fork(&command, desk, out).await,
        Command::Verify => upkeep::verify(desk, out).await,
        Command::Reindex => upkeep::reindex(desk, out).await,
        Command::Init(_) | Command::Serve | Command::Mirror(_) | Command::Demo(_) => {
            Err(Failure::usage("this command takes no node"))
        }
    }
}
