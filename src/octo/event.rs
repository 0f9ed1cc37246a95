//! What the hub and we say to each other: the data of both generations as one.
//!
//! The older generation speaks of pools, the newer of deployment sites; methods and members differ and have no aliases.
//! What comes in is read under either name, what goes out is written under both.

use serde::Deserialize;
use serde_json::{Value, json};

/// Which of the two generations is spoken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Dialect {
    /// `CommunicationPool`, `RegisterPoolAsync`, `poolRtId`.
    Pool,
    /// `DeploymentSite`, `RegisterDeploymentSiteAsync`, `deploymentSiteRtId`.
    Site,
}

impl Dialect {
    pub(super) fn register(self) -> &'static str {
        match self {
            Self::Pool => "RegisterPoolAsync",
            Self::Site => "RegisterDeploymentSiteAsync",
        }
    }

    pub(super) fn unregister(self) -> &'static str {
        match self {
            Self::Pool => "UnregisterPoolAsync",
            Self::Site => "UnregisterDeploymentSiteAsync",
        }
    }

    pub(super) fn site_label(self) -> &'static str {
        match self {
            Self::Pool => "octo-mesh.meshmakers.io/pool-rt-id",
            Self::Site => "octo-mesh.meshmakers.io/deployment-site-rt-id",
        }
    }

    /// The other one.
    pub(super) fn other(self) -> Self {
        match self {
            Self::Pool => Self::Site,
            Self::Site => Self::Pool,
        }
    }
}

/// A pool or deployment site, as the hub knows it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct SiteId {
    /// The tenant it belongs to.
    pub(super) tenant: String,
    /// Its id: 24 hexadecimal digits.
    pub(super) rt_id: String,
}

/// A workload, as the hub knows it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct WorkloadId {
    /// The tenant it belongs to.
    pub(super) tenant: String,
    /// Its id: 24 hexadecimal digits.
    pub(super) rt_id: String,
}

impl std::fmt::Display for SiteId {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}/{}", self.tenant, self.rt_id)
    }
}

impl std::fmt::Display for WorkloadId {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}/{}", self.tenant, self.rt_id)
    }
}

/// What a workload is. Numbers that are not known are kept and treated as an adapter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub(super) struct WorkloadType(i64);

impl WorkloadType {
    /// A pool of adapters that a tenant lends to others.
    pub(super) const ADAPTER_POOL: Self = Self(2);
}

/// `null` and nothing are the default, as for .NET's reader.
fn or_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: serde::Deserializer<'de>,
    T: Default + Deserialize<'de>,
{
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

/// A JSON object by the lower-case names of its members: .NET's reader does not tell cases apart.
fn lower_case(value: Value) -> Value {
    match value {
        Value::Object(members) => {
            members.into_iter().map(|(name, value)| (name.to_lowercase(), lower_case(value))).collect()
        }
        Value::Array(items) => items.into_iter().map(lower_case).collect(),
        other => other,
    }
}

/// Reads a message's argument with member names in any case.
pub(super) fn read<T: serde::de::DeserializeOwned>(argument: Value) -> Result<T, serde_json::Error> {
    serde_json::from_value(lower_case(argument))
}

/// Where and what of a workload event, and nothing else of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub(super) struct Subject {
    #[serde(default, rename = "tenantid", deserialize_with = "or_default")]
    pub(super) tenant: String,
    #[serde(default, rename = "poolrtid", deserialize_with = "or_default")]
    pool_rt_id: String,
    #[serde(default, rename = "deploymentsitertid", deserialize_with = "or_default")]
    site_rt_id: String,
    #[serde(default, rename = "workloadrtid", deserialize_with = "or_default")]
    workload_rt_id: String,
    #[serde(default, rename = "workloadname", deserialize_with = "or_default")]
    pub(super) workload_name: String,
    #[serde(default, rename = "workloadtype", deserialize_with = "or_default")]
    pub(super) workload_type: WorkloadType,
}

impl Subject {
    /// The generation that the sender speaks, by the member that holds the site's id.
    pub(super) fn dialect(&self) -> Dialect {
        match self.site_rt_id.is_empty() && !self.pool_rt_id.is_empty() {
            true => Dialect::Pool,
            false => Dialect::Site,
        }
    }

