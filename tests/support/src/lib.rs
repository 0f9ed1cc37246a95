//! Real parts for tests: a Kubernetes control plane, Helm 3 and 4, kubectl and an OCI registry.
//!
//! The parts are Go programs from published modules (`tests/cluster/`). They are built on first use and kept
//! in a cache outside the checkout, see [`parts`]. Whatever is started here belongs to the process that
//! started it and ends with it, even when that process is killed: each child watches its stdin, whose other
//! end only the owner holds.
//!
//! ```no_run
//! use pintle_test_support::{Cluster, run};
//!
//! # fn main() -> Result<(), pintle_test_support::Error> {
//! let cluster = Cluster::shared()?;
//! let namespace = cluster.namespace("example")?;
//! run(cluster.helm4()?.args(["install", "one", "./chart", "--wait", "--namespace", &namespace]))?;
//! run(cluster.kubectl()?.args(["get", "pods", "--namespace", &namespace]))?;
//! # Ok(())
//! # }
//! ```
//!
//! Pods are fake: nothing runs in them, but they are scheduled, become ready, complete and are deleted as if
//! something did. `tests/cluster/README.md` lists the annotations that make them slow, fail or never ready.

mod cluster;
mod error;
pub mod interop;
mod owned;
pub mod parts;
mod process;
mod proxy;
mod registry;
mod second_server;
mod tools;

pub use cluster::{Cluster, ClusterOptions};
pub use error::Error;
pub use process::{Memory, Process, free_port, metrics};
pub use proxy::{Counts, Fault, Proxy, When};
pub use registry::{Auth, Registry, RegistryOptions};
pub use second_server::SecondServer;
pub use tools::{Answer, answer, corpus_chart, error_in, helm3, helm4, kubectl, run, scratch};
