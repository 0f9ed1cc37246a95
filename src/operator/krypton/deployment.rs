//! `KryptonDeployment`s of the watch cluster: each with its chart on the cluster of its region.

use std::sync::Arc;
use std::time::Duration;

use kube::runtime::controller::Action;
use kube::runtime::finalizer::{self, Event};
use kube::{Api, Client, ResourceExt as _};

use super::deployment_voice::DeploymentVoice;
use super::drive::{Destination, Stopped, drive};
use super::names::{deployment_release, is_namespace};
use super::{ABANDON, Context, Failure, KryptonError};
use crate::api::{KryptonDeployment, Phase, Region, ReleaseSpec};
use crate::operator::backoff;
use crate::operator::fleet::{ClusterKey, Fault, Fleet, Member};
use crate::operator::placement::{NamespaceEnd, Owner, Place, PlacementError, Template, remove};
use crate::operator::report::{Reports, Speaker};

/// The reference's finalizer.
const FINALIZER: &str = "mesh.openkcm.io/kryptondeployment-finalizer";
/// The reference's name in events.
const CONTROLLER: &str = "krypton-operator";

const SOON: Duration = Duration::from_secs(5);
/// How soon to look again for a cluster that is not available; its return is noticed at once.
const UNAVAILABLE: Duration = Duration::from_secs(30);

/// What all reconciliations share.
pub(super) struct Deployments {
    pub(super) context: Arc<Context>,
    /// The watch cluster.
    pub(super) client: Client,
}

/// A deployment and where it goes.
struct Case<'a> {
    shared: &'a Deployments,
    deployment: &'a KryptonDeployment,
    place: Place,
    spec: ReleaseSpec,
}

/// Brings a deployment to what it says, or takes its release away with it.
pub(super) async fn reconcile(
    deployment: Arc<KryptonDeployment>,
    shared: Arc<Deployments>,
) -> Result<Action, Failure> {
    let namespace = deployment.namespace().unwrap_or_default();
    let api: Api<KryptonDeployment> = Api::namespaced(shared.client.clone(), &namespace);
    let newest = shared.context.written.newest(&api, deployment).await;
    let newest =
        newest.map_err(KryptonError::api("read the KryptonDeployment")).map_err(Failure::ApplyFailed)?;
    let Some(deployment) = newest else { return Ok(Action::await_change()) };
    let shared = &shared;
    let is_held = deployment.finalizers().iter().any(|finalizer| finalizer == FINALIZER);
    if !is_held && deployment.metadata.deletion_timestamp.is_none() {
        let voice = Case::new(shared, &deployment);
        voice.voice().reports.event(false, "FinalizerAdded", "Finalizer added for cleanup on delete").await;
    }
    // Boxed: thousands may wait for their cluster's turn at once.
    finalizer::finalizer(&api, FINALIZER, deployment, |event| async move {
        match event {
            Event::Apply(deployment) => Box::pin(Case::new(shared, &deployment).apply()).await,
            Event::Cleanup(deployment) => Box::pin(Case::new(shared, &deployment).clean_up()).await,
        }
    })
    .await
}

/// What to do about a failure that could not be reported, or a deletion that has to wait.
pub(super) fn on_error(deployment: Arc<KryptonDeployment>, error: &Failure, _: Arc<Deployments>) -> Action {
    tracing::warn!(deployment = deployment.name_any(), %error, "failed to reconcile");
    Action::requeue(backoff::after(2))
}

/// The Secret with the kubeconfig of a region: what it names, else its name and `-kubeconfig`.
pub(super) fn cluster_key(fleet: &Fleet, region: &Region) -> Result<ClusterKey, Fault> {
    let (namespace, name, data_key) = secret_of(region)?;
    Ok(fleet.key(&namespace, &name, &data_key))
}

fn secret_of(region: &Region) -> Result<(String, String, String), Fault> {
    let secret = region.kubeconfig.as_ref().map(|kubeconfig| &kubeconfig.secret);
    match secret.filter(|secret| !secret.name.is_empty()) {
        Some(secret) => Ok((secret.namespace.clone(), secret.name.clone(), secret.key.clone())),
        None if !region.kubeconfig_secret_name.is_empty() => {
            Ok((String::new(), region.kubeconfig_secret_name.clone(), String::new()))
        }
        None if !region.name.is_empty() => {
            Ok((String::new(), format!("{}-kubeconfig", region.name), String::new()))
        }
        None => Err(Fault::new("SpecInvalid", "spec.region names neither a region nor a Secret")),
    }
}

