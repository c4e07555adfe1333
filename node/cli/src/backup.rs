//! `wpsx backup`: all of a node in one file.

use std::{
    fs::File,
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use serde_json::json;
use tempfile::NamedTempFile;
use tokio::signal::unix::{SignalKind, signal};
use wpsx_proto::api::admin::v1::{BackupContents, BackupRequest};

use super::{
    access::Desk,
    args::BackupArgs,
    failure::Failure,
    output::Output,
    words::{entries, many},
};

/// `wpsx backup`
pub(super) async fn backup(
    args: &BackupArgs,
    desk: &mut Desk,
    out: &mut Output,
) -> Result<(), Failure> {
    let path = &args.file;
    if !args.force && path.symlink_metadata().is_ok() {
        return Err(there_already(path));
    }
    let cannot = |error: io::Error| {
        Failure::because(
            format!("cannot write the backup {}", path.display()),
            &error,
        )
    };
    let beside = folder_of(path);
    // Beside its place, for its owner alone; it goes away by itself until it is whole.
    let file = tempfile::Builder::new()
        .prefix(".wpsx-backup-")
        .tempfile_in(&beside)
        .map_err(cannot)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(cannot)?;
    let (file, contents) = tokio::select! {
        written = written(args.with_keys, file, desk, out) => written?,
        _ = interrupt.recv() => {
            return Err(Failure::failed("interrupted; no backup was made"));
        }
    };
    let sync = || -> io::Result<()> {
        file.as_file().sync_all()?;
        match args.force {
            true => file.persist(path).map(drop).map_err(|e| e.error)?,
            false => file
                .persist_noclobber(path)
                .map(drop)
                .map_err(|e| e.error)?,
        }
        File::open(&beside)?.sync_all()
    };
    sync().map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => there_already(path),
        _ => cannot(error),
    })?;
    told(args, &contents, out)
}

/// Takes the backup into `file` as it comes.
async fn written(
    with_keys: bool,
    mut file: NamedTempFile,
    desk: &mut Desk,
    out: &Output,
) -> Result<(NamedTempFile, BackupContents), Failure> {
    let request = BackupRequest { with_keys };
    let mut answers = desk.admin.backup(request).await?.into_inner();
    let bar = out.bar("copying", 0);
    let mut contents = None;
    while let Some(answer) = answers.message().await? {
        bar.set_length(answer.total);
        bar.set_position(answer.done);
        contents = contents.or(answer.contents);
        let take = move || file.write_all(&answer.data).map(|()| file);
        file = tokio::task::spawn_blocking(take)
            .await
            .map_err(|error| Failure::because("writing the backup failed", &error))?
            .map_err(|error| Failure::because("cannot write the backup", &error))?;
    }
    bar.finish_and_clear();
    let contents = contents.ok_or_else(|| {
        Failure::failed("the node ended the backup before it was whole").remedy("try again")
    })?;
    Ok((file, contents))
}

fn told(args: &BackupArgs, contents: &BackupContents, out: &mut Output) -> Result<(), Failure> {
    let path = args.file.display();
    if out.is_json() {
        return Ok(out.document(&json!({
            "file": path.to_string(),
            "logs": contents.logs,
            "entries": contents.entries,
            "settings": contents.settings,
            "keys": contents.keys,
        }))?);
    }
    out.say(format!(
        "wrote {} in {} to {path}",
        entries(contents.entries),
        many(contents.logs, "log"),
    ))?;
    if !contents.settings {
        out.say("The settings are not in it: there is no wpsx.toml in the data directory.")?;
    }
    if contents.keys {
        out.say("It holds the secret keys: encrypt it before it leaves this machine.")?;
    } else {
        out.say(
            "The keys are not in it. Keep a copy of the folder keys/ apart, or give --with-keys.",
        )?;
    }
    out.say(format!(
        "Next: try it with wpsx --data-dir NEW restore {path}"
    ))?;
    Ok(())
}

fn there_already(path: &Path) -> Failure {
    Failure::failed(format!("{} is there already", path.display()))
        .remedy("choose another name, or replace it with --force")
}

/// The folder that a file lies in.
fn folder_of(path: &Path) -> PathBuf {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
        _ => PathBuf::from("."),
    }
}
