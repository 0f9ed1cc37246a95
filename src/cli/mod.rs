//! The command line: Helm's commands and flags, one file a command.
//!
//! A command reads its arguments, builds what the other modules take, and prints what they give. Nothing else in the
//! crate prints.

mod access_flags;
mod arguments;
mod chart_flags;
mod cluster_flags;
mod completion;
mod create;
mod dependency;
mod deploy_flags;
mod deploy_format;
mod duration;
mod error;
mod error_help;
mod excerpt;
mod explain;
mod format;
mod generate;
mod get;
mod global;
mod go_flags;
mod go_release;
mod history;
mod index_file;
mod install;
mod jsonpath;
mod lint;
mod list;
mod lock_flag;
mod metadata;
mod name_and_chart;
mod operator;
mod output;
mod package;
mod password;
mod plain_words;
mod plan;
mod plan_flags;
mod plan_text;
mod post_render_flags;
mod progress;
mod pull;
mod push;
mod registry;
mod release_text;
mod rendered_output;
mod repo;
mod repo_index;
mod resource_table;
mod resources;
mod rollback;
mod search;
mod session;
mod show;
mod sign_flags;
mod status;
mod style;
mod template;
mod template_name;
mod test;
mod uninstall;
mod unused_report;
mod upgrade;
mod values;
mod verify;
mod verify_flags;
mod version;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use pintle_render::Limits;

use self::error::CliError;
use self::global::GlobalFlags;

/// Helm charts without Helm.
#[derive(Parser, Debug)]
#[command(name = "pintle", version, about, max_term_width = 110, after_help = EXAMPLES)]
struct Cli {
    #[command(flatten)]
    global: GlobalFlags,
    #[command(subcommand)]
    command: Command,
}

const EXAMPLES: &str = "\
Examples:
  pintle install web ./chart -f values.yaml --set replicas=3 --wait
  pintle list --all-namespaces
  pintle template web ./chart -f values.yaml
  pintle lint ./chart
  pintle explain web .spec.replicas --object Deployment/web
  pintle show values ./chart-1.2.0.tgz";

#[derive(Subcommand, Debug)]
#[command(defer = true)]
enum Command {
    /// Generate the autocompletion script for the specified shell.
    Completion(completion::Arguments),
    /// Create a new chart with the given name.
    Create(create::Arguments),
    /// Manage a chart's dependencies.
    #[command(visible_alias = "dep", alias = "dependencies")]
    Dependency(dependency::Arguments),
    /// Tell which template line, and which values from where, gave a field of a rendered object.
    Explain(Box<explain::Arguments>),
    /// Generate files from what this binary knows
    Generate(generate::Arguments),
    /// Download extended information of a named release.
    Get(get::Arguments),
    /// Fetch release history.
    #[command(visible_alias = "hist")]
    History(history::Arguments),
    /// Install a chart.
    Install(Box<install::Arguments>),
    /// Examine charts for possible issues.
    Lint(lint::Arguments),
    /// Run the operator that installs charts from Release resources
    Operator(Box<operator::Arguments>),
    /// List releases.
    #[command(visible_alias = "ls")]
    List(list::Arguments),
    /// Show what an upgrade or a first install would change, and change nothing.
    Plan(Box<plan::Arguments>),
    /// Package a chart folder into a chart archive.
    Package(package::Arguments),
    /// Download a chart from a repository and (optionally) unpack it in a local folder.
    #[command(alias = "fetch")]
    Pull(Box<pull::Arguments>),
    /// Push a chart to a registry.
    Push(Box<push::Arguments>),
    /// Log in to registries, and out of them.
    Registry(registry::Arguments),
    /// Add, index, list, remove and update chart repositories.
    Repo(repo::Arguments),
    /// Roll back a release to a previous revision.
    Rollback(rollback::Arguments),
    /// Search for a keyword in charts.
    Search(search::Arguments),
    /// Show information of a chart.
    Show(show::Arguments),
    /// Display the status of the named release.
    Status(status::Arguments),
    /// Render chart templates locally and display the output.
    Template(Box<template::Arguments>),
    /// Run tests for a release.
    Test(test::Arguments),
    /// Uninstall a release.
    #[command(visible_alias = "un", aliases = ["del", "delete"])]
    Uninstall(uninstall::Arguments),
    /// Upgrade a release.
    Upgrade(Box<upgrade::Arguments>),
    /// Verify that a chart at the given path has been signed and is valid.
    Verify(verify::Arguments),
    /// Print the version, and the Helm versions that pintle was measured against.
    Version(version::Arguments),
}

