//! What Prometheus may ask of each cluster. The name of a cluster is a label: their number is that of the Secrets.

use std::collections::BTreeMap;
use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

use crate::api::Phase;

/// The metrics of clusters. Cloning shares them.
#[derive(Clone)]
pub(super) struct ClusterMetrics {
    connected: Family<Cluster, Gauge>,
    resources: Family<PhaseOf, Gauge>,
    reconciliations: Family<ResultOf, Counter>,
    seconds: Family<Cluster, Histogram>,
    failures: Family<ReasonOf, Counter>,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Cluster {
    cluster: String,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct PhaseOf {
    cluster: String,
    phase: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct ResultOf {
    cluster: String,
    result: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct ReasonOf {
    cluster: String,
    reason: &'static str,
}

const PHASES: [Phase; 3] = [Phase::Pending, Phase::Ready, Phase::Error];
/// What a look at a release on a cluster comes to.
pub(super) const RESULTS: [&str; 5] = ["unchanged", "installed", "upgraded", "repaired", "failed"];

impl ClusterMetrics {
    pub(super) fn new() -> Self {
        let buckets = || Histogram::new([0.05, 0.25, 1.0, 5.0, 20.0, 60.0, 300.0]);
        let seconds = Family::<Cluster, Histogram>::new_with_constructor(buckets as fn() -> Histogram);
        Self {
            connected: Family::default(),
            resources: Family::default(),
            reconciliations: Family::default(),
            seconds,
            failures: Family::default(),
        }
    }

    pub(super) fn register(&self, registry: &mut Registry) {
        registry.register("cluster_connected", "1 while the cluster can be reached", self.connected.clone());
        let help = "Tenants and KryptonDeployments of a cluster, by phase";
        registry.register("cluster_tenants", help, self.resources.clone());
        let help = "Looks at a release on a cluster, by what they came to";
        registry.register("cluster_reconciliations", help, self.reconciliations.clone());
        let help = "Time a look at a release on a cluster took";
        registry.register("cluster_reconcile_seconds", help, self.seconds.clone());
        let help = "Times a cluster could not be reached, by reason";
        registry.register("cluster_failures", help, self.failures.clone());
    }

    pub(super) fn connected(&self, cluster: &str, connected: bool) {
        self.connected.get_or_create(&label(cluster)).set(i64::from(connected));
    }

    pub(super) fn phases(&self, cluster: &str, counts: &BTreeMap<Phase, i64>) {
        for (phase, count) in counts {
            let label = PhaseOf { cluster: cluster.to_owned(), phase: phase.as_str() };
            self.resources.get_or_create(&label).set(*count);
        }
    }

    /// `result` is one of [`RESULTS`].
    pub(super) fn reconciled(&self, cluster: &str, result: &'static str, took: Duration) {
        self.reconciliations.get_or_create(&ResultOf { cluster: cluster.to_owned(), result }).inc();
        self.seconds.get_or_create(&label(cluster)).observe(took.as_secs_f64());
    }

    pub(super) fn failed(&self, cluster: &str, reason: &'static str) {
        self.failures.get_or_create(&ReasonOf { cluster: cluster.to_owned(), reason }).inc();
    }

    /// Forgets a cluster that was let go. Its failures stay: what counts up may not vanish while it may come back.
    pub(super) fn forget(&self, cluster: &str) {
        self.connected.remove(&label(cluster));
        self.seconds.remove(&label(cluster));
        for phase in PHASES {
            self.resources.remove(&PhaseOf { cluster: cluster.to_owned(), phase: phase.as_str() });
        }
        for result in RESULTS {
            self.reconciliations.remove(&ResultOf { cluster: cluster.to_owned(), result });
        }
    }
}

fn label(cluster: &str) -> Cluster {
    Cluster { cluster: cluster.to_owned() }
}

#[cfg(test)]
mod tests {
    use prometheus_client::encoding::text::encode;

    use super::*;

    /// KRY-82: ready, error and pending tenants of each cluster.
    #[test]
    fn each_cluster_is_counted_by_itself_and_forgotten_when_it_goes() {
        let mut registry = Registry::default();
        let metrics = ClusterMetrics::new();
        metrics.register(&mut registry);
        for cluster in ["a", "b"] {
            metrics.connected(cluster, true);
            metrics.phases(cluster, &[(Phase::Ready, 2), (Phase::Error, 0)].into());
            metrics.reconciled(cluster, "unchanged", Duration::from_millis(5));
        }
        metrics.forget("a");
        let mut text = String::new();
        encode(&mut text, &registry).unwrap();
        assert!(text.contains(r#"cluster_tenants{cluster="b",phase="Ready"} 2"#), "{text}");
        assert!(
            text.contains(r#"cluster_reconciliations_total{cluster="b",result="unchanged"} 1"#),
            "{text}"
        );
        assert!(!text.contains(r#"cluster="a""#), "{text}");
    }
}
