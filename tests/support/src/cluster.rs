//! A control plane of one's own.

use std::env;
use std::path::{Path, PathBuf};
use std::process::{self, Command};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::Value;

use crate::owned::Owned;
use crate::{Error, helm3, helm4, kubectl, parts, run};

const VARIABLE: &str = "PINTLE_TEST_KUBECONFIG";

/// A Kubernetes API server with controllers, a scheduler and nodes, and its administrator's kubeconfig. It
/// ends when it is dropped.
#[derive(Debug)]
pub struct Cluster {
    kubeconfig: PathBuf,
    server: String,
    dir: PathBuf,
    _owned: Option<Owned>,
}

/// How a cluster differs from the usual.
#[derive(Debug, Clone, Default)]
pub struct ClusterOptions {
    /// Number of nodes; 0 stands for one.
    pub nodes: u32,
    /// Level of the audit log (`Metadata`, `Request`, `RequestResponse`), which is then `audit.log` in
    /// [`Cluster::dir`].
    pub audit: Option<String>,
    /// More flags for kube-apiserver.
    pub api_server_flags: Vec<String>,
}

impl Cluster {
    /// The cluster all tests of this process share, started on first use. `PINTLE_TEST_KUBECONFIG` names one
    /// that runs already, as `cargo xtask cluster up` prints it.
    ///
    /// # Errors
    /// When it cannot be built or started.
    pub fn shared() -> Result<&'static Self, Error> {
        static SHARED: OnceLock<Result<Cluster, Error>> = OnceLock::new();
        SHARED
            .get_or_init(|| match env::var_os(VARIABLE) {
                Some(kubeconfig) => Self::running(Path::new(&kubeconfig)),
                None => Self::start(&ClusterOptions::default()),
            })
            .as_ref()
            .map_err(Error::Shared)
    }

    /// Starts a cluster that shares nothing with others.
    ///
    /// # Errors
    /// When it cannot be built or started.
    pub fn start(options: &ClusterOptions) -> Result<Self, Error> {
        let mut args: Vec<String> = vec!["serve".into(), "--until-stdin-closes".into()];
        args.push(format!("--nodes={}", options.nodes.max(1)));
        args.extend(options.audit.iter().map(|level| format!("--audit={level}")));
        args.extend(options.api_server_flags.iter().map(|flag| format!("--apiserver-flag={flag}")));
        let program = parts::CLUSTER.ensure()?;
        let (owned, ready) = Owned::start(&program, &args)?;
        let text = |field: &str| ready.get(field).and_then(Value::as_str).unwrap_or_default().to_owned();
        Ok(Self {
            kubeconfig: text("kubeconfig").into(),
            server: text("server"),
            dir: text("dir").into(),
            _owned: Some(owned),
        })
    }

    fn running(kubeconfig: &Path) -> Result<Self, Error> {
        let query = "jsonpath={.clusters[0].cluster.server}";
        let server = run(kubectl()?.env("KUBECONFIG", kubeconfig).args(["config", "view", "-o", query]))?;
        if server.is_empty() {
            let problem = format!(
                "{} names no cluster; unset it or run `cargo xtask cluster up`",
                kubeconfig.display()
            );
            return Err(Error::Environment { variable: VARIABLE, problem });
        }
        let dir = kubeconfig.parent().unwrap_or(kubeconfig).to_owned();
        Ok(Self { kubeconfig: kubeconfig.to_owned(), server, dir, _owned: None })
    }

    /// The administrator's kubeconfig. It holds its certificates itself.
    #[must_use]
    pub fn kubeconfig(&self) -> &Path {
        &self.kubeconfig
    }

    /// The URL of the API server.
    #[must_use]
    pub fn server(&self) -> &str {
        &self.server
    }

    /// The directory with the components' logs, certificates and `audit.log`.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Creates a namespace with a name no other test uses, and gives the name.
    ///
    /// # Errors
    /// When the API server refuses.
    pub fn namespace(&self, prefix: &str) -> Result<String, Error> {
        static COUNTER: AtomicU32 = AtomicU32::new(0);
        let count = COUNTER.fetch_add(1, Ordering::Relaxed);
        let name = format!("{prefix}-{}-{count}", process::id());
        run(self.kubectl()?.args(["create", "namespace", &name]))?;
        Ok(name)
    }

    /// Helm 3 against this cluster.
    ///
    /// # Errors
    /// When helm cannot be built.
    pub fn helm3(&self) -> Result<Command, Error> {
        self.here(helm3()?)
    }

    /// Helm 4 against this cluster.
    ///
    /// # Errors
    /// When helm cannot be built.
    pub fn helm4(&self) -> Result<Command, Error> {
        self.here(helm4()?)
    }

    /// kubectl against this cluster.
    ///
    /// # Errors
    /// When kubectl cannot be built.
    pub fn kubectl(&self) -> Result<Command, Error> {
        self.here(kubectl()?)
    }

    /// A request of pintle, which is this program, in a namespace; `CHART` among its words stands for the chart's path.
    pub fn request(&self, pintle: &str, namespace: &str, chart: &Path, request: &str) -> Command {
        let mut command = Command::new(pintle);
        command.env("KUBECONFIG", &self.kubeconfig).args(["--namespace", namespace]);
        command.args(request.split_whitespace().map(|word| match word {
            "CHART" => chart.as_os_str(),
            word => word.as_ref(),
        }));
        command
    }

    fn here(&self, mut command: Command) -> Result<Command, Error> {
        command.env("KUBECONFIG", &self.kubeconfig);
        Ok(command)
    }
}
