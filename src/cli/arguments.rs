//! From the process's arguments to a command.
//!
//! Before clap looks which command is meant, it describes all that it knows, and gives each a copy of every global flag.
//! So a command that is the first word is described alone, its flags and the global ones side by side; all of them are
//! described only where that fails, to read the arguments as Go would, or to say what is wrong in full.

use std::ffi::OsString;

use clap::{ArgMatches, Args as _, CommandFactory as _, FromArgMatches as _};

use super::global::GlobalFlags;
use super::go_flags::read_as_go;
use super::{
    Cli, Command, completion, create, dependency, explain, generate, get, history, install, lint, list,
    operator, package, plain_words, plan, pull, push, registry, repo, rollback, search, show, status,
    template, test, uninstall, upgrade, verify, version,
};

/// A command by itself.
struct Alone {
    name: &'static str,
    describe: fn(clap::Command) -> clap::Command,
    read: fn(&mut ArgMatches) -> Result<Command, clap::Error>,
}

macro_rules! alone {
    ($module:ident, $variant:ident) => {
        Alone {
            name: stringify!($module),
            describe: $module::Arguments::augment_args,
            read: |matches| clap::FromArgMatches::from_arg_matches_mut(matches).map(Command::$variant),
        }
    };
}

const COMMANDS: [Alone; 27] = [
    alone!(completion, Completion),
    alone!(create, Create),
    alone!(dependency, Dependency),
    alone!(explain, Explain),
    alone!(generate, Generate),
    alone!(get, Get),
    alone!(history, History),
    alone!(install, Install),
    alone!(lint, Lint),
    alone!(list, List),
    alone!(operator, Operator),
    alone!(package, Package),
    alone!(plan, Plan),
    alone!(pull, Pull),
    alone!(push, Push),
    alone!(registry, Registry),
    alone!(repo, Repo),
    alone!(rollback, Rollback),
    alone!(search, Search),
    alone!(show, Show),
    alone!(status, Status),
    alone!(template, Template),
    alone!(test, Test),
    alone!(uninstall, Uninstall),
    alone!(upgrade, Upgrade),
    alone!(verify, Verify),
    alone!(version, Version),
];

/// What the arguments say, the program's own name first.
///
/// # Errors
/// Wrong usage, or the help that was asked for.
pub(super) fn parse(arguments: &[OsString]) -> Result<Cli, clap::Error> {
    plain_words::parse(arguments).or_else(|| alone(arguments)).map_or_else(|| among_all(arguments), Ok)
}

/// Reads a command that is named first; `None` also where its arguments are wrong.
fn alone(arguments: &[OsString]) -> Option<Cli> {
    let [_, name, arguments @ ..] = arguments else { return None };
    let command = COMMANDS.iter().find(|command| name == command.name)?;
    let program = clap::Command::new("pintle").no_binary_name(true);
    let mut program = (command.describe)(GlobalFlags::augment_args(program));
    let matches = program.try_get_matches_from_mut(arguments).ok();
    // To free hundreds of descriptions one by one would take as long as reading the arguments.
    std::mem::forget(program);
    let mut matches = matches?;
    let global = GlobalFlags::from_arg_matches_mut(&mut matches).ok()?;
    Some(Cli { global, command: (command.read)(&mut matches).ok()? })
}

/// Apart from [`parse`], because the descriptions of all commands take a large piece of stack.
#[cold]
#[inline(never)]
fn among_all(arguments: &[OsString]) -> Result<Cli, clap::Error> {
    let mut program = Cli::command();
    program.build();
    match read(read_as_go(program), arguments) {
        // Help shows flags in their plain form.
        Err(error) if is_help(&error) => read(Cli::command(), arguments),
        read => read,
    }
}

fn is_help(error: &clap::Error) -> bool {
    use clap::error::ErrorKind::{DisplayHelp, DisplayHelpOnMissingArgumentOrSubcommand, DisplayVersion};
    matches!(error.kind(), DisplayHelp | DisplayHelpOnMissingArgumentOrSubcommand | DisplayVersion)
}

