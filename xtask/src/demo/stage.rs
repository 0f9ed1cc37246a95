//! Where it plays: a cluster, a directory, and the programs that act.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use pintle_test_support::{helm4, kubectl};

use super::release::{NAME, NAMESPACE};
use crate::error::Error;
use crate::workspace;

const DEFINITION: &str = "crd/releases.pintle.dev";

/// A cluster, and a directory of our own.
pub(super) struct Stage {
    /// None for the one that kubectl uses by itself.
    pub(super) kubeconfig: Option<PathBuf>,
    /// For what is written.
    pub(super) directory: PathBuf,
}

impl Stage {
    /// kubectl.
    pub(super) fn kubectl(&self) -> Result<Command, Error> {
        Ok(self.here(kubectl()?))
    }

    /// kubectl with this command, in the namespace of the demonstration.
    pub(super) fn within(&self, verb: &str) -> Result<Command, Error> {
        let mut command = self.kubectl()?;
        command.args([verb, "--namespace", NAMESPACE]);
        Ok(command)
    }

    /// Helm 4.
    pub(super) fn helm(&self) -> Result<Command, Error> {
        Ok(self.here(helm4()?))
    }

    /// Prints a command as one would type it, and runs it.
    pub(super) fn show(&self, command: &mut Command) -> Result<(), Error> {
        let program = Path::new(command.get_program()).file_name().unwrap_or_default().to_string_lossy();
        let arguments: Vec<_> =
            command.get_args().map(|argument| quoted(&argument.to_string_lossy())).collect();
        println!("$ {} {}", program.replace("helm4", "helm"), arguments.join(" "));
        workspace::run(command)
    }

    /// Sees whether the cluster answers, and is free for a demonstration.
    pub(super) fn check(&self) -> Result<(), Error> {
        let found =
            workspace::output(self.kubectl()?.args(["get", "namespace", NAMESPACE, "--ignore-not-found"]))?;
        if found.is_empty() {
            return Ok(());
        }
        Err(Error::Message(format!(
            "the cluster has a namespace {NAMESPACE} already, maybe of a demonstration that was interrupted; delete \
             the releases in it, and then it"
        )))
    }

    /// Makes the namespace and defines `Release`; tells whether that was known before.
    pub(super) fn define(&self) -> Result<bool, Error> {
        let known =
            workspace::output(self.kubectl()?.args(["get", DEFINITION, "--ignore-not-found", "-o=name"]))?;
        self.show(self.kubectl()?.args(["create", "namespace", NAMESPACE]))?;
        self.show(
            self.kubectl()?.args(["apply", "--server-side", "-f"]).arg(workspace::root().join("crds")),
        )?;
        self.show(self.kubectl()?.args(["wait", "--for=condition=Established", DEFINITION]))?;
        Ok(!known.is_empty())
    }

    /// Starts the operator, for the namespace of the demonstration only.
    pub(super) fn operator(&self, program: &Path, more: &[&str]) -> Result<Running, Error> {
        let mut command = self.here(Command::new(program));
        command.args(["operator", "run", "--address=127.0.0.1:0", "--watch-namespace", NAMESPACE]);
        command.args(more);
        let shown: String = more.iter().map(|argument| format!(" {argument}")).collect();
        let log_file = self.log();
        println!(
            "$ pintle operator run --watch-namespace {NAMESPACE}{shown}  # logs to {}",
            log_file.display()
        );
        self.start(command)
    }

    /// Starts the communication operator of an edge, connected to this hub.
    pub(super) fn edge_operator(&self, program: &Path, hub: &str) -> Result<Running, Error> {
        let mut command = self.here(Command::new(program));
        command.args(["operator", "run", "--no-releases", "--address=127.0.0.1:0"]);
        for setting in [
            format!("CommunicationControllerUri={hub}"),
            format!("WatchNamespace={NAMESPACE}"),
            format!("DeploymentSiteNamespace={NAMESPACE}"),
            "Helm.TimeoutSeconds=10".to_owned(),
        ] {
            command.arg(format!("--octo-set={setting}"));
        }
        println!("$ {}  # logs to {}", workspace::line(&command), self.log().display());
        self.start(command)
    }

    /// Starts an operator that logs to [`Stage::log`].
    fn start(&self, mut command: Command) -> Result<Running, Error> {
        let log = File::create(self.log()).map_err(|source| Error::Read { path: self.log(), source })?;
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
        command.spawn().map(Running).map_err(workspace::start_failed(&command))
    }

    /// Where the operator logs to.
    pub(super) fn log(&self) -> PathBuf {
        self.directory.join("operator.log")
    }

    /// Shows what is known of a release that did not become ready.
    pub(super) fn explain(&self) {
        // The failure itself is told at the end, whatever can be learned here.
        let _ = self.within("describe").and_then(|mut command| self.show(command.args(["release", NAME])));
        println!("The operator's log is {}", self.log().display());
    }

    /// Uninstalls the release and removes all that was made, the definition unless it was known before.
    pub(super) fn clean_up(&self, known: bool) -> Result<(), Error> {
        self.show(self.within("delete")?.args(["release", NAME, "--ignore-not-found", "--timeout=120s"]))?;
        self.show(self.helm()?.args(["list", "--all-namespaces"]))?;
        self.show(self.kubectl()?.args(["delete", "namespace", NAMESPACE, "--timeout=120s"]))?;
        if known { Ok(()) } else { self.show(self.kubectl()?.args(["delete", DEFINITION])) }
    }

    fn here(&self, mut command: Command) -> Command {
        match (&self.kubeconfig, std::env::var_os("KUBECONFIG")) {
            (Some(path), _) => command.env("KUBECONFIG", path),
            (None, Some(path)) => command.env("KUBECONFIG", path),
            (None, None) => command.env_remove("KUBECONFIG"),
        };
        command
    }
}

/// An argument as a shell wants it.
fn quoted(argument: &str) -> String {
    if argument.contains([' ', '"']) { format!("'{argument}'") } else { argument.to_owned() }
}

/// A process that ends with us.
pub(super) struct Running(pub(super) Child);

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
