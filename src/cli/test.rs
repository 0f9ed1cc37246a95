//! `pintle test`: runs a release's tests.

use std::time::Duration;

use chart::Flavour;
use clap::Args;

use super::format::Format;
use super::global::GlobalFlags;
use super::lock_flag::LockFlag;
use super::release_text::{Shown, print};
use super::session::Session;
use super::{CliError, duration, output};
use crate::deploy::{TestFilter, TestOptions};

/// Run tests for a release.
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  pintle test web --logs\n  pintle test web --filter name=smoke")]
pub(super) struct Arguments {
    /// The release
    #[arg(value_name = "RELEASE")]
    name: String,
    /// Tests to run by name: name=a, or all but one: !name=a
    #[arg(long, value_delimiter = ',')]
    filter: Vec<String>,
    /// Dump the logs from test pods (this runs after all tests are complete, but before any cleanup)
    #[arg(long)]
    logs: bool,
    #[command(flatten)]
    lock: LockFlag,
    /// Don't show notes in the output (Helm 4 never does)
    #[arg(long)]
    hide_notes: bool,
    /// Time to wait for any individual Kubernetes operation (like Jobs for hooks)
    #[arg(long, default_value = "5m0s", value_parser = duration::parse)]
    timeout: Duration,
}

/// Runs the tests and prints how they went.
pub(super) fn run(arguments: &Arguments, global: &GlobalFlags) -> Result<(), CliError> {
    let options = TestOptions {
        filter: arguments.filter(),
        timeout: arguments.timeout,
        logs: arguments.logs,
        lock_timeout: arguments.lock.lock_timeout,
    };
    let (record, outcome) = global.block_on(async {
        let session = Session::open(global).await?;
        let deployer = session.deployer(global, &arguments.name, 0);
        let tested = deployer.test(&arguments.name, &options).await;
        tested.map_err(CliError::from)
    })?;
    let hide_notes = arguments.hide_notes || global.flavour() == Flavour::V4;
    let shown = Shown { hide_notes, ..Shown::default() };
    output::print(print(&record, shown, Format::Table, global.flavour())?)?;
    outcome.map_err(CliError::from)
}

impl Arguments {
    fn filter(&self) -> TestFilter {
        let mut filter = TestFilter::default();
        for word in &self.filter {
            if let Some(name) = word.strip_prefix("name=") {
                filter.include.push(name.to_owned());
            } else if let Some(name) = word.strip_prefix("!name=") {
                filter.exclude.push(name.to_owned());
            }
        }
        filter
    }
}
