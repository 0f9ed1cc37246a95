//! Flags that every command takes, before or after its name.

use std::io::IsTerminal as _;
use std::path::PathBuf;
use std::sync::Arc;

use chart::Flavour;
use clap::Args;
use pintle_render::{Engine, LimitSettingError, Limits};
use tokio::runtime::{Builder, Runtime};

use super::CliError;
use super::style::{ColorWord, Styles};
use crate::cluster::ConnectOptions;
use crate::host::SystemHost;
use crate::source::{HelmHome, Sources};

/// Flags that every command takes. Helm: `pkg/cli`.
#[derive(Args, Debug)]
pub(super) struct GlobalFlags {
    /// The Helm to be: output, stored records and defaults differ between 3 and 4
    #[arg(long, global = true, default_value_t = 4, value_parser = clap::value_parser!(u8).range(3..=4))]
    helm_version: u8,
    /// Namespace scope for this request
    #[arg(short, long, global = true, env = "HELM_NAMESPACE")]
    pub(super) namespace: Option<String>,
    /// Show more of what goes on
    #[arg(long, global = true, env = "HELM_DEBUG", value_parser = clap::builder::FalseyValueParser::new(), action = clap::ArgAction::SetTrue)]
    pub(super) debug: bool,
    /// Set a bound on what a chart may cost: steps=1000000, archive-bytes=20Mi; an unknown name lists all
    #[arg(long = "limit", global = true, value_name = "NAME=VALUE", env = "PINTLE_LIMITS", value_delimiter = ',', value_parser = parse_limit)]
    limits: Vec<String>,
    /// Use colours, and show the lines around a template's error
    #[arg(
        long,
        alias = "colour",
        global = true,
        value_enum,
        default_value_t,
        env = "HELM_COLOR",
        hide_env = true
    )]
    color: ColorWord,
    /// Requests per second to the API server: taken for Helm's sake, pintle leaves it to the server to slow it down
    #[arg(long, global = true, hide = true)]
    qps: Option<f32>,
    /// Requests to the API server in a burst: likewise
    #[arg(long, global = true, hide = true)]
    burst_limit: Option<i64>,
    #[command(flatten)]
    cluster: ClusterFlags,
    /// Path to the file containing cached repository indexes
    #[arg(long, global = true, hide = true)]
    repository_cache: Option<PathBuf>,
    /// Path to the file containing repository names and URLs
    #[arg(long, global = true, hide = true)]
    repository_config: Option<PathBuf>,
    /// Path to the directory containing cached content: taken for Helm's sake
    #[arg(long, global = true, hide = true)]
    content_cache: Option<PathBuf>,
    /// Path to the registry config file
    #[arg(long, global = true, hide = true)]
    registry_config: Option<PathBuf>,
}

/// Which cluster, and as whom.
#[derive(Args, Debug, Default)]
struct ClusterFlags {
    /// Path to the kubeconfig file
    #[arg(long, global = true, help_heading = CLUSTER)]
    kubeconfig: Option<PathBuf>,
    /// Name of the kubeconfig context to use
    #[arg(long, global = true, env = "HELM_KUBECONTEXT", hide_env = true, help_heading = CLUSTER)]
    kube_context: Option<String>,
    /// The address and the port for the Kubernetes API server
    #[arg(long, global = true, env = "HELM_KUBEAPISERVER", hide_env = true, help_heading = CLUSTER)]
    kube_apiserver: Option<String>,
    /// Bearer token used for authentication
    #[arg(long, global = true, env = "HELM_KUBETOKEN", hide_env = true, hide_env_values = true, help_heading = CLUSTER)]
    kube_token: Option<String>,
    /// Username to impersonate for the operation
    #[arg(long, global = true, env = "HELM_KUBEASUSER", hide_env = true, help_heading = CLUSTER)]
    kube_as_user: Option<String>,
    /// Group to impersonate for the operation, this flag can be repeated to specify multiple groups
    #[arg(long, global = true, env = "HELM_KUBEASGROUPS", hide_env = true, value_delimiter = ',', help_heading = CLUSTER)]
    kube_as_group: Vec<String>,
    /// The certificate authority file for the Kubernetes API server connection
    #[arg(long, global = true, env = "HELM_KUBECAFILE", hide_env = true, help_heading = CLUSTER)]
    kube_ca_file: Option<PathBuf>,
    /// Server name to use for Kubernetes API server certificate validation
    #[arg(long, global = true, env = "HELM_KUBETLS_SERVER_NAME", hide_env = true, help_heading = CLUSTER)]
    kube_tls_server_name: Option<String>,
    /// Don't check the Kubernetes API server's certificate
    #[arg(long, global = true, env = "HELM_KUBEINSECURE_SKIP_TLS_VERIFY", hide_env = true, value_parser = clap::builder::FalseyValueParser::new(), action = clap::ArgAction::SetTrue, help_heading = CLUSTER)]
    kube_insecure_skip_tls_verify: bool,
}

