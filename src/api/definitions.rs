//! The CustomResourceDefinitions as YAML files.

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use kube::CustomResourceExt as _;

use super::{CommunicationPool, DeploymentSite, KryptonDeployment, Release, ReleaseSet, Tenant};

/// A definition that can't be printed: a fault in the types.
#[derive(Debug, thiserror::Error)]
#[error("failed to print the definition of {kind}: {problem}")]
pub struct DefinitionError {
    kind: String,
    problem: String,
}

/// The definitions of all our resources: file name and text. The same types give the same bytes.
///
/// # Errors
/// Fails when a definition can't be printed as YAML.
pub fn definitions() -> Result<Vec<(String, String)>, DefinitionError> {
    let of_ours = [Release::crd(), ReleaseSet::crd()];
    let of_others =
        [Tenant::crd(), KryptonDeployment::crd(), CommunicationPool::crd(), DeploymentSite::crd()];
    of_ours.iter().chain(&of_others).map(printed).collect()
}

/// `<group>_<plural>.yaml` and its text.
fn printed(definition: &CustomResourceDefinition) -> Result<(String, String), DefinitionError> {
    let (group, names) = (&definition.spec.group, &definition.spec.names);
    let failed = |problem: String| DefinitionError { kind: names.kind.clone(), problem };
    let json = serde_json::to_string(definition).map_err(|error| failed(error.to_string()))?;
    let value = value::json::from_slice(json.as_bytes()).map_err(|error| failed(error.to_string()))?;
    let text = goyaml::to_yaml(&value).map_err(|error| failed(error.to_string()))?;
    Ok((format!("{group}_{}.yaml", names.plural), text))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    /// KRY-1, KRY-2, KRY-60: what clients and manifests of the reference go by.
    #[test]
    fn the_krypton_operators_resources_have_its_names_and_fields() {
        let names = |definition: &CustomResourceDefinition| {
            let names = &definition.spec.names;
            (
                definition.spec.group.clone(),
                names.plural.clone(),
                names.short_names.clone().unwrap_or_default(),
            )
        };
        let text = |text: &str| text.to_owned();
        let (group, short) = (text("mesh.openkcm.io"), vec![text("kd")]);
        assert_eq!(names(&Tenant::crd()), (group.clone(), text("tenants"), vec![]));
        assert_eq!(names(&KryptonDeployment::crd()), (group, text("kryptondeployments"), short));
        let deployment: crate::api::KryptonDeploymentSpec = serde_json::from_value(serde_json::json!({
            "account": {"name": "a", "displayName": "A", "owner": "o"},
            "region": {"name": "r", "kubeconfig": {"secret": {"name": "s", "namespace": "n"}}, "kubeconfigSecretName": "old"},
        }))
        .unwrap();
        assert_eq!(deployment.account.display_name, "A");
        assert_eq!(deployment.region.kubeconfig_secret_name, "old");
        let tenant: crate::api::TenantSpec = serde_json::from_value(serde_json::json!({
            "workspace": "w", "clusterRef": {"secretName": "s", "secretNamespace": "n"},
        }))
        .unwrap();
        assert_eq!(tenant.workspace, "w");
    }

    #[test]
    fn the_files_in_crds_and_in_the_chart_are_fresh() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let places = definitions().unwrap().into_iter().flat_map(|(name, text)| {
            let chart = match name.starts_with("octo-mesh") {
                true => "charts/pintle-communication-operator/files/crds",
                false => "charts/pintle/crds",
            };
            ["crds", chart].map(|directory| (root.join(directory).join(&name), text.clone()))
        });
        for (path, text) in places {
            if std::env::var_os("PINTLE_UPDATE").is_some() {
                std::fs::write(&path, &text).unwrap();
            }
            let found = std::fs::read_to_string(&path).unwrap_or_default();
            assert_eq!(found, text, "{} is stale: run the test with PINTLE_UPDATE=1", path.display());
        }
    }
}
