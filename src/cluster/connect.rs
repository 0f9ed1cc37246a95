//! Finding the API server and getting in.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use kube::config::{
    AuthInfo, Cluster as ClusterEntry, Context, KubeConfigOptions, Kubeconfig, NamedAuthInfo, NamedCluster,
    NamedContext,
};
use kube::{Client, Config};
use tokio::sync::Mutex;
use tokio::time::Instant;

use super::error::chain;
use super::retry::while_briefly_broken;
use super::{ApiError, ConnectError, Discovery};

const NAME: &str = "pintle";
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// How long what the server said of itself counts as what holds now.
const NEWS: Duration = Duration::from_secs(2);

/// How to find a cluster: Helm's `--kube*` flags. What is not set comes from the kubeconfig.
#[derive(Clone, Default)]
pub struct ConnectOptions {
    /// `--kubeconfig`: instead of `KUBECONFIG` and `~/.kube/config`.
    pub kubeconfig: Option<PathBuf>,
    /// `--kube-context`
    pub context: Option<String>,
    /// `--kube-token`
    pub token: Option<String>,
    /// `--kube-as-user`
    pub as_user: Option<String>,
    /// `--kube-as-group`
    pub as_groups: Vec<String>,
    /// `--kube-apiserver`
    pub api_server: Option<String>,
    /// `--kube-ca-file`
    pub ca_file: Option<PathBuf>,
    /// `--kube-tls-server-name`
    pub tls_server_name: Option<String>,
    /// `--kube-insecure-skip-tls-verify`
    pub insecure_skip_tls_verify: bool,
}

impl ConnectOptions {
    /// The namespace of the kubeconfig's context, without asking a cluster; `None` where nothing names one.
    pub fn namespace(&self) -> Option<String> {
        let kubeconfig = kubeconfig(self).ok()??;
        let name = self.context.as_ref().or(kubeconfig.current_context.as_ref())?;
        let context = kubeconfig.contexts.iter().find(|context| &context.name == name)?.context.as_ref()?;
        context.namespace.clone().filter(|namespace| !namespace.is_empty())
    }
}

/// The API server's version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerVersion {
    /// `v1.36.3`, with whatever the vendor appended.
    pub git_version: String,
    /// `1`
    pub major: String,
    /// `36`
    pub minor: String,
}

/// A way into a cluster. Clones share connections and what was discovered.
#[derive(Clone)]
pub struct Cluster {
    client: Client,
    server: String,
    namespace: String,
    known: Arc<Known>,
    /// Whether writes only say what would be.
    pub(super) dry_run: bool,
}

/// What the server said of itself, and when.
#[derive(Default)]
struct Known {
    version: Mutex<Option<(Instant, ServerVersion)>>,
    discovery: Mutex<Option<(Instant, Arc<Discovery>)>>,
}

impl Cluster {
    /// Reads the configuration. Nothing is asked of the server yet.
    ///
    /// # Errors
    /// Where there is no configuration, or it names files that can't be used.
    pub async fn connect(options: &ConnectOptions) -> Result<Self, ConnectError> {
        by(match kubeconfig(options)? {
            Some(kubeconfig) => from_kubeconfig(kubeconfig, options).await?,
            None => Config::incluster().map_err(|_| no_configuration())?,
        })
    }

    /// A cluster reached by a client that exists already.
    pub fn with_client(client: Client, server: String, namespace: String) -> Self {
        Self { client, server, namespace, known: Arc::default(), dry_run: false }
    }

    /// The same cluster, whose objects no write changes: the server only says what they would be.
    #[must_use]
    pub fn dry_run(&self) -> Self {
        Self { dry_run: true, ..self.clone() }
    }

    /// The client for requests of one's own.
    pub fn client(&self) -> Client {
        self.client.clone()
    }

    /// The API server's URL.
    pub fn server(&self) -> &str {
        &self.server
    }

    /// The namespace of the kubeconfig's context, else `default`.
    pub fn default_namespace(&self) -> &str {
        &self.namespace
    }

    /// The server's version: whether anybody is there, within two seconds.
    ///
    /// # Errors
    /// Where nobody answers, or not to us.
    pub async fn version(&self) -> Result<ServerVersion, ConnectError> {
        let mut known = self.known.version.lock().await;
        if let Some((at, version)) = &*known
            && at.elapsed() < NEWS
        {
            return Ok(version.clone());
        }
        let version = self.ask_version().await?;
        *known = Some((Instant::now(), version.clone()));
        Ok(version)
    }

    async fn ask_version(&self) -> Result<ServerVersion, ConnectError> {
        let asked = while_briefly_broken(|| self.client.apiserver_version());
        let asked = tokio::time::timeout(3 * CONNECT_TIMEOUT, asked).await;
        let unreachable = |source| ConnectError::Unreachable { server: self.server.clone(), source };
        let version = asked
            .map_err(|_| ApiError::Timeout {
                request: "GET /version".into(),
                seconds: 3 * CONNECT_TIMEOUT.as_secs(),
            })
            .and_then(|answer| answer.map_err(ApiError::from))
            .map_err(unreachable)?;
        Ok(ServerVersion { git_version: version.git_version, major: version.major, minor: version.minor })
    }

    /// What the server serves now, within two seconds.
    ///
    /// # Errors
    /// Where the server gives no answer.
    pub async fn discovery(&self) -> Result<Arc<Discovery>, ApiError> {
        self.discovery_with(|_| false).await
    }

