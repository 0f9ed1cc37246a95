//! Flags as Go's `pflag` reads them, and so as scripts that call Helm write them.
//!
//! A flag may come again, and the last one counts; a switch may be told its value (`--skip-tests=false`); a value may
//! begin with a hyphen (`--description -`). Descriptions for this look worse in help, and cost more to make: they serve
//! where the plain ones failed.

use clap::builder::{PossibleValuesParser, TypedValueParser, ValueParser};
use clap::{Arg, ArgAction, Command};

/// A command that is built, and those within it, with flags that are read as Go reads them.
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

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;
    use crate::cli::Cli;

    /// What each flag of a command, and of those within it, is without being given.
    fn defaults(command: &Command) -> Vec<String> {
        let own = command.get_arguments().map(|argument| {
            format!("{} {}: {:?}", command.get_name(), argument.get_id(), argument.get_default_values())
        });
        own.chain(command.get_subcommands().flat_map(defaults)).collect()
    }

    #[test]
    fn what_is_not_given_is_what_it_was() {
        let mut program = Cli::command();
        program.build();
        let plain = defaults(&program);
        assert!(plain.contains(&"install server_side: [\"true\"]".to_owned()), "{plain:#?}");
        assert_eq!(defaults(&read_as_go(program)), plain);
    }
}
