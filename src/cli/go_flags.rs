//! Flags as Go's `pflag` reads them, and so as scripts that call Helm write them.
//!
//! A flag may come again, and the last one counts; a switch may be told its value (`--skip-tests=false`); a value may
//! begin with a hyphen (`--description -`). Descriptions for this look worse in help, and cost more to make: they serve
//! where the plain ones failed.

use clap::builder::{PossibleValuesParser, TypedValueParser, ValueParser};
use clap::{Arg, ArgAction, Command};

/// A command, and those within it, with flags that are read as Go reads them.
pub(super) fn read_as_go(command: Command) -> Command {
    command.args_override_self(true).mut_args(flag).mut_subcommands(read_as_go)
}

fn flag(argument: Arg) -> Arg {
    match argument.get_action() {
        _ if argument.is_positional() => argument,
        ArgAction::SetTrue => switch(argument),
        // A value that may be left out is given behind `=` alone.
        ArgAction::Set | ArgAction::Append if !argument.is_require_equals_set() => {
            argument.allow_hyphen_values(true)
        }
        _ => argument,
    }
}

fn switch(argument: Arg) -> Arg {
    let has_variable = argument.get_env().is_some();
    let argument = argument
        .action(ArgAction::Set)
        .num_args(0..=1)
        .require_equals(true)
        .default_value("false")
        .default_missing_value("true")
        .hide_default_value(true)
        .hide_possible_values(true);
    // What a variable may say is not Go's matter.
    if has_variable { argument } else { argument.value_parser(truth_value()) }
}

/// Go's `strconv.ParseBool`.
fn truth_value() -> ValueParser {
    const TRUE: [&str; 6] = ["1", "t", "T", "true", "TRUE", "True"];
    const FALSE: [&str; 6] = ["0", "f", "F", "false", "FALSE", "False"];
    PossibleValuesParser::new(TRUE.into_iter().chain(FALSE)).map(|word| TRUE.contains(&word.as_str())).into()
}
