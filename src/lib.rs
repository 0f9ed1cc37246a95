//! Helm charts without Helm.

pub mod api;
pub mod cli;
pub mod cluster;
pub mod deploy;
mod host;
pub mod hub;
pub mod octo;
pub mod operator;
pub mod release;
pub mod source;
