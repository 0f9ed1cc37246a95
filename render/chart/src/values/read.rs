//! Reading values files.

use goyaml::{Options, SeparatorError};
use thiserror::Error;
use value::{Map, MapType, Value};

use super::{DEPTH, merge};
use crate::Flavour;

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

/// Reads the values of a file that a user gives; an empty one has none.
///
/// Helm 3 takes the first document; Helm 4 merges all of them, the later over the earlier.
///
/// # Errors
/// Where the text is no YAML, or a document is no map.
pub fn read(text: &[u8], flavour: Flavour) -> Result<Map, ReadValuesError> {
    let values = read_default(text, flavour)?;
    Ok(if values.is_nil() { Map::new() } else { values })
}

/// Reads a chart's `values.yaml`. Without a value in it, that of Helm 3 is the nil map.
pub(crate) fn read_default(text: &[u8], flavour: Flavour) -> Result<Map, ReadValuesError> {
    if flavour == Flavour::V3 {
        let map =
            document(text).map_err(|source| ReadValuesError::Document { one_of_many: false, source })?;
        return Ok(map.unwrap_or_else(|| Map::nil(MapType::INTERFACE)));
    }
    let mut values = Map::new();
    for text in goyaml::documents(text)? {
        let map =
            document(&text).map_err(|source| ReadValuesError::Document { one_of_many: true, source })?;
        values = merge(&values, &map.unwrap_or_default());
    }
    Ok(values)
}

/// The map of one document; `None` for an empty document and for null.
fn document(text: &[u8]) -> Result<Option<Map>, goyaml::Error> {
    let limits = goyaml::Limits { depth: DEPTH, ..goyaml::Limits::default() };
    match goyaml::parse_with(text, &Options { limits, ..Options::default() })? {
        Value::Map(map) => Ok(Some(map)),
        Value::Nil => Ok(None),
        other => Err(mismatch(&other)),
    }
}

fn mismatch(found: &Value) -> goyaml::Error {
    goyaml::type_mismatch(found, "value", "map[string]interface {}")
}
