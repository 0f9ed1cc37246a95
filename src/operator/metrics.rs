//! What Prometheus may ask.

use std::sync::Arc;
use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::Registry;

use super::Work;

/// The operator's metrics. Cloning shares them. No label holds a name: their number is bounded.
#[derive(Clone)]
pub(super) struct Metrics {
    registry: Arc<Registry>,
    seconds: Family<Outcome, Histogram>,
    failures: Family<Reason, Counter>,
    deployments: Family<Kind, Counter>,
    leader: Gauge,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Outcome {
    outcome: Word,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Reason {
    reason: Word,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Kind {
    kind: Word,
}

type Word = &'static str;

impl Metrics {
    /// The operator's metrics and those of all other work.
    pub(super) fn new(works: &[Arc<dyn Work>]) -> Self {
        let mut registry = Registry::with_prefix("pintle");
        let buckets = || Histogram::new(exponential_buckets(0.01, 4.0, 9));
        let seconds = Family::<Outcome, Histogram>::new_with_constructor(buckets as fn() -> Histogram);
        let failures = Family::default();
        let deployments = Family::default();
        let leader = Gauge::default();
        registry.register("reconcile_seconds", "Time one reconciliation took", seconds.clone());
        registry.register("failures", "Reconciliations that failed, by reason", failures.clone());
        registry.register("deployments", "Revisions deployed, by kind", deployments.clone());
        registry.register("leader", "1 while this replica is the one that works", leader.clone());
        works.iter().for_each(|work| work.register(&mut registry));
        Self { registry: Arc::new(registry), seconds, failures, deployments, leader }
    }

    pub(super) fn reconciled(&self, took: Duration, succeeded: bool) {
        let outcome = Outcome { outcome: if succeeded { "success" } else { "error" } };
        self.seconds.get_or_create(&outcome).observe(took.as_secs_f64());
    }

    pub(super) fn failed(&self, reason: &'static str) {
        self.failures.get_or_create(&Reason { reason }).inc();
    }

    /// `kind` is `install`, `upgrade` or `repair`.
    pub(super) fn deployed(&self, kind: Word) {
        self.deployments.get_or_create(&Kind { kind }).inc();
    }

    pub(super) fn leads(&self, leads: bool) {
        self.leader.set(i64::from(leads));
    }

    /// All metrics in OpenMetrics text.
    pub(super) fn text(&self) -> String {
        let mut text = String::new();
        // Writing to a string can't fail; if it did, there would be no metrics.
        let _ = encode(&mut text, &self.registry);
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metrics_are_named_after_the_operator() {
        let metrics = Metrics::new(&[]);
        metrics.failed("ChartNotFound");
        metrics.reconciled(Duration::from_millis(20), true);
        let text = metrics.text();
        assert!(text.contains(r#"pintle_failures_total{reason="ChartNotFound"} 1"#), "{text}");
        assert!(text.contains(r#"pintle_reconcile_seconds_count{outcome="success"} 1"#), "{text}");
    }
}
