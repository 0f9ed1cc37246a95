//! The Kubernetes API: connecting, finding out what is served, single requests, and waiting on objects.
//!
//! Nothing here knows of charts or releases. Requests are Helm's: objects are applied under the field manager
//! `helm`, so that Helm and pintle can take over from each other.

mod connect;
mod culprit;
mod discovery;
mod error;
mod kubeconfig;
mod lease;
mod legacy;
mod logs;
mod object;
mod readiness;
mod requests;
mod retry;
mod wait;
mod workloads;

pub use connect::{Cluster, ConnectOptions, ServerVersion};
pub use discovery::{Discovery, Resource};
pub use error::{ApiError, ConnectError};
pub use kubeconfig::{Files, KubeconfigError, own_kubeconfig};
pub use lease::{LeaseClaim, Turn, process_identity};
pub use object::{Object, ObjectKey};
pub use readiness::{Readiness, ReadyState, Rules};
pub use requests::{ApplyOptions, FIELD_MANAGER, FieldValidation, Propagation};
pub(crate) use retry::answered;
pub use wait::{News, Teller, WaitError, Waiter};
