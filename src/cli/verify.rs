//! `pintle verify`: whether an archive is the one that the provenance beside it was signed for.

use std::path::PathBuf;

use clap::Args;

use super::global::GlobalFlags;
use super::verify_flags::{KeyringFlag, text};
use super::{CliError, output};

/// Verify that a chart at the given path has been signed and is valid.
///
/// PATH is an archive; beside it lies its provenance, PATH.prov. The archive is good when its digest stands in the
/// provenance under its name, and a key of the keyring has signed that.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    /// The archive
    #[arg(value_name = "PATH")]
    path: PathBuf,
    #[command(flatten)]
    keyring: KeyringFlag,
}

const EXAMPLES: &str = "\
Examples:
  pintle verify web-1.2.0.tgz
  pintle verify web-1.2.0.tgz --keyring publishers.gpg";

/// Verifies and tells who has signed.
pub(super) fn run(arguments: &Arguments, global: &GlobalFlags) -> Result<(), CliError> {
    let (_, verification) = arguments.keyring.read(&arguments.path, global)?;
    output::print(text(&verification))
}
