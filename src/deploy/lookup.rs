//! Answers the templates' `lookup` from the cluster.

use pintle_render::{Lookup, LookupError};
use tokio::runtime::Handle;
use value::Map;

use crate::cluster::{ApiError, Cluster, Discovery, Object};

/// Asks a cluster. To be used on threads that render, not on those that serve the runtime.
pub(super) struct ClusterLookup {
    cluster: Cluster,
    runtime: Handle,
}

impl ClusterLookup {
    /// Must be made inside the runtime that is to carry the requests.
    pub(super) fn new(cluster: &Cluster) -> Self {
        Self { cluster: cluster.clone(), runtime: Handle::current() }
    }

    async fn ask(
        &self,
        api_version: &str,
        kind: &str,
        namespace: &str,
        name: &str,
    ) -> Result<Map, LookupError> {
        let failed = |error: ApiError| LookupError(error.to_string());
        let is_served = |discovery: &Discovery| discovery.resource(api_version, kind).is_some();
        let discovery = self.cluster.discovery_with(is_served).await.map_err(failed)?;
        let Some(resource) = discovery.resource(api_version, kind).cloned() else {
            return Err(LookupError(format!(
                "unable to get apiresource from unstructured: {api_version}, Kind={kind}"
            )));
        };
        let namespace = if resource.namespaced { namespace } else { "" };
        let found = if name.is_empty() {
            Some(self.cluster.list(&resource, namespace, &[]).await.map_err(failed)?)
        } else {
            let (namespace, name) = (namespace.to_owned(), name.to_owned());
            let object = Object { resource, namespace, name, body: serde_json::Value::Null };
            self.cluster.get(&object).await.map_err(failed)?
        };
        let Some(found) = found else { return Ok(Map::new()) };
        let value = value::json::from_slice(found.to_string().as_bytes());
        let value = value.map_err(|error| LookupError(error.to_string()))?;
        Ok(value.as_map().cloned().unwrap_or_default())
    }
}

impl Lookup for ClusterLookup {
    fn lookup(&self, api_version: &str, kind: &str, namespace: &str, name: &str) -> Result<Map, LookupError> {
        self.runtime.block_on(self.ask(api_version, kind, namespace, name))
    }
}
