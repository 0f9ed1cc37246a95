//! Clusters from kubeconfigs that others wrote, as text: those in Secrets.
//!
//! Such a text decides whom this process talks to, with what. So it may run no programs, and it may name files of this
//! machine only where whoever wrote it is trusted with them: a `tokenFile` beside a `server` of one's own choosing sends
//! that file there.

use std::path::Path;

use kube::Config;
use kube::config::{
    AuthInfo, Cluster as ClusterEntry, Context, KubeConfigOptions, Kubeconfig, NamedAuthInfo, NamedCluster,
    NamedContext,
};

use super::connect::{self, ConnectOptions};
use super::error::chain;
use super::{Cluster, ConnectError};

/// Whether a kubeconfig may name files: tokens, certificates, keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Files {
    /// By absolute paths.
    Allowed,
    /// Everything must be in the text itself.
    Refused,
}

/// Why a kubeconfig can't be used. Never says what is in it but names.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum KubeconfigError {
    /// It is no kubeconfig.
    #[error("the text is no kubeconfig: it must be YAML with clusters, users, contexts and current-context")]
    Malformed,
    /// No context is chosen.
    #[error("the kubeconfig has no current-context")]
    NoContext,
    /// The context, or what it refers to, does not exist.
    #[error("the kubeconfig has no {what} {name:?}")]
    Unknown {
        /// `context`, `cluster` or `user`.
        what: &'static str,
        /// The name that is referred to.
        name: String,
    },
    /// The cluster has no URL.
    #[error("the kubeconfig's cluster {0:?} has no server")]
    NoServer(String),
    /// A program would have to be run.
    #[error(
        "the kubeconfig's user {user:?} logs in by {kind}, which takes a program that is not in the operator's image; \
         use a token, a token file or a client certificate"
    )]
    Program {
        /// The user's name in the kubeconfig.
        user: String,
        /// `an exec plugin` or `an auth-provider`.
        kind: &'static str,
    },
    /// A file of this machine is named where it must not.
    #[error(
        "the kubeconfig names a file in {field}; only kubeconfigs in the operator's own namespace may, by absolute \
         paths: put the content there instead, in {field}-data or token"
    )]
    File {
        /// The field.
        field: &'static str,
    },
    /// A certificate, key or URL can't be read.
    #[error("the kubeconfig can't be used: {0}")]
    Unusable(String),
}

impl KubeconfigError {
    /// A stable word for conditions, events and metrics.
    pub fn reason(&self) -> &'static str {
        match self {
            Self::Program { .. } | Self::File { .. } => "CredentialsUnsupported",
            _ => "KubeconfigInvalid",
        }
    }
}

impl Cluster {
    /// A cluster by the text of a kubeconfig. Nothing is asked of it yet.
    ///
    /// # Errors
    /// Where the text is no kubeconfig, has no such context, or wants what it may not.
    pub async fn from_kubeconfig(
        text: &[u8],
        context: Option<&str>,
        files: Files,
    ) -> Result<Self, KubeconfigError> {
        let kubeconfig = reduced(read(text)?, context)?;
        check(&kubeconfig, files)?;
        let config = Config::from_custom_kubeconfig(kubeconfig, &KubeConfigOptions::default()).await;
        let config = config.map_err(|error| KubeconfigError::Unusable(chain(&error)))?;
        connect::by(config).map_err(|error| match error {
            ConnectError::Configuration(problem) => KubeconfigError::Unusable(problem),
            other => KubeconfigError::Unusable(other.to_string()),
        })
    }
}

/// A kubeconfig for the cluster that the options mean, as JSON: the chosen context alone, with the content of the files
/// that it names. In a pod it names the pod's token file, since what is in there changes.
///
/// # Errors
/// Where there is no configuration, or it names files that can't be read.
pub fn own_kubeconfig(options: &ConnectOptions) -> Result<String, ConnectError> {
    let failed = |problem: String| ConnectError::Configuration(problem);
    let kubeconfig = match connect::kubeconfig(options)? {
        Some(kubeconfig) => {
            let mut reduced =
                reduced(kubeconfig, options.context.as_deref()).map_err(|error| failed(error.to_string()))?;
            inline(&mut reduced).map_err(failed)?;
            reduced
        }
        None => in_cluster().map_err(failed)?,
    };
    serde_json::to_string(&kubeconfig).map_err(|error| failed(error.to_string()))
}

fn read(text: &[u8]) -> Result<Kubeconfig, KubeconfigError> {
    // The parser's own words could quote a key.
    let text = std::str::from_utf8(text).map_err(|_| KubeconfigError::Malformed)?;
    Kubeconfig::from_yaml(text).map_err(|_| KubeconfigError::Malformed)
}

