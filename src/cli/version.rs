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

/// Prints.
pub(super) fn run(arguments: &Arguments) -> Result<(), CliError> {
    let version = env!("CARGO_PKG_VERSION");
    if arguments.short {
        return output::print(format!("v{version}\n"));
    }
    let helm = [chart::Flavour::V3, chart::Flavour::V4]
        .map(|flavour| chart::capabilities::HelmVersion::of(flavour).version);
    output::print(format!("pintle v{version}, as Helm {} and {}\n", helm[0], helm[1]))
}
