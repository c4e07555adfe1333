//! `wpsx init`, `wpsx serve`, and opening the node that the other commands need.

use std::{
    env,
    ffi::OsString,
    fs,
    io::{self, IsTerminal as _},
    path::Path,
    time::Duration,
};

use serde_json::json;
use tokio::signal::unix::{SignalKind, signal};
use toml::Value;
use tracing_subscriber::{
    Layer as _, filter::Targets, layer::SubscriberExt as _, util::SubscriberInitExt as _,
};
use wpsx_cli::{Desk, FAILED, Failure, Global, InitArgs, Output, UNREACHED};
use wpsx_client::clock::monotonic;
use wpsx_domain::{NodeError, blocking};
use wpsx_proto::{chain, origin::NodeName};
use wpsx_store::StoreError;

use crate::{
    app::{App, Look, Root},
    config::{Config, ConfigError, LogFormat},
    serve::{self, Listeners, Starting},
};

/// How long a command waits for another one to let go of the data directory.
const PATIENCE: Duration = Duration::from_secs(5);
const AGAIN: Duration = Duration::from_millis(50);

/// `wpsx init`
pub(super) fn init(global: &Global, args: &InitArgs, out: &mut Output) -> Result<(), Failure> {
    let (path, _) = global.config();
    let text = Config::file_text(&settings(args));
    let mut config = if path.exists() {
        Config::load(&path, true, environment()).map_err(misconfigured)?
    } else {
        Config::parse(Path::new("the command line"), &text).map_err(|error| {
            Failure::usage(chain(&error)).remedy("wpsx init --help shows what each option takes")
        })?
    };
    config
        .apply_environment(environment())
        .map_err(misconfigured)?;
    let name = args.name.clone().or(config.node.name).ok_or_else(|| {
        Failure::usage("the new node needs a name")
            .remedy("wpsx init --name node.example.org (best a DNS name of yours)")
    })?;
    let node = NodeName::parse(&name).map_err(|error| {
        Failure::usage(format!("{name} is no name for a node: {}", chain(&error)))
    })?;
    App::create(global.data_dir(), &node).map_err(|error| cannot_create(global, &error))?;
    if !path.exists() {
        fs::write(&path, text).map_err(|error| {
            Failure::because(format!("cannot write {}", path.display()), &error)
        })?;
    }
    if out.is_json() {
        return Ok(out.document(&json!({
            "node": name,
            "data_dir": global.data_dir().display().to_string(),
            "config": path.display().to_string(),
        }))?);
    }
    let dir = global.data_dir().display();
    out.say(format!(
        "made the node {name} in {dir}; its settings are in {}\n\
         Next: wpsx --data-dir {dir} publisher add NAME --title TITLE\n\
         then: wpsx --data-dir {dir} serve",
        path.display()
    ))?;
    Ok(())
}

/// What was given on the command line, as keys of the file.
fn settings(args: &InitArgs) -> Vec<(&'static str, Value)> {
    let mut set = Vec::new();
    let texts = [
        ("node.name", &args.name),
        ("node.listen", &args.listen),
        ("node.http_listen", &args.http_listen),
        ("node.metrics_listen", &args.metrics_listen),
    ];
    for (key, value) in texts {
        if let Some(text) = value {
            set.push((key, Value::from(text.as_str())));
        }
    }
    if !args.advertise.is_empty() {
        set.push(("node.advertise", Value::from(args.advertise.clone())));
    }
    set
}

fn cannot_create(global: &Global, error: &NodeError) -> Failure {
    let dir = global.data_dir().display();
    if global.data_dir().join("keys").exists() {
        return Failure::failed(format!("{dir} holds a node already")).remedy(format!(
            "wpsx --data-dir {dir} serve runs it; for another node name another folder"
        ));
    }
    Failure::because(format!("cannot make a node in {dir}"), error)
}

