//! `pintle version`.

use clap::Args;

use super::{CliError, output};

/// Print the version, and the Helm versions that pintle was measured against.
#[derive(Args, Debug)]
pub(super) struct Arguments {
    /// Print the version number only
    #[arg(long)]
    short: bool,
}

/// The releases of Helm whose behaviour pintle's is held against.
const MEASURED: [&str; 2] = ["v3.22.0", "v4.3.1"];

/// Prints.
pub(super) fn run(arguments: &Arguments) -> Result<(), CliError> {
    let version = env!("CARGO_PKG_VERSION");
    if arguments.short {
        return output::print(format!("v{version}\n"));
    }
    output::print(format!("pintle v{version}, as Helm {} and {}\n", MEASURED[0], MEASURED[1]))
}
