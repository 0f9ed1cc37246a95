//! What Prometheus may ask of the communication operator. No label holds a name.

use std::sync::Arc;
use std::time::Duration;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeLabelSet, EncodeMetric as _};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::Registry;

use super::site::Sites;

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Outcome {
    action: &'static str,
    outcome: &'static str,
}

/// Counts what is done to workloads. Cloning shares the counts.
#[derive(Clone)]
pub(super) struct Metrics {
    actions: Family<Outcome, Counter>,
    seconds: Histogram,
}

impl Default for Metrics {
    fn default() -> Self {
        Self { actions: Family::default(), seconds: Histogram::new(exponential_buckets(0.1, 3.0, 9)) }
    }
}

impl Metrics {
    pub(super) fn register(&self, registry: &mut Registry, sites: Arc<Sites>) {
        let registry = registry.sub_registry_with_prefix("octo");
        registry.register("workload_actions", "What was done to workloads, by outcome", self.actions.clone());
        registry.register(
            "deploy_seconds",
            "Time from an event to its deployment's end",
            self.seconds.clone(),
        );
        registry.register_collector(Box::new(SiteCounts(sites)));
    }

    /// Notes an action on a workload and how it ended: `success` or a word for the failure.
    pub(super) fn acted(&self, action: &'static str, outcome: &'static str) {
        self.actions.get_or_create(&Outcome { action, outcome }).inc();
    }

    pub(super) fn deployed(&self, took: Duration) {
        self.seconds.observe(took.as_secs_f64());
    }
}

/// How many sites there are and how many the hub knows, when asked.
struct SiteCounts(Arc<Sites>);

impl std::fmt::Debug for SiteCounts {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("SiteCounts")
    }
}

impl Collector for SiteCounts {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), std::fmt::Error> {
        let (all, registered) = self.0.counts();
        let gauges = [
            ("sites", "Sites that are ours", all),
            ("sites_registered", "Sites that the hub knows", registered),
        ];
        for (name, help, count) in gauges {
            let gauge = ConstGauge::new(i64::try_from(count).unwrap_or(i64::MAX));
            let described = encoder.encode_descriptor(name, help, None, gauge.metric_type())?;
            gauge.encode(described)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sites_and_actions_are_counted() {
        let mut registry = Registry::with_prefix("pintle");
        let metrics = Metrics::default();
        metrics.register(&mut registry, Arc::default());
        metrics.acted("deploy", "success");
        let mut text = String::new();
        prometheus_client::encoding::text::encode(&mut text, &registry).unwrap();
        assert!(
            text.contains(r#"pintle_octo_workload_actions_total{action="deploy",outcome="success"} 1"#),
            "{text}"
        );
        assert!(text.contains("pintle_octo_sites 0"), "{text}");
    }
}
