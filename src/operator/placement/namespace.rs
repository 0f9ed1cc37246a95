//! The namespace of a release on its cluster: made where it is missing, and taken away only by whom it was made for.

use k8s_openapi::api::core::v1::{Namespace, Secret};
use kube::api::{DeleteParams, ListParams, PostParams, Preconditions};
use kube::core::PartialObjectMeta;
use kube::{Api, Client, ResourceExt as _};

use super::{Owner, PlacementError};

/// The label of namespaces that the operator made.
const MANAGED_BY: &str = "app.kubernetes.io/managed-by";
const PINTLE: &str = "pintle";
/// For whom it was made.
const CREATED_FOR: &str = "pintle.dev/created-for";

/// What became of a namespace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::operator) enum NamespaceEnd {
    /// It is being deleted.
    Deleted,
    /// It was not made for this resource, or holds other releases.
    Kept,
    /// There is none.
    Gone,
}

/// Creates the namespace if there is none; true if it was.
pub(super) async fn ensure(client: &Client, name: &str, owner: &Owner) -> Result<bool, PlacementError> {
    let namespaces: Api<Namespace> = Api::all(client.clone());
    let found = namespaces.get_metadata_opt(name).await.map_err(PlacementError::api("read the namespace"))?;
    if let Some(found) = found {
        return match found.metadata.deletion_timestamp {
            Some(_) => Err(PlacementError::NamespaceTerminating(name.to_owned())),
            None => Ok(false),
        };
    }
    let mut namespace = Namespace::default();
    namespace.metadata.name = Some(name.to_owned());
    namespace.metadata.labels = Some([(MANAGED_BY.to_owned(), PINTLE.to_owned())].into());
    namespace.metadata.annotations = Some([(CREATED_FOR.to_owned(), owner.to_string())].into());
    match namespaces.create(&PostParams::default(), &namespace).await {
        Ok(_) => Ok(true),
        // Another was faster.
        Err(kube::Error::Api(status)) if status.is_already_exists() => Ok(false),
        Err(error) => Err(PlacementError::api("create the namespace")(error)),
    }
}

/// Deletes the namespace if it was made for `owner` and no release is left in it.
pub(super) async fn remove(
    client: &Client,
    name: &str,
    owner: &Owner,
) -> Result<NamespaceEnd, PlacementError> {
    let namespaces: Api<Namespace> = Api::all(client.clone());
    let found = namespaces.get_metadata_opt(name).await.map_err(PlacementError::api("read the namespace"))?;
    let Some(found) = found else { return Ok(NamespaceEnd::Gone) };
    if found.metadata.deletion_timestamp.is_some() {
        return Ok(NamespaceEnd::Deleted);
    }
    if !was_made_for(&found, owner) || has_releases(client, name).await? {
        return Ok(NamespaceEnd::Kept);
    }
    let only_this = Preconditions { uid: found.uid(), resource_version: None };
    let parameters = DeleteParams { preconditions: Some(only_this), ..DeleteParams::default() };
    match namespaces.delete(name, &parameters).await {
        Ok(_) => Ok(NamespaceEnd::Deleted),
        Err(kube::Error::Api(status)) if status.is_not_found() => Ok(NamespaceEnd::Gone),
        Err(error) => Err(PlacementError::api("delete the namespace")(error)),
    }
}

fn was_made_for(namespace: &PartialObjectMeta<Namespace>, owner: &Owner) -> bool {
    namespace.labels().get(MANAGED_BY).is_some_and(|manager| manager == PINTLE)
        && namespace.annotations().get(CREATED_FOR) == Some(&owner.to_string())
}

async fn has_releases(client: &Client, namespace: &str) -> Result<bool, PlacementError> {
    let secrets: Api<Secret> = Api::namespaced(client.clone(), namespace);
    let records = ListParams::default().labels("owner=helm").limit(1);
    let found = secrets.list_metadata(&records).await.map_err(PlacementError::api("list releases"))?;
    Ok(!found.items.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// KRY-33: only what was made for a resource goes with it.
    #[test]
    fn a_namespace_of_another_is_not_ours() {
        let owner = |name: &str| Owner { kind: "Tenant", namespace: "n".into(), name: name.into() };
        let mut namespace = PartialObjectMeta::<Namespace>::default();
        assert!(!was_made_for(&namespace, &owner("a")));
        namespace.metadata.labels = Some([(MANAGED_BY.to_owned(), PINTLE.to_owned())].into());
        assert!(!was_made_for(&namespace, &owner("a")));
        namespace.metadata.annotations = Some([(CREATED_FOR.to_owned(), owner("a").to_string())].into());
        assert!(was_made_for(&namespace, &owner("a")) && !was_made_for(&namespace, &owner("b")));
    }
}
