//! The binary `wpsx`; everything it does is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    wpsx_node::cli::main()
}
