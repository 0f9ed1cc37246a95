//! Tenants of one cluster: each with the chart it asks for, on the cluster it lies on.

use std::sync::Arc;
use std::time::Duration;

use kube::runtime::controller::Action;
use kube::runtime::finalizer::{self, Event};
use kube::{Api, ResourceExt as _};

use super::drive::{Destination, Stopped, drive, fingerprint};
use super::names::{is_namespace, tenant_release};
use super::tenant_voice::TenantVoice;
use super::{Context, Failure, KryptonError};
use crate::api::{ReleaseSpec, Tenant};
use crate::operator::backoff;
use crate::operator::fleet::{Access, ClusterKey, Member, Permit};
use crate::operator::placement::{NamespaceEnd, Owner, Place, PlacementError, Template, remove};
use crate::operator::report::{Reports, Speaker};

/// The reference's finalizer.
const FINALIZER: &str = "mesh.openkcm.io/cleanup";
/// The reference's name in events.
const CONTROLLER: &str = "mesh.openkcm.io/multicluster-tenants";

/// How soon to try what passes by itself.
const SOON: Duration = Duration::from_secs(5);
/// How soon to ask again for a chart that is passed over.
const SKIPPED: Duration = Duration::from_secs(120);

/// What the reconciliations of one cluster's Tenants share.
pub(super) struct OnCluster {
    pub(super) context: Arc<Context>,
    pub(super) member: Arc<Member>,
}

/// A Tenant and where it goes.
struct Case<'a> {
    on: &'a OnCluster,
    access: &'a Access,
    tenant: &'a Tenant,
    place: Place,
    spec: ReleaseSpec,
}

/// Brings a Tenant to what it says, or takes its release away with it. One that is for another cluster is left alone.
pub(super) async fn reconcile(tenant: Arc<Tenant>, on: Arc<OnCluster>) -> Result<Action, Failure> {
    let ours = is_for(&tenant, &on.member.key);
    let is_held = tenant.finalizers().iter().any(|finalizer| finalizer == FINALIZER);
    if !ours && !is_held {
        return Ok(Action::await_change());
    }
    // Nothing can be read or written until the cluster is back; the watch starts anew then.
    let Ok(access) = on.member.reach().await else { return Ok(Action::requeue(SOON * 3)) };
    let Ok(permit) = on.member.permit().await else { return Ok(Action::await_change()) };
    let tenants: Api<Tenant> =
        Api::namespaced(access.cluster.client(), &tenant.namespace().unwrap_or_default());
    let newest = on.context.written.newest(&tenants, tenant).await;
    let newest = newest.map_err(KryptonError::api("read the Tenant")).map_err(Failure::ApplyFailed)?;
    let Some(tenant) = newest else { return Ok(Action::await_change()) };
    if !ours && tenant.metadata.deletion_timestamp.is_none() {
        // It was for this cluster once, or the reference has put its finalizer on it too early.
        return let_go(&on, access, &tenant, &tenants).await.map_err(finalizer::Error::CleanupFailed);
    }
    let (on, permit) = (&on, &permit);
    // Boxed: many may wait for their objects at once.
    finalizer::finalizer(&tenants, FINALIZER, tenant, |event| async move {
        match event {
            Event::Apply(tenant) => Box::pin(Case::new(on, access, &tenant).apply(permit)).await,
            Event::Cleanup(tenant) => Box::pin(Case::new(on, access, &tenant).clean_up()).await,
        }
    })
    .await
}

/// What to do about a failure that could not be reported.
pub(super) fn on_error(tenant: Arc<Tenant>, error: &Failure, on: Arc<OnCluster>) -> Action {
    let (name, cluster) = (tenant.name_any(), on.member.name());
    tracing::warn!(tenant = name, cluster, %error, "failed to reconcile");
    Action::requeue(backoff::after(2))
}

/// A Tenant without a reference is for every cluster that it lies on.
pub(super) fn is_for(tenant: &Tenant, cluster: &ClusterKey) -> bool {
    let matches = |wanted: &str, is: &str| wanted.is_empty() || wanted == is;
    tenant.spec.cluster_ref.as_ref().is_none_or(|reference| {
        matches(&reference.secret_name, &cluster.name)
            && matches(&reference.secret_namespace, &cluster.namespace)
    })
}

/// Takes away what is left on a cluster that a Tenant is no longer for, and its finalizer.
async fn let_go(
    on: &OnCluster,
    access: &Access,
    tenant: &Tenant,
    tenants: &Api<Tenant>,
) -> Result<Action, KryptonError> {
    Case::new(on, access, tenant).take_away().await?;
    let others: Vec<&String> = tenant.finalizers().iter().filter(|name| *name != FINALIZER).collect();
    let patch = serde_json::json!({ "metadata": {
        "finalizers": others,
        "resourceVersion": tenant.metadata.resource_version,
    } });
    let patch = kube::api::Patch::Merge(patch);
    let patched =
        tenants.patch_metadata(&tenant.name_any(), &kube::api::PatchParams::default(), &patch).await;
    patched.map_err(KryptonError::api("remove the finalizer"))?;
    Ok(Action::await_change())
}