/// Stack for what goes on around a render.
const STACK_BYTES: usize = 1 << 20;

/// Reads the process's arguments and runs the command they name.
pub fn main() -> ExitCode {
    let words: Vec<_> = std::env::args_os().collect();
    if words.iter().any(|word| word == "template") {
        // To render on this thread takes a large stack. What comes before then uses memory that rendering uses again.
        stacker::grow(Limits::default().stack_bytes() + STACK_BYTES, || start(&words))
    } else {
        start(&words)
    }
}

fn start(words: &[OsString]) -> ExitCode {
    let cli = match arguments::parse(words) {
        Ok(cli) => cli,
        Err(error) => return output::usage(&error),
    };
    match run(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => output::failure(&error),
    }
}

fn run(cli: Cli) -> Result<(), CliError> {
    match cli.command {
        Command::Completion(arguments) => apart(|| completion::run(&arguments)),
        Command::Create(arguments) => apart(|| create::run(&arguments, &cli.global)),
        Command::Dependency(arguments) => apart(|| dependency::run(&arguments, &cli.global)),
        Command::Explain(arguments) => apart(|| explain::run(&arguments, &cli.global)),
        Command::Generate(arguments) => apart(|| generate::run(&arguments)),
        Command::Get(arguments) => apart(|| get::run(&arguments, &cli.global)),
        Command::History(arguments) => apart(|| history::run(&arguments, &cli.global)),
        Command::Install(arguments) => apart(|| install::run(&arguments, &cli.global)),
        Command::Lint(arguments) => apart(|| lint::run(&arguments, &cli.global)),
        Command::Operator(arguments) => apart(|| operator::run(*arguments, &cli.global)),
        Command::List(arguments) => apart(|| list::run(&arguments, &cli.global)),
        Command::Plan(arguments) => apart(|| plan::run(&arguments, &cli.global)),
        Command::Package(arguments) => apart(|| package::run(&arguments, &cli.global)),
        Command::Pull(arguments) => apart(|| pull::run(&arguments, &cli.global)),
        Command::Push(arguments) => apart(|| push::run(&arguments, &cli.global)),
        Command::Registry(arguments) => apart(|| registry::run(&arguments, &cli.global)),
        Command::Repo(arguments) => apart(|| repo::run(&arguments, &cli.global)),
        Command::Rollback(arguments) => apart(|| rollback::run(&arguments, &cli.global)),
        Command::Search(arguments) => apart(|| search::run(&arguments, &cli.global)),
        Command::Show(arguments) => apart(|| show::run(&arguments, &cli.global)),
        Command::Status(arguments) => apart(|| status::run(&arguments, &cli.global)),
        Command::Template(arguments) => template::run(&arguments, &cli.global),
        Command::Test(arguments) => apart(|| test::run(&arguments, &cli.global)),
        Command::Uninstall(arguments) => apart(|| uninstall::run(&arguments, &cli.global)),
        Command::Upgrade(arguments) => apart(|| upgrade::run(&arguments, &cli.global)),
        Command::Verify(arguments) => apart(|| verify::run(&arguments, &cli.global)),
        Command::Version(arguments) => apart(|| version::run(&arguments, &cli.global)),
    }
}

/// Runs a command in a function of its own. Each adds to the stack that a function takes from the system, used or not,
/// and `template` is run most.
#[inline(never)]
fn apart(run: impl FnOnce() -> Result<(), CliError>) -> Result<(), CliError> {
    run()
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_list_of_commands_says_of_each_what_it_says_of_itself() {
        let (listed, mut whole) = (Cli::command(), Cli::command());
        whole.build();
        for command in listed.get_subcommands() {
            let itself = whole.find_subcommand(command.get_name()).unwrap();
            let abouts = [command, itself].map(|command| command.get_about().unwrap().to_string());
            assert_eq!(abouts[0], abouts[1], "{}", command.get_name());
        }
    }
}
