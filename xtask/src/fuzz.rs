//! `cargo xtask fuzz`: random input for what reads the texts of strangers, on the pinned toolchain.

use std::process::Command;

use crate::error::Error;
use crate::workspace;

/// The arguments of `cargo xtask fuzz`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// What to feed: archive, execute, index, manifest, parse, provenance, regex, schema, set, version, yaml; all when absent
    target: Option<String>,
    /// Seconds for each target
    #[arg(long, default_value_t = 30)]
    seconds: u64,
    /// The same seed gives the same inputs
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

const TARGETS: &[&str] = &[
    "archive",
    "execute",
    "index",
    "manifest",
    "parse",
    "provenance",
    "regex",
    "schema",
    "set",
    "version",
    "yaml",
];

/// Memory that a target may take, in KiB: what grows without bound ends here.
const MEMORY_LIMIT: u64 = 4 << 20;

/// Runs one target or all of them; what broke one is kept in `target/fuzz`.
pub(crate) fn run(args: &Args) -> Result<(), Error> {
    workspace::run(&mut workspace::cargo(&[
        "build",
        "--locked",
        "--profile",
        "fast",
        "--package",
        "pintle-fuzz",
    ]))?;
    let folder = workspace::root().join("target/fuzz");
    std::fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let program = workspace::root().join("target/fast/pintle-fuzz");
    let targets = args.target.as_deref().map_or_else(|| TARGETS.to_vec(), |target| vec![target]);
    for target in targets {
        let mut command = Command::new("sh");
        command.args(["-c", &format!("ulimit -v {MEMORY_LIMIT}; exec \"$@\""), "sh"]).arg(&program);
        command.args([target, &args.seconds.to_string(), &args.seed.to_string()]).arg(&folder);
        workspace::run(&mut command)?;
    }
    Ok(())
}
