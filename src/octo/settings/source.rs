//! Where settings come from: a file, the environment, flags. Each is flattened to names and texts.
//!
//! .NET's rules: names are not case-sensitive, `__` nests, list items are numbered from 0.

use std::collections::BTreeMap;

use super::SettingsError;

/// The prefix of environment variables.
const PREFIX: &str = "operator__";

/// One setting as somebody wrote it.
#[derive(Clone)]
pub(super) struct Written {
    /// The text.
    pub(super) text: String,
    /// The name as its author knows it, for messages.
    pub(super) name: String,
}

/// Settings by their names in lower case, with `:` between levels. Later sources replace earlier ones.
#[derive(Default)]
pub(super) struct Table {
    pub(super) entries: BTreeMap<String, Written>,
}

impl Table {
    fn put(&mut self, key: &str, name: &str, text: String) {
        let key = key.to_lowercase().replace("__", ":").replace('.', ":");
        self.entries.insert(key, Written { text, name: name.to_owned() });
    }

    /// Variables that begin with `OPERATOR__`; all others are none of ours.
    pub(super) fn environment(&mut self, variables: impl IntoIterator<Item = (String, String)>) {
        for (name, text) in variables {
            if let Some(key) = name.to_lowercase().strip_prefix(PREFIX) {
                self.put(key, &name, text);
            }
        }
    }

    /// `Name=text`, with `.` or `__` between levels.
    pub(super) fn flags(&mut self, flags: &[String]) -> Result<(), SettingsError> {
        for flag in flags {
            let (name, text) = flag.split_once('=').ok_or_else(|| SettingsError::Flag(flag.clone()))?;
            self.put(name.trim(), name.trim(), text.to_owned());
        }
        Ok(())
    }

    /// A YAML or JSON file of nested maps, below `Operator` or without.
    pub(super) fn file(&mut self, path: &str, text: &[u8]) -> Result<(), SettingsError> {
        let failed = |problem: String| SettingsError::File { path: path.to_owned(), problem };
        let read =
            chart::values::read(text, chart::Flavour::V4).map_err(|error| failed(error.to_string()))?;
        let json =
            value::json::to_string(&value::Value::Map(read)).map_err(|error| failed(error.to_string()))?;
        let whole: serde_json::Value =
            serde_json::from_str(&json).map_err(|error| failed(error.to_string()))?;
        let section = whole.as_object().and_then(|members| {
            members.iter().find(|(name, _)| name.eq_ignore_ascii_case("operator")).map(|(_, section)| section)
        });
        self.flatten("", section.unwrap_or(&whole));
        Ok(())
    }

    fn flatten(&mut self, name: &str, value: &serde_json::Value) {
        use serde_json::Value;
        let below = |key: &str| if name.is_empty() { key.to_owned() } else { format!("{name}.{key}") };
        match value {
            Value::Object(members) => {
                members.iter().for_each(|(key, value)| self.flatten(&below(key), value));
            }
            Value::Array(items) => {
                items
                    .iter()
                    .enumerate()
                    .for_each(|(index, value)| self.flatten(&below(&index.to_string()), value));
            }
            Value::Null => {}
            Value::String(text) => self.put(name, name, text.clone()),
            other => self.put(name, name, other.to_string()),
        }
    }
}
