//! Keeps secret values out of what the operator says.

use serde_json::Value;

const MASK: &str = "***";
/// Shorter secrets are not searched for: `1` or `on` would mask half of every text, and protects nothing.
const SHORTEST: usize = 4;

/// Secret texts, to be kept out of what is said.
#[derive(Clone, Default)]
pub(crate) struct Redactor {
    secrets: Vec<String>,
}

impl Redactor {
    /// Adds a secret value, and the strings inside it.
    pub(super) fn add(&mut self, value: &Value) {
        match value {
            Value::String(text) => self.add_text(text),
            Value::Array(list) => list.iter().for_each(|value| self.add(value)),
            Value::Object(map) => map.values().for_each(|value| self.add(value)),
            Value::Number(number) => self.add_text(&number.to_string()),
            Value::Null | Value::Bool(_) => {}
        }
    }

    /// Adds a secret text, whole and line by line.
    pub(crate) fn add_text(&mut self, text: &str) {
        let lines = text.lines().chain([text]).map(str::trim).filter(|text| text.len() >= SHORTEST);
        self.secrets.extend(lines.map(str::to_owned));
        // What contains another secret must be masked before it.
        self.secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        self.secrets.dedup();
    }

    /// The text with every secret masked.
    pub(crate) fn clean(&self, text: &str) -> String {
        self.secrets.iter().fold(text.to_owned(), |text, secret| text.replace(secret, MASK))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_and_their_parts_are_masked() {
        let mut redactor = Redactor::default();
        redactor.add(
            &serde_json::json!({"user": "canary", "keys": ["canary-longer"], "port": 65001, "on": true}),
        );
        redactor.add_text("-----BEGIN-----\nbody\n");
        let text = redactor.clean("canary canary-longer 65001 body true");
        assert_eq!(text, "*** *** *** *** true");
    }
}
