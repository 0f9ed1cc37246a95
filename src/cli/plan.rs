//! `pintle plan`: what an upgrade, or an install where there is no release yet, would change.

use clap::Args;

use super::CliError;
use super::global::GlobalFlags;
use super::upgrade;

/// Show what an upgrade or a first install would change, and change nothing.
///
/// Every object is sent to the server as a dry run; what it would become is compared with what it is. Contents of
/// Secrets are hidden. The exit code is 0 when nothing would change, 2 when something would, and 1 for a failure.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
#[group(skip)]
pub(super) struct Arguments {
    #[command(flatten)]
    upgrade: upgrade::Arguments,
}

const EXAMPLES: &str = "\
Examples:
  pintle plan web ./chart -f values.yaml
  pintle plan web ./chart --save-plan web.plan && pintle upgrade web ./chart --use-plan web.plan
  pintle plan web ./chart -o json | jq .summary";

/// Plans and shows the plan.
pub(super) fn run(arguments: &Arguments, global: &GlobalFlags) -> Result<(), CliError> {
    upgrade::plan(&arguments.upgrade, true, global)
}
