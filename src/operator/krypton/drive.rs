//! What `Tenant` and `KryptonDeployment` have in common: look, do what is to be done, see what came of it. What is said about each
//! step differs, and is a [`Voice`]'s business.

use std::time::{Duration, Instant};

use super::Context;
use crate::deploy::Drift;
use crate::operator::error::ReconcileError;
use crate::operator::fleet::{Access, Member, Permit};
use crate::operator::looks::{Left, listed};
use crate::operator::placement::{Finding, Placed, Placement, PlacementError, Template};

/// How soon to look again at what is not ready.
const NOT_READY: Duration = Duration::from_secs(5);

/// What is done to a release.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Work {
    Install,
    Upgrade,
    Repair,
}

/// A step of the way, to be told.
pub(super) enum Step<'a> {
    /// The release is not there; `again` if it was once, `is_recorded` if its record still says so.
    Missing { again: bool, is_recorded: bool },
    /// Something of it is not as it was applied.
    Drifted(&'a [Drift]),
    /// Work begins.
    Begun(Work),
    /// Work is done.
    Done(Work, &'a Placed),
    /// The release is what is asked for; this is not as it was applied, and left so.
    Left(Option<&'a Left>),
    /// The release is what is asked for, and ready. `None` if there was nothing to do.
    Ready { work: Option<Work>, revision: i64 },
    /// The release is what is asked for; these objects are not ready.
    NotReady(&'a [String]),
}

/// Who tells of the steps, in conditions and events.
pub(super) trait Voice {
    fn tell(&mut self, step: Step<'_>) -> impl Future<Output = Result<(), ReconcileError>> + Send;
}

/// Why it did not come to an end.
pub(super) enum Stopped {
    /// The release could not be brought there, while this was done.
    Placement(PlacementError, Option<Work>),
    /// What happened could not be reported.
    Report(ReconcileError),
}

impl From<ReconcileError> for Stopped {
    fn from(error: ReconcileError) -> Self {
        Self::Report(error)
    }
}

/// Where a release is to be brought, and by whom.
pub(super) struct Destination<'a> {
    pub(super) context: &'a Context,
    pub(super) member: &'a Member,
    pub(super) access: &'a Access,
    /// The place among those who work on the cluster.
    pub(super) permit: &'a Permit,
}

/// Brings the release where it shall be, and says when to look again.
pub(super) async fn drive<V: Voice>(
    to: Destination<'_>,
    template: &Template,
    was_there: bool,
    voice: &mut V,
) -> Result<Duration, Stopped> {
    let started = Instant::now();
    let mut work = None;
    let driven = steps(&to, template, was_there, voice, &mut work).await;
    let result = match (&driven, work) {
        (Err(_), _) => "failed",
        (Ok(_), None) => "unchanged",
        (Ok(_), Some(Work::Install)) => "installed",
        (Ok(_), Some(Work::Upgrade)) => "upgraded",
        (Ok(_), Some(Work::Repair)) => "repaired",
    };
    to.context.metrics.reconciled(to.member.name(), result, started.elapsed());
    driven
}

async fn steps<V: Voice>(
    to: &Destination<'_>,
    template: &Template,
    was_there: bool,
    voice: &mut V,
    work: &mut Option<Work>,
) -> Result<Duration, Stopped> {
    let Destination { context, member, access, permit } = *to;
    let stopped = |error| Stopped::Placement(error, None);
    let placement = template.on(Vec::new()).map_err(stopped)?;
    let mut finding = placement.inspect(member, access).await.map_err(stopped)?;
    if let Some(wanted) = wanted(&finding) {
        tell_finding(voice, &finding, was_there).await?;
        voice.tell(Step::Begun(wanted)).await?;
        *work = Some(wanted);
        let placed = placement.carry_out(member, access, permit, &finding).await;
        let placed = placed.map_err(|error| Stopped::Placement(error, Some(wanted)))?;
        voice.tell(Step::Done(wanted, &placed)).await?;
        finding = placement.outcome(member, access, &placed).await.map_err(stopped)?;
    }
    settle(context, voice, &finding, *work).await
}

async fn tell_finding<V: Voice>(
    voice: &mut V,
    finding: &Finding,
    was_there: bool,
) -> Result<(), ReconcileError> {
    match finding {
        Finding::Missing { revision } => {
            let is_recorded = revision.is_some();
            voice.tell(Step::Missing { again: was_there || is_recorded, is_recorded }).await
        }
        Finding::Drifted { drift, .. } => voice.tell(Step::Drifted(drift)).await,
        Finding::Outdated { .. } | Finding::Reached { .. } => Ok(()),
    }
}

/// What is to be done about a finding.
fn wanted(finding: &Finding) -> Option<Work> {
    match finding {
        Finding::Missing { .. } => Some(Work::Install),
        Finding::Outdated { .. } => Some(Work::Upgrade),
        Finding::Drifted { .. } => Some(Work::Repair),
        Finding::Reached { .. } => None,
    }
}

async fn settle<V: Voice>(
    context: &Context,
    voice: &mut V,
    finding: &Finding,
    work: Option<Work>,
) -> Result<Duration, Stopped> {
    // Otherwise somebody else is at it right now.
    let Finding::Reached { revision, not_ready, left } = finding else { return Ok(context.look_again()) };
    voice.tell(Step::Left(left.as_ref())).await?;
    if not_ready.is_empty() {
        voice.tell(Step::Ready { work, revision: *revision }).await?;
        return Ok(context.look_again());
    }
    voice.tell(Step::NotReady(not_ready)).await?;
    Ok(NOT_READY)
}

/// The fingerprint of a template without values of a cluster.
pub(super) fn fingerprint(template: &Template) -> Option<String> {
    template.on(Vec::new()).ok().map(|placement: Placement<'_>| placement.fingerprint)
}

/// The reference's sentence on a repair; where objects are there but changed, it says that.
pub(super) fn repair_message(drift: &[Drift]) -> String {
    if !drift.iter().all(Drift::is_missing) {
        return format!("Detected missing or changed resources, triggered repair: {}", listed(drift));
    }
    let names: Vec<String> = drift.iter().map(|drift| drift.object.to_string()).collect();
    format!("Detected missing resources, triggered repair: {}", names.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drift(name: &str, fields: &[&str]) -> Drift {
        Drift::of_config_map("acme", name, fields)
    }

    /// KRY-43
    #[test]
    fn a_repair_names_what_was_missing_or_changed() {
        assert_eq!(
            repair_message(&[drift("a", &[]), drift("b", &[])]),
            "Detected missing resources, triggered repair: ConfigMap/acme/a, ConfigMap/acme/b"
        );
        assert_eq!(
            repair_message(&[drift("a", &[]), drift("b", &["/data/x"])]),
            "Detected missing or changed resources, triggered repair: ConfigMap/acme/a is missing, ConfigMap/acme/b differs in /data/x"
        );
    }

    /// KRY-31: a first install is no repair.
    #[test]
    fn what_is_missing_is_installed_and_only_drift_is_repaired() {
        assert_eq!(wanted(&Finding::Missing { revision: None }), Some(Work::Install));
        assert_eq!(wanted(&Finding::Outdated { revision: 1 }), Some(Work::Upgrade));
        assert_eq!(wanted(&Finding::Drifted { revision: 1, drift: vec![] }), Some(Work::Repair));
        let reached = Finding::Reached { revision: 1, not_ready: vec!["a".into()], left: None };
        assert_eq!(wanted(&reached), None);
    }
}