/// `wpsx serve`
pub(super) async fn serve(root: Root, global: &Global, out: &mut Output) -> Result<(), Failure> {
    let config = config(global)?;
    start_log(&config);
    outlive_the_terminal().map_err(|error| Failure::because("cannot wait for signals", &error))?;
    let starting = Starting::on(&config).await;
    let node = open_alone(root, global, config).await?;
    let running = match Listeners::bind_after(&node, starting).await {
        Ok(listeners) => serve::start(node.clone(), listeners).await,
        Err(error) => Err(error),
    };
    let running = match running {
        Ok(running) => running,
        Err(error) => {
            let failure = Failure::because("cannot serve", &error);
            // The reason why it cannot serve is told, not that closing failed as well.
            let _ = node.close().await;
            return Err(failure);
        }
    };
    let (listen, http_listen) = node.addresses();
    if out.is_json() {
        out.document(&json!({
            "node": node.name().to_string(),
            "listen": listen,
            "http_listen": http_listen,
        }))?;
    } else if out.is_terminal() {
        let at = if listen.is_empty() {
            "and listens on nothing"
        } else {
            &listen
        };
        out.say(format!(
            "{} runs {at}\nStop it with Ctrl-C; wpsx status in another window shows its peers.",
            node.name()
        ))?;
    }
    let broken = tokio::select! {
        told = told_to_stop() => {
            told.map_err(|error| Failure::because("cannot wait for signals", &error))?;
            None
        }
        sentence = running.failed() => Some(sentence),
    };
    tracing::info!("stopping");
    let stopped = running.stop().await;
    if let Some(sentence) = broken {
        return Err(Failure::failed(format!("the node stopped: {sentence}"))
            .remedy("start it again; wpsx verify checks the store, and please report this"));
    }
    stopped.map_err(|error| Failure::because("the node stopped with an error", &error))
}

/// A terminal that is closed sends SIGHUP, which would end the node.
fn outlive_the_terminal() -> io::Result<()> {
    let mut hangup = signal(SignalKind::hangup())?;
    tokio::spawn(async move {
        while hangup.recv().await.is_some() {
            tracing::info!("SIGHUP is ignored; SIGTERM and Ctrl-C stop the node");
        }
    });
    Ok(())
}

/// Ctrl-C or the service manager's stop.
async fn told_to_stop() -> io::Result<()> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    // The second one does not wait for open calls.
    tokio::spawn(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        std::process::exit(i32::from(FAILED));
    });
    Ok(())
}

/// Log lines go to standard error; standard output belongs to answers.
fn start_log(config: &Config) {
    let filter: Targets = config.log.level.parse().unwrap_or_default();
    let layer = tracing_subscriber::fmt::layer().with_writer(io::stderr);
    let registry = tracing_subscriber::registry();
    // A log that another part of this process has set up already is kept.
    let _ = match config.log.format {
        LogFormat::Text => registry
            .with(
                layer
                    .with_ansi(io::stderr().is_terminal())
                    .with_filter(filter),
            )
            .try_init(),
        LogFormat::Json => registry.with(layer.json().with_filter(filter)).try_init(),
    };
}

/// The node that runs on the data directory, or else that directory opened here: to look
/// into, where that is all that the command does.
pub(super) async fn desk(root: Root, global: &Global, look: Option<Look>) -> Result<Desk, Failure> {
    let started = monotonic();
    loop {
        if let Some(desk) = Desk::running(global.data_dir()).await? {
            return Ok(desk);
        }
        let config = config(global)?;
        let opened = match look {
            Some(look) => self::look(root, global, config, look).await,
            None => open(root, global, config).await,
        };
        match opened {
            // Another command holds the lock, or a node that is about to open its socket.
            Err(failure) if failure.exit() == UNREACHED && started.elapsed() < PATIENCE => {
                tokio::time::sleep(AGAIN).await;
            }
            opened => return Ok(before(opened?).await?.at(global.data_dir())),
        }
    }
}

