//! The command line: Helm's commands and flags, one file a command.
//!
//! A command reads its arguments, builds what the other modules take, and prints what they give. Nothing else in the
//! crate prints.

mod chart_flags;
mod cluster_flags;
mod completion;
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
mod go_release;
mod history;
mod install;
mod lint;
mod list;
mod lock_flag;
mod metadata;
mod name_and_chart;
mod operator;
mod output;
mod package;
mod plan;
mod plan_flags;
mod plan_text;
mod post_render_flags;
mod progress;
mod pull;
mod release_text;
mod rendered_output;
mod repo;
mod resource_table;
mod resources;
mod rollback;
mod session;
mod show;
mod status;
mod style;
mod template;
mod template_name;
mod test;
mod uninstall;
mod unused_report;
mod upgrade;
mod values;
mod version;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

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
enum Command {
    Completion(completion::Arguments),
    #[command(visible_alias = "dep", alias = "dependencies")]
    Dependency(dependency::Arguments),
    Explain(Box<explain::Arguments>),
    Generate(generate::Arguments),
    Get(get::Arguments),
    History(history::Arguments),
    Install(Box<install::Arguments>),
    Lint(lint::Arguments),
    Operator(Box<operator::Arguments>),
    List(list::Arguments),
    Plan(Box<plan::Arguments>),
    Package(package::Arguments),
    #[command(alias = "fetch")]
    Pull(Box<pull::Arguments>),
    Repo(repo::Arguments),
    Rollback(rollback::Arguments),
    Show(show::Arguments),
    Status(status::Arguments),
    Template(Box<template::Arguments>),
    Test(test::Arguments),
    Uninstall(uninstall::Arguments),
    Upgrade(Box<upgrade::Arguments>),
    Version(version::Arguments),
}

/// Reads the process's arguments and runs the command they name.
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
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
        Command::Completion(arguments) => completion::run(&arguments),
        Command::Dependency(arguments) => dependency::run(&arguments, &cli.global),
        Command::Explain(arguments) => explain::run(&arguments, &cli.global),
        Command::Generate(arguments) => generate::run(&arguments),
        Command::Get(arguments) => get::run(&arguments, &cli.global),
        Command::History(arguments) => history::run(&arguments, &cli.global),
        Command::Install(arguments) => install::run(&arguments, &cli.global),
        Command::Lint(arguments) => lint::run(&arguments, &cli.global),
        Command::Operator(arguments) => operator::run(*arguments, &cli.global),
        Command::List(arguments) => list::run(&arguments, &cli.global),
        Command::Plan(arguments) => plan::run(&arguments, &cli.global),
        Command::Package(arguments) => package::run(&arguments, &cli.global),
        Command::Pull(arguments) => pull::run(&arguments, &cli.global),
        Command::Repo(arguments) => repo::run(&arguments, &cli.global),
        Command::Rollback(arguments) => rollback::run(&arguments, &cli.global),
        Command::Show(arguments) => show::run(&arguments, &cli.global),
        Command::Status(arguments) => status::run(&arguments, &cli.global),
        Command::Template(arguments) => template::run(&arguments, &cli.global),
        Command::Test(arguments) => test::run(&arguments, &cli.global),
        Command::Uninstall(arguments) => uninstall::run(&arguments, &cli.global),
        Command::Upgrade(arguments) => upgrade::run(&arguments, &cli.global),
        Command::Version(arguments) => version::run(&arguments),
    }
}
