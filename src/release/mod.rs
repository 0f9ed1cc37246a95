//! Release records as Helm keeps them.
//!
//! A revision of a release is a [`Record`]: the chart, the user's values, the rendered manifest, the hooks and how
//! it went. [`codec`] turns it into the text Helm 3 and 4 store and back; [`Storage`] keeps it in Secrets,
//! ConfigMaps or memory, under Helm's names and labels. Helm may read and write the same records at any time.
//!
//! This knows nothing of how a release comes about: `deploy` fills records in and decides when they are written.

pub mod codec;
mod driver;
mod envelope;
mod error;
mod fit;
mod head;
mod labels;
mod members;
mod record;
mod status;
mod storage;
mod stored_chart;
mod summary;
mod time;

pub use driver::{Driver, DriverKind};
pub use envelope::MAX_RECORD_BYTES;
pub use error::{RecordError, StorageError};
pub use head::{Head, Listed};
pub(crate) use labels::check_user_labels;
pub use labels::{SYSTEM_LABELS, object_name};
pub use members::MemberError;
pub use record::{ApplyMethod, HookPhase, HookRun, Info, Record, Stored, StoredHook};
pub use status::Status;
pub use storage::Storage;
pub use stored_chart::{StoredChart, StoredMetadata};
pub use summary::Summary;
pub use time::Time;
