//! Helm charts without Helm.

pub mod cluster;
pub mod hub;
pub mod release;
