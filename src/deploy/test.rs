//! Running a release's tests. Helm: `pkg/action/release_testing.go`, H-101 of its behaviour.

use std::time::Duration;

use pintle_render::HookEvent;

use super::{Action, DeployError, Deployer, Options};
use crate::release::Record;

/// Which tests run: Helm's `--filter name=a,!name=b`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TestFilter {
    /// Only these; empty for all.
    pub include: Vec<String>,
    /// Not these.
    pub exclude: Vec<String>,
}

/// How tests are run.
#[derive(Clone, Debug)]
pub struct TestOptions {
    /// `--filter`
    pub filter: TestFilter,
    /// `--timeout`: of each single wait.
    pub timeout: Duration,
    /// `--logs`: pass on what the tests wrote.
    pub logs: bool,
    /// `--lock-timeout`: how long somebody who works on the release is waited for.
    pub lock_timeout: Duration,
}

/// A record with its tests' runs, and how they ended.
pub type Tested = (Record, Result<(), DeployError>);

fn named(names: &[String], name: &str) -> bool {
    names.iter().any(|other| other == name)
}

impl Action<'_> {
    /// Passes on what the tests wrote, before any of them is deleted.
    async fn test_logs(&self, record: &Record) {
        let tests = record.hooks.iter().filter(|hook| hook.events.iter().any(|event| event == "test"));
        for hook in tests {
            for object in self.build(&hook.manifest, &record.namespace).await.unwrap_or_default() {
                self.object_logs(&object).await;
            }
        }
    }
}

impl Deployer {
    /// Runs the tests of the last revision and records how they went. The outcome comes with the record either way.
    ///
    /// # Errors
    /// Where there is no such release, or somebody else works on it.
    pub async fn test(&self, name: &str, options: &TestOptions) -> Result<Tested, DeployError> {
        self.cluster.version().await?;
        let held = self.hold(name, options.lock_timeout).await?;
        let deployer = held.deployer();
        held.run(Box::pin(deployer.test_held(name, options))).await
    }

    async fn test_held(&self, name: &str, options: &TestOptions) -> Result<Tested, DeployError> {
        let TestOptions { filter, timeout, logs, .. } = options;
        let options = Options { timeout: *timeout, ..Options::default() };
        let action = self.action(&options);
        let mut record = self.storage.last(name).await?;
        let server_side = record.apply_method.is_server_side();
        let hooks = std::mem::take(&mut record.hooks);
        let (mut others, hooks): (Vec<_>, Vec<_>) =
            hooks.into_iter().partition(|hook| named(&filter.exclude, &hook.name));
        let (chosen, more): (Vec<_>, Vec<_>) = hooks
            .into_iter()
            .partition(|hook| filter.include.is_empty() || named(&filter.include, &hook.name));
        others.extend(more);
        record.hooks = chosen;
        let (ran, outcome) = action.play_hooks(&mut record, HookEvent::Test, server_side).await;
        if *logs {
            action.test_logs(&record).await;
        }
        action.clear_hooks(&record, &ran).await?;
        // As in Helm, those that were left out come first from now on.
        others.append(&mut record.hooks);
        record.hooks = others;
        action.update_record(&mut record).await?;
        Ok((record, outcome))
    }
}
