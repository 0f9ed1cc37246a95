//! `cargo xtask bench`: pintle beside Helm 3 and Helm 4, as ratios of one run.
//!
//! Absolute times say more of the machine than of the program, so every figure is taken in turns with the same work
//! done by the others, and what counts is the ratio.

mod deploy;
mod list;
mod measure;
mod once;
mod render;
mod scale;
mod steps;

use clap::Subcommand;

use crate::error::Error;

/// Arguments of `cargo xtask bench`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    benchmark: Benchmark,
}

#[derive(Subcommand, Debug)]
enum Benchmark {
    /// `install` and `upgrade` of charts with 10, 100 and 1,000 objects: wall time and requests
    Deploy(deploy::Arguments),
    /// `list` of 2,000 and 10,000 records: wall time and peak memory
    List(list::Arguments),
    /// `template` over a corpus of charts: wall time, CPU time and peak memory
    Render(render::Arguments),
    /// One run of a program: what the other benchmarks start
    #[command(hide = true)]
    Once(once::Arguments),
    /// How rendering grows with the number of objects, templates and subcharts
    Scale(scale::Arguments),
}

/// Runs one benchmark and prints its table.
pub(crate) fn run(arguments: &Args) -> Result<(), Error> {
    match &arguments.benchmark {
        Benchmark::Deploy(arguments) => deploy::run(arguments)?,
        Benchmark::List(arguments) => list::run(arguments)?,
        Benchmark::Render(arguments) => render::run(arguments)?,
        Benchmark::Once(arguments) => once::run(arguments)?,
        Benchmark::Scale(arguments) => scale::run(arguments)?,
    }
    Ok(())
}
