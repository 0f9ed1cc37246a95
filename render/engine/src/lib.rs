//! Helm's renderer: charts and values in, manifests, hooks and notes out.
//!
//! ```text
//! chart, values ─► scopes (what each template sees) ─► execution ─► documents ─► manifests, hooks, notes
//! ```
//!
//! It reads no file, asks no cluster and knows no clock but through what the caller gives: [`Lookup`] answers
//! `lookup`, [`Limits`] bound what a hostile chart can use.

mod capabilities;
mod chart_object;
mod error;
pub mod explain;
mod files;
mod frames;
mod functions;
mod glob;
mod limits;
pub mod lint;
mod manifest;
mod parsed;
mod pipeline;
mod render;
mod scope;
#[cfg(test)]
mod testing;
mod toml;
pub mod unused;
mod values_methods;
mod witness;

pub use capabilities::helm_version;
pub use error::{ChartMessage, RenderError};
pub use frames::Frame;
pub use functions::{Lookup, LookupError};
pub use limits::{LimitSettingError, Limits};
pub use manifest::{
    Head, HeadError, Hook, HookEvent, INSTALL_ORDER, Manifest, SortError, Sorted, UNINSTALL_ORDER,
    holds_manifests, install_rank, sort, split, uninstall_rank,
};
pub use pipeline::{Rendered, RenderedFiles, Request, append_document};
pub use render::{Addresses, Engine, Options};
pub use scope::Release;
pub use witness::Witness;
