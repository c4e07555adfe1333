//! The binary `wpsx`; everything it does is in the libraries.

use std::process::ExitCode;

fn main() -> ExitCode {
    wpsx_doors::cli::main(wpsx_node::app::ROOT)
}