    pub(super) fn site(&self) -> SiteId {
        let rt_id = match self.dialect() {
            Dialect::Pool => &self.pool_rt_id,
            Dialect::Site => &self.site_rt_id,
        };
        SiteId { tenant: self.tenant.clone(), rt_id: rt_id.clone() }
    }

    pub(super) fn workload(&self) -> WorkloadId {
        WorkloadId { tenant: self.tenant.clone(), rt_id: self.workload_rt_id.clone() }
    }
}

/// `WorkloadDeployedAsync`: install or upgrade a workload.
#[derive(Clone, Default, Deserialize)]
pub(super) struct WorkloadDeployed {
    #[serde(flatten)]
    pub(super) subject: Subject,
    #[serde(default, rename = "repositoryurl", deserialize_with = "or_default")]
    pub(super) repository_url: String,
    #[serde(default, rename = "repositoryusername", deserialize_with = "or_default")]
    pub(super) repository_username: String,
    #[serde(default, rename = "repositorypassword", deserialize_with = "or_default")]
    pub(super) repository_password: String,
    #[serde(default, rename = "chartname", deserialize_with = "or_default")]
    pub(super) chart_name: String,
    #[serde(default, rename = "chartversion", deserialize_with = "or_default")]
    pub(super) chart_version: String,
    #[serde(default, rename = "isreconciliation", deserialize_with = "or_default")]
    pub(super) is_reconciliation: bool,
    #[serde(default, rename = "valuesyaml", deserialize_with = "or_default")]
    pub(super) values_yaml: String,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) values: Vec<ValueOverride>,
    #[serde(default, rename = "receivesclustersecrets", deserialize_with = "or_default")]
    pub(super) receives_cluster_secrets: bool,
    #[serde(default, rename = "ingressenabled", deserialize_with = "or_default")]
    pub(super) ingress_enabled: bool,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) hostname: String,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) hibernated: bool,
}

impl std::fmt::Debug for WorkloadDeployed {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut shown = formatter.debug_struct("WorkloadDeployed");
        shown.field("subject", &self.subject).field("chart_name", &self.chart_name);
        shown.field("chart_version", &self.chart_version).finish_non_exhaustive()
    }
}

/// One value of a chart by its path. The value is always a text.
#[derive(Clone, Default, PartialEq, Eq, Deserialize)]
pub(super) struct ValueOverride {
    #[serde(default, deserialize_with = "or_default")]
    pub(super) path: String,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) value: String,
    #[serde(default, rename = "issecret", deserialize_with = "or_default")]
    pub(super) is_secret: bool,
}

impl std::fmt::Debug for ValueOverride {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut shown = formatter.debug_struct("ValueOverride");
        shown.field("path", &self.path).field("is_secret", &self.is_secret).finish_non_exhaustive()
    }
}

/// `ScaleWorkloadAsync`: run so many replicas of a workload.
#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct ScaleWorkload {
    #[serde(flatten)]
    pub(super) subject: Subject,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) replicas: i32,
}

/// What the hub hears when a deployment has ended.
pub(super) fn deployment_status(subject: &Subject, result: Result<(), &str>) -> Value {
    json!({
        "tenantId": subject.tenant,
        "workloadName": subject.workload_name,
        "workloadRtId": subject.workload_rt_id,
        "success": result.is_ok(),
        "statusMessage": result.err(),
    })
}

/// What the hub hears while a deployment goes on.
pub(super) fn deployment_progress(subject: &Subject, message: &str) -> Value {
    json!({
        "tenantId": subject.tenant,
        "workloadName": subject.workload_name,
        "workloadRtId": subject.workload_rt_id,
        "message": message,
    })
}

/// What the hub hears when a workload was scaled, or could not be.
pub(super) fn scale_status(subject: &Subject, replicas: i32, result: &Result<String, String>) -> Value {
    let (Ok(message) | Err(message)) = result;
    json!({
        "tenantId": subject.tenant,
        "workloadRtId": subject.workload_rt_id,
        "workloadName": subject.workload_name,
        "replicas": replicas,
        "success": result.is_ok(),
        "statusMessage": message,
    })
}

