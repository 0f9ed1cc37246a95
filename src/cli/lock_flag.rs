//! `--lock-timeout`: what to do about somebody who works on the same release.

use std::time::Duration;

use clap::Args;

use super::duration;

/// How long to wait for others.
#[derive(Args, Debug, Default)]
pub(super) struct LockFlag {
    /// Time to wait for somebody else who is working on the release; without it, they are in the way at once
    #[arg(long, default_value = "0s", hide_default_value = true, value_parser = duration::parse)]
    pub(super) lock_timeout: Duration,
}
