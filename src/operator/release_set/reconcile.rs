//! One `ReleaseSet`, from what it says to what is on its clusters.

use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt as _;
use kube::runtime::controller::Action;
use kube::runtime::finalizer::{self, Event};
use kube::{Api, ResourceExt as _};

use super::Sets;
use super::choice;
use super::round::{Round, was_touched};
use super::summary::{sum_up, whole};
use crate::api::{ClusterState, ClusterStatus, ReleaseSet, ReleaseSetStatus};
use crate::operator::error::ReconcileError;
use crate::operator::fleet::Member;
use crate::operator::krypton::ABANDON;
use crate::operator::placement::{Owner, Place, PlacementError, Template, remove};
use crate::operator::report::{Reports, Speaker, shortened};
use crate::operator::{FINALIZER, MANAGER, backoff};

/// How soon to look again at what is not ready.
const NOT_READY: Duration = Duration::from_secs(5);
/// How many clusters a release is taken from at once.
const REMOVALS: usize = 16;

type Failure = finalizer::Error<ReconcileError>;

/// Brings a set to what it says, or takes its releases away with it.
pub(super) async fn reconcile(set: Arc<ReleaseSet>, sets: Arc<Sets>) -> Result<Action, Failure> {
    let api: Api<ReleaseSet> = Api::namespaced(sets.client.clone(), &set.namespace().unwrap_or_default());
    let newest = sets.written.newest(&api, set).await;
    let newest = newest.map_err(ReconcileError::api("read the ReleaseSet")).map_err(Failure::ApplyFailed)?;
    let Some(set) = newest else { return Ok(Action::await_change()) };
    let shared = &sets;
    finalizer::finalizer(&api, FINALIZER, set, |event| async move {
        match event {
            Event::Apply(set) => Box::pin(apply(&set, shared)).await,
            Event::Cleanup(set) => Box::pin(clean_up(&set, shared)).await,
        }
    })
    .await
}

/// What to do about a failure that could not be reported, or a deletion that has to wait.
pub(super) fn on_error(set: Arc<ReleaseSet>, error: &Failure, _: Arc<Sets>) -> Action {
    tracing::warn!(set = set.name_any(), %error, "failed to reconcile");
    Action::requeue(backoff::after(2))
}

fn reports(set: &ReleaseSet, sets: &Sets) -> Reports<ReleaseSet, ReleaseSetStatus> {
    let speaker = Speaker { controller: MANAGER, instance: sets.instance.clone() };
    Reports::new(sets.client.clone(), &speaker, set, set.status.as_ref(), &sets.written)
}

fn place(set: &ReleaseSet) -> Place {
    let spec = &set.spec.template.spec;
    let (namespace, name) = (set.namespace().unwrap_or_default(), set.name_any());
    Place {
        release: spec.release_name.clone().unwrap_or_else(|| name.clone()),
        namespace: spec.target_namespace.clone().unwrap_or_else(|| namespace.clone()),
        creates_namespace: spec.install.create_namespace,
        owner: Owner { kind: "ReleaseSet", namespace, name },
    }
}

async fn apply(set: &ReleaseSet, sets: &Sets) -> Result<Action, ReconcileError> {
    let mut reports = reports(set, sets);
    let mut status = set.status.clone().unwrap_or_default();
    let generation = set.metadata.generation.unwrap_or_default();
    let (chosen, interval) = match wanted(set, sets) {
        Ok(wanted) => wanted,
        Err((reason, message)) => {
            let is_news = status.conditions.first().is_none_or(|told| told.message != message);
            whole(&mut status, generation, reason, &message, reason == "SpecInvalid");
            reports.status(&status).await?;
            if is_news {
                reports.event(reason == "SpecInvalid", reason, &message).await;
            }
            return Ok(Action::await_change());
        }
    };
    let (place, spec) = (place(set), set.spec.template.spec.clone());
    let template = match Template::read(place, spec, sets.client.clone(), "watch", &sets.charts).await {
        Ok(template) => template,
        Err(error) => {
            let is_news = status.conditions.first().is_none_or(|told| told.reason != error.reason());
            whole(&mut status, generation, error.reason(), &error.to_string(), false);
            reports.status(&status).await?;
            if is_news {
                reports.event(true, error.reason(), &error.to_string()).await;
            }
            return Ok(Action::requeue(backoff::after(3)));
        }
    };
    let mut round = Round::begin(sets, set, &template, chosen, &mut reports, status).await;
    round.run().await?;
    Ok(Action::requeue(again(&round.status, interval)))
}

type Wanted = (Vec<(Arc<Member>, usize)>, Duration);

