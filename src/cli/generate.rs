//! `pintle generate crds`

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::error::CliError;
use super::output;
use crate::api::definitions;

/// Generate files from what this binary knows
#[derive(Args, Debug)]
pub(super) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand, Debug)]
enum Command {
    Crds(Crds),
}

/// Print the CustomResourceDefinitions, or write one file each
#[derive(Args, Debug)]
struct Crds {
    /// Directory to write to instead of printing
    #[arg(long)]
    dir: Option<PathBuf>,
}

pub(super) fn run(arguments: &Arguments) -> Result<(), CliError> {
    let Command::Crds(crds) = &arguments.command;
    let definitions = definitions().map_err(|error| CliError::message(error.to_string()))?;
    let Some(directory) = &crds.dir else {
        let texts: Vec<_> = definitions.into_iter().map(|(_, text)| text).collect();
        return output::print(texts.join("---\n"));
    };
    for (name, text) in definitions {
        let path = directory.join(name);
        std::fs::write(&path, text).map_err(|source| CliError::Write { path, source })?;
    }
    Ok(())
}
