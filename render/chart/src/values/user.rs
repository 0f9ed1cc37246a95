//! The values that a user gives, from all sources, in Helm's order.

use thiserror::Error;
use value::{Map, Value, json};

use super::read::{self, ReadValuesError};
use super::set::{self, Kind, SetError};
use super::{DEPTH, Layer, merge};
use crate::Flavour;

/// What a user gives on a command line or in a resource.
///
/// The order between kinds is fixed, as in Helm: files, `--set-json`, `--set`, `--set-string`, `--set-file`,
/// `--set-literal`; within a kind, later ones win.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UserValues {
    /// `--values`: the name of each file, for errors, and its contents.
    pub files: Vec<(String, Vec<u8>)>,
    /// `--set-json`
    pub json: Vec<String>,
    /// `--set`
    pub typed: Vec<String>,
    /// `--set-string`
    pub text: Vec<String>,
    /// `--set-file`
    pub file_contents: Vec<String>,
    /// `--set-literal`
    pub literal: Vec<String>,
}

/// Why a user's values can't be read; `Display` is Helm's text.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum UserValuesError {
    /// A file is no YAML or no map.
    #[error("failed to parse {name}: {source}")]
    File {
        /// The file.
        name: String,
        /// Why.
        source: ReadValuesError,
    },
    /// A `--set-json` that is malformed.
    #[error("failed parsing --set-json data {}{argument}", if *.is_object { "JSON: " } else { "" })]
    Json {
        /// Whether it starts as an object does (Helm 4).
        is_object: bool,
        /// The argument.
        argument: String,
    },
    /// Another assignment that is malformed.
    #[error("failed parsing {option} data: {source}")]
    Set {
        /// The option, with its dashes.
        option: &'static str,
        /// Why.
        source: SetError,
    },
}

impl UserValues {
    /// Puts all values together; `read_file` gives the contents that `--set-file` names, or why it can't.
    ///
    /// # Errors
    /// At the first source that can't be read.
    pub fn assemble(
        &self,
        flavour: Flavour,
        read_file: &mut dyn FnMut(&str) -> Result<Vec<u8>, String>,
    ) -> Result<Map, UserValuesError> {
        let mut values = Map::new();
        for (name, text) in &self.files {
            let file = read::read(text, flavour)
                .map_err(|source| UserValuesError::File { name: name.clone(), source })?;
            values = merge(&values, &file);
        }
        for argument in &self.json {
            values = set_json(values, argument, flavour)?;
        }
        let assign =
            |option, arguments: &[String], kind: &mut dyn FnMut(&str, &Map) -> Result<(), SetError>| {
                arguments.iter().try_for_each(|argument| {
                    kind(argument, &values).map_err(|source| UserValuesError::Set { option, source })
                })
            };
        assign("--set", &self.typed, &mut |text, values| set::set(text, Kind::Typed, values, flavour))?;
        assign("--set-string", &self.text, &mut |text, values| set::set(text, Kind::Text, values, flavour))?;
        assign("--set-file", &self.file_contents, &mut |text, values| {
            set::set(text, Kind::File(read_file), values, flavour)
        })?;
        assign("--set-literal", &self.literal, &mut |text, values| {
            set::set(text, Kind::Literal, values, flavour)
        })?;
        Ok(values)
    }
}

impl UserValues {
    /// Each source by itself, in the order in which they are merged; to be asked where a value comes from. What can't
    /// be read is left out: [`Self::assemble`] says what is wrong with it.
    pub fn layers(
        &self,
        flavour: Flavour,
        read_file: &mut dyn FnMut(&str) -> Result<Vec<u8>, String>,
    ) -> Vec<Layer> {
        let files = self.files.iter().filter_map(|(name, text)| {
            let values = read::read(text, flavour).ok()?;
            Some(Layer { name: name.clone(), at: Vec::new(), values, text: Some(text.clone()) })
        });
        let mut layers: Vec<Layer> = files.collect();
        let one = |argument: &String| vec![argument.clone()];
        let mut add = |option: &str, arguments: &[String], alone: &dyn Fn(&String) -> UserValues| {
            for argument in arguments {
                if let Ok(values) = alone(argument).assemble(flavour, read_file) {
                    layers.push(Layer { name: option.to_owned(), at: Vec::new(), values, text: None });
                }
            }
        };
        add("--set-json", &self.json, &|argument| Self { json: one(argument), ..Self::default() });
        add("--set", &self.typed, &|argument| Self { typed: one(argument), ..Self::default() });
        add("--set-string", &self.text, &|argument| Self { text: one(argument), ..Self::default() });
        add("--set-file", &self.file_contents, &|argument| Self {
            file_contents: one(argument),
            ..Self::default()
        });
        add("--set-literal", &self.literal, &|argument| Self { literal: one(argument), ..Self::default() });
        layers
    }
}

/// Helm 4 also takes a whole object, which is merged.
fn set_json(values: Map, argument: &str, flavour: Flavour) -> Result<Map, UserValuesError> {
    let is_object = flavour == Flavour::V4 && argument.trim().starts_with('{');
    let malformed = || UserValuesError::Json { is_object, argument: argument.to_owned() };
    if !is_object {
        set::set(argument, Kind::Json, &values, flavour).map_err(|_| malformed())?;
        return Ok(values);
    }
    match json::from_slice(argument.trim().as_bytes()).ok().and_then(|object| object.deep_copy(DEPTH)) {
        Some(Value::Map(object)) => Ok(merge(&values, &object)),
        _ => Err(malformed()),
    }
}
