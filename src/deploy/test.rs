//! Running a release's tests. Helm: `pkg/action/release_testing.go`, H-101 of its behaviour.

use std::time::Duration;

use pintle_render::HookEvent;

use super::{DeployError, Deployer, Options};
use crate::release::Record;

/// Which tests run: Helm's `--filter name=a,!name=b`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TestFilter {
    /// Only these; empty for all.
    pub include: Vec<String>,
    /// Not these.
    pub exclude: Vec<String>,
}

impl TestFilter {
    fn takes(&self, name: &str) -> bool {
        let named = |names: &[String]| names.iter().any(|other| other == name);
        !named(&self.exclude) && (self.include.is_empty() || named(&self.include))
    }
}

impl Deployer {
    /// Runs the tests of the last revision and records how they went. The outcome comes with the record either way.
    ///
    /// # Errors
    /// Where there is no such release.
    pub async fn test(
        &self,
        name: &str,
        filter: &TestFilter,
        timeout: Duration,
        logs: bool,
    ) -> Result<(Record, Result<(), DeployError>), DeployError> {
        let options = Options { timeout, ..Options::default() };
        let action = self.action(&options);
        self.cluster.version().await?;
        let mut record = self.storage.last(name).await?;
        let server_side = record.apply_method.is_server_side();
        let (chosen, others) =
            std::mem::take(&mut record.hooks).into_iter().partition(|hook| filter.takes(&hook.name));
        record.hooks = chosen;
        let outcome = action.run_hooks(&mut record, HookEvent::Test, server_side).await;
        if logs {
            let tests = record.hooks.iter().filter(|hook| hook.events.iter().any(|event| event == "test"));
            for hook in tests {
                for object in action.build(&hook.manifest, &record.namespace).await.unwrap_or_default() {
                    action.object_logs(&object).await;
                }
            }
        }
        let others: Vec<_> = others;
        record.hooks.extend(others);
        action.update_record(&mut record).await?;
        Ok((record, outcome))
    }
}