const CLUSTER: &str = "Cluster";

impl Default for GlobalFlags {
    fn default() -> Self {
        Self {
            helm_version: 4,
            namespace: None,
            debug: false,
            limits: Vec::new(),
            color: ColorWord::default(),
            qps: None,
            burst_limit: None,
            cluster: ClusterFlags::default(),
            repository_cache: None,
            repository_config: None,
            content_cache: None,
            registry_config: None,
        }
    }
}

impl GlobalFlags {
    /// The Helm to be.
    pub(super) fn flavour(&self) -> Flavour {
        if self.helm_version == 3 { Flavour::V3 } else { Flavour::V4 }
    }

    /// A template engine of that flavour with this machine's clock, zone and chance.
    pub(super) fn engine(&self) -> Engine {
        let host: Arc<dyn sprig::Host> = Arc::new(SystemHost);
        Engine::new(self.flavour(), &host).with_limits(self.limits())
    }

    /// Whether colours are wanted.
    pub(super) fn color(&self) -> ColorWord {
        self.color
    }

    /// How help with an error is shown; `None` where only a program reads it, which wants Helm's text alone.
    pub(super) fn error_help(&self) -> Option<Styles> {
        let is_read = std::io::stderr().is_terminal() || self.debug || self.color == ColorWord::Always;
        is_read.then(|| Styles::of_errors(self.color))
    }

    /// What a chart may cost.
    pub(super) fn limits(&self) -> Limits {
        let mut limits = Limits::default();
        for setting in &self.limits {
            // OK because each was tried when the command line was read.
            let _ = limits.set(setting);
        }
        limits
    }

    /// Where charts come from.
    pub(super) fn sources(&self) -> Sources {
        let mut home = HelmHome::from_environment();
        let overrides = [
            (&mut home.repository_cache, &self.repository_cache),
            (&mut home.repository_config, &self.repository_config),
            (&mut home.registry_config, &self.registry_config),
        ];
        for (place, path) in overrides {
            if let Some(path) = path {
                place.clone_from(path);
            }
        }
        Sources::new(home)
    }

    /// The namespace that is meant: by flag, by the kubeconfig's context, else `default`.
    pub(super) fn namespace_or_default(&self) -> String {
        let named = self.namespace.clone().filter(|namespace| !namespace.is_empty());
        named.or_else(|| self.connect_options().namespace()).unwrap_or_else(|| "default".to_owned())
    }

    /// How to find the cluster.
    pub(super) fn connect_options(&self) -> ConnectOptions {
        let flags = &self.cluster;
        ConnectOptions {
            kubeconfig: flags.kubeconfig.clone(),
            context: flags.kube_context.clone(),
            token: flags.kube_token.clone(),
            as_user: flags.kube_as_user.clone(),
            as_groups: flags.kube_as_group.clone(),
            api_server: flags.kube_apiserver.clone(),
            ca_file: flags.kube_ca_file.clone(),
            tls_server_name: flags.kube_tls_server_name.clone(),
            insecure_skip_tls_verify: flags.kube_insecure_skip_tls_verify,
        }
    }

    /// Runs something that waits for others. Commands that don't never start a runtime.
    pub(super) fn block_on<T, E: Into<CliError>>(
        &self,
        work: impl Future<Output = Result<T, E>>,
    ) -> Result<T, CliError> {
        runtime(Builder::new_multi_thread().worker_threads(2))?.block_on(work).map_err(Into::into)
    }

    /// As [`GlobalFlags::block_on`], for what only asks and waits: one thread is faster then, and smaller.
    pub(super) fn ask<T, E: Into<CliError>>(
        &self,
        question: impl Future<Output = Result<T, E>>,
    ) -> Result<T, CliError> {
        runtime(&mut Builder::new_current_thread())?.block_on(question).map_err(Into::into)
    }
}

/// A setting that holds.
fn parse_limit(setting: &str) -> Result<String, LimitSettingError> {
    Limits::default().set(setting).map(|()| setting.to_owned())
}

fn runtime(builder: &mut Builder) -> Result<Runtime, CliError> {
    builder.enable_all().build().map_err(|error| CliError::message(format!("failed to start: {error}")))
}
