//! Running hooks. Helm: `pkg/action/hooks.go`, H-92 of its behaviour.

use pintle_render::HookEvent;

use super::apply::Method;
use super::{Action, DeployError, Progress};
use crate::cluster::{Object, Propagation, Rules, WaitError};
use crate::release::{HookPhase, HookRun, Record, Time};

const BEFORE_CREATION: &str = "before-hook-creation";
const SUCCEEDED: &str = "hook-succeeded";
const FAILED: &str = "hook-failed";

/// How the hooks of an event ran, by their places in the record.
#[derive(Debug)]
pub(super) enum Ran {
    /// One could not even be created: nothing is deleted, whoever looks into it finds all as it was.
    Broken,
    /// One failed after others.
    Failed {
        /// The one that failed.
        failed: usize,
        /// Those before it.
        succeeded: Vec<usize>,
    },
    /// All succeeded, in that order.
    Succeeded(Vec<usize>),
}

impl Action<'_> {
    /// Runs the hooks of an event, lightest first, each to its end, and deletes those whose policy says so; their runs
    /// are recorded.
    ///
    /// # Errors
    /// The first hook that fails ends the event.
    pub(super) async fn run_hooks(
        &self,
        record: &mut Record,
        event: HookEvent,
        server_side: bool,
    ) -> Result<(), DeployError> {
        let (ran, result) = self.play_hooks(record, event, server_side).await;
        self.clear_hooks(record, &ran).await?;
        result
    }

    /// Runs the hooks of an event and deletes none afterwards; [`Action::clear_hooks`] does.
    pub(super) async fn play_hooks(
        &self,
        record: &mut Record,
        event: HookEvent,
        server_side: bool,
    ) -> (Ran, Result<(), DeployError>) {
        let order = order(record, event);
        for (position, &index) in order.iter().enumerate() {
            match self.run_hook(record, index, event, server_side).await {
                Err(error) => return (Ran::Broken, Err(error)),
                Ok(Err(error)) => {
                    self.output_logs(record, index, FAILED).await;
                    let succeeded = order.get(..position).unwrap_or_default().to_vec();
                    return (Ran::Failed { failed: index, succeeded }, Err(error.into()));
                }
                Ok(Ok(())) => {}
            }
        }
        (Ran::Succeeded(order), Ok(()))
    }

    /// Deletes the hooks of an event that are to go now that it is over.
    pub(super) async fn clear_hooks(&self, record: &Record, ran: &Ran) -> Result<(), DeployError> {
        match ran {
            Ran::Broken => {}
            Ran::Failed { failed, succeeded } => {
                if let Err(error) = self.delete_hook(record, *failed, FAILED).await {
                    self.warn(&format!("error deleting the hook resource on hook failure: {error}"));
                }
                for &index in succeeded {
                    self.delete_hook(record, index, SUCCEEDED).await?;
                }
            }
            Ran::Succeeded(order) => {
                for &index in order.iter().rev() {
                    self.output_logs(record, index, SUCCEEDED).await;
                    self.delete_hook(record, index, SUCCEEDED).await?;
                }
            }
        }
        Ok(())
    }

    /// Runs one hook: outside, whether it could be run; inside, how it went.
    async fn run_hook(
        &self,
        record: &mut Record,
        index: usize,
        event: HookEvent,
        server_side: bool,
    ) -> Result<Result<(), WaitError>, DeployError> {
        let Some(hook) = record.hooks.get_mut(index) else { return Ok(Ok(())) };
        if hook.delete_policies.is_empty() {
            hook.delete_policies.push(BEFORE_CREATION.to_owned());
        }
        let (name, path) = (hook.name.clone(), hook.path.clone());
        self.delete_hook(record, index, BEFORE_CREATION).await?;
        let objects = self.hook_objects(record, index).await.map_err(|error| {
            error.at(format!("unable to build kubernetes object for {} hook {path}", event.name()))
        })?;
        self.note_run(record, index, event, HookPhase::Running);
        self.try_update_record(record).await;
        let result = self.execute(&objects, server_side).await;
        let succeeded = matches!(result, Ok(Ok(())));
        let phase = if succeeded { HookPhase::Succeeded } else { HookPhase::Failed };
        self.note_run(record, index, event, phase.clone());
        self.tell(&Progress::Hook { event, name: &name, phase: &phase });
        result.map_err(|error| error.at(format!("warning: Hook {} {path} failed", event.name())))
    }

    async fn execute(
        &self,
        objects: &[Object],
        server_side: bool,
    ) -> Result<Result<(), WaitError>, DeployError> {
        for object in objects {
            self.create(object, Method::plain(server_side)).await?;
        }
        Ok(self.waiter().ready(objects, Rules::Hooks).await)
    }

    fn note_run(&self, record: &mut Record, index: usize, event: HookEvent, phase: HookPhase) {
        let Some(hook) = record.hooks.get_mut(index) else { return };
        if phase == HookPhase::Running {
            hook.last_run = HookRun { started_at: Some(Time::now()), ..HookRun::default() };
            self.tell(&Progress::Hook { event, name: &hook.name, phase: &phase });
        } else {
            hook.last_run.completed_at = Some(Time::now());
        }
        hook.last_run.phase = phase;
    }

    async fn hook_objects(&self, record: &Record, index: usize) -> Result<Vec<Object>, DeployError> {
        match record.hooks.get(index) {
            Some(hook) => self.build(&hook.manifest, &record.namespace).await,
            None => Ok(Vec::new()),
        }
    }

    /// Deletes a hook's objects and waits until they are gone, if it has that policy. Definitions never go: with them
    /// would go every object of their kind.
    pub(super) async fn delete_hook(
        &self,
        record: &Record,
        index: usize,
        policy: &str,
    ) -> Result<(), DeployError> {
        let Some(hook) = record.hooks.get(index) else { return Ok(()) };
        if hook.kind == "CustomResourceDefinition" || !hook.delete_policies.iter().any(|word| word == policy)
        {
            return Ok(());
        }
        let objects = self.hook_objects(record, index).await.map_err(|error| {
            error.at(format!("unable to build kubernetes object for deleting hook {}", hook.path))
        })?;
        let mut errors = Vec::new();
        for object in &objects {
            errors.extend(self.cluster().delete(object, Propagation::Background).await.err());
        }
        DeployError::collect(errors.into_iter().map(DeployError::Api).collect())?;
        self.waiter().gone(&objects).await.map_err(|error: WaitError| error.into())
    }

    /// Passes on what the hook's containers wrote, if the chart asks for it.
    async fn output_logs(&self, record: &Record, index: usize, policy: &str) {
        let Some(hook) = record.hooks.get(index) else { return };
        if !hook.output_log_policies.iter().any(|word| word == policy) {
            return;
        }
        let objects = self.hook_objects(record, index).await.unwrap_or_default();
        for object in objects {
            self.object_logs(&object).await;
        }
    }

    /// Passes on the logs of a Pod or of a Job's pods.
    pub(super) async fn object_logs(&self, object: &Object) {
        for (pod, container) in self.cluster().containers_of(object).await {
            match self.cluster().logs(&object.namespace, &pod, &container).await {
                Ok(text) => self.tell(&Progress::HookLog { pod: &pod, container: &container, text: &text }),
                Err(error) => self.warn(&format!("error outputting logs for hook: {error}")),
            }
        }
    }
}

/// The hooks of an event by weight, then by name.
fn order(record: &Record, event: HookEvent) -> Vec<usize> {
    let hooks = record.hooks.iter().enumerate();
    let mut running: Vec<_> =
        hooks.filter(|(_, hook)| hook.events.iter().any(|word| word == event.name())).collect();
    running.sort_by(|(_, a), (_, b)| a.weight.cmp(&b.weight).then_with(|| a.name.cmp(&b.name)));
    running.into_iter().map(|(index, _)| index).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::release::StoredHook;

    #[test]
    fn hooks_run_by_weight_then_name() {
        let hook = |name: &str, weight: i64, event: &str| StoredHook {
            name: name.into(),
            weight,
            events: vec![event.into()],
            ..StoredHook::default()
        };
        let hooks = vec![
            hook("b", 0, "pre-install"),
            hook("a", 0, "pre-install"),
            hook("c", -5, "pre-install"),
            hook("d", -9, "test"),
        ];
        let record = Record { hooks, ..Record::default() };
        assert_eq!(order(&record, HookEvent::PreInstall), [2, 1, 0]);
    }
}
