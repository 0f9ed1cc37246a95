//! How people work on this repository: `cargo xtask <command>`.
//!
//! Each command is one file with an `Args` type and a `run` function, and one line in [`Command`].

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "this is a command line")]

mod bench;
mod cluster;
mod conformance;
mod demo;
mod error;
mod fuzz;
mod interop;
mod parts;
mod pintle;
mod repository;
mod shipped;
mod test;
mod workspace;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::error::Error;

/// How people work on this repository.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Show it all: a control plane, a chart repository, the operator, a release, an upgrade
    Demo(demo::Args),
    /// Check everything: formatting, lints, licences, layering, and all tests, also those with a real cluster
    Test(test::Args),
    /// Start, stop and look at a real control plane on this machine
    Cluster(cluster::Args),
    /// Build the static binary that is shipped, and print where it is
    Build(shipped::Args),
    /// Compare what `pintle template` prints with what Helm printed, on a corpus of charts
    Conformance(conformance::Args),
    /// Play scripts of actions with both helms and pintle taking turns, and compare what comes of it
    Interop(interop::Args),
    /// Measure pintle beside Helm 3 and Helm 4, in turns
    Bench(bench::Args),
    /// Feed random input to what reads the texts of strangers
    Fuzz(fuzz::Args),
    /// Build what the tests use: the control plane, Helm 3 and 4, kubectl, an OCI registry
    Parts(parts::Args),
}

fn main() -> ExitCode {
    let result = match Cli::parse().command {
        Command::Demo(args) => demo::run(&args),
        Command::Test(args) => test::run(&args),
        Command::Cluster(args) => cluster::run(args),
        Command::Build(args) => shipped::run(&args),
        Command::Conformance(args) => conformance::run(&args),
        Command::Interop(args) => interop::run(&args),
        Command::Bench(args) => bench::run(&args),
        Command::Fuzz(args) => fuzz::run(&args),
        Command::Parts(args) => parts::run(&args),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        // The summary has said it.
        Err(Error::TestsFailed) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("cargo xtask: {error}");
            ExitCode::FAILURE
        }
    }
}
