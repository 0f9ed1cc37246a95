//! What the API server serves.

use std::collections::BTreeMap;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::APIResourceList;
use kube::Client;
use kube::core::discovery::v2::{APIGroupDiscovery, APIResourceDiscovery};

use super::ApiError;
use super::retry::answered;

/// A kind of object and where it is served.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Resource {
    /// `apps`; empty for the core group.
    pub group: String,
    /// `v1`
    pub version: String,
    /// `Deployment`
    pub kind: String,
    /// `deployments`
    pub plural: String,
    /// Whether its objects lie in namespaces.
    pub namespaced: bool,
}

impl Resource {
    /// `apps/v1`, or `v1`.
    pub fn api_version(&self) -> String {
        join(&self.group, &self.version)
    }

    /// The description that kube wants.
    pub fn api_resource(&self) -> kube::discovery::ApiResource {
        kube::discovery::ApiResource {
            group: self.group.clone(),
            version: self.version.clone(),
            api_version: self.api_version(),
            kind: self.kind.clone(),
            plural: self.plural.clone(),
        }
    }
}

/// The served kinds, by one look at the server.
#[derive(Clone, Debug, Default)]
pub struct Discovery {
    /// By `apiVersion` and kind.
    resources: BTreeMap<(String, String), Resource>,
    /// `apps/v1` and `apps/v1/Deployment`, in the server's order.
    api_versions: Vec<String>,
}

impl Discovery {
    /// Asks the server: two requests where it aggregates (1.26 and later), one for each group version elsewhere.
    pub(super) async fn ask(client: &Client) -> Result<Self, ApiError> {
        let core = asked("/api", || client.list_core_api_versions_aggregated());
        let groups = asked("/apis", || client.list_api_groups_aggregated());
        let (core, groups) = tokio::join!(core, groups);
        let (core, groups) = (core.map(|list| list.items), groups.map(|list| list.items));
        match (core, groups) {
            (Ok(core), Ok(groups)) if core.iter().any(|group| !group.versions.is_empty()) => {
                Ok(Self::aggregated(core.into_iter().chain(groups)))
            }
            (Err(error), _) => Err(error),
            _ => Self::ask_each(client).await,
        }
    }

    fn aggregated(groups: impl Iterator<Item = APIGroupDiscovery>) -> Self {
        let mut discovery = Self::default();
        for group in groups {
            let name = group.metadata.and_then(|metadata| metadata.name).unwrap_or_default();
            for version in group.versions {
                let version_name = version.version.unwrap_or_default();
                discovery.api_versions.push(join(&name, &version_name));
                for resource in version.resources {
                    discovery.add_aggregated(&name, &version_name, resource);
                }
            }
        }
        discovery
    }

    fn add_aggregated(&mut self, group: &str, version: &str, found: APIResourceDiscovery) {
        let kind =
            |kind: Option<kube::core::discovery::v2::GroupVersionKind>| kind.and_then(|kind| kind.kind);
        for subresource in found.subresources {
            if let Some(kind) = kind(subresource.response_kind) {
                self.api_versions.push(format!("{}/{kind}", join(group, version)));
            }
        }
        let (Some(kind), Some(plural)) = (kind(found.response_kind), found.resource) else { return };
        let namespaced = found.scope.as_deref() == Some("Namespaced");
        self.add(Resource { group: group.into(), version: version.into(), kind, plural, namespaced });
    }

    fn add(&mut self, resource: Resource) {
        let api_version = resource.api_version();
        self.api_versions.push(format!("{api_version}/{}", resource.kind));
        self.resources.entry((api_version, resource.kind.clone())).or_insert(resource);
    }

    /// A group whose server is away is left out, as Helm leaves it out.
    async fn ask_each(client: &Client) -> Result<Self, ApiError> {
        let mut discovery = Self::default();
        for version in asked("/api", || client.list_core_api_versions()).await?.versions {
            let list = asked("/api", || client.list_core_api_resources(&version)).await?;
            discovery.add_list("", &version, list);
        }
        for group in asked("/apis", || client.list_api_groups()).await?.groups {
            for version in group.versions {
                let path = &version.group_version;
                if let Ok(list) = asked(path, || client.list_api_group_resources(path)).await {
                    discovery.add_list(&group.name, &version.version, list);
                }
            }
        }
        Ok(discovery)
    }

    fn add_list(&mut self, group: &str, version: &str, list: APIResourceList) {
        self.api_versions.push(join(group, version));
        for found in list.resources {
            if found.name.contains('/') {
                self.api_versions.push(format!("{}/{}", join(group, version), found.kind));
                continue;
            }
            self.add(Resource {
                group: group.into(),
                version: version.into(),
                kind: found.kind,
                plural: found.name,
                namespaced: found.namespaced,
            });
        }
    }

    /// The resource of an `apiVersion` and kind.
    pub fn resource(&self, api_version: &str, kind: &str) -> Option<&Resource> {
        self.resources.get(&(api_version.to_owned(), kind.to_owned()))
    }

    /// Every served `group/version` and `group/version/Kind`, kinds of subresources included: Helm's
    /// `.Capabilities.APIVersions` of a live cluster.
    pub fn api_versions(&self) -> &[String] {
        &self.api_versions
    }
}

async fn asked<T, Answer>(path: &str, send: impl FnMut() -> Answer) -> Result<T, ApiError>
where
    Answer: Future<Output = Result<T, kube::Error>>,
{
    answered(|| format!("GET {path}"), send).await
}

fn join(group: &str, version: &str) -> String {
    match group {
        "" => version.to_owned(),
        group => format!("{group}/{version}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_of_subresources_are_capabilities_but_no_resources() {
        let group = serde_json::json!({
            "metadata": {"name": "apps"},
            "versions": [{"version": "v1", "resources": [{
                "resource": "deployments", "scope": "Namespaced",
                "responseKind": {"group": "", "version": "", "kind": "Deployment"},
                "subresources": [{"subresource": "scale", "responseKind": {"kind": "Scale"}}],
            }]}],
        });
        let discovery = Discovery::aggregated([serde_json::from_value(group).unwrap()].into_iter());
        assert_eq!(discovery.api_versions(), ["apps/v1", "apps/v1/Scale", "apps/v1/Deployment"]);
        let deployment = discovery.resource("apps/v1", "Deployment").unwrap();
        assert!(deployment.namespaced && deployment.plural == "deployments");
        assert!(discovery.resource("apps/v1", "Scale").is_none());
    }
}
