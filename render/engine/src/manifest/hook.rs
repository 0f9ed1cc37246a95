//! Hooks: objects that run around the actions of a release.

use super::Head;

pub(super) const HOOK_ANNOTATION: &str = "helm.sh/hook";
const WEIGHT_ANNOTATION: &str = "helm.sh/hook-weight";
const DELETE_POLICY_ANNOTATION: &str = "helm.sh/hook-delete-policy";
const OUTPUT_LOG_POLICY_ANNOTATION: &str = "helm.sh/hook-output-log-policy";

/// A document with the annotation `helm.sh/hook`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hook {
    /// `metadata.name`
    pub name: String,
    /// `kind`
    pub kind: String,
    /// The template's full name.
    pub path: String,
    /// The document as rendered.
    pub manifest: String,
    /// When it runs.
    pub events: Vec<HookEvent>,
    /// Lower weights run first; 0 where the annotation is no integer.
    pub weight: i64,
    /// As the chart wrote them, lower-case: `before-hook-creation`, `hook-succeeded`, `hook-failed`.
    pub delete_policies: Vec<String>,
    /// As the chart wrote them, lower-case: `hook-succeeded`, `hook-failed`.
    pub output_log_policies: Vec<String>,
}

/// When a hook runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names are Helm's events")]
pub enum HookEvent {
    PreInstall,
    PostInstall,
    PreDelete,
    PostDelete,
    PreUpgrade,
    PostUpgrade,
    PreRollback,
    PostRollback,
    Test,
}

impl HookEvent {
    const ALL: [HookEvent; 9] = [
        HookEvent::PreInstall,
        HookEvent::PostInstall,
        HookEvent::PreDelete,
        HookEvent::PostDelete,
        HookEvent::PreUpgrade,
        HookEvent::PostUpgrade,
        HookEvent::PreRollback,
        HookEvent::PostRollback,
        HookEvent::Test,
    ];

    /// Helm's word for the event, as annotations and records have it.
    pub fn name(self) -> &'static str {
        match self {
            HookEvent::PreInstall => "pre-install",
            HookEvent::PostInstall => "post-install",
            HookEvent::PreDelete => "pre-delete",
            HookEvent::PostDelete => "post-delete",
            HookEvent::PreUpgrade => "pre-upgrade",
            HookEvent::PostUpgrade => "post-upgrade",
            HookEvent::PreRollback => "pre-rollback",
            HookEvent::PostRollback => "post-rollback",
            HookEvent::Test => "test",
        }
    }

    /// The event of that word; `test-success` is Helm 2's word for `test`.
    pub fn from_name(name: &str) -> Option<Self> {
        let name = if name == "test-success" { "test" } else { name };
        Self::ALL.into_iter().find(|event| event.name() == name)
    }
}

impl Hook {
    /// The hook that a document declares; `None` where it names an event that Helm does not know.
    pub(super) fn from_document(path: &str, manifest: String, head: Head) -> Option<Hook> {
        let words =
            |annotation: &str| head.annotations.get(annotation).map(|text| words(text)).unwrap_or_default();
        let events =
            words(HOOK_ANNOTATION).iter().map(|word| HookEvent::from_name(word)).collect::<Option<_>>()?;
        let weight = head.annotations.get(WEIGHT_ANNOTATION);
        Some(Hook {
            path: path.to_owned(),
            manifest,
            events,
            weight: weight.and_then(|text| value::parse_int(text, 10).ok()).unwrap_or(0),
            delete_policies: words(DELETE_POLICY_ANNOTATION),
            output_log_policies: words(OUTPUT_LOG_POLICY_ANNOTATION),
            name: head.name,
            kind: head.kind,
        })
    }

    /// Whether the hook runs at that event.
    pub fn runs_at(&self, event: HookEvent) -> bool {
        self.events.contains(&event)
    }
}

fn words(text: &str) -> Vec<String> {
    text.split(',').map(|word| word.trim().to_lowercase()).collect()
}
