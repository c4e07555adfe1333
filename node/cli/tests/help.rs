//! The help of every command, word for word.
//!
//! After a wanted change: `WPSX_TEST_UPDATE=1 cargo test -p wpsx-cli --test help`.

mod pinned;

use clap::CommandFactory as _;
use wpsx_cli::Cli;

#[test]
fn the_help_of_every_command_is_as_pinned() {
    let mut wpsx = Cli::command().term_width(100);
    wpsx.build();
    let mut wrong = Vec::new();
    check(&mut wpsx, "wpsx", &mut wrong);
    pinned::settle(&wrong);
}

fn check(command: &mut clap::Command, name: &str, wrong: &mut Vec<String>) {
    let text = command.render_long_help().to_string();
    pinned::compare(&format!("help/{name}.txt"), &text, wrong);
    for inner in command.get_subcommands_mut() {
        if inner.get_name() != "help" {
            let name = format!("{name}-{}", inner.get_name());
            check(inner, &name, wrong);
        }
    }
}
