//! Waiting as Helm 3 did, which `--wait=legacy` asks for: every two seconds each object is looked at. Helm: `ReadyChecker`.
//!
//! It differs from watching by kstatus' rules in what counts: a Deployment is ready with `maxUnavailable` of its pods
//! missing, whatever its conditions say; nothing but a Job fails for good; custom resources are ready at once.

use std::time::Duration;

use serde_json::Value;
use tokio::time::Instant;

use super::culprit::labels;
use super::readiness::{Condition, condition, integer, text};
use super::{ApiError, Cluster, Object, Readiness, Resource, WaitError, Waiter};

const LOOK_EVERY: Duration = Duration::from_secs(2);
/// How often in a row the server may fail to answer for one object.
const RETRIES: usize = 30;

/// How an object is: `Ok` where it is ready, else what is missing.
type Ready = Result<(), String>;

impl Waiter {
    /// Waits until every object is ready as Helm 3 understands it; Jobs are waited for only with `jobs`.
    ///
    /// # Errors
    /// [`WaitError::NotReady`] with the first object that is not ready, at the deadline or when a Job has failed.
    pub async fn ready_as_helm3(&self, objects: &[Object], jobs: bool) -> Result<(), WaitError> {
        let mut failures = vec![0; objects.len()];
        loop {
            let Some((object, problem)) = self.first_not_ready(objects, jobs, &mut failures).await? else {
                return Ok(());
            };
            let failed = problem.starts_with(JOB_FAILED);
            if failed || Instant::now() + LOOK_EVERY > self.deadline() {
                let readiness =
                    if failed { Readiness::failed(problem) } else { Readiness::in_progress(problem) };
                let culprit = self.cluster().culprit(object).await;
                return Err(WaitError::NotReady {
                    objects: vec![(object.key(), readiness, culprit)],
                    timed_out: !failed,
                });
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    async fn first_not_ready<'a>(
        &self,
        objects: &'a [Object],
        jobs: bool,
        failures: &mut [usize],
    ) -> Result<Option<(&'a Object, String)>, WaitError> {
        for (object, failures) in objects.iter().zip(failures) {
            match self.cluster().looks_ready(object, jobs).await {
                Ok(Ok(())) => *failures = 0,
                Ok(Err(problem)) => return Ok(Some((object, problem))),
                Err(error) if error.is_temporary() && *failures < RETRIES => {
                    *failures += 1;
                    return Ok(Some((object, error.to_string())));
                }
                Err(error) => return Err(error.into()),
            }
        }
        Ok(None)
    }
}

const JOB_FAILED: &str = "job is failed: ";

impl Cluster {
    async fn looks_ready(&self, object: &Object, jobs: bool) -> Result<Ready, ApiError> {
        let Resource { group, kind, .. } = &object.resource;
        let rule = match (group.as_str(), kind.as_str()) {
            ("batch", "Job") if !jobs => return Ok(Ok(())),
            ("apps", "Deployment") => return self.deployment(object).await,
            ("", "Pod") => pod,
            ("batch", "Job") => job,
            ("", "PersistentVolumeClaim") => claim,
            ("", "Service") => service,
            ("apps", "DaemonSet") => daemon_set,
            ("apps", "StatefulSet") => stateful_set,
            ("apps", "ReplicaSet") | ("", "ReplicationController") => return self.replicas(object).await,
            ("apiextensions.k8s.io", "CustomResourceDefinition") => definition,
            _ => return Ok(Ok(())),
        };
        Ok(rule(&self.existing(object).await?))
    }

    async fn existing(&self, object: &Object) -> Result<Value, ApiError> {
        // OK because null has none of the fields that make an object ready.
        Ok(self.get(object).await?.unwrap_or_default())
    }

    async fn deployment(&self, object: &Object) -> Result<Ready, ApiError> {
        let live = self.existing(object).await?;
        if live.pointer("/spec/paused") == Some(&Value::Bool(true)) {
            return Ok(Ok(()));
        }
        let selector = labels(&live, "/spec/selector/matchLabels").unwrap_or_default();
        let sets =
            Resource { kind: "ReplicaSet".into(), plural: "replicasets".into(), ..object.resource.clone() };
        let list = self.list(&sets, &object.namespace, &[("labelSelector", &selector)]).await?;
        let newest = list
            .get("items")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .find(|set| is_newest(set, &live));
        Ok(match newest {
            None => Err("its new ReplicaSet does not exist yet".to_owned()),
            Some(set) => observed(set).and_then(|()| observed(&live)).and_then(|()| enough_ready(set, &live)),
        })
    }

    async fn replicas(&self, object: &Object) -> Result<Ready, ApiError> {
        let live = self.existing(object).await?;
        if let Err(problem) = observed(&live) {
            return Ok(Err(problem));
        }
        let pods = self.pods_of(object).await;
        Ok(pods.iter().try_for_each(pod))
    }
}

const REVISION: &str = "/metadata/annotations/deployment.kubernetes.io~1revision";

/// Whether a ReplicaSet is the one a Deployment makes now: its own, and of its revision.
fn is_newest(set: &Value, deployment: &Value) -> bool {
    let owners = set.pointer("/metadata/ownerReferences").and_then(Value::as_array);
    let owned =
        owners.into_iter().flatten().any(|owner| text(owner, "/uid") == text(deployment, "/metadata/uid"));
    owned && text(set, REVISION) == text(deployment, REVISION)
}

fn observed(object: &Value) -> Ready {
    let (observed, generation) =
        (count(object, "/status/observedGeneration"), count(object, "/metadata/generation"));
    match observed == generation && !object.is_null() {
        true => Ok(()),
        false => Err(format!("observed generation {observed} of {generation}")),
    }
}

fn count(object: &Value, pointer: &str) -> i64 {
    integer(object, pointer).unwrap_or(0)
}

fn at_least(what: &str, have: i64, want: i64) -> Ready {
    if have < want { Err(format!("{what}: {have}/{want}")) } else { Ok(()) }
}

fn enough_ready(set: &Value, deployment: &Value) -> Ready {
    let replicas = integer(deployment, "/spec/replicas").unwrap_or(1);
    let wanted = replicas - max_unavailable(deployment, replicas);
    at_least("ready pods", count(set, "/status/readyReplicas"), wanted)
}

/// How many pods of a Deployment may be missing. Percentages of it are rounded down; where neither surge nor missing
/// pods are allowed, one may be missing, or no rollout could go on.
fn max_unavailable(deployment: &Value, replicas: i64) -> i64 {
    if replicas == 0 || text(deployment, "/spec/strategy/type") != "RollingUpdate" {
        return 0;
    }
    let field = |name: &str| deployment.pointer(&format!("/spec/strategy/rollingUpdate/{name}"));
    let missing = scaled(field("maxUnavailable"), replicas, false);
    let surge = scaled(field("maxSurge"), replicas, true);
    if missing == 0 && surge == 0 { 1 } else { missing.min(replicas) }
}

/// A number, or a percentage of a total.
fn scaled(value: Option<&Value>, total: i64, up: bool) -> i64 {
    match value {
        Some(Value::String(text)) => {
            let percent = text.strip_suffix('%').and_then(|number| number.parse::<i64>().ok()).unwrap_or(0);
            let product = percent.saturating_mul(total);
            if up { product.saturating_add(99) / 100 } else { product / 100 }
        }
        other => other.and_then(Value::as_i64).unwrap_or(0),
    }
}

fn is_true(found: Option<Condition<'_>>) -> bool {
    found.is_some_and(Condition::is_true)
}

fn pod(live: &Value) -> Ready {
    let name = text(live, "/metadata/name");
    if is_true(condition(live, "Ready")) { Ok(()) } else { Err(format!("pod {name} is not ready")) }
}

fn job(live: &Value) -> Ready {
    let limit = integer(live, "/spec/backoffLimit").unwrap_or(6);
    if count(live, "/status/failed") > limit {
        let (namespace, name) = (text(live, "/metadata/namespace"), text(live, "/metadata/name"));
        return Err(format!("{JOB_FAILED}{namespace}/{name}"));
    }
    match integer(live, "/spec/completions") {
        Some(wanted) => at_least("completions", count(live, "/status/succeeded"), wanted),
        None => Ok(()),
    }
}

fn claim(live: &Value) -> Ready {
    match text(live, "/status/phase") {
        "Bound" => Ok(()),
        phase => Err(format!("the claim is not bound: {phase}")),
    }
}

fn service(live: &Value) -> Ready {
    let kind = text(live, "/spec/type");
    let has =
        |pointer: &str| live.pointer(pointer).and_then(Value::as_array).is_some_and(|list| !list.is_empty());
    match kind {
        "ExternalName" => Ok(()),
        _ if text(live, "/spec/clusterIP").is_empty() => Err("it has no cluster IP".to_owned()),
        "LoadBalancer" if !has("/spec/externalIPs") && !has("/status/loadBalancer/ingress") => {
            Err("its load balancer has no address".to_owned())
        }
        _ => Ok(()),
    }
}

fn daemon_set(live: &Value) -> Ready {
    observed(live)?;
    if text(live, "/spec/updateStrategy/type") != "RollingUpdate" {
        return Ok(());
    }
    let wanted = count(live, "/status/desiredNumberScheduled");
    let updated = count(live, "/status/updatedNumberScheduled");
    if updated != wanted {
        return Err(format!("updated pods: {updated}/{wanted}"));
    }
    let missing = scaled(live.pointer("/spec/updateStrategy/rollingUpdate/maxUnavailable"), wanted, true);
    at_least("ready pods", count(live, "/status/numberReady"), wanted - missing)
}

fn stateful_set(live: &Value) -> Ready {
    observed(live)?;
    if text(live, "/spec/updateStrategy/type") != "RollingUpdate" {
        return Ok(());
    }
    let replicas = integer(live, "/spec/replicas").unwrap_or(1);
    let partition = count(live, "/spec/updateStrategy/rollingUpdate/partition");
    at_least("updated pods", count(live, "/status/updatedReplicas"), replicas - partition)?;
    let ready = count(live, "/status/readyReplicas");
    if ready != replicas {
        return Err(format!("ready pods: {ready}/{replicas}"));
    }
    match partition == 0 && text(live, "/status/currentRevision") != text(live, "/status/updateRevision") {
        true => Err("not all pods are of the new revision".to_owned()),
        false => Ok(()),
    }
}

fn definition(live: &Value) -> Ready {
    let refused = condition(live, "NamesAccepted").is_some_and(|found| found.status() == "False");
    match is_true(condition(live, "Established")) || refused {
        true => Ok(()),
        false => Err("it is not established".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_deployment_may_lack_as_many_pods_as_its_strategy_says() {
        let deployment = |rolling: Value| json!({"spec": {"replicas": 4, "strategy": {"type": "RollingUpdate", "rollingUpdate": rolling}}});
        let set = json!({"status": {"readyReplicas": 3}});
        assert_eq!(
            enough_ready(&set, &deployment(json!({"maxUnavailable": "25%", "maxSurge": "25%"}))),
            Ok(())
        );
        assert!(enough_ready(&set, &deployment(json!({"maxUnavailable": 0, "maxSurge": 1}))).is_err());
        assert_eq!(enough_ready(&set, &deployment(json!({"maxUnavailable": 0, "maxSurge": 0}))), Ok(()));
        assert!(enough_ready(&set, &json!({"spec": {"replicas": 4}})).is_err());
    }

    #[test]
    fn a_job_fails_beyond_its_backoff_limit() {
        let failed = json!({"metadata": {"namespace": "n", "name": "j"}, "spec": {"backoffLimit": 0}, "status": {"failed": 1}});
        assert_eq!(job(&failed), Err("job is failed: n/j".to_owned()));
        let done = json!({"spec": {"completions": 1, "backoffLimit": 6}, "status": {"succeeded": 1}});
        assert_eq!(job(&done), Ok(()));
    }

    #[test]
    fn services_need_addresses_where_their_type_promises_one() {
        let service_of = |spec: Value, status: Value| service(&json!({"spec": spec, "status": status}));
        assert_eq!(service_of(json!({"type": "ExternalName"}), json!({})), Ok(()));
        assert_eq!(service_of(json!({"type": "ClusterIP", "clusterIP": "None"}), json!({})), Ok(()));
        let balanced = json!({"type": "LoadBalancer", "clusterIP": "10.0.0.1"});
        assert!(service_of(balanced.clone(), json!({})).is_err());
        assert_eq!(service_of(balanced, json!({"loadBalancer": {"ingress": [{"ip": "192.0.2.1"}]}})), Ok(()));
    }

    #[test]
    fn a_partitioned_stateful_set_needs_its_part_only() {
        let set = |partition: i64| {
            json!({"metadata": {"generation": 2}, "spec": {"replicas": 3, "updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"partition": partition}}},
                "status": {"observedGeneration": 2, "updatedReplicas": 1, "readyReplicas": 3, "currentRevision": "a", "updateRevision": "b"}})
        };
        assert_eq!(stateful_set(&set(2)), Ok(()));
        assert!(stateful_set(&set(0)).is_err());
    }
}
