//! The chart model and everything that happens to a chart before its templates run.
//!
//! A chart comes as an archive or as a list of files ([`Chart::load_archive`], [`Chart::load_files`]), with its
//! metadata checked as Helm checks it. Where Helm 3 and 4 differ, a [`Flavour`] decides.
//!
//! The crate does no I/O: reading directories, downloading and caching belong to its callers.

pub mod capabilities;
mod chart;
pub mod dependencies;
mod flavour;
mod go_text;
pub mod ignore;
pub mod load;
pub mod metadata;
mod package;
pub mod schema;
mod sequence;
pub mod values;

pub use chart::{Chart, CustomResourceDefinition, File};
pub use dependencies::{Processed, check_dependencies, process_dependencies};
pub use flavour::Flavour;
pub use go_text::path_matches;
pub use load::{Limits, LoadError};
pub use metadata::{Dependency, Lock, Maintainer, Metadata};
pub use package::PackageError;
pub use sequence::Sequence;
pub use values::{Coalesced, ValuesError, coalesce_values};
