//! Which workloads are deployed, as the labels of release records say: known after a restart too.

use std::collections::{BTreeMap, BTreeSet};

use k8s_openapi::api::core::v1::Secret;
use kube::api::ListParams;
use kube::{Api, Client, ResourceExt as _};

use super::event::Dialect;
use super::names::{MANAGED_BY, MANAGER, TENANT, WORKLOAD};
use super::settings::Settings;

/// Ids of deployed workloads by tenant (as its label has it) and site. What can't be read is left out.
pub(super) async fn deployed_workloads(
    client: &Client,
    settings: &Settings,
) -> BTreeMap<(String, String), BTreeSet<String>> {
    let namespaces: BTreeSet<&String> =
        [Some(&settings.site_namespace), settings.platform_namespace.as_ref()]
            .into_iter()
            .flatten()
            .collect();
    let mut workloads = BTreeMap::<_, BTreeSet<String>>::new();
    for namespace in namespaces {
        let records: Api<Secret> = Api::namespaced(client.clone(), namespace);
        let selector = format!("owner=helm,status=deployed,{MANAGED_BY}={MANAGER}");
        match records.list_metadata(&ListParams::default().labels(&selector)).await {
            Ok(found) => {
                for record in &found.items {
                    if let Some((site, workload)) = named(record.labels()) {
                        workloads.entry(site).or_default().insert(workload);
                    }
                }
            }
            Err(error) => tracing::warn!(namespace, %error, "the records of workloads could not be read"),
        }
    }
    workloads
}

fn named(labels: &BTreeMap<String, String>) -> Option<((String, String), String)> {
    let site =
        [Dialect::Pool, Dialect::Site].into_iter().find_map(|dialect| labels.get(dialect.site_label()))?;
    Some(((labels.get(TENANT)?.clone(), site.clone()), labels.get(WORKLOAD)?.clone()))
}
