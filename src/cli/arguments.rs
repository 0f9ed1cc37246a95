//! From the process's arguments to a command.
//!
//! Before clap looks which command is meant, it describes all that it knows, and gives each a copy of every global flag.
//! So it is told of the one command that is named alone, and of all of them only where that fails, to say what is wrong
//! in full.

use std::ffi::OsString;

use clap::{Args as _, CommandFactory as _, FromArgMatches as _};

use super::global::GlobalFlags;
use super::{
    Cli, completion, dependency, explain, generate, get, history, install, lint, list, operator, package,
    plan, pull, repo, rollback, show, status, template, test, uninstall, upgrade, version,
};

/// Gives a command its flags.
type Describe = fn(clap::Command) -> clap::Command;

/// The flags of each command, by its name.
const FLAGS: [(&str, Describe); 22] = [
    ("completion", completion::Arguments::augment_args),
    ("dependency", dependency::Arguments::augment_args),
    ("explain", explain::Arguments::augment_args),
    ("generate", generate::Arguments::augment_args),
    ("get", get::Arguments::augment_args),
    ("history", history::Arguments::augment_args),
    ("install", install::Arguments::augment_args),
    ("lint", lint::Arguments::augment_args),
    ("list", list::Arguments::augment_args),
    ("operator", operator::Arguments::augment_args),
    ("package", package::Arguments::augment_args),
    ("plan", plan::Arguments::augment_args),
    ("pull", pull::Arguments::augment_args),
    ("repo", repo::Arguments::augment_args),
    ("rollback", rollback::Arguments::augment_args),
    ("show", show::Arguments::augment_args),
    ("status", status::Arguments::augment_args),
    ("template", template::Arguments::augment_args),
    ("test", test::Arguments::augment_args),
    ("uninstall", uninstall::Arguments::augment_args),
    ("upgrade", upgrade::Arguments::augment_args),
    ("version", version::Arguments::augment_args),
];

/// What the arguments say, the program's own name first.
///
/// # Errors
/// Wrong usage, or the help that was asked for.
pub(super) fn parse(arguments: &[OsString]) -> Result<Cli, clap::Error> {
    let named = named(arguments).and_then(|command| read(command, arguments).ok());
    named.map_or_else(|| among_all(arguments), Ok)
}

/// Apart from [`parse`], because the descriptions of all commands take a large piece of stack.
#[cold]
#[inline(never)]
fn among_all(arguments: &[OsString]) -> Result<Cli, clap::Error> {
    read(Cli::command(), arguments)
}

/// The program as if it had the one command that is named first.
fn named(arguments: &[OsString]) -> Option<clap::Command> {
    let find = |word: &OsString| FLAGS.iter().find(|(name, _)| word == name);
    let (name, describe) = arguments.iter().skip(1).find_map(find)?;
    let program = GlobalFlags::augment_args(clap::Command::new("pintle"));
    Some(program.subcommand(describe(clap::Command::new(*name))))
}

fn read(mut program: clap::Command, arguments: &[OsString]) -> Result<Cli, clap::Error> {
    let matches = program.try_get_matches_from_mut(arguments);
    let cli = matches
        .and_then(|mut matches| Cli::from_arg_matches_mut(&mut matches))
        .map_err(|error| error.format(&mut program));
    // To free hundreds of descriptions one by one would take as long as reading the arguments.
    std::mem::forget(program);
    cli
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
    fn every_command_can_be_read_alone() {
        let names: Vec<_> = FLAGS.iter().map(|(name, _)| *name).collect();
        let all = Cli::command();
        let commands: Vec<_> = all.get_subcommands().map(clap::Command::get_name).collect();
        assert_eq!(names, {
            let mut sorted = commands;
            sorted.sort_unstable();
            sorted
        });
    }

    #[test]
    fn a_command_is_read_as_it_is_among_all_others() {
        for words in [
            &["pintle", "template", "web", "./chart", "-n", "here"] as &[_],
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
