//! What users see of a site: upstream's words, which are true here, and a condition.

use kube::Api;
use kube::ResourceExt as _;
use kube::api::{Patch, PatchParams};
use serde_json::json;

use super::names::FIELD_MANAGER;
use super::site::Registration;
use super::site_resource::SiteResource;
use crate::api::{Condition, SiteStatus};

/// The condition's type.
const REGISTERED: &str = "Registered";

/// How a site is, for its status and for an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Report {
    /// Upstream's word.
    pub(super) word: String,
    pub(super) holds: bool,
    pub(super) reason: &'static str,
    pub(super) message: String,
}

impl Report {
    /// The resource names no site.
    pub(super) fn invalid(problem: String) -> Self {
        Self { word: format!("Failed: {problem}"), holds: false, reason: "Invalid", message: problem }
    }

    /// What the hub said, or why it was not asked.
    pub(super) fn of(registration: &Registration, problem: &str) -> Self {
        match registration {
            Registration::Registered => Self {
                word: "Registered".to_owned(),
                holds: true,
                reason: "Registered",
                message: "the hub knows this site as ours".to_owned(),
            },
            Registration::Failed(problem) => Self {
                word: format!("Failed: {problem}"),
                holds: false,
                reason: "Refused",
                message: problem.clone(),
            },
            Registration::Open => Self {
                word: "In Progress".to_owned(),
                holds: false,
                reason: "HubUnavailable",
                message: problem.to_owned(),
            },
        }
    }

    pub(super) fn is_failed(&self) -> bool {
        self.reason == "Refused"
    }
}

/// The status to write, where it is another than the one there is.
pub(super) fn next<K: SiteResource>(site: &K, report: &Report) -> Option<SiteStatus> {
    let generation = site.meta().generation.unwrap_or_default();
    let mut status = site.status().cloned().unwrap_or_default();
    let message = report.message.chars().take(1024).collect();
    let condition = Condition::new(REGISTERED, report.holds, generation, report.reason, message);
    condition.set_in(&mut status.conditions);
    status.communication_status = report.word.chars().take(1024).collect();
    status.observed_generation = generation;
    (site.status() != Some(&status)).then_some(status)
}

/// Writes a status.
pub(super) async fn write<K: SiteResource>(
    api: &Api<K>,
    site: &K,
    status: &SiteStatus,
) -> Result<(), kube::Error> {
    let name = site.name_any();
    let object = json!({
        "apiVersion": K::api_version(&()),
        "kind": K::kind(&()),
        "metadata": { "name": name },
        "status": status,
    });
    let ours = PatchParams::apply(FIELD_MANAGER).force();
    match api.patch_status(&name, &ours, &Patch::Apply(object)).await {
        Err(kube::Error::Api(status)) if status.code == 404 => Ok(()),
        written => written.map(drop),
    }
}

#[cfg(test)]
mod tests {
    use super::super::event::SiteId;
    use super::*;
    use crate::api::ConditionStatus;
    use crate::api::DeploymentSite;

    fn report(registration: Registration) -> Report {
        Report::of(&registration, "not connected to the hub")
    }

    /// OCTO-13, OCTO-31, X-9: upstream's words, and `Registered` only when the hub has said so.
    #[test]
    fn the_words_are_upstreams_and_true() {
        assert_eq!(report(Registration::Open).word, "In Progress");
        assert_eq!(report(Registration::Registered).word, "Registered");
        assert_eq!(report(Registration::Failed("no".into())).word, "Failed: no");
        assert!(Report::invalid("spec.poolRtId is missing".into()).word.starts_with("Failed: spec.poolRtId"));
    }

    #[test]
    fn a_status_is_written_only_when_it_changes() {
        let id = SiteId { tenant: "a".into(), rt_id: "65d5c447b420da3fb12381a0".into() };
        let mut site = DeploymentSite::of("s", &id);
        let status = next(&site, &report(Registration::Registered)).unwrap();
        assert_eq!(status.condition(REGISTERED).unwrap().status, ConditionStatus::True);
        site.status = Some(status);
        assert_eq!(next(&site, &report(Registration::Registered)), None);
        assert!(next(&site, &report(Registration::Open)).is_some());
    }
}
