//! Where a workload's release is, and whose it is.

use super::error::WorkloadError;
use super::event::{Subject, WorkloadId, WorkloadType};
use super::names::{TENANT, WORKLOAD, dns_name, label_value};
use super::settings::Settings;
use super::values_secret::ValuesSecret;
use crate::release::Head;

/// A workload's release by name and namespace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Placement {
    /// The release's name.
    pub(super) release: String,
    /// Its namespace.
    pub(super) namespace: String,
}

impl Placement {
    /// The place of a workload: adapter pools have a namespace of their own where one is set.
    pub(super) fn of(settings: &Settings, subject: &Subject) -> Result<Self, WorkloadError> {
        let workload = subject.workload();
        if workload.tenant.is_empty() {
            return Err(WorkloadError::Missing("tenantId"));
        }
        if workload.rt_id.is_empty() {
            return Err(WorkloadError::Missing("workloadRtId"));
        }
        let platform = settings.platform_namespace.clone();
        let platform = platform.filter(|_| subject.workload_type == WorkloadType::ADAPTER_POOL);
        Ok(Self {
            release: dns_name(&[&workload.tenant, &workload.rt_id])?,
            namespace: platform.unwrap_or_else(|| settings.site_namespace.clone()),
        })
    }

    /// Refuses a release that belongs to another workload, as labels of its records say, or of its Secret where an
    /// operator made it that labels no records.
    pub(super) async fn check_owner(
        &self,
        workload: &WorkloadId,
        heads: &[Head],
        secret: &ValuesSecret,
    ) -> Result<(), WorkloadError> {
        let Some(newest) = heads.iter().max_by_key(|head| head.revision) else { return Ok(()) };
        let mut labels = newest.labels.clone();
        if !labels.contains_key(WORKLOAD) {
            let found = secret.labels().await.map_err(WorkloadError::api("read the labels of a Secret"))?;
            labels = found.unwrap_or_default();
        }
        let Some(owner) = labels.get(WORKLOAD) else { return Ok(()) };
        let wanted = (label_value(&workload.tenant), label_value(&workload.rt_id));
        let tenant = labels.get(TENANT).unwrap_or(&wanted.0);
        if (tenant, owner) == (&wanted.0, &wanted.1) {
            return Ok(());
        }
        Err(WorkloadError::Taken {
            release: self.release.clone(),
            namespace: self.namespace.clone(),
            owner: format!("{tenant}/{owner}"),
            wanted: workload.clone(),
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::settings::SettingsSources;
    use super::*;

    fn placed(more: serde_json::Value) -> Result<Placement, WorkloadError> {
        let mut subject = json!({"tenantId": "acme", "workloadRtId": "65d5c447b420da3fb12381a1"});
        subject.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let environment = vec![("OPERATOR__PLATFORMNAMESPACE".to_owned(), "platform".to_owned())];
        let sources = SettingsSources { environment, ..SettingsSources::default() };
        let settings = Settings::read(&sources).unwrap();
        Placement::of(&settings, &super::super::event::read(subject).unwrap())
    }

    /// OCTO-88: adapter pools go to the platform's namespace, everything else to that of sites.
    #[test]
    fn adapter_pools_have_their_own_namespace() {
        assert_eq!(placed(json!({"workloadType": 2})).unwrap().namespace, "platform");
        assert_eq!(placed(json!({"workloadType": 1})).unwrap().namespace, "octo");
        assert_eq!(placed(json!({})).unwrap().release, "acme-65d5c447b420da3fb12381a1");
    }

    #[test]
    fn a_workload_without_ids_has_no_place() {
        let error = placed(json!({"workloadRtId": null})).unwrap_err().to_string();
        assert_eq!(error, "the event has no workloadRtId");
    }
}