/// The chosen clusters with their waves; else why nothing is done.
fn wanted(set: &ReleaseSet, sets: &Sets) -> Result<Wanted, (&'static str, String)> {
    let spec = &set.spec.template.spec;
    if spec.suspend {
        return Err(("Suspended", "nothing is changed until spec.template.spec.suspend is unset".into()));
    }
    let open = spec.values.overrides.iter().find(|entry| entry.secret && !entry.value.is_null());
    if let Some(open) = open {
        let problem = format!(
            "the override of {:?} is secret and has a value: put it into a Secret and name that in valueFrom",
            open.path
        );
        return Err(("SpecInvalid", problem));
    }
    let invalid = |problem: String| ("SpecInvalid", problem);
    spec.timeout().map_err(|error| invalid(error.to_string()))?;
    let interval = spec.interval().map_err(|error| invalid(error.to_string()))?;
    let mut chosen = Vec::new();
    for member in sets.fleet.members() {
        let wave = choice::wave(&set.spec, &member.labels).map_err(|error| invalid(error.to_string()))?;
        chosen.extend(wave.map(|wave| (member, wave)));
    }
    Ok((chosen, interval))
}

/// When to look again. A cluster that returns is noticed at once.
fn again(status: &ReleaseSetStatus, interval: Duration) -> Duration {
    let failures = status.clusters.iter().map(|cluster| cluster.failures).max().unwrap_or_default();
    let is_moving = status.clusters.iter().any(|cluster| cluster.state == ClusterState::Progressing);
    match (failures, is_moving) {
        (0, true) => NOT_READY,
        (0, false) => interval,
        (failures, _) => backoff::after(failures).min(interval),
    }
}

async fn clean_up(set: &ReleaseSet, sets: &Sets) -> Result<Action, ReconcileError> {
    sets.written.forget(set);
    let spec = &set.spec.template.spec;
    if spec.suspend || spec.uninstall.orphan {
        return Ok(Action::await_change());
    }
    let mut reports = reports(set, sets);
    let mut status = set.status.clone().unwrap_or_default();
    let place = place(set);
    let members = sets.fleet.members();
    let removals: Vec<_> = status
        .clusters
        .iter()
        .filter(|cluster| was_touched(cluster))
        .map(|cluster| {
            let member = members.iter().find(|member| member.name() == cluster.name).cloned();
            let place = &place;
            Box::pin(async move { (cluster.clone(), take_away(set, member, place).await) })
        })
        .collect();
    let removed: Vec<_> = futures::stream::iter(removals).buffered(REMOVALS).collect().await;
    let is_abandoned = set.annotations().get(ABANDON).is_some_and(|value| value == "true");
    let mut left = Vec::new();
    for (cluster, result) in removed {
        let name = cluster.name.clone();
        match result {
            Ok(true) => reports.event(false, "Uninstalled", &format!("{name}: uninstalled")).await,
            Ok(false) => {
                let note = format!("{name}: the cluster's Secret is gone; what was released there stays");
                reports.event(true, "ClusterLetGo", &note).await;
            }
            Err(error) if is_abandoned => {
                let note = format!("{name}: left as it is, as {ABANDON} says: {error}");
                reports.event(true, "Abandoned", &note).await;
            }
            Err(error) => left.push(kept(cluster, &error)),
        }
    }
    if left.is_empty() {
        return Ok(Action::await_change());
    }
    status.clusters = left;
    sum_up(&mut status, set.metadata.generation.unwrap_or_default(), false);
    let is_news = set.status.as_ref().is_none_or(|before| before.clusters.len() != status.clusters.len());
    reports.status(&status).await?;
    if is_news {
        let note =
            format!("the finalizer stays until all is uninstalled; annotate {ABANDON}=true to let it go");
        reports.event(true, "StillInstalled", &note).await;
    }
    Err(ReconcileError::Remaining(status.clusters.len()))
}

/// Takes the release from a cluster; false where the cluster is not known any more.
async fn take_away(
    set: &ReleaseSet,
    member: Option<Arc<Member>>,
    place: &Place,
) -> Result<bool, PlacementError> {
    let Some(member) = member else { return Ok(false) };
    let access = member.reach().await?;
    let _permit = member.permit().await?;
    remove(&member, access, place, &set.spec.template.spec).await?;
    Ok(true)
}

fn kept(mut cluster: ClusterStatus, error: &PlacementError) -> ClusterStatus {
    cluster.state = ClusterState::Removing;
    cluster.reason = error.reason().to_owned();
    cluster.message = shortened(&error.to_string());
    cluster
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(states: &[(ClusterState, u32)]) -> ReleaseSetStatus {
        let clusters = states.iter().map(|(state, failures)| ClusterStatus {
            state: *state,
            failures: *failures,
            ..ClusterStatus::default()
        });
        ReleaseSetStatus { clusters: clusters.collect(), ..ReleaseSetStatus::default() }
    }

    #[test]
    fn what_moves_is_looked_at_soon_and_what_is_ready_at_its_interval() {
        let interval = Duration::from_secs(600);
        assert_eq!(again(&status(&[(ClusterState::Ready, 0)]), interval), interval);
        assert_eq!(again(&status(&[(ClusterState::Progressing, 0)]), interval), NOT_READY);
        let failed = again(&status(&[(ClusterState::Failed, 1), (ClusterState::Progressing, 0)]), interval);
        assert!(failed >= NOT_READY && failed < Duration::from_secs(7));
    }
}
