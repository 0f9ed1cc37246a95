//! Whether we may do what a plan needs, asked before the first write.
//!
//! One request for each namespace tells the rules that hold for us there. What they do not clearly allow is asked one
//! by one: rules for single names, authorizers that list no rules, and objects outside of namespaces.

use std::collections::BTreeSet;
use std::fmt;

use futures::StreamExt as _;
use k8s_openapi::api::authorization::v1::{
    ResourceAttributes, ResourceRule, SelfSubjectAccessReview, SelfSubjectAccessReviewSpec,
    SelfSubjectRulesReview, SelfSubjectRulesReviewSpec,
};
use kube::Api;
use kube::api::PostParams;
use pintle_render::HookEvent;

use super::apply::{AT_ONCE, Method};
use super::plan::{Change, Plan};
use super::{Action, DeployError};
use crate::cluster::Object;
use crate::release::Record;

/// A permission that an action needs.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Permission {
    /// The namespace; empty for objects outside of namespaces.
    pub namespace: String,
    /// What is done: `create`, `patch`, `delete`…
    pub verb: &'static str,
    /// The API group; empty for the core group.
    pub group: String,
    /// The plural: `deployments`.
    pub resource: String,
    /// The object.
    pub name: String,
}

impl fmt::Display for Permission {
    /// `create deployments.apps "web" in namespace "default"`
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { namespace, verb, group, resource, name } = self;
        let separator = if group.is_empty() { "" } else { "." };
        write!(formatter, "{verb} {resource}{separator}{group} {name:?}")?;
        if namespace.is_empty() { Ok(()) } else { write!(formatter, " in namespace {namespace:?}") }
    }
}

impl Action<'_> {
    /// Asks for everything that the plan and the hooks of these events need.
    ///
    /// # Errors
    /// [`DeployError::Forbidden`] lists all that is missing. Where the server does not tell, nothing is missing: the
    /// requests themselves will show.
    pub(super) async fn check_permissions(
        &self,
        plan: &Plan,
        record: &Record,
        events: &[HookEvent],
        method: Method,
    ) -> Result<(), DeployError> {
        let mut needed = BTreeSet::new();
        for step in &plan.steps {
            needed.extend(permissions(&step.object, verbs(step.change, method)));
        }
        if self.options.hooks {
            let mine = record.hooks.iter().filter(|hook| {
                hook.events.iter().any(|word| events.iter().any(|event| event.name() == word))
            });
            for hook in mine {
                for object in self.build(&hook.manifest, &record.namespace).await? {
                    needed.extend(permissions(&object, verbs(Change::Create, method)));
                    needed.extend(permissions(&object, &["delete"]));
                }
            }
        }
        let missing = self.missing(needed).await;
        if missing.is_empty() { Ok(()) } else { Err(DeployError::Forbidden(missing)) }
    }

    async fn missing(&self, needed: BTreeSet<Permission>) -> Vec<Permission> {
        let namespaces: BTreeSet<String> =
            needed.iter().map(|permission| permission.namespace.clone()).collect();
        let mut doubtful = Vec::new();
        for namespace in namespaces {
            let here = needed.iter().filter(|permission| permission.namespace == namespace).cloned();
            let rules = if namespace.is_empty() { Vec::new() } else { self.rules(&namespace).await };
            doubtful.extend(here.filter(|permission| !rules.iter().any(|rule| allows(rule, permission))));
        }
        let questions: Vec<_> = doubtful.into_iter().map(|permission| self.ask(permission)).collect();
        let answers = futures::stream::iter(questions).buffered(AT_ONCE);
        answers.filter_map(|missing| async { missing }).collect().await
    }

    /// The rules that hold for us in a namespace; none where the server does not tell.
    async fn rules(&self, namespace: &str) -> Vec<ResourceRule> {
        let spec = SelfSubjectRulesReviewSpec { namespace: Some(namespace.to_owned()) };
        let review = SelfSubjectRulesReview { spec, ..SelfSubjectRulesReview::default() };
        let api: Api<SelfSubjectRulesReview> = Api::all(self.cluster().client());
        let answer = api.create(&PostParams::default(), &review).await;
        answer.ok().and_then(|answer| answer.status).map(|status| status.resource_rules).unwrap_or_default()
    }

    /// The permission back, if it is denied.
    async fn ask(&self, permission: Permission) -> Option<Permission> {
        let Permission { namespace, verb, group, resource, name } = &permission;
        // Objects that are created have no name yet, as far as the server is concerned.
        let name = if *verb == "create" { None } else { Some(name.clone()) };
        let attributes = ResourceAttributes {
            namespace: Some(namespace.clone()),
            verb: Some((*verb).to_owned()),
            group: Some(group.clone()),
            resource: Some(resource.clone()),
            name,
            ..ResourceAttributes::default()
        };
        let spec = SelfSubjectAccessReviewSpec {
            resource_attributes: Some(attributes),
            ..SelfSubjectAccessReviewSpec::default()
        };
        let review = SelfSubjectAccessReview { spec, ..SelfSubjectAccessReview::default() };
        let api: Api<SelfSubjectAccessReview> = Api::all(self.cluster().client());
        let answer = api.create(&PostParams::default(), &review).await.ok()?;
        let denied = answer.status.is_some_and(|status| !status.allowed);
        denied.then_some(permission)
    }
}

