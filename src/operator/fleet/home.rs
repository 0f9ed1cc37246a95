//! The home cluster among its clusters: the Secret `self-cluster`.

use k8s_openapi::ByteString;
use k8s_openapi::api::core::v1::Secret;
use kube::api::{Patch, PatchParams};
use kube::{Api, Client};

use super::Fault;
use crate::cluster::{ApiError, Cluster, ConnectOptions, Files, own_kubeconfig};
use crate::operator::MANAGER;

/// The name of the Secret, and of the cluster.
const SELF: &str = "self-cluster";

/// Writes the Secret with a kubeconfig of the cluster that we are on, unless there is one that can be used.
///
/// # Errors
/// Where there is no kubeconfig, or the Secret can't be read or written.
pub(in crate::operator) async fn write_self(
    client: &Client,
    home: &ConnectOptions,
    namespace: &str,
    label: &str,
    data_key: &str,
) -> Result<(), Fault> {
    let failed = |error: kube::Error| Fault::new("SelfClusterFailed", ApiError::from(error).to_string());
    let secrets: Api<Secret> = Api::namespaced(client.clone(), namespace);
    let kept = secrets.get_opt(SELF).await.map_err(failed)?;
    let text = kept.as_ref().and_then(|secret| secret.data.as_ref()?.get(data_key));
    if let Some(text) = text
        && Cluster::from_kubeconfig(&text.0, None, Files::Allowed).await.is_ok()
    {
        return Ok(());
    }
    let kubeconfig =
        own_kubeconfig(home).map_err(|error| Fault::new("KubeconfigInvalid", error.to_string()))?;
    let mut secret = Secret {
        data: Some([(data_key.to_owned(), ByteString(kubeconfig.into_bytes()))].into()),
        type_: Some("Opaque".into()),
        ..Secret::default()
    };
    secret.metadata.name = Some(SELF.to_owned());
    secret.metadata.labels = Some([(label.to_owned(), "true".to_owned())].into());
    let apply = PatchParams::apply(MANAGER).force();
    secrets.patch(SELF, &apply, &Patch::Apply(&secret)).await.map(drop).map_err(failed)
}