/// What a central operator says it has deployed on a site, under the names of both generations.
pub(super) fn deployed_state(site: &SiteId, workloads: &[String]) -> Value {
    json!({
        "tenantId": site.tenant,
        "poolRtId": site.rt_id,
        "poolName": "",
        "deploymentSiteRtId": site.rt_id,
        "deploymentSiteName": "",
        "workloadRtIds": workloads,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn example() -> Value {
        json!({"tenantId":"meshtest","poolRtId":"65d5c447b420da3fb12381a0","workloadName":"Energy Adapter",
            "workloadRtId":"65d5c447b420da3fb12381a1","workloadType":0,
            "repositoryUrl":"https://meshmakers.github.io/charts","repositoryUsername":null,"repositoryPassword":null,
            "chartName":"octo-mesh-adapter","chartVersion":"0.4.0","isReconciliation":false,
            "valuesYaml":"logLevel: info\n","values":[{"path":"serviceHooks.enabled","value":"true","isSecret":false},
            {"path":"secrets.apiKey","value":"s3cret","isSecret":true}],"receivesClusterSecrets":false,
            "ingressEnabled":false,"hostname":null,"hibernated":false})
    }

    /// HUB-2, HUB-4, HUB-22, HUB-23: a deployment of either generation is read, in any case of letters.
    #[test]
    fn a_deployment_is_read_in_both_generations() {
        let old: WorkloadDeployed = read(example()).unwrap();
        assert_eq!(old.subject.dialect(), Dialect::Pool);
        assert_eq!(old.subject.site().to_string(), "meshtest/65d5c447b420da3fb12381a0");
        assert_eq!((old.values.len(), old.values[1].is_secret), (2, true));
        let mut new = example();
        let id = new.as_object_mut().unwrap().remove("poolRtId").unwrap();
        new["DeploymentSiteRtId"] = id;
        let new: WorkloadDeployed = read(new).unwrap();
        assert_eq!((new.subject.dialect(), new.subject.site()), (Dialect::Site, old.subject.site()));
    }

    /// HUB-20, HUB-22, HUB-27: absent and null members have their defaults, unknown ones and unknown types do no harm.
    #[test]
    fn what_is_absent_has_its_default_and_what_is_unknown_does_no_harm() {
        let event: WorkloadDeployed =
            read(json!({"tenantId": null, "values": null, "workloadType": 7, "more": [1]})).unwrap();
        assert_eq!((event.subject.tenant.as_str(), event.hibernated), ("", false));
        assert_ne!(event.subject.workload_type, WorkloadType::ADAPTER_POOL);
        let scale: ScaleWorkload = read(json!({"replicas": 3, "workloadType": 2})).unwrap();
        assert_eq!((scale.replicas, scale.subject.workload_type), (3, WorkloadType::ADAPTER_POOL));
    }

    /// HUB-21, HUB-24, HUB-25, HUB-26: what we send has the members the hub expects, nulls included.
    #[test]
    fn reports_have_the_members_of_both_generations() {
        let event: WorkloadDeployed = read(example()).unwrap();
        let status = deployment_status(&event.subject, Ok(()));
        assert_eq!(
            status.to_string(),
            r#"{"tenantId":"meshtest","workloadName":"Energy Adapter","workloadRtId":"65d5c447b420da3fb12381a1","success":true,"statusMessage":null}"#
        );
        assert_eq!(deployment_status(&event.subject, Err("no"))["statusMessage"], "no");
        assert_eq!(deployment_progress(&event.subject, "m")["message"], "m");
        let scaled = scale_status(&event.subject, 0, &Ok("Scaled".into()));
        assert_eq!((&scaled["replicas"], &scaled["statusMessage"]), (&json!(0), &json!("Scaled")));
        let report = deployed_state(&event.subject.site(), &[]);
        assert_eq!(report["poolRtId"], report["deploymentSiteRtId"]);
        assert_eq!((&report["poolName"], &report["workloadRtIds"]), (&json!(""), &json!([])));
    }

    #[test]
    fn secrets_are_not_shown() {
        let event: WorkloadDeployed = read(example()).unwrap();
        assert!(!format!("{event:?}{:?}", event.values).contains("s3cret"));
    }
}