/// What is done to an object.
fn verbs(change: Change, method: Method) -> &'static [&'static str] {
    match change {
        Change::Create if method.server_side => &["create", "patch"],
        Change::Create => &["create"],
        Change::Update if method.force_replace => &["update"],
        Change::Update => &["patch"],
        Change::Delete => &["delete"],
        Change::Keep => &[],
    }
}

fn permissions<'a>(
    object: &'a Object,
    verbs: &'static [&'static str],
) -> impl Iterator<Item = Permission> + use<'a> {
    verbs.iter().map(|verb| Permission {
        namespace: object.namespace.clone(),
        verb,
        group: object.resource.group.clone(),
        resource: object.resource.plural.clone(),
        name: object.name.clone(),
    })
}

/// Whether a rule clearly allows it: one for all names.
fn allows(rule: &ResourceRule, permission: &Permission) -> bool {
    let has = |words: &Option<Vec<String>>, word: &str| {
        words.iter().flatten().any(|found| found == "*" || found == word)
    };
    rule.verbs.iter().any(|verb| verb == "*" || verb == permission.verb)
        && has(&rule.api_groups, &permission.group)
        && has(&rule.resources, &permission.resource)
        && rule.resource_names.iter().flatten().next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn permission(verb: &'static str) -> Permission {
        Permission {
            namespace: "n".into(),
            verb,
            group: "apps".into(),
            resource: "deployments".into(),
            name: "web".into(),
        }
    }

    fn rule(verbs: &[&str], groups: &[&str], names: &[&str]) -> ResourceRule {
        let texts = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        ResourceRule {
            verbs: texts(verbs),
            api_groups: Some(texts(groups)),
            resources: Some(texts(&["*"])),
            resource_names: Some(texts(names)),
        }
    }

    #[test]
    fn rules_allow_by_verb_group_and_resource() {
        assert!(allows(&rule(&["*"], &["*"], &[]), &permission("patch")));
        assert!(allows(&rule(&["patch"], &["apps"], &[]), &permission("patch")));
        assert!(!allows(&rule(&["get"], &["apps"], &[]), &permission("patch")));
        assert!(!allows(&rule(&["patch"], &[""], &[]), &permission("patch")));
    }

    #[test]
    fn a_rule_for_single_names_is_not_clear() {
        assert!(!allows(&rule(&["patch"], &["apps"], &["web"]), &permission("patch")));
    }

    #[test]
    fn a_permission_says_what_where() {
        assert_eq!(permission("create").to_string(), "create deployments.apps \"web\" in namespace \"n\"");
    }
}
