//! Helm charts without Helm.