fn read(mut program: clap::Command, arguments: &[OsString]) -> Result<Cli, clap::Error> {
    let matches = program.try_get_matches_from_mut(arguments);
    matches
        .and_then(|mut matches| Cli::from_arg_matches_mut(&mut matches))
        .map_err(|error| error.format(&mut program))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(words: &[&str]) -> Result<String, String> {
        let words: Vec<OsString> = words.iter().map(OsString::from).collect();
        parse(&words).map(|cli| format!("{cli:?}")).map_err(|error| error.to_string())
    }

    fn by_clap(words: &[&str]) -> Result<String, String> {
        use clap::Parser as _;
        Cli::try_parse_from(words).map(|cli| format!("{cli:?}")).map_err(|error| error.to_string())
    }

    #[test]
    fn no_flag_of_a_command_is_a_global_one_too() {
        for command in &COMMANDS {
            (command.describe)(GlobalFlags::augment_args(clap::Command::new("pintle"))).debug_assert();
        }
    }

    #[test]
    fn every_command_can_be_read_alone() {
        let names: Vec<_> = COMMANDS.iter().map(|command| command.name).collect();
        let all = Cli::command();
        let mut listed: Vec<_> = all.get_subcommands().map(clap::Command::get_name).collect();
        listed.sort_unstable();
        assert_eq!(names, listed);
    }

    #[test]
    fn a_command_is_read_as_it_is_among_all_others() {
        for words in [
            &["pintle", "template", "web", "./chart", "-n", "here"] as &[_],
            &["pintle", "template", "list", "./template", "--kube-context", "get", "--helm-version=3"],
            &["pintle", "-n", "list", "template", "./chart"],
            &["pintle", "ls", "--all-namespaces"],
            &["pintle", "--namespace=list", "un", "web"],
            &["pintle", "dep", "list", "./chart", "--debug"],
            &["pintle", "get", "values", "web", "--all"],
        ] {
            let read = parsed(words);
            assert!(read.is_ok(), "{words:?}: {read:?}");
            assert_eq!(read, by_clap(words), "{words:?}");
        }
    }

    /// Words of Go's flags, and plain ones that say the same.
    const AS_GO: [(&[&str], &[&str]); 12] = [
        (&["--skip-tests", "--skip-tests"], &["--skip-tests"]),
        (&["--skip-tests=true", "--is-upgrade=0"], &["--skip-tests"]),
        (&["--skip-tests", "--skip-tests=F"], &[]),
        (&["--debug=false", "--debug"], &["--debug"]),
        (&["-n", "a", "--namespace", "b"], &["-n", "b"]),
        (&["--timeout=1s", "--timeout", "3s"], &["--timeout", "3s"]),
        (&["--set", "a=1", "--set", "b=2", "-n", "a", "-n", "b"], &["-n", "b", "--set=a=1", "--set=b=2"]),
        (&["--description", "-a", "--set", "-x=3"], &["--description=-a", "--set=-x=3"]),
        (&["--description", "--skip-tests"], &["--description=--skip-tests"]),
        (&["-g=true"], &["-g"]),
        (&["-gn", "a", "-g"], &["-g", "-n", "a"]),
        (&["--wait=true", "--wait"], &["--wait"]),
    ];

    #[test]
    fn flags_are_read_as_go_reads_them() {
        for (go, plain) in AS_GO {
            let [go, plain] =
                [go, plain].map(|flags| parsed(&[&["pintle", "template"], flags, &["./chart"]].concat()));
            assert!(plain.is_ok(), "{plain:?}");
            assert_eq!(go, plain);
        }
        let nested = parsed(&["pintle", "get", "values", "web", "--all=true", "-n", "a", "-n", "b"]);
        assert_eq!(nested, parsed(&["pintle", "get", "values", "web", "--all", "-n", "b"]));
    }

    #[test]
    fn a_switch_is_true_or_false_and_nothing_else() {
        let error = parsed(&["pintle", "template", "./chart", "--skip-tests=yes"]).unwrap_err();
        assert!(error.contains("invalid value 'yes' for '--skip-tests"), "{error}");
    }

    #[test]
    fn wrong_usage_and_help_speak_of_all_commands() {
        for words in [
            &["pintle"] as &[_],
            &["pintle", "--help"],
            &["pintle", "help", "template"],
            &["pintle", "tmplate", "./chart"],
            &["pintle", "template", "--no-such-flag"],
            &["pintle", "template", "--help"],
            &["pintle", "list", "template"],
            &["pintle", "--version"],
        ] {
            let read = parsed(words);
            assert!(read.is_err(), "{words:?}: {read:?}");
            assert_eq!(read, by_clap(words), "{words:?}");
        }
    }
}
