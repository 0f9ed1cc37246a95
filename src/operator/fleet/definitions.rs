//! Making sure that a cluster knows our resources.

use std::time::Duration;

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use kube::api::{Patch, PatchParams};
use kube::runtime::{conditions, wait::await_condition};
use kube::{Api, Client, CustomResourceExt as _, ResourceExt as _};

use super::Fault;
use crate::api::{KryptonDeployment, ReleaseSet, Tenant};
use crate::cluster::ApiError;
use crate::operator::MANAGER;

/// How often a definition is tried while nobody answers, and what the pauses grow by.
const ATTEMPTS: u32 = 5;
const PAUSE: Duration = Duration::from_millis(200);
/// How long a new definition may take to be served.
const ESTABLISHED: Duration = Duration::from_secs(15);

/// Which definitions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::operator) enum Definitions {
    /// Tenants, for every cluster that has some.
    Tenants,
    /// What lies on the watch cluster alone.
    WatchCluster,
}

/// Creates the definitions that are missing and brings up to date those that are ours.
///
/// # Errors
/// Where the cluster refuses, or gives no answer after several attempts.
pub(in crate::operator) async fn ensure(client: &Client, which: Definitions) -> Result<(), Fault> {
    let wanted = match which {
        Definitions::Tenants => vec![Tenant::crd()],
        Definitions::WatchCluster => vec![KryptonDeployment::crd(), ReleaseSet::crd()],
    };
    let mut failed = Ok(());
    // One that is refused is no reason to leave out the others.
    for definition in wanted {
        if let Err(error) = ensure_patiently(client, &definition).await {
            let message = format!("failed to define {}: {error}", definition.name_any());
            failed = Err(Fault::new("DefinitionFailed", message));
        }
    }
    failed
}

/// Tries again while nobody answers.
async fn ensure_patiently(client: &Client, definition: &CustomResourceDefinition) -> Result<(), ApiError> {
    let mut attempt = 1;
    loop {
        match ensure_one(client, definition).await.map_err(ApiError::from) {
            Err(ApiError::Transport(_)) if attempt < ATTEMPTS => {
                tokio::time::sleep(PAUSE * attempt).await;
                attempt += 1;
            }
            result => return result,
        }
    }
}

async fn ensure_one(client: &Client, definition: &CustomResourceDefinition) -> Result<(), kube::Error> {
    let definitions: Api<CustomResourceDefinition> = Api::all(client.clone());
    let name = definition.name_any();
    if let Some(found) = definitions.get_opt(&name).await?
        && !is_ours(&found)
    {
        return Ok(());
    }
    let apply = PatchParams::apply(MANAGER).force();
    definitions.patch(&name, &apply, &Patch::Apply(definition)).await?;
    let established = await_condition(definitions, &name, conditions::is_crd_established());
    // Not yet served, the watch that follows is tried again until it is.
    let _ = tokio::time::timeout(ESTABLISHED, established).await;
    Ok(())
}

/// What a chart or somebody else installed is theirs to change.
fn is_ours(definition: &CustomResourceDefinition) -> bool {
    definition
        .managed_fields()
        .iter()
        .any(|entry| entry.manager.as_deref() == Some(MANAGER) && entry.operation.as_deref() == Some("Apply"))
}