impl<'a> Case<'a> {
    fn new(shared: &'a Deployments, deployment: &'a KryptonDeployment) -> Self {
        let (namespace, name) = (deployment.namespace().unwrap_or_default(), deployment.name_any());
        let place = Place {
            release: deployment_release(&name),
            namespace: name.clone(),
            owner: Owner { kind: "KryptonDeployment", namespace, name },
            creates_namespace: true,
        };
        let spec = shared.context.defaults.deployment(&deployment.spec.content);
        Self { shared, deployment, place, spec }
    }

    fn voice(&self) -> DeploymentVoice<'_> {
        let speaker = Speaker { controller: CONTROLLER, instance: self.shared.context.instance.clone() };
        let (client, status) = (self.shared.client.clone(), self.deployment.status.as_ref());
        DeploymentVoice {
            deployment: self.deployment,
            reports: Reports::new(client, &speaker, self.deployment, status, &self.shared.context.written),
            status: status.cloned().unwrap_or_default(),
            release: &self.place.release,
            chart: self.spec.chart.clone(),
        }
    }

    async fn member(&self) -> Result<Arc<Member>, Fault> {
        let fleet = &self.shared.context.fleet;
        fleet.find(&cluster_key(fleet, &self.deployment.spec.region)?).await
    }

    async fn apply(&self) -> Result<Action, KryptonError> {
        let mut voice = self.voice();
        let account = &self.deployment.spec.account.name;
        if account.is_empty() {
            let message = "Spec.account.name must be set";
            if voice.is_news() {
                voice.reports.event(true, "AccountMissing", message).await;
            }
            voice.say(Phase::Error, "AccountMissing", message).await?;
            return Ok(Action::await_change());
        }
        let region = &self.deployment.spec.region.name;
        if voice.is_news() {
            voice.reports.event(false, "AccountValidated", &format!("Account {account} validated")).await;
            voice.reports.event(false, "Routing", &format!("Routing to region {region}")).await;
        }
        match self.bring(&mut voice).await {
            Ok(again) => Ok(Action::requeue(again)),
            Err(Stopped::Report(error)) => Err(error.into()),
            Err(Stopped::Placement(error, work)) => {
                let before = if voice.is_news() { 0 } else { voice.status.failures };
                voice.status.failures = before.saturating_add(1);
                voice.failed(&error, work).await?;
                Ok(Action::requeue(pause(&error, voice.status.failures)))
            }
        }
    }

    async fn bring(&self, voice: &mut DeploymentVoice<'_>) -> Result<Duration, Stopped> {
        let stopped = |error: PlacementError| Stopped::Placement(error, None);
        if !is_namespace(&self.place.namespace) {
            let problem = "the name can't be that of a namespace: 63 lower-case letters, digits and hyphens";
            let error = PlacementError::Reference { reason: "SpecInvalid", message: problem.to_owned() };
            return Err(stopped(error));
        }
        let context = &self.shared.context;
        let member = self.member().await.map_err(|fault| stopped(fault.into()))?;
        let driven = self.on(&member, voice).await;
        let phase = match &driven {
            Ok(_) => voice.status.phase,
            Err(_) => Some(Phase::Error),
        };
        context.count(&member, &self.place.owner, phase);
        driven
    }

    async fn on(&self, member: &Member, voice: &mut DeploymentVoice<'_>) -> Result<Duration, Stopped> {
        let stopped = |error: PlacementError| Stopped::Placement(error, None);
        let context = &self.shared.context;
        let access = member.reach().await.map_err(|fault| stopped(fault.into()))?;
        let permit = member.permit().await.map_err(|fault| stopped(fault.into()))?;
        let client = self.shared.client.clone();
        let template =
            Template::read(self.place.clone(), self.spec.clone(), client, "watch", &context.charts);
        let template = template.await.map_err(stopped)?;
        let was_there = voice.status.revision.is_some();
        drive(Destination { context, member, access, permit: &permit }, &template, was_there, voice).await
    }

    async fn clean_up(&self) -> Result<Action, KryptonError> {
        let mut voice = self.voice();
        let region = &self.deployment.spec.region.name;
        if voice.status.condition("Ready").is_none_or(|ready| ready.reason != "EdgeUnavailable") {
            voice.reports.event(false, "DeleteStarted", &format!("Routing delete to region {region}")).await;
        }
        match self.take_away().await {
            Ok(end) => {
                let note = format!("Uninstalled release {}", self.place.release);
                voice.reports.event(false, "HelmUninstalled", &note).await;
                if end == NamespaceEnd::Deleted {
                    let note = format!("Requested deletion for namespace {}", self.place.namespace);
                    voice.reports.event(false, "EdgeNamespaceDeleteRequested", &note).await;
                }
            }
            Err(_) if self.is_abandoned() => {
                let note =
                    format!("Release {} is left on region {region}, as {ABANDON} says", self.place.release);
                voice.reports.event(true, "Abandoned", &note).await;
            }
            Err(error) => return Err(self.kept(&mut voice, error).await),
        }
        if let Ok(member) = self.member().await {
            self.shared.context.count(&member, &self.place.owner, None);
        }
        self.shared.context.written.forget(self.deployment);
        voice.reports.event(false, "FinalizerRemoved", "Finalizer removed, deletion complete").await;
        Ok(Action::await_change())
    }

    /// Says why the finalizer stays.
    async fn kept(&self, voice: &mut DeploymentVoice<'_>, error: PlacementError) -> KryptonError {
        let advice =
            format!("the release stays known until it is uninstalled; annotate {ABANDON}=true to let it go");
        let (reason, what) = match &error {
            PlacementError::Cluster(fault) => {
                let region = &self.deployment.spec.region.name;
                ("EdgeUnavailable", format!("Edge cluster {region} not available: {}: {fault}", fault.reason))
            }
            error => ("HelmUninstallFailed", error.to_string()),
        };
        let message = format!("{what}; {advice}");
        let is_news = voice.status.condition("Ready").is_none_or(|ready| ready.message != message);
        if is_news {
            voice.reports.event(true, reason, &message).await;
        }
        match voice.say(Phase::Error, reason, &message).await {
            Ok(()) => error.into(),
            Err(error) => error.into(),
        }
    }

    fn is_abandoned(&self) -> bool {
        self.deployment.annotations().get(ABANDON).is_some_and(|value| value == "true")
    }

    async fn take_away(&self) -> Result<NamespaceEnd, PlacementError> {
        if !is_namespace(&self.place.namespace) {
            return Ok(NamespaceEnd::Gone);
        }
        let member = self.member().await?;
        let access = member.reach().await?;
        let _permit = member.permit().await?;
        remove(&member, access, &self.place, &self.spec).await
    }
}

