//! `cargo xtask parts`: build what the tests use.

use std::time::Instant;

use pintle_test_support::parts::{self, Part};

use crate::error::Error;

/// The arguments of `cargo xtask parts`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Build only the part of this name
    name: Option<String>,
}

/// Builds the chosen parts.
pub(crate) fn run(args: &Args) -> Result<(), Error> {
    let Some(name) = &args.name else { return build_all() };
    match parts::ALL.iter().find(|part| part.name == name) {
        Some(part) => build(part),
        None => {
            let parts = parts::ALL.iter().map(|part| part.name).collect::<Vec<_>>().join(", ");
            Err(Error::NoSuchPart { name: name.clone(), parts })
        }
    }
}

/// Builds all parts that are missing and prints where they are.
pub(crate) fn build_all() -> Result<(), Error> {
    parts::ALL.iter().try_for_each(|part| build(part))
}

fn build(part: &Part) -> Result<(), Error> {
    let started = Instant::now();
    let path = part.ensure()?;
    println!("{:16} {:8} {:4} s  {}", part.name, part.version, started.elapsed().as_secs(), path.display());
    Ok(())
}
