//! `wpsx restore`: a node's folder from the file that `wpsx backup` made.

use serde_json::json;
use wpsx_cli::{Failure, Global, Output, RestoreArgs, rfc3339};
use wpsx_domain::blocking;
use wpsx_store::{Restored, StoreError};

/// `wpsx restore`
pub(super) async fn restore(
    global: &Global,
    args: &RestoreArgs,
    out: &mut Output,
) -> Result<(), Failure> {
    let Some(dir) = global.named_data_dir() else {
        return Err(Failure::usage("say where the node is to be restored")
            .remedy("wpsx restore FILE --data-dir NEW, a folder that is empty or not there"));
    };
    let (file, to) = (args.file.clone(), dir.to_owned());
    let restored = blocking(move || Ok(wpsx_store::restore(&file, &to)))
        .await
        .map_err(|error| Failure::because("restoring failed", &error))?
        .map_err(|error| not_restored(&error))?;
    let about = About::of(&restored);
    if out.is_json() {
        return Ok(out.document(&json!({
            "data_dir": dir.display().to_string(),
            "node": about.node,
            "time": about.time.map(rfc3339),
            "files": restored.files,
            "settings": restored.beside > 0,
            "keys": restored.keys > 0,
        }))?);
    }
    let dir = dir.display();
    out.say(format!(
        "restored {} into {dir}, as it was at {}",
        about.node,
        about
            .time
            .map_or_else(|| "an unknown time".to_owned(), rfc3339),
    ))?;
    let mut steps = Vec::new();
    if restored.keys == 0 {
        steps.push(format!(
            "Put your copy of the folder keys/ into {dir}, with mode 0700: the backup has none."
        ));
    }
    if restored.beside == 0 {
        steps.push(format!(
            "Put your wpsx.toml into {dir}: the backup has none."
        ));
    }
    steps.push("Make sure that the node it was taken from is off for good.".to_owned());
    steps.push(format!("wpsx --data-dir {dir} verify"));
    steps.push(format!(
        "wpsx --data-dir {dir} serve, and then wpsx status: before it signs anything, the \
         node asks its peers how far they have seen its logs. What it published after this \
         backup is missing here; if status says so, see \"Restoring\" in deploy/OPERATING.md."
    ));
    out.say("Next:")?;
    for (number, step) in (1..).zip(steps) {
        out.say(format!("{number}. {step}"))?;
    }
    Ok(())
}

/// What a backup says of itself.
struct About {
    node: String,
    /// Milliseconds since 1970.
    time: Option<u64>,
}

impl About {
    fn of(restored: &Restored) -> Self {
        let line = |word: &str| {
            let mut lines = restored.about.lines();
            lines.find_map(|line| line.strip_prefix(word)?.strip_prefix(' '))
        };
        Self {
            node: line("node").unwrap_or("a node").to_owned(),
            time: line("time").and_then(|time| time.parse().ok()),
        }
    }
}

fn not_restored(error: &StoreError) -> Failure {
    let failure = Failure::because("nothing was restored", error);
    match error {
        StoreError::NotABackup { .. } => {
            failure.remedy("take an older backup, or copy this one again from where it was kept")
        }
        _ => failure,
    }
}
