//! Reading values files.

use goyaml::{Options, SeparatorError};
use thiserror::Error;
use value::{Map, Value};

use super::{DEPTH, merge};
use crate::{Flavour, Limits};

/// Why a values file can't be read; `Display` is Helm's text.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum ReadValuesError {
    /// A document is no YAML, or no map.
    #[error("{}{source}", if *.one_of_many { "cannot unmarshal yaml document: " } else { "" })]
    Document {
        /// Whether the text is Helm 4's, which reads many documents.
        one_of_many: bool,
        /// Why.
        source: goyaml::Error,
    },
    /// A line between documents holds more than dashes (Helm 4).
    #[error("error reading yaml document: {0}")]
    Separator(#[from] SeparatorError),
}

/// Reads a values file, a chart's or a user's, within the usual limits; an empty one has no values.
///
/// Helm 3 takes the first document; Helm 4 merges all of them, the later over the earlier.
///
/// # Errors
/// Where the text is no YAML, or a document is no map.
pub fn read(text: &[u8], flavour: Flavour) -> Result<Map, ReadValuesError> {
    read_within(text, &Limits::default(), flavour)
}

/// As [`read`], within the limits of whoever gives the text.
///
/// # Errors
/// As [`read`], and where a limit is crossed.
pub fn read_within(text: &[u8], limits: &Limits, flavour: Flavour) -> Result<Map, ReadValuesError> {
    let limits = limits.yaml(DEPTH);
    let document = |text: &[u8]| document(text, limits);
    if flavour == Flavour::V3 {
        return document(text).map_err(|source| ReadValuesError::Document { one_of_many: false, source });
    }
    let mut values = Map::new();
    for text in goyaml::documents(text)? {
        let map =
            document(&text).map_err(|source| ReadValuesError::Document { one_of_many: true, source })?;
        values = merge(&values, &map);
    }
    Ok(values)
}

/// The map of one document; an empty document and null leave Go's map as it was, which is empty.
fn document(text: &[u8], limits: goyaml::Limits) -> Result<Map, goyaml::Error> {
    match goyaml::parse_with(text, &Options { limits, ..Options::default() })? {
        Value::Map(map) => Ok(map),
        Value::Nil => Ok(Map::new()),
        other => Err(goyaml::type_mismatch(&other, "value", "map[string]interface {}")),
    }
}
