//! The communication operator against a real control plane, with a hub of ours and Helm looking on.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "helpers of tests fail by panicking, as tests do, and tell what they measured"
)]

#[path = "octo/admission.rs"]
mod admission;
#[path = "octo/aspnet.rs"]
mod aspnet;
#[path = "hub/fake.rs"]
#[allow(dead_code, reason = "shared with tests that need more of it")]
mod fake;
#[path = "octo/helm.rs"]
mod helm;
#[path = "octo/hub.rs"]
mod hub;
#[path = "octo/interruptions.rs"]
mod interruptions;
#[path = "octo/place.rs"]
mod place;
#[path = "octo/repository.rs"]
mod repository;
#[path = "octo/scale.rs"]
mod scale;
#[path = "hub/server.rs"]
#[allow(dead_code, reason = "shared with tests that need more of it")]
mod server;
#[path = "octo/sites.rs"]
mod sites;
#[path = "octo/workloads.rs"]
mod workloads;