/// One context, its cluster and its user.
fn reduced(kubeconfig: Kubeconfig, context: Option<&str>) -> Result<Kubeconfig, KubeconfigError> {
    let unknown = |what, name: &str| KubeconfigError::Unknown { what, name: name.to_owned() };
    let chosen = context.or(kubeconfig.current_context.as_deref()).filter(|name| !name.is_empty());
    let chosen = chosen.ok_or(KubeconfigError::NoContext)?.to_owned();
    let context = kubeconfig.contexts.into_iter().find(|named| named.name == chosen);
    let context: Context =
        context.and_then(|named| named.context).ok_or_else(|| unknown("context", &chosen))?;
    let cluster = kubeconfig.clusters.into_iter().find(|named| named.name == context.cluster);
    let cluster = cluster.filter(|named| named.cluster.is_some());
    let cluster: NamedCluster = cluster.ok_or_else(|| unknown("cluster", &context.cluster))?;
    let user = match context.user.as_deref().filter(|name| !name.is_empty()) {
        None => None,
        Some(name) => {
            let named = kubeconfig.auth_infos.into_iter().find(|named| named.name == name);
            Some(named.ok_or_else(|| unknown("user", name))?)
        }
    };
    Ok(Kubeconfig {
        clusters: vec![cluster],
        auth_infos: user.into_iter().collect(),
        contexts: vec![NamedContext {
            name: chosen.clone(),
            context: Some(context),
            ..NamedContext::default()
        }],
        current_context: Some(chosen),
        ..Kubeconfig::default()
    })
}

fn check(kubeconfig: &Kubeconfig, files: Files) -> Result<(), KubeconfigError> {
    for named in &kubeconfig.auth_infos {
        let Some(user) = &named.auth_info else { continue };
        let program = |kind| KubeconfigError::Program { user: named.name.clone(), kind };
        if user.exec.is_some() {
            return Err(program("an exec plugin"));
        }
        if user.auth_provider.is_some() {
            return Err(program("an auth-provider"));
        }
        check_file("tokenFile", user.token_file.as_deref(), files)?;
        check_file("client-certificate", user.client_certificate.as_deref(), files)?;
        check_file("client-key", user.client_key.as_deref(), files)?;
    }
    for named in &kubeconfig.clusters {
        let Some(cluster) = &named.cluster else { continue };
        check_file("certificate-authority", cluster.certificate_authority.as_deref(), files)?;
        if cluster.server.as_deref().unwrap_or_default().is_empty() {
            return Err(KubeconfigError::NoServer(named.name.clone()));
        }
    }
    Ok(())
}

fn check_file(field: &'static str, path: Option<&str>, files: Files) -> Result<(), KubeconfigError> {
    match path.filter(|path| !path.is_empty()) {
        Some(path) if files == Files::Refused || !Path::new(path).is_absolute() => {
            Err(KubeconfigError::File { field })
        }
        _ => Ok(()),
    }
}

/// Puts the content of files in place of their names.
fn inline(kubeconfig: &mut Kubeconfig) -> Result<(), String> {
    use base64::prelude::{BASE64_STANDARD, Engine as _};
    let content = |path: Option<String>| match path.filter(|path| !path.is_empty()) {
        Some(path) => {
            std::fs::read(&path).map(Some).map_err(|error| format!("failed to read {path}: {error}"))
        }
        None => Ok(None),
    };
    for named in &mut kubeconfig.clusters {
        let Some(cluster) = &mut named.cluster else { continue };
        if let Some(bytes) = content(cluster.certificate_authority.take())? {
            cluster.certificate_authority_data.get_or_insert_with(|| BASE64_STANDARD.encode(bytes));
        }
    }
    for named in &mut kubeconfig.auth_infos {
        let Some(user) = &mut named.auth_info else { continue };
        if let Some(bytes) = content(user.client_certificate.take())? {
            user.client_certificate_data.get_or_insert_with(|| BASE64_STANDARD.encode(bytes));
        }
        if let Some(bytes) = content(user.client_key.take())? {
            user.client_key_data.get_or_insert_with(|| BASE64_STANDARD.encode(bytes).into());
        }
    }
    Ok(())
}

/// The directory that Kubernetes mounts for a pod's service account.
const SERVICE_ACCOUNT: &str = "/var/run/secrets/kubernetes.io/serviceaccount";