    /// What the server served when it was last asked, if that is enough for the caller; else what it serves now. So
    /// kinds that others bring are found, and nobody asks for what is known.
    ///
    /// # Errors
    /// Where the server gives no answer.
    pub async fn discovery_with(
        &self,
        is_enough: impl Fn(&Discovery) -> bool,
    ) -> Result<Arc<Discovery>, ApiError> {
        let mut discovered = self.known.discovery.lock().await;
        if let Some((at, discovery)) = &*discovered
            && (at.elapsed() < NEWS || is_enough(discovery))
        {
            return Ok(Arc::clone(discovery));
        }
        let discovery = Arc::new(Discovery::ask(&self.client).await?);
        *discovered = Some((Instant::now(), Arc::clone(&discovery)));
        Ok(discovery)
    }

    /// Forgets what the server serves: after CRDs were applied.
    pub async fn forget_discovery(&self) {
        *self.known.discovery.lock().await = None;
    }
}

/// The cluster of a configuration that is complete.
pub(super) fn by(mut config: Config) -> Result<Cluster, ConnectError> {
    config.connect_timeout = Some(CONNECT_TIMEOUT);
    config.headers.push((http::header::USER_AGENT, http::HeaderValue::from_static(USER_AGENT)));
    let server = config.cluster_url.to_string().trim_end_matches('/').to_owned();
    let namespace = config.default_namespace.clone();
    let client = Client::try_from(config).map_err(|error| ConnectError::Configuration(chain(&error)))?;
    Ok(Cluster::with_client(client, server, namespace))
}

const USER_AGENT: &str = concat!("pintle/", env!("CARGO_PKG_VERSION"));

impl std::fmt::Debug for Cluster {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Cluster").field("server", &self.server).finish_non_exhaustive()
    }
}

fn no_configuration() -> ConnectError {
    let problem = "no kubeconfig found (looked at --kubeconfig, KUBECONFIG and ~/.kube/config) and not running in \
                   a cluster; name one with --kubeconfig";
    ConnectError::Configuration(problem.into())
}

/// The kubeconfig to go by; `None` where there is none and the cluster we run in is meant.
pub(super) fn kubeconfig(options: &ConnectOptions) -> Result<Option<Kubeconfig>, ConnectError> {
    let failed = |error: kube::config::KubeconfigError| ConnectError::Configuration(chain(&error));
    if let Some(path) = &options.kubeconfig {
        return Kubeconfig::read_from(path).map(Some).map_err(failed);
    }
    if let Some(kubeconfig) = Kubeconfig::from_env().map_err(failed)? {
        return Ok(Some(kubeconfig));
    }
    let usual = std::env::home_dir().map(|home| home.join(".kube/config")).filter(|path| path.exists());
    match usual {
        Some(path) => Kubeconfig::read_from(path).map(Some).map_err(failed),
        None => Ok(options.api_server.is_some().then(Kubeconfig::default)),
    }
}

async fn from_kubeconfig(
    mut kubeconfig: Kubeconfig,
    options: &ConnectOptions,
) -> Result<Config, ConnectError> {
    let chosen = options.context.as_ref().or(kubeconfig.current_context.as_ref());
    let context = match chosen {
        Some(name) => {
            let named = kubeconfig.contexts.iter().find(|context| &context.name == name);
            let unknown = || ConnectError::Configuration(format!("context {name:?} does not exist"));
            named.and_then(|named| named.context.clone()).ok_or_else(unknown)?
        }
        None if options.api_server.is_some() => Context::default(),
        None => return Err(no_configuration()),
    };
    let cluster = kubeconfig.clusters.iter().find(|named| named.name == context.cluster);
    let cluster = cluster.and_then(|named| named.cluster.clone()).unwrap_or_default();
    let user = kubeconfig.auth_infos.iter().find(|named| Some(&named.name) == context.user.as_ref());
    let user = user.and_then(|named| named.auth_info.clone()).unwrap_or_default();
    kubeconfig.clusters = vec![NamedCluster {
        name: NAME.into(),
        cluster: Some(overridden_cluster(cluster, options)),
        ..NamedCluster::default()
    }];
    kubeconfig.auth_infos = vec![NamedAuthInfo {
        name: NAME.into(),
        auth_info: Some(overridden_user(user, options)),
        ..NamedAuthInfo::default()
    }];
    let context = Context { cluster: NAME.into(), user: Some(NAME.into()), ..context };
    kubeconfig.contexts =
        vec![NamedContext { name: NAME.into(), context: Some(context), ..NamedContext::default() }];
    kubeconfig.current_context = Some(NAME.into());
    let config = Config::from_custom_kubeconfig(kubeconfig, &KubeConfigOptions::default()).await;
    config.map_err(|error| ConnectError::Configuration(chain(&error)))
}

fn overridden_cluster(mut cluster: ClusterEntry, options: &ConnectOptions) -> ClusterEntry {
    if let Some(server) = &options.api_server {
        cluster.server = Some(server.clone());
    }
    if let Some(file) = &options.ca_file {
        cluster.certificate_authority = Some(file.to_string_lossy().into_owned());
        cluster.certificate_authority_data = None;
    }
    if let Some(name) = &options.tls_server_name {
        cluster.tls_server_name = Some(name.clone());
    }
    if options.insecure_skip_tls_verify {
        cluster.insecure_skip_tls_verify = Some(true);
    }
    cluster
}

fn overridden_user(mut user: AuthInfo, options: &ConnectOptions) -> AuthInfo {
    if let Some(token) = &options.token {
        user = AuthInfo { token: Some(token.clone().into()), ..AuthInfo::default() };
    }
    if let Some(name) = &options.as_user {
        user.impersonate = Some(name.clone());
    }
    if !options.as_groups.is_empty() {
        user.impersonate_groups = Some(options.as_groups.clone());
    }
    user
}