impl<'a> Case<'a> {
    fn new(on: &'a OnCluster, access: &'a Access, tenant: &'a Tenant) -> Self {
        let (namespace, name) = (tenant.namespace().unwrap_or_default(), tenant.name_any());
        let place = Place {
            release: tenant_release(&name, on.member.name()),
            namespace: tenant.workspace(),
            owner: Owner { kind: "Tenant", namespace, name },
            creates_namespace: true,
        };
        Self { on, access, tenant, place, spec: on.context.defaults.tenant(&tenant.spec.content) }
    }

    fn voice(&self) -> TenantVoice<'_> {
        let speaker = Speaker { controller: CONTROLLER, instance: self.on.context.instance.clone() };
        let client = self.access.cluster.client();
        let status = self.tenant.status.as_ref();
        TenantVoice {
            context: &self.on.context,
            member: &self.on.member,
            owner: &self.place.owner,
            tenants: Api::namespaced(client.clone(), &self.place.owner.namespace),
            tenant: self.tenant,
            reports: Reports::new(client, &speaker, self.tenant, status, &self.on.context.written),
            status: status.cloned().unwrap_or_default(),
            release: &self.place.release,
            workspace: &self.place.namespace,
            chart: self.spec.chart.clone(),
            fingerprint: None,
        }
    }

    async fn apply(&self, permit: &Permit) -> Result<Action, KryptonError> {
        let mut voice = self.voice();
        match self.bring(permit, &mut voice).await {
            Ok(again) => Ok(Action::requeue(again)),
            Err(Stopped::Report(error)) => Err(error.into()),
            Err(Stopped::Placement(error, work)) => {
                let generation = self.tenant.metadata.generation.unwrap_or_default();
                let status = &mut voice.status;
                let before = if status.observed_generation == generation { status.failures } else { 0 };
                status.failures = before.saturating_add(1);
                voice.failed(&error, work).await?;
                self.on.context.metrics.failed(self.on.member.name(), error.reason());
                Ok(Action::requeue(self.pause(&error, voice.status.failures)))
            }
        }
    }

    fn pause(&self, error: &PlacementError, failures: u32) -> Duration {
        match error {
            PlacementError::Chart(_) if self.on.context.settings.allow_chart_skip => SKIPPED,
            error if matches!(error.reason(), "NamespaceTerminating" | "InProgress") => SOON,
            _ => backoff::after(failures),
        }
    }

    async fn bring(&self, permit: &Permit, voice: &mut TenantVoice<'_>) -> Result<Duration, Stopped> {
        let stopped = |error| Stopped::Placement(error, None);
        if !is_namespace(&self.place.namespace) {
            let problem = format!(
                "{:?} can't be a namespace (63 lower-case letters, digits and hyphens); set spec.workspace",
                self.place.namespace
            );
            let error = PlacementError::Reference { reason: "SpecInvalid", message: problem };
            return Err(stopped(error));
        }
        let (context, member) = (&self.on.context, &self.on.member);
        let scope = member.key.to_string();
        let client = self.access.cluster.client();
        let template = Template::read(self.place.clone(), self.spec.clone(), client, &scope, &context.charts);
        let template = template.await.map_err(stopped)?;
        voice.fingerprint = fingerprint(&template);
        let was_there = voice.status.revision.is_some();
        let to = Destination { context, member, access: self.access, permit };
        drive(to, &template, was_there, voice).await
    }

    async fn clean_up(&self) -> Result<Action, KryptonError> {
        let mut voice = self.voice();
        voice.deleting().await?;
        match self.take_away().await {
            Ok(end) => {
                voice.reports.event(false, "HelmUninstalled", &self.place.release).await;
                if end == NamespaceEnd::Deleted {
                    voice.reports.event(false, "WorkspaceDeleted", &self.place.namespace).await;
                }
                self.on.context.count(&self.on.member, &self.place.owner, None);
                self.on.context.written.forget(self.tenant);
                Ok(Action::await_change())
            }
            Err(error) => {
                voice.reports.event(true, "HelmUninstallFailed", &error.to_string()).await;
                Err(error)
            }
        }
    }

    async fn take_away(&self) -> Result<NamespaceEnd, KryptonError> {
        if !is_namespace(&self.place.namespace) {
            return Ok(NamespaceEnd::Gone);
        }
        Ok(remove(&self.on.member, self.access, &self.place, &self.spec).await?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::ClusterReference;

    fn tenant(name: &str, namespace: &str) -> Tenant {
        let mut tenant = Tenant::default();
        let reference = ClusterReference { secret_name: name.into(), secret_namespace: namespace.into() };
        tenant.spec.cluster_ref = Some(reference);
        tenant
    }

    /// KRY-64
    #[test]
    fn a_tenant_is_for_the_cluster_it_names_or_for_each() {
        let cluster =
            ClusterKey { namespace: "ops".into(), name: "edge01".into(), data_key: "kubeconfig".into() };
        assert!(is_for(&tenant("edge01", "ops"), &cluster));
        assert!(is_for(&tenant("edge01", ""), &cluster));
        assert!(!is_for(&tenant("edge02", "ops"), &cluster));
        assert!(!is_for(&tenant("edge01", "other"), &cluster));
        assert!(is_for(&Tenant::default(), &cluster));
    }
}