fn in_cluster() -> Result<Kubeconfig, String> {
    use base64::prelude::{BASE64_STANDARD, Engine as _};
    let authority = format!("{SERVICE_ACCOUNT}/ca.crt");
    let authority = std::fs::read(&authority)
        .map_err(|error| format!("not running in a cluster: failed to read {authority}: {error}"))?;
    let name = "in-cluster".to_owned();
    let cluster = ClusterEntry {
        server: Some("https://kubernetes.default.svc".into()),
        certificate_authority_data: Some(BASE64_STANDARD.encode(authority)),
        ..ClusterEntry::default()
    };
    let user = AuthInfo { token_file: Some(format!("{SERVICE_ACCOUNT}/token")), ..AuthInfo::default() };
    let context = Context { cluster: name.clone(), user: Some(name.clone()), ..Context::default() };
    Ok(Kubeconfig {
        clusters: vec![NamedCluster {
            name: name.clone(),
            cluster: Some(cluster),
            ..NamedCluster::default()
        }],
        auth_infos: vec![NamedAuthInfo {
            name: name.clone(),
            auth_info: Some(user),
            ..NamedAuthInfo::default()
        }],
        contexts: vec![NamedContext {
            name: name.clone(),
            context: Some(context),
            ..NamedContext::default()
        }],
        current_context: Some(name),
        ..Kubeconfig::default()
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn kubeconfig(user: Value, cluster: Value) -> Vec<u8> {
        let text = json!({
            "apiVersion": "v1", "kind": "Config", "current-context": "a",
            "contexts": [{"name": "a", "context": {"cluster": "c", "user": "u"}},
                         {"name": "b", "context": {"cluster": "missing", "user": "u"}}],
            "clusters": [{"name": "c", "cluster": cluster}],
            "users": [{"name": "u", "user": user}],
        });
        text.to_string().into_bytes()
    }

    async fn read_with(user: Value, files: Files) -> Result<Cluster, KubeconfigError> {
        let cluster =
            json!({"server": "https://edge.example:6443", "proxy-url": "http://proxy.example:3128"});
        Cluster::from_kubeconfig(&kubeconfig(user, cluster), None, files).await
    }

    #[tokio::test]
    async fn tokens_and_impersonation_behind_a_proxy_are_taken() {
        let user = json!({"token": "t", "as": "somebody", "as-groups": ["g"]});
        let cluster = read_with(user, Files::Refused).await.unwrap();
        assert_eq!(cluster.server(), "https://edge.example:6443");
    }

    /// KRY-17: what takes a program is refused with a reason.
    #[tokio::test]
    async fn what_takes_a_program_is_refused() {
        let exec = json!({"exec": {"apiVersion": "client.authentication.k8s.io/v1", "command": "aws", "args": ["s3cret"]}});
        let error = read_with(exec, Files::Allowed).await.unwrap_err();
        assert_eq!(error.reason(), "CredentialsUnsupported");
        assert!(error.to_string().contains("exec plugin") && !error.to_string().contains("s3cret"));
        let provider = json!({"auth-provider": {"name": "gcp", "config": {}}});
        assert!(matches!(read_with(provider, Files::Allowed).await, Err(KubeconfigError::Program { .. })));
    }

    #[tokio::test]
    async fn files_are_read_only_where_the_writer_is_trusted_with_them() {
        let token = json!({"tokenFile": "/var/run/secrets/kubernetes.io/serviceaccount/token"});
        let refused = read_with(token.clone(), Files::Refused).await.unwrap_err();
        assert_eq!(refused, KubeconfigError::File { field: "tokenFile" });
        let relative = json!({"tokenFile": "token"});
        assert!(matches!(read_with(relative, Files::Allowed).await, Err(KubeconfigError::File { .. })));
    }

    #[tokio::test]
    async fn what_is_missing_is_named() {
        let server = json!({"server": "https://edge.example"});
        let text = kubeconfig(json!({"token": "t"}), server);
        let in_context = |name| Cluster::from_kubeconfig(&text, Some(name), Files::Refused);
        let unknown = |what, name: &str| KubeconfigError::Unknown { what, name: name.into() };
        assert_eq!(in_context("z").await.unwrap_err(), unknown("context", "z"));
        assert_eq!(in_context("b").await.unwrap_err(), unknown("cluster", "missing"));
        assert!(in_context("a").await.is_ok());
        let none = kubeconfig(json!({}), json!({}));
        let error = Cluster::from_kubeconfig(&none, None, Files::Refused).await.unwrap_err();
        assert_eq!(error, KubeconfigError::NoServer("c".into()));
    }

    #[tokio::test]
    async fn a_text_that_is_no_kubeconfig_is_not_quoted() {
        for text in ["s3cret", "- s3cret", "clusters: s3cret", "\u{0}"] {
            let error = Cluster::from_kubeconfig(text.as_bytes(), None, Files::Refused).await.unwrap_err();
            assert!(!error.to_string().contains("s3cret"), "{error}");
        }
    }
}
