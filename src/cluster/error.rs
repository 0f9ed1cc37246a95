//! What the API server, or the way to it, says no with.

use std::fmt;

use kube::core::Status;

/// Why a request failed. Prints what the server said, as client-go does.
#[derive(Debug)]
pub enum ApiError {
    /// The server answered with a failure.
    Status(Box<Status>),
    /// There was no answer that could be read.
    Transport(String),
    /// There was no answer in time.
    Timeout {
        /// The request: method and path.
        request: String,
        /// How long it was waited for.
        seconds: u64,
    },
}

impl ApiError {
    fn is(&self, reason: &str, code: u16) -> bool {
        matches!(self, ApiError::Status(status) if status.reason == reason || status.code == code)
    }

    /// 404
    pub fn is_not_found(&self) -> bool {
        self.is("NotFound", 404)
    }

    /// 403
    pub fn is_forbidden(&self) -> bool {
        self.is("Forbidden", 403)
    }

    /// Whether another try may succeed: there was no answer, or the server was not able to give one.
    pub(super) fn is_temporary(&self) -> bool {
        match self {
            ApiError::Status(status) => {
                status.code == 0 || status.code == 429 || (status.code >= 500 && status.code != 501)
            }
            ApiError::Transport(_) | ApiError::Timeout { .. } => true,
        }
    }

    /// The object exists already. Like a conflict, this is a 409.
    pub fn is_already_exists(&self) -> bool {
        matches!(self, ApiError::Status(status) if status.reason == "AlreadyExists")
    }

    /// A conflict: of a resource version, or of field managers.
    pub fn is_conflict(&self) -> bool {
        self.is("Conflict", 409) && !self.is_already_exists()
    }

    /// A conflict that goes away by itself: the quota's counter was changed at the same time.
    pub(super) fn is_quota_conflict(&self) -> bool {
        let text = self.to_string();
        self.is_conflict()
            && text.contains("Operation cannot be fulfilled on resourcequotas")
            && text.contains("the object has been modified")
    }

    /// For a conflict of field managers, which field belongs to whom.
    pub fn conflicts(&self) -> Vec<(String, String)> {
        let ApiError::Status(status) = self else { return Vec::new() };
        let causes = status.details.iter().flat_map(|details| &details.causes);
        let managed = causes.filter(|cause| cause.reason == "FieldManagerConflict");
        managed.map(|cause| (cause.field.clone(), manager(&cause.message))).collect()
    }
}

/// The manager in `conflict with "kubectl" using apps/v1`.
fn manager(message: &str) -> String {
    message.split('"').nth(1).unwrap_or(message).to_owned()
}

impl fmt::Display for ApiError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ApiError::Status(status) => formatter.write_str(&status.message),
            ApiError::Transport(problem) => formatter.write_str(problem),
            ApiError::Timeout { request, seconds } => {
                write!(formatter, "no answer to {request} within {seconds} s")
            }
        }
    }
}

impl std::error::Error for ApiError {}

impl From<kube::Error> for ApiError {
    fn from(error: kube::Error) -> Self {
        match error {
            kube::Error::Api(status) => ApiError::Status(status),
            kube::Error::SerdeError(source) => ApiError::Transport(format!("unexpected answer: {source}")),
            kube::Error::Service(source) => ApiError::Transport(chain(source.as_ref())),
            other => ApiError::Transport(chain(&other)),
        }
    }
}

/// An error with its causes, each said once: the innermost is the one that tells (`connection refused`).
pub(super) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        let said = inner.to_string();
        if !text.contains(&said) {
            text.push_str(": ");
            text.push_str(&said);
        }
        cause = inner.source();
    }
    text
}

/// Why there is no way to a cluster.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// There is no configuration, or it can't be used.
    #[error("kubernetes cluster unreachable: {0}")]
    Configuration(String),
    /// Nobody answers.
    #[error("kubernetes cluster unreachable: Get \"{server}/version\": {source}")]
    Unreachable {
        /// The API server's URL.
        server: String,
        /// What happened.
        source: ApiError,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_conflict_names_fields_and_managers() {
        let status = serde_json::json!({
            "status": "Failure", "reason": "Conflict", "code": 409, "message": "Apply failed with 1 conflict",
            "details": {"causes": [{
                "reason": "FieldManagerConflict",
                "message": "conflict with \"kubectl\" using apps/v1",
                "field": ".spec.replicas",
            }]},
        });
        let error = ApiError::Status(serde_json::from_value(status).unwrap());
        assert!(error.is_conflict() && !error.is_quota_conflict());
        assert_eq!(error.conflicts(), [(".spec.replicas".to_owned(), "kubectl".to_owned())]);
    }
}