fn pause(error: &PlacementError, failures: u32) -> Duration {
    match error {
        PlacementError::Cluster(_) => UNAVAILABLE,
        error if matches!(error.reason(), "NamespaceTerminating" | "InProgress") => SOON,
        _ => backoff::after(failures),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::{KubeconfigReference, KubeconfigSecret};

    fn region(secret: (&str, &str, &str), old: &str) -> Region {
        let (name, namespace, key) = secret;
        let secret = KubeconfigSecret { name: name.into(), namespace: namespace.into(), key: key.into() };
        Region {
            name: "edge01".into(),
            kubeconfig: Some(KubeconfigReference { secret }),
            kubeconfig_secret_name: old.into(),
        }
    }

    fn secret(region: &Region) -> (String, String, String) {
        secret_of(region).unwrap()
    }

    /// KRY-4, KRY-22: from the Secret that is named whole down to the region's name.
    #[test]
    fn the_secret_of_a_region_is_found_in_the_references_order() {
        let of =
            |name: &str, namespace: &str, key: &str| (namespace.to_owned(), name.to_owned(), key.to_owned());
        assert_eq!(secret(&region(("s", "n", "k"), "old")), of("s", "n", "k"));
        assert_eq!(secret(&region(("s", "", ""), "old")), of("s", "", ""));
        assert_eq!(secret(&region(("", "n", ""), "old")), of("old", "", ""));
        assert_eq!(secret(&region(("", "", ""), "")), of("edge01-kubeconfig", "", ""));
        assert_eq!(secret_of(&Region::default()).unwrap_err().reason, "SpecInvalid");
    }
}
