//! What can be wrong with a record, and with the place it is kept in.

use super::MemberError;

/// Why a text is no record, or a record no text.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// The stored text is no base64.
    #[error("illegal base64 data: {0}")]
    Base64(#[source] base64::DecodeError),
    /// The compressed bytes are damaged.
    #[error("gzip: {0}")]
    Compression(#[source] std::io::Error),
    /// It holds more than any record does.
    #[error("the record unpacks to more than {limit} bytes")]
    TooLarge {
        /// The limit in bytes.
        limit: u64,
    },
    /// The bytes are no JSON object.
    #[error("{0}")]
    Json(String),
    /// A member is not of its type.
    #[error(transparent)]
    Member(#[from] MemberError),
    /// A number that JSON can't hold.
    #[error(transparent)]
    Encode(#[from] value::json::EncodeError),
}

/// Why a record could not be kept or found. The texts are Helm's where Helm has one.
#[derive(Debug, thiserror::Error)]
pub enum StorageError {
    /// There is no such release, or no such revision of it.
    #[error("release: not found")]
    NotFound,
    /// The revision exists already: somebody else was faster.
    #[error("release: already exists")]
    Exists,
    /// There are revisions, and none is deployed.
    #[error("{0:?} has no deployed releases")]
    NoDeployed(String),
    /// The record was changed between our writes.
    #[error(
        "the record of revision {revision} of release {name:?} was changed by somebody else while it was in use; \
         look at it with `pintle history {name}` before going on"
    )]
    Changed {
        /// The release.
        name: String,
        /// The revision.
        revision: i64,
    },
    /// A label that belongs to the system.
    #[error(
        "user supplied labels contains system reserved label name. System labels: \
         [name owner status version createdAt modifiedAt]"
    )]
    SystemLabel,
    /// The record can't be read or written.
    #[error("{action}: {source}")]
    Record {
        /// What was being done, with the object's name.
        action: String,
        /// What is wrong with it.
        source: RecordError,
    },
    /// The API server refused.
    #[error("{action}: {source}")]
    Api {
        /// What was being done, with the object's name.
        action: String,
        /// What it said.
        source: crate::cluster::ApiError,
    },
    /// The record is larger than what Kubernetes stores in one object.
    #[error(
        "the record of revision {revision} of release {name:?} takes {bytes} bytes, and Kubernetes stores at most \
         {limit}: {parts} (bytes before compression). Leave files out of the chart with .helmignore, or store the record \
         without the chart's templates and files: --slim-records"
    )]
    TooLarge {
        /// The release.
        name: String,
        /// The revision.
        revision: i64,
        /// How large it is, compressed as well as can be, in bytes.
        bytes: usize,
        /// How large it may be, in bytes.
        limit: usize,
        /// What its parts take, the largest first.
        parts: String,
    },
    /// Several old revisions could not be removed.
    #[error("encountered {count} deletion errors. First is: {first}")]
    Prune {
        /// How many.
        count: usize,
        /// The first of them.
        first: Box<StorageError>,
    },
    /// `HELM_DRIVER` names a driver we don't have.
    #[error("unknown driver in \"HELM_DRIVER\": {0}; pintle knows secret, configmap and memory")]
    UnknownDriver(String),
}

impl StorageError {
    /// Whether the release or revision does not exist.
    pub fn is_not_found(&self) -> bool {
        matches!(self, StorageError::NotFound)
    }
}
