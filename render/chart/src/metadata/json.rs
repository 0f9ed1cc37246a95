//! Metadata as Go's `encoding/json` prints it: fields in Helm's order, empty ones left out.

use value::{Map, MapType, Str, Value, json};

use super::{Dependency, Lock, Maintainer, Metadata};

impl Metadata {
    /// The JSON of a release record and of an OCI artifact's config: one line, `<`, `>` and `&` escaped.
    pub fn to_json(&self) -> String {
        let mut object = Object::new();
        object.text("name", &self.name);
        object.text("home", &self.home);
        object.texts("sources", &self.sources);
        object.text("version", &self.version);
        object.text("description", &self.description);
        object.texts("keywords", &self.keywords);
        object.list("maintainers", self.maintainers.iter().map(Maintainer::to_json));
        object.text("icon", &self.icon);
        object.text("apiVersion", &self.api_version);
        object.text("condition", &self.condition);
        object.text("tags", &self.tags);
        object.text("appVersion", &self.app_version);
        object.truth("deprecated", self.deprecated);
        if !self.annotations.is_empty() {
            let entries =
                self.annotations.iter().map(|(key, text)| (Str::from(key.as_str()), text.as_str().into()));
            object.value("annotations", &Map::from_entries(MapType::STRING, entries).into());
        }
        object.text("kubeVersion", &self.kube_version);
        object.list("dependencies", self.dependencies.iter().flatten().map(Dependency::to_json));
        object.text("type", &self.chart_type);
        object.close()
    }
}

impl Maintainer {
    fn to_json(&self) -> String {
        let mut object = Object::new();
        object.text("name", &self.name);
        object.text("email", &self.email);
        object.text("url", &self.url);
        object.close()
    }
}

impl Dependency {
    /// The JSON of a release record and of a lock's digest.
    pub fn to_json(&self) -> String {
        let mut object = Object::new();
        object.value("name", &self.name.as_str().into());
        object.text("version", &self.version);
        object.value("repository", &self.repository.as_str().into());
        object.text("condition", &self.condition);
        object.texts("tags", &self.tags);
        object.truth("enabled", self.enabled);
        if !self.import_values.is_empty() {
            object.value("import-values", &Value::from(value::List::new(self.import_values.clone())));
        }
        object.text("alias", &self.alias);
        object.close()
    }
}

impl Lock {
    /// The JSON of a release record.
    pub fn to_json(&self) -> String {
        let mut object = Object::new();
        object.value("generated", &self.generated.as_str().into());
        object.value("digest", &self.digest.as_str().into());
        match &self.dependencies {
            Some(dependencies) => {
                object.raw("dependencies", &array(dependencies.iter().map(Dependency::to_json)))
            }
            None => object.raw("dependencies", "null"),
        }
        object.close()
    }
}

/// A JSON list of items that are JSON already.
pub(super) fn array(items: impl Iterator<Item = String>) -> String {
    format!("[{}]", items.collect::<Vec<_>>().join(","))
}

/// An object that is being written, field by field.
struct Object {
    text: String,
}

impl Object {
    fn new() -> Self {
        Self { text: "{".to_owned() }
    }

    fn raw(&mut self, name: &str, json: &str) {
        let comma = if self.text.len() > 1 { "," } else { "" };
        self.text.push_str(&format!("{comma}\"{name}\":{json}"));
    }

    fn value(&mut self, name: &str, value: &Value) {
        // Can't fail: metadata came from JSON, without infinities and cycles.
        let json = json::to_string(value).unwrap_or_else(|_| "null".to_owned());
        self.raw(name, &json);
    }

    fn text(&mut self, name: &str, text: &str) {
        if !text.is_empty() {
            self.value(name, &text.into());
        }
    }

    fn texts(&mut self, name: &str, texts: &[String]) {
        self.list(
            name,
            texts.iter().map(|text| {
                let mut json = Vec::new();
                json::append_string(&mut json, text.as_bytes(), true);
                String::from_utf8_lossy(&json).into_owned()
            }),
        );
    }

    fn truth(&mut self, name: &str, truth: bool) {
        if truth {
            self.raw(name, "true");
        }
    }

    fn list(&mut self, name: &str, items: impl Iterator<Item = String>) {
        let json = array(items);
        if json != "[]" {
            self.raw(name, &json);
        }
    }

    fn close(mut self) -> String {
        self.text.push('}');
        self.text
    }
}
