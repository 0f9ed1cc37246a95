//! One round over the clusters of a `ReleaseSet`: look at all at once, then work on those whose turn it is, reporting
//! each as it ends. A cluster that is slow keeps only its own place.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use futures::StreamExt as _;
use futures::future::BoxFuture;
use futures::stream::FuturesUnordered;

use super::Sets;
use super::choice::{self, Known};
use super::summary::sum_up;
use super::waves::{Standing, Turn, is_stopped, turns};
use crate::api::{ClusterState, ClusterStatus, ReleaseSet, ReleaseSetStatus};
use crate::operator::deployer::Deployed;
use crate::operator::error::ReconcileError;
use crate::operator::fleet::Member;
use crate::operator::placement::{Finding, Placement, PlacementError, Template, remove};
use crate::operator::report::{Reports, shortened};

/// How many clusters are looked at at once.
const LOOKS: usize = 16;

/// A cluster of the round.
struct Case<'a> {
    member: Arc<Member>,
    wave: usize,
    standing: Standing,
    placement: Option<Placement<'a>>,
    finding: Option<Finding>,
    status: ClusterStatus,
}

/// A round under way.
pub(super) struct Round<'a> {
    sets: &'a Sets,
    set: &'a ReleaseSet,
    template: &'a Template,
    limits: Vec<usize>,
    cases: Vec<Case<'a>>,
    /// Clusters that are no longer chosen.
    leaving: BTreeMap<String, ClusterStatus>,
    reports: &'a mut Reports<ReleaseSet, ReleaseSetStatus>,
    pub(super) status: ReleaseSetStatus,
}

/// What came of the work on a cluster.
enum Ended {
    Placed { index: usize, took: Instant, result: Box<Result<(Deployed, Finding), PlacementError>> },
    Removed { name: String, result: Result<(), PlacementError> },
}

impl<'a> Round<'a> {
    /// Looks at every chosen cluster: each with its wave.
    pub(super) async fn begin(
        sets: &'a Sets,
        set: &'a ReleaseSet,
        template: &'a Template,
        chosen: Vec<(Arc<Member>, usize)>,
        reports: &'a mut Reports<ReleaseSet, ReleaseSetStatus>,
        status: ReleaseSetStatus,
    ) -> Self {
        let waves: Vec<usize> = chosen.iter().map(|(_, wave)| *wave).collect();
        let limits = choice::limits(&set.spec, &waves);
        let mut before: BTreeMap<String, ClusterStatus> =
            status.clusters.iter().map(|cluster| (cluster.name.clone(), cluster.clone())).collect();
        let looks: Vec<_> = chosen
            .into_iter()
            .map(|(member, wave)| {
                let known = before.remove(member.name());
                Box::pin(look(set, template, member, wave, known))
            })
            .collect();
        let cases = futures::stream::iter(looks).buffered(LOOKS).collect().await;
        Self { sets, set, template, limits, cases, leaving: before, reports, status }
    }

    /// Works until nobody's turn comes any more.
    pub(super) async fn run(&mut self) -> Result<(), ReconcileError> {
        let mut working: FuturesUnordered<BoxFuture<'_, Ended>> = FuturesUnordered::new();
        let (sets, template) = (self.sets, self.template);
        // Where nothing was ever begun there is nothing to take away.
        self.leaving.retain(|_, cluster| was_touched(cluster));
        for name in self.leaving.keys().cloned().collect::<Vec<_>>() {
            match sets.fleet.members().into_iter().find(|member| member.name() == name) {
                Some(member) => working.push(Box::pin(take_away(template, member))),
                None => self.forget(&name).await,
            }
        }
        loop {
            let standing: Vec<Turn> = self.turns();
            for index in turns(&standing, &self.limits, self.set.spec.continue_on_failure) {
                if let Some(work) = self.start(index) {
                    working.push(work);
                }
            }
            self.report().await?;
            match working.next().await {
                Some(ended) => self.ended(ended).await,
                None => return Ok(()),
            }
        }
    }

    fn turns(&self) -> Vec<Turn> {
        self.cases.iter().map(|case| Turn { wave: case.wave, standing: case.standing }).collect()
    }

