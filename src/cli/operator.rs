//! `pintle operator run`

use std::io::IsTerminal as _;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use clap::{Args, Subcommand, ValueEnum};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;
use tracing_subscriber::EnvFilter;

use super::cluster_flags::ClusterFlags;
use super::error::CliError;
use super::global::GlobalFlags;
use crate::cluster::Cluster;
use crate::octo::{Communication, Settings, SettingsSources};
use crate::operator::{self, Clusters, Options, Pipeline, Work};
use crate::source::{HelmHome, Sources};

/// Run the operator that installs charts from Release resources
#[derive(Args, Debug)]
pub(super) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

const EXAMPLES: &str = "\
Examples:
  pintle operator run --watch-namespace apps
  pintle operator run --lease-namespace pintle-system --address 0.0.0.0:8080
  OPERATOR__COMMUNICATIONCONTROLLERURI=https://controller pintle operator run --no-releases
  pintle operator run --octo-config settings.yaml --octo-set Helm.ForceConflicts=true";

#[derive(Subcommand, Debug)]
enum Command {
    Run(Run),
}

/// Run the operator until it is told to stop
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
struct Run {
    /// Namespace to watch; all by default
    #[arg(long)]
    watch_namespace: Option<String>,
    /// Address of /healthz, /readyz and /metrics
    #[arg(long, default_value = "127.0.0.1:8080")]
    address: SocketAddr,
    /// How many releases are worked on at once
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u16).range(1..=1000))]
    concurrency: u16,
    /// Namespace of the Lease that says which replica works; without it this one does at once
    #[arg(long)]
    lease_namespace: Option<String>,
    /// Name of this replica in the Lease and in events
    #[arg(long, env = "POD_NAME", default_value = "pintle")]
    identity: String,
    /// Leave Release resources alone
    #[arg(long)]
    no_releases: bool,
    #[command(flatten)]
    octo: Octo,
    #[command(flatten)]
    clusters: ClusterFlags,
    /// How log lines look
    #[arg(long, value_enum, default_value_t = LogFormat::Text)]
    log_format: LogFormat,
    /// error, warn, info, debug, trace, or a filter such as info,pintle=debug
    #[arg(long, default_value = "info")]
    log_level: String,
}

/// The communication operator: CommunicationPool and DeploymentSite resources, and workloads deployed by a hub. It
/// runs where it is asked for, and where anything is configured: by OPERATOR__* variables, a file or flags
#[derive(Args, Debug)]
struct Octo {
    /// Be the communication operator too, though nothing is configured
    #[arg(long, help_heading = "Communication operator")]
    octo: bool,
    /// YAML file of its settings, by the names that come after OPERATOR__
    #[arg(long, value_name = "FILE", help_heading = "Communication operator")]
    octo_config: Option<PathBuf>,
    /// One of its settings, as in Helm.ForceConflicts=true; over the environment, which is over the file
    #[arg(long, value_name = "NAME=VALUE", help_heading = "Communication operator")]
    octo_set: Vec<String>,
}

impl Octo {
    /// The settings, if there is to be a communication operator.
    fn settings(&self) -> Result<Option<Settings>, CliError> {
        let read = |path: &PathBuf| {
            let text = std::fs::read(path).map_err(|source| CliError::Read { path: path.clone(), source })?;
            Ok::<_, CliError>((path.display().to_string(), text))
        };
        let variables = std::env::vars_os()
            .filter_map(|(name, text)| Some((name.into_string().ok()?, text.into_string().ok()?)));
        let sources = SettingsSources {
            file: self.octo_config.as_ref().map(read).transpose()?,
            environment: variables.collect(),
            flags: self.octo_set.clone(),
        };
        if !self.octo && sources.is_empty() {
            return Ok(None);
        }
        Settings::read(&sources).map(Some).map_err(|error| CliError::message(error.to_string()))
    }
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum LogFormat {
    Text,
    Json,
}

pub(super) fn run(arguments: Arguments, global: &GlobalFlags) -> Result<(), CliError> {
    let Command::Run(run) = arguments.command;
    log(run.log_format, &run.log_level)?;
    let runtime = tokio::runtime::Runtime::new().map_err(|error| CliError::message(error.to_string()))?;
    runtime.block_on(operate(run, global))
}

async fn operate(run: Run, global: &GlobalFlags) -> Result<(), CliError> {
    let failed = |error: &dyn std::error::Error| CliError::message(error.to_string());
    let octo = run.octo.settings()?;
    let cluster = Cluster::connect(&global.connect_options()).await.map_err(|error| failed(&error))?;
    let options = Options {
        namespace: run.watch_namespace,
        address: run.address,
        concurrency: run.concurrency,
        lease_namespace: run.lease_namespace,
        identity: run.identity,
        releases: !run.no_releases,
    };
    let mut interrupted = signal(SignalKind::interrupt()).map_err(|error| failed(&error))?;
    let mut terminated = signal(SignalKind::terminate()).map_err(|error| failed(&error))?;
    let stop = async move {
        tokio::select! {
            _ = interrupted.recv() => {}
            _ = terminated.recv() => {}
        }
        tracing::info!("stopping: what is under way is finished first");
    };
    // Never cancelled: a deployment under way is finished, or ends with its own timeout.
    let (_running, cancelled) = watch::channel(false);
    let pipeline = Pipeline::new(cluster.clone(), global.flavour(), global.limits(), cancelled);
    let clusters = run.clusters.options(global, options.namespace.clone(), &cluster, &pipeline).await?;
    let deployer = Arc::new(pipeline);
    let sources = Sources::new(HelmHome::from_environment());
    let mut works: Vec<Arc<dyn Work>> = Vec::new();
    if let Some(settings) = octo {
        let identity = options.identity.clone();
        let communication =
            Communication::new(settings, cluster.clone(), sources.clone(), global.engine(), identity);
        works.push(Arc::new(communication.map_err(|error| failed(&error))?));
    }
    if let Some(clusters) = clusters {
        let instance = Some(options.identity.clone());
        let clusters = Clusters::new(clusters, sources.clone(), instance);
        works.push(Arc::new(clusters.map_err(|error| failed(&error))?));
    }
    operator::run(cluster.client(), sources, deployer, options, works, stop)
        .await
        .map_err(|error| failed(&error))
}

fn log(format: LogFormat, filter: &str) -> Result<(), CliError> {
    let filter =
        EnvFilter::try_new(filter).map_err(|error| CliError::message(format!("--log-level: {error}")))?;
    // Each attempt at a cluster that is away; what is told of clusters says it once.
    let filter = match "kube_client::client::builder=off".parse() {
        Ok(directive) => filter.add_directive(directive),
        Err(_) => filter,
    };
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal());
    match format {
        LogFormat::Text => builder.init(),
        LogFormat::Json => builder.json().init(),
    }
    Ok(())
}
