//! Flags of `pintle operator run` for the work on many clusters: the krypton operator's, and release sets.

use std::path::PathBuf;

use clap::Args;

use super::error::CliError;
use super::global::GlobalFlags;
use crate::cluster::Cluster;
use crate::operator::{ClustersOptions, Given, NAMESPACE_FILE, Pipeline, Settings, watch_cluster};

const HEADING: &str = "Many clusters";

/// How clusters are found, and what goes there. What no flag says comes from the krypton operator's environment variables.
#[derive(Args, Debug)]
#[command(next_help_heading = HEADING)]
pub(super) struct ClusterFlags {
    /// Work on Tenants and KryptonDeployments, as the krypton operator does
    #[arg(long)]
    krypton: bool,
    /// Work on ReleaseSets: one release on many clusters
    #[arg(long)]
    release_sets: bool,
    /// Namespaces of the watch cluster whose KryptonDeployments are watched, with commas; * for all
    #[arg(long)]
    watch_namespaces: Option<String>,
    /// Context of the watch cluster's kubeconfig
    #[arg(long)]
    watch_context: Option<String>,
    /// Kubeconfig file of the watch cluster; the home cluster by default
    #[arg(long)]
    watch_kubeconfig: Option<PathBuf>,
    /// Secret on the home cluster with the watch cluster's kubeconfig; wins over the file
    #[arg(long)]
    watch_kubeconfig_secret: Option<String>,
    /// Namespace of that Secret; that of --namespace by default
    #[arg(long)]
    watch_kubeconfig_secret_namespace: Option<String>,
    /// Key in that Secret [default: kubeconfig]
    #[arg(long)]
    watch_kubeconfig_secret_key: Option<String>,
    /// Create and update our CustomResourceDefinitions on watched clusters
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", default_value_t = false, action = clap::ArgAction::Set)]
    ensure_watch_crds: bool,
    /// Label of the Secrets that are clusters [default: sigs.k8s.io/multicluster-runtime-kubeconfig]
    #[arg(long)]
    kubeconfig_label: Option<String>,
    /// Key with the kubeconfig in these Secrets [default: kubeconfig]
    #[arg(long)]
    kubeconfig_key: Option<String>,
    /// Repository of the chart that resources get which name none: http(s) or oci [default: https://charts.jetstack.io]
    #[arg(long)]
    chart_repo: Option<String>,
    /// Name of that chart [default: cert-manager]
    #[arg(long)]
    chart_name: Option<String>,
    /// Version or range of that chart [default: 1.19.1, or the newest of another chart]
    #[arg(long)]
    chart_version: Option<String>,
    /// Set installCRDs for Tenants that get that chart [default: true]
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    chart_install_crds: Option<bool>,
    /// YAML file with values for every Tenant and KryptonDeployment, under their own
    #[arg(long)]
    chart_values_file: Option<PathBuf>,
    /// How often what is ready is looked at again: 60s, 5m, or seconds [default: 60s]
    #[arg(long)]
    check_interval: Option<String>,
    /// How many releases are worked on at once on one cluster [default: 8]
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..=1000))]
    cluster_concurrency: Option<u16>,
}

impl ClusterFlags {
    /// What is to be done on other clusters; `None` if nothing is.
    pub(super) async fn options(
        self,
        global: &GlobalFlags,
        namespace: Option<String>,
        home: &Cluster,
        pipeline: &Pipeline,
    ) -> Result<Option<ClustersOptions>, CliError> {
        if !self.krypton && !self.release_sets {
            return Ok(None);
        }
        let (krypton, release_sets) = (self.krypton, self.release_sets);
        let failed = |error: &dyn std::error::Error| CliError::message(error.to_string());
        let environment = |name: &str| std::env::var(name).ok();
        let file = std::fs::read_to_string(NAMESPACE_FILE).ok();
        let given = self.given(global.namespace.clone());
        let settings = Settings::new(given, &environment, file.as_deref()).map_err(|error| failed(&error))?;
        let connect = global.connect_options();
        let watch = watch_cluster(&settings.watch, home, &connect).await.map_err(|error| failed(&error))?;
        let pipeline = pipeline.clone();
        let home = connect;
        Ok(Some(ClustersOptions { settings, watch, home, pipeline, namespace, krypton, release_sets }))
    }

    fn given(self, namespace: Option<String>) -> Given {
        Given {
            namespace,
            watch_namespaces: self.watch_namespaces,
            watch_context: self.watch_context,
            watch_kubeconfig: self.watch_kubeconfig,
            watch_secret: self.watch_kubeconfig_secret,
            watch_secret_namespace: self.watch_kubeconfig_secret_namespace,
            watch_secret_key: self.watch_kubeconfig_secret_key,
            ensure_watch_crds: self.ensure_watch_crds,
            kubeconfig_label: self.kubeconfig_label,
            kubeconfig_key: self.kubeconfig_key,
            chart_repo: self.chart_repo,
            chart_name: self.chart_name,
            chart_version: self.chart_version,
            chart_install_crds: self.chart_install_crds,
            chart_values_file: self.chart_values_file,
            check_interval: self.check_interval,
            cluster_concurrency: self.cluster_concurrency,
        }
    }
}
