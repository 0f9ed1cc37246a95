//! `pintle completion`: scripts for shells.

use clap::{Args, CommandFactory};
use clap_complete::{Shell, generate};

use super::{Cli, CliError, output};

/// Generate the autocompletion script for the specified shell.
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  source <(pintle completion bash)\n  pintle completion fish | source")]
pub(super) struct Arguments {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

/// Prints the script.
pub(super) fn run(arguments: &Arguments) -> Result<(), CliError> {
    let mut script = Vec::new();
    generate(arguments.shell, &mut Cli::command(), "pintle", &mut script);
    output::print(script)
}
