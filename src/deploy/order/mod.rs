//! In which order the steps of a plan are carried out.
//!
//! Helm's order by kind puts what others refer to before them: namespaces, service accounts, Secrets and ConfigMaps
//! before pods, roles before bindings. What it leaves open is decided here: webhooks come after all they could be in
//! the way of, objects of a definition after it is served, and the resource groups and charts of HIP-0025 after what
//! they depend on ([`parts`]). Deletions go the other way round.

mod parts;

use super::plan::{Plan, Step};
use crate::cluster::Object;

pub(super) use parts::{Before, Place, batches};

/// Steps that are carried out together, after those of the wave before.
#[derive(Debug, Default)]
pub(super) struct Wave<'a> {
    pub(super) steps: Vec<&'a Step>,
    /// Whether definitions are among them, which have to be served before the next wave.
    pub(super) defines: bool,
    /// What has to be ready before the next wave, of this one and of those before.
    pub(super) awaited: Vec<&'a Step>,
}

impl Wave<'_> {
    /// Whether the next wave makes sense only where this one succeeded.
    pub(super) fn is_needed(&self) -> bool {
        self.defines || !self.awaited.is_empty()
    }
}

/// The waves of objects that are created or changed.
///
/// # Errors
/// Names the parts of the release that wait for each other.
pub(super) fn waves<'a>(staying: &[&'a Step], before: &Before) -> Result<Vec<Wave<'a>>, String> {
    let mut waves = Vec::new();
    for batch in batches(staying, |step| &step.place, before)? {
        let mut by_kind = by_kind(&batch.things);
        if let Some(last) = by_kind.last_mut() {
            last.awaited = batch.awaited;
        }
        waves.append(&mut by_kind);
    }
    Ok(waves)
}

/// Why objects of resource groups come after all groups, for whoever wrote the chart.
pub(super) fn warnings(plan: &Plan) -> Vec<String> {
    let places: Vec<&Place> = plan.steps.iter().map(|step| &step.place).collect();
    let reasons = plan.steps.iter().zip(parts::out_of_order(&places));
    reasons
        .filter_map(|(step, reason)| {
            Some(format!("{} comes after all resource groups: {}", step.object.key(), reason?))
        })
        .collect()
}

/// Kinds one after another as they come, webhooks last.
fn by_kind<'a>(steps: &[&'a Step]) -> Vec<Wave<'a>> {
    let (webhooks, others): (Vec<&Step>, Vec<&Step>) =
        steps.iter().partition(|step| is_webhook(&step.object));
    let ordered: Vec<&Step> = others.into_iter().chain(webhooks).collect();
    let chunks = ordered.chunk_by(|a, b| a.object.resource.kind == b.object.resource.kind);
    let wave = |chunk: &[&'a Step]| Wave {
        steps: chunk.to_vec(),
        defines: chunk.iter().any(|step| is_definition(&step.object)),
        awaited: Vec::new(),
    };
    chunks.map(wave).collect()
}

/// The waves of objects that go: kinds from the last to the first.
pub(super) fn leaving_waves<'a>(leaving: &[&'a Step]) -> Vec<Vec<&'a Step>> {
    let chunks = leaving.chunk_by(|a, b| a.object.resource.kind == b.object.resource.kind);
    let mut waves: Vec<Vec<&Step>> = chunks.map(<[_]>::to_vec).collect();
    waves.reverse();
    waves
}

fn is_webhook(object: &Object) -> bool {
    object.resource.group == "admissionregistration.k8s.io"
        && object.resource.kind.ends_with("WebhookConfiguration")
}

pub(super) fn is_definition(object: &Object) -> bool {
    object.resource.group == "apiextensions.k8s.io" && object.resource.kind == "CustomResourceDefinition"
}

#[cfg(test)]
mod tests;
