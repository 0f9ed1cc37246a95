//! `cargo xtask cluster`: a real control plane on this machine, for looking at things by hand.

use std::path::PathBuf;
use std::process::Command;

use clap::Subcommand;
use pintle_test_support::parts;
use serde_json::Value;

use crate::error::Error;
use crate::workspace;

/// The arguments of `cargo xtask cluster`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Start a cluster that runs until `down`, and print how to use it
    Up(Up),
    /// End a cluster and remove all it left
    Down(Where),
    /// Show where a cluster is and what memory it takes
    Status(Where),
    /// Run a cluster until stdin closes or Ctrl-C
    Run(Up),
}

#[derive(Debug, clap::Args)]
struct Where {
    /// The cluster's directory; several clusters can run in different ones [default: target/cluster]
    #[arg(long)]
    dir: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
struct Up {
    #[command(flatten)]
    place: Where,
    /// Number of nodes
    #[arg(long, default_value_t = 1)]
    nodes: u32,
    /// Level of the audit log, which is `audit.log` in the cluster's directory
    #[arg(long, value_parser = ["None", "Metadata", "Request", "RequestResponse"], default_value = "None")]
    audit: String,
    /// One more flag for kube-apiserver; can be repeated
    #[arg(long, allow_hyphen_values = true)]
    apiserver_flag: Vec<String>,
}

/// Runs the action.
pub(crate) fn run(args: Args) -> Result<(), Error> {
    match args.action {
        Action::Up(up) => start(&up),
        Action::Down(place) => workspace::run(&mut command("down", &place)?),
        Action::Status(place) => status(&place),
        Action::Run(up) => {
            let mut command = command("serve", &up.place)?;
            workspace::run(configure(&mut command, &up).arg("--until-stdin-closes"))
        }
    }
}

fn start(up: &Up) -> Result<(), Error> {
    let mut command = command("up", &up.place)?;
    let printed = workspace::output(configure(&mut command, up))?;
    let state = parse(&command, &printed)?;
    let millis = state["startupMillis"].as_u64().unwrap_or_default();
    println!("# Kubernetes {} is ready after {millis} ms", workspace::text(&state, "version"));
    println!("export KUBECONFIG={}", workspace::text(&state, "kubeconfig"));
    println!(
        "export PATH={}:$PATH  # kubectl",
        parts::KUBECTL.path()?.parent().unwrap_or(workspace::root()).display()
    );
    Ok(())
}

fn status(place: &Where) -> Result<(), Error> {
    let mut command = command("status", place)?;
    let printed = workspace::output(&mut command)?;
    let state = parse(&command, &printed)?;
    for field in ["dir", "kubeconfig", "server", "version"] {
        println!("{field:12} {}", workspace::text(&state, field));
    }
    let mut total = 0;
    for (name, mib) in state["memoryMiB"].as_object().into_iter().flatten() {
        total += mib.as_u64().unwrap_or_default();
        println!("{name:24} {mib:>5} MiB");
    }
    println!("{:24} {total:>5} MiB", "total");
    Ok(())
}

fn command(action: &str, place: &Where) -> Result<Command, Error> {
    let mut command = Command::new(parts::CLUSTER.ensure()?);
    let dir = place.dir.clone().unwrap_or_else(|| workspace::target().join("cluster"));
    command.arg(action).arg("--dir").arg(dir);
    Ok(command)
}

fn configure<'a>(command: &'a mut Command, up: &Up) -> &'a mut Command {
    command.arg(format!("--nodes={}", up.nodes)).arg(format!("--audit={}", up.audit));
    command.args(up.apiserver_flag.iter().map(|flag| format!("--apiserver-flag={flag}")))
}

fn parse(command: &Command, printed: &str) -> Result<Value, Error> {
    serde_json::from_str(printed)
        .map_err(|error| Error::Output { program: workspace::line(command), problem: error.to_string() })
}
