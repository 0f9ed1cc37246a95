//! YAML as Go's libraries read and print it.
//!
//! Helm reads every document with `sigs.k8s.io/yaml`, which is `go.yaml.in/yaml/v2` and then Go's JSON decoder:
//! YAML 1.1 words (`yes` is true, `012` is ten), the first document only, the last of duplicate keys, every number a
//! `float64`. It prints with the same library (`toYaml`) and with `go.yaml.in/yaml/v3` (`toYamlPretty`). This crate
//! does as they do, texts of errors and line numbers included.
//!
//! ```
//! let values = goyaml::parse(b"replicas: 014\nenabled: yes\n").unwrap();
//! assert_eq!(goyaml::to_yaml(&values).unwrap(), "enabled: true\nreplicas: 12\n");
//!
//! let error = goyaml::unmarshal_map(b"- a\n").unwrap_err();
//! assert_eq!(
//!     error.to_string(),
//!     "error unmarshaling JSON: while decoding JSON: \
//!      json: cannot unmarshal array into Go value of type map[string]interface {}"
//! );
//! ```
//!
//! Text flows `reader` (encodings, forbidden characters) → `scan` (tokens) → `compose` ([`Tree`] of nodes with line
//! and column) → `decode` ([`value::Value`]); and back through `emit`. Where only a part of a document is wanted,
//! `skim` gives it at once if the document is a plain one. Nothing recurses on the depth of the input.
//! The crate does no I/O, keeps no comments and never changes a document in place.

mod bytes;
mod compose;
mod decode;
mod documents;
mod emit;
mod error;
mod go_syntax;
mod limits;
mod reader;
mod resolve;
mod scan;
mod skim;
mod timestamp;
mod tree;
mod unmarshal;

pub use decode::{Numbers, Options, Wanted, parse, parse_part, parse_with};
pub use documents::{SeparatorError, documents};
pub use emit::{EmitError, to_yaml, to_yaml_pretty};
pub use error::{Error, Problem};
pub use limits::Limits;
pub use tree::{Children, Kind, Node, Pairs, Style, Tree, parse_node};
pub use unmarshal::{as_string, type_mismatch, unmarshal_list, unmarshal_map};
