//! Whether a cluster can be reached, and why not.

use std::time::Duration;

use crate::cluster::{ApiError, Cluster, ConnectError, KubeconfigError, ServerVersion};

/// How long a cluster may take to say its version.
const ANSWER: Duration = Duration::from_secs(10);
/// The oldest API server that applies on its own side: 1.22.
const OLDEST: (u32, u32) = (1, 22);

/// The state of the connection to a cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::operator) enum Link {
    /// Nobody has asked yet.
    Unknown,
    /// It answers, in this version.
    Up(String),
    /// It does not.
    Down(Fault),
}

/// Why a cluster can't be worked on.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub(in crate::operator) struct Fault {
    /// A stable word for conditions, events and metrics.
    pub(in crate::operator) reason: &'static str,
    /// A sentence.
    pub(in crate::operator) message: String,
}

impl Fault {
    pub(in crate::operator) fn new(reason: &'static str, message: impl Into<String>) -> Self {
        Self { reason, message: message.into() }
    }
}

impl From<KubeconfigError> for Fault {
    fn from(error: KubeconfigError) -> Self {
        Self::new(error.reason(), error.to_string())
    }
}

/// Asks a cluster whether it is there.
pub(super) async fn probe(cluster: &Cluster) -> Link {
    match tokio::time::timeout(ANSWER, cluster.version()).await {
        Ok(Ok(version)) if is_too_old(&version) => {
            let (major, minor) = OLDEST;
            let message = format!(
                "the API server is {}; {major}.{minor} is the oldest that works",
                version.git_version
            );
            Link::Down(Fault::new("VersionUnsupported", message))
        }
        Ok(Ok(version)) => Link::Up(version.git_version),
        Ok(Err(error)) => Link::Down(Fault::new(reason(&error), error.to_string())),
        Err(_) => {
            let message = format!("{} gave no answer within {} s", cluster.server(), ANSWER.as_secs());
            Link::Down(Fault::new("Timeout", message))
        }
    }
}

fn reason(error: &ConnectError) -> &'static str {
    match error {
        ConnectError::Configuration(_) => "KubeconfigInvalid",
        ConnectError::Unreachable { source: ApiError::Timeout { .. }, .. } => "Timeout",
        ConnectError::Unreachable { source: ApiError::Status(status), .. } => match status.code {
            401 => "CredentialsRejected",
            403 => "AccessDenied",
            _ => "ApiFailed",
        },
        ConnectError::Unreachable { source: ApiError::Transport(problem), .. } => {
            if problem.contains("certificate") { "CertificateInvalid" } else { "Unreachable" }
        }
    }
}

fn is_too_old(version: &ServerVersion) -> bool {
    // Some vendors append a plus.
    let number =
        |text: &str| text.trim_end_matches(|letter: char| !letter.is_ascii_digit()).parse::<u32>().ok();
    let known = number(&version.major).zip(number(&version.minor));
    known.is_some_and(|version| version < OLDEST)
}

/// How long to wait before a cluster is asked again.
pub(super) fn pause(link: &Link, failures: u32) -> Duration {
    const WHILE_UP: Duration = Duration::from_secs(15);
    const LONGEST: Duration = Duration::from_secs(60);
    match link {
        Link::Down(_) => {
            let seconds =
                Duration::from_secs(1).saturating_mul(2u32.saturating_pow(failures.saturating_sub(1)));
            seconds.min(LONGEST).mul_f64(1.0 + rand::random_range(0.0..0.2))
        }
        _ => WHILE_UP,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(major: &str, minor: &str) -> ServerVersion {
        ServerVersion { git_version: format!("v{major}.{minor}.0"), major: major.into(), minor: minor.into() }
    }

    #[test]
    fn a_server_that_can_not_apply_is_too_old() {
        assert!(is_too_old(&version("1", "21+")));
        assert!(!is_too_old(&version("1", "22")) && !is_too_old(&version("2", "0")));
        assert!(!is_too_old(&version("", "")));
    }

    #[test]
    fn a_cluster_that_is_down_is_asked_ever_less_often() {
        let down = Link::Down(Fault::new("Unreachable", ""));
        assert!(pause(&down, 1) < Duration::from_secs(2));
        assert!(pause(&down, 5) >= Duration::from_secs(16));
        assert!(pause(&down, u32::MAX) <= Duration::from_secs(72));
    }

    #[test]
    fn rejected_credentials_are_not_an_unreachable_cluster() {
        let status = |code: u16| {
            let status =
                serde_json::json!({"status": "Failure", "message": "no", "reason": "", "code": code});
            ConnectError::Unreachable {
                server: String::new(),
                source: ApiError::Status(serde_json::from_value(status).unwrap()),
            }
        };
        assert_eq!(reason(&status(401)), "CredentialsRejected");
        assert_eq!(reason(&status(403)), "AccessDenied");
        let transport = |problem: &str| ConnectError::Unreachable {
            server: String::new(),
            source: ApiError::Transport(problem.into()),
        };
        assert_eq!(reason(&transport("invalid peer certificate: UnknownIssuer")), "CertificateInvalid");
        assert_eq!(reason(&transport("connection refused")), "Unreachable");
    }

    #[tokio::test]
    async fn nobody_at_the_address_is_unreachable() {
        let text = r#"{"current-context": "a", "contexts": [{"name": "a", "context": {"cluster": "a"}}],
            "clusters": [{"name": "a", "cluster": {"server": "http://127.0.0.1:1"}}]}"#;
        let files = crate::cluster::Files::Refused;
        let cluster = Cluster::from_kubeconfig(text.as_bytes(), None, files).await.unwrap();
        let Link::Down(fault) = probe(&cluster).await else { panic!("nobody is there") };
        assert_eq!(fault.reason, "Unreachable");
    }
}