/// A desk in front of a node that this process opened and closes again.
async fn before(node: App) -> Result<Desk, Failure> {
    let closing = node.clone();
    Desk::before(node.services().operator(), async move {
        closing.close().await.map_err(|error| {
            Failure::because("the store could not be closed", &error)
                .remedy("nothing acknowledged is lost; wpsx verify checks the store")
        })
    })
    .await
}

/// Opens the node for serving, once commands that hold the lock have ended.
async fn open_alone(root: Root, global: &Global, config: Config) -> Result<App, Failure> {
    let started = monotonic();
    loop {
        match open(root, global, config.clone()).await {
            Err(failure) if failure.exit() == UNREACHED => {
                if Desk::running(global.data_dir()).await?.is_some() {
                    let dir = global.data_dir().display();
                    return Err(Failure::unreached(format!("a node runs on {dir} already"))
                        .remedy(
                            "wpsx status shows it; two nodes on one folder would fork its logs",
                        ));
                }
                if started.elapsed() > PATIENCE {
                    return Err(failure);
                }
                tokio::time::sleep(AGAIN).await;
            }
            opened => return opened,
        }
    }
}

/// Opens the node so that nothing of it is changed.
async fn look(root: Root, global: &Global, config: Config, look: Look) -> Result<App, Failure> {
    let node = open_with(global, move |dir| (root.look)(dir, config, look)).await?;
    for lacking in node.show_records(look).await {
        eprintln!("wpsx: {lacking}; see wpsx verify");
    }
    Ok(node)
}

async fn open(root: Root, global: &Global, config: Config) -> Result<App, Failure> {
    open_with(global, move |dir| (root.open)(dir, config)).await
}

async fn open_with(
    global: &Global,
    open: impl FnOnce(&Path) -> Result<App, NodeError> + Send + 'static,
) -> Result<App, Failure> {
    let dir = global.data_dir().to_owned();
    if !dir.join("keys").exists() {
        let dir = dir.display();
        return Err(Failure::failed(format!("there is no node in {dir}")).remedy(format!(
            "make one with wpsx --data-dir {dir} init --name NAME, or name its folder with --data-dir"
        )));
    }
    let opened = blocking(move || open(&dir)).await;
    opened.map_err(|error| cannot_open(global.data_dir(), &error))
}

fn cannot_open(dir: &Path, error: &NodeError) -> Failure {
    let message = format!(
        "cannot open the node in {}: {}",
        dir.display(),
        chain(error)
    );
    match error {
        NodeError::Store(StoreError::Locked(_)) => Failure::unreached(message),
        _ => Failure::failed(message),
    }
}

/// What the environment sets. Every command reads it here, and everything below gets
/// settings.
#[expect(
    clippy::disallowed_methods,
    reason = "this is the owner of the environment"
)]
fn environment() -> impl Iterator<Item = (String, String)> {
    let text = |(name, value): (OsString, OsString)| {
        let name = name.into_string().ok()?;
        // One of ours whose value is no text is a value that means nothing, and is refused.
        Some((name, value.to_string_lossy().into_owned()))
    };
    env::vars_os().filter_map(text)
}

fn config(global: &Global) -> Result<Config, Failure> {
    let (path, named) = global.config();
    let config = Config::load(&path, named, environment()).map_err(misconfigured)?;
    config.check(global.data_dir()).map_err(misconfigured)?;
    Ok(config)
}

fn misconfigured(error: ConfigError) -> Failure {
    let failure = Failure::usage(chain(&error));
    match error {
        ConfigError::Unknown { .. } | ConfigError::Value { .. } => {
            failure.remedy("deploy/wpsx.example.toml shows every key; correct it and try again")
        }
        ConfigError::Named { .. } => failure,
        ConfigError::Syntax { .. } => failure.remedy("correct the line and try again"),
        ConfigError::Read { .. } => failure.remedy("see --config and the file's permissions"),
    }
}