    /// Begins to work on a cluster whose turn it is.
    fn start(&mut self, index: usize) -> Option<BoxFuture<'a, Ended>> {
        let case = self.cases.get_mut(index)?;
        let (placement, finding) = (case.placement.take()?, case.finding.take()?);
        let (reason, message) = match &finding {
            Finding::Missing { .. } => ("Installing", String::new()),
            Finding::Drifted { drift, .. } => {
                let names: Vec<String> = drift.iter().map(ToString::to_string).collect();
                ("Repairing", names.join(", "))
            }
            Finding::Outdated { revision } | Finding::Reached { revision, .. } => {
                ("Upgrading", format!("from revision {revision}"))
            }
        };
        case.standing = Standing::Busy;
        case.status.state = ClusterState::Progressing;
        case.status.reason = reason.to_owned();
        case.status.message = shortened(&message);
        case.status.fingerprint.clone_from(&placement.fingerprint);
        let member = Arc::clone(&case.member);
        Some(Box::pin(work(index, member, placement, finding)))
    }

    async fn ended(&mut self, ended: Ended) {
        match ended {
            Ended::Placed { index, took, result } => self.placed(index, took, *result).await,
            Ended::Removed { name, result: Ok(()) } => {
                self.leaving.remove(&name);
                self.reports
                    .event(false, "Uninstalled", &format!("{name}: uninstalled; no longer chosen"))
                    .await;
            }
            Ended::Removed { name, result: Err(error) } => {
                let Some(status) = self.leaving.get_mut(&name) else { return };
                status.state = ClusterState::Removing;
                status.failures = status.failures.saturating_add(1);
                let is_news = status.reason != error.reason();
                status.reason = error.reason().to_owned();
                status.message = shortened(&error.to_string());
                if is_news {
                    self.reports.event(true, error.reason(), &format!("{name}: {error}")).await;
                }
            }
        }
    }

    async fn placed(
        &mut self,
        index: usize,
        took: Instant,
        result: Result<(Deployed, Finding), PlacementError>,
    ) {
        let Some(case) = self.cases.get_mut(index) else { return };
        let name = case.member.name().to_owned();
        let doing = case.status.reason.clone();
        match result {
            Ok((deployed, finding)) => {
                case.status.failures = 0;
                case.status.revision = Some(deployed.revision);
                settled(case, &finding);
                let (result, event) = match doing.as_str() {
                    "Installing" => ("installed", "Installed"),
                    "Repairing" => ("repaired", "Repaired"),
                    _ => ("upgraded", "Upgraded"),
                };
                self.sets.metrics.reconciled(&name, result, took.elapsed());
                let note = format!(
                    "{name}: revision {} of chart {} {}",
                    deployed.revision, deployed.chart, deployed.version
                );
                self.reports.event(false, event, &note).await;
            }
            Err(error) => {
                case.status.failures = case.status.failures.saturating_add(1);
                let is_news = case.status.failures == 1;
                failed(case, &error);
                self.sets.metrics.reconciled(&name, "failed", took.elapsed());
                self.sets.metrics.failed(&name, error.reason());
                if is_news {
                    self.reports.event(true, error.reason(), &format!("{name}: {error}")).await;
                }
            }
        }
    }

    /// A cluster whose Secret is gone can't be asked any more.
    async fn forget(&mut self, name: &str) {
        self.leaving.remove(name);
        let note = format!("{name}: the cluster's Secret is gone; what was released there stays");
        self.reports.event(true, "ClusterLetGo", &note).await;
    }

    async fn report(&mut self) -> Result<(), ReconcileError> {
        let stopped = is_stopped(&self.turns(), self.set.spec.continue_on_failure);
        for case in self.cases.iter_mut().filter(|case| case.standing == Standing::Outdated) {
            let (reason, message) = match stopped {
                true => ("StoppedOnFailure", "waits until no cluster has failed"),
                false => ("Waiting", "waits for its turn"),
            };
            case.status.state = ClusterState::Waiting;
            case.status.reason = reason.to_owned();
            case.status.message = message.to_owned();
        }
        let mut clusters: Vec<ClusterStatus> = self.cases.iter().map(|case| case.status.clone()).collect();
        clusters.extend(self.leaving.values().cloned());
        clusters.sort_by(|a, b| a.name.cmp(&b.name));
        self.status.clusters = clusters;
        sum_up(&mut self.status, self.set.metadata.generation.unwrap_or_default(), stopped);
        self.reports.status(&self.status).await
    }
}

