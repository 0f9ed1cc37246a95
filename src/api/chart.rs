//! Where a `Release` takes its chart from.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A chart: exactly one of `repository`, `oci`, `url` and `inline`.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-kubernetes-validations" = [{
    "rule": "[has(self.repository), has(self.oci), has(self.url), has(self.inline)].filter(set, set).size() == 1",
    "message": "exactly one of repository, oci, url and inline must be set"
}]))]
pub struct ChartSource {
    /// A chart of a chart repository.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repository: Option<RepositorySource>,
    /// A chart in an OCI registry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub oci: Option<OciSource>,
    /// The URL of an archive, by http or https.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 2048), regex(pattern = r"^https?://"))]
    pub url: Option<String>,
    /// The archive itself, in base64.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 1_000_000))]
    pub inline: Option<String>,
    /// A Secret of the same namespace with the login: `username` and `password`, or for a registry
    /// `.dockerconfigjson`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auth_secret_ref: Option<SecretReference>,
    /// A Secret of the same namespace with `ca.crt`, and `tls.crt` and `tls.key` for a client certificate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tls_secret_ref: Option<SecretReference>,
    /// Sends the login to whatever host the repository's index points to.
    #[serde(default, skip_serializing_if = "is_false")]
    pub pass_credentials: bool,
    /// Trusts any certificate.
    #[serde(default, skip_serializing_if = "is_false")]
    pub insecure_skip_tls_verify: bool,
}

/// A chart of a chart repository.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct RepositorySource {
    /// The repository's URL; its index is at `<url>/index.yaml`.
    #[schemars(length(min = 1, max = 2048), regex(pattern = r"^https?://"))]
    pub url: String,
    /// The chart's name.
    #[schemars(length(min = 1, max = 250))]
    pub name: String,
    /// A version or range; the newest release when empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    #[schemars(length(max = 256))]
    pub version: String,
}

/// A chart in an OCI registry.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct OciSource {
    /// `oci://host/path/name`, with `:tag` or `@sha256:…` if need be.
    #[schemars(length(min = 1, max = 2048), regex(pattern = r"^oci://"))]
    pub reference: String,
    /// A version or range; the newest release when empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    #[schemars(length(max = 256))]
    pub version: String,
    /// Talks to the registry without TLS.
    #[serde(default, skip_serializing_if = "is_false")]
    pub plain_http: bool,
}

/// A Secret of the same namespace.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
pub struct SecretReference {
    /// Its name.
    #[schemars(length(min = 1, max = 253))]
    pub name: String,
}

/// A key of a Secret of the same namespace.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
pub struct KeyReference {
    /// The Secret's name.
    #[schemars(length(min = 1, max = 253))]
    pub name: String,
    /// The key in it.
    #[schemars(length(min = 1, max = 253))]
    pub key: String,
}

pub(super) fn is_false(truth: &bool) -> bool {
    !truth
}
