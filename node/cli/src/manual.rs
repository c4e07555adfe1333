//! `wpsx completions` and `wpsx man`: made from what can be typed.

use std::{fs, path::Path};

use clap::CommandFactory as _;
use serde_json::json;

use super::{
    args::{Cli, CompletionsArgs, ManArgs},
    failure::Failure,
    getting::write,
    output::Output,
    words::many,
};

/// `wpsx completions`
///
/// # Errors
///
/// The output cannot be written.
pub(super) fn completions(args: &CompletionsArgs, out: &mut Output) -> Result<(), Failure> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "wpsx", &mut script);
    if out.is_json() {
        let (shell, script) = (args.shell.to_string(), String::from_utf8_lossy(&script));
        return Ok(out.document(&json!({ "shell": shell, "script": script }))?);
    }
    Ok(out.raw(&script)?)
}

/// `wpsx man`
///
/// # Errors
///
/// The folder or a page cannot be written.
pub(super) fn man(args: &ManArgs, out: &mut Output) -> Result<(), Failure> {
    let dir = &args.dir;
    fs::create_dir_all(dir).map_err(|error| {
        Failure::because(format!("cannot make the folder {}", dir.display()), &error)
    })?;
    let mut wpsx = Cli::command().disable_help_subcommand(true);
    wpsx.build();
    let mut pages = Vec::new();
    page(wpsx, "wpsx".to_owned(), dir, &mut pages)?;
    if out.is_json() {
        let folder = dir.display().to_string();
        return Ok(out.document(&json!({ "folder": folder, "pages": pages }))?);
    }
    out.say(format!(
        "wrote {} to {}\n\
         Next: man -l {}/wpsx.1 shows the first.\n\
         Copied to share/man/man1, all are found by name.",
        many(pages.len() as u64, "page"),
        dir.display(),
        dir.display()
    ))?;
    Ok(())
}

/// The page of a command, and of those within it.
fn page(
    command: clap::Command,
    name: String,
    dir: &Path,
    pages: &mut Vec<String>,
) -> Result<(), Failure> {
    for inner in command
        .get_subcommands()
        .filter(|inner| !inner.is_hide_set())
    {
        let inner_name = format!("{name}-{}", inner.get_name());
        page(inner.clone(), inner_name, dir, pages)?;
    }
    let mut text = Vec::new();
    clap_mangen::Man::new(command.display_name(name.clone()))
        .title(name.clone())
        .render(&mut text)?;
    let file = format!("{name}.1");
    write(&dir.join(&file), &text)?;
    pages.push(file);
    Ok(())
}