/// Whether anything was ever begun on a cluster.
pub(super) fn was_touched(cluster: &ClusterStatus) -> bool {
    cluster.revision.is_some() || !cluster.fingerprint.is_empty()
}

/// Looks at a cluster. Only reads.
async fn look<'a>(
    set: &ReleaseSet,
    template: &'a Template,
    member: Arc<Member>,
    wave: usize,
    before: Option<ClusterStatus>,
) -> Case<'a> {
    let status = before
        .unwrap_or_else(|| ClusterStatus { name: member.name().to_owned(), ..ClusterStatus::default() });
    let mut case =
        Case { member, wave, standing: Standing::Outdated, placement: None, finding: None, status };
    match found(set, template, &case.member).await {
        Ok((placement, finding)) => {
            // What was tried before was for something else.
            if case.status.fingerprint != placement.fingerprint {
                case.status.failures = 0;
            }
            let has_failed = case.status.state == ClusterState::Failed && case.status.failures > 0;
            settled(&mut case, &finding);
            if has_failed && case.standing == Standing::Outdated {
                case.standing = Standing::Failed { tried: false };
            }
            case.placement = Some(placement);
            case.finding = Some(finding);
        }
        Err(error) => {
            failed(&mut case, &error);
            if case.standing != Standing::Unreachable {
                case.status.failures = case.status.failures.saturating_add(1);
            }
        }
    }
    case
}

async fn found<'a>(
    set: &ReleaseSet,
    template: &'a Template,
    member: &Member,
) -> Result<(Placement<'a>, Finding), PlacementError> {
    let known = Known { name: member.name(), labels: &member.labels, annotations: &member.annotations };
    let values = choice::values(&set.spec.cluster_values, known).map_err(PlacementError::Values)?;
    let placement = template.on(values)?;
    let access = member.reach().await?;
    let _permit = member.permit().await?;
    let finding = placement.inspect(member, access).await?;
    Ok((placement, finding))
}

async fn work(index: usize, member: Arc<Member>, placement: Placement<'_>, finding: Finding) -> Ended {
    let took = Instant::now();
    let result = async {
        let access = member.reach().await?;
        let permit = member.permit().await?;
        let placed = placement.carry_out(&member, access, &permit, &finding).await?;
        let finding = placement.outcome(&member, access, &placed).await?;
        Ok((placed.deployed, finding))
    };
    Ended::Placed { index, took, result: Box::new(result.await) }
}

async fn take_away(template: &Template, member: Arc<Member>) -> Ended {
    let result = async {
        let access = member.reach().await?;
        let _permit = member.permit().await?;
        remove(&member, access, &template.place, &template.spec).await
    };
    Ended::Removed { name: member.name().to_owned(), result: result.await.map(drop) }
}

/// How a cluster stands by what was found there.
fn settled(case: &mut Case<'_>, finding: &Finding) {
    let status = &mut case.status;
    case.standing = match finding {
        Finding::Reached { revision, not_ready, left } => {
            status.revision = Some(*revision);
            status.failures = 0;
            let (standing, state, reason, message) = match (not_ready.as_slice(), left) {
                ([], None) => (Standing::Ready, ClusterState::Ready, "Deployed", String::new()),
                ([], Some(left)) => (Standing::Ready, ClusterState::Ready, left.reason(), left.to_string()),
                (objects, _) => {
                    (Standing::NotReady, ClusterState::Progressing, "NotReady", objects.join(", "))
                }
            };
            status.state = state;
            status.reason = reason.to_owned();
            status.message = shortened(&message);
            standing
        }
        Finding::Drifted { .. } => Standing::Drifted,
        Finding::Missing { .. } | Finding::Outdated { .. } => Standing::Outdated,
    };
}

fn failed(case: &mut Case<'_>, error: &PlacementError) {
    let (standing, state) = match error {
        PlacementError::Cluster(_) => (Standing::Unreachable, ClusterState::Unreachable),
        _ => (Standing::Failed { tried: true }, ClusterState::Failed),
    };
    case.standing = standing;
    case.status.state = state;
    case.status.reason = error.reason().to_owned();
    case.status.message = shortened(&error.to_string());
}
