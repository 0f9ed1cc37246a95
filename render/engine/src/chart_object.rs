//! `.Chart`: a Go struct in Helm 3, a plain map in Helm 4.

use std::any::Any;
use std::collections::BTreeMap;

use chart::{Chart, Dependency, Flavour, Maintainer, Metadata};
use value::{ElementType, Kind, List, Map, MapType, Object, Value};

/// The object that templates reach as `.Chart`.
pub(crate) fn object(chart: &Chart, flavour: Flavour) -> Value {
    let metadata = fields(chart.metadata(), flavour);
    match flavour {
        Flavour::V3 => Value::object(ChartStruct {
            metadata: Value::object(Struct { name: "chart.Metadata", kind: Kind::Struct, fields: metadata }),
            is_root: chart.is_root(),
        }),
        Flavour::V4 => {
            let map: Map = metadata.into_iter().map(|field| (field.name, field.value)).collect();
            map.insert("IsRoot", chart.is_root());
            map.into()
        }
    }
}

/// Go's `struct { chart.Metadata; IsRoot bool }`: the fields of the embedded struct are its own too.
#[derive(Debug)]
struct ChartStruct {
    metadata: Value,
    is_root: bool,
}

impl ChartStruct {
    fn metadata(&self) -> Option<&Struct> {
        self.metadata.downcast()
    }
}

impl Object for ChartStruct {
    fn type_name(&self) -> &str {
        "struct { chart.Metadata; IsRoot bool }"
    }

    fn kind(&self) -> Kind {
        Kind::Struct
    }

    fn fields(&self) -> Vec<(&'static str, Value)> {
        vec![("Metadata", self.metadata.clone()), ("IsRoot", self.is_root.into())]
    }

    fn field(&self, name: &str) -> Option<Value> {
        match name {
            "IsRoot" => Some(self.is_root.into()),
            "Metadata" => Some(self.metadata.clone()),
            _ => self.metadata()?.field(name),
        }
    }

    fn json_members(&self) -> Option<Vec<(&'static str, Value)>> {
        let mut members = self.metadata()?.json_members()?;
        members.push(("IsRoot", self.is_root.into()));
        Some(members)
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// A struct of the chart's metadata, or a pointer to one.
#[derive(Debug)]
struct Struct {
    name: &'static str,
    kind: Kind,
    fields: Vec<Field>,
}

/// A field under its Go name, with its JSON name; left out of JSON when empty, unless it is always there.
#[derive(Debug)]
struct Field {
    name: &'static str,
    json: &'static str,
    always: bool,
    value: Value,
}

impl Object for Struct {
    fn type_name(&self) -> &str {
        self.name
    }

    fn kind(&self) -> Kind {
        self.kind
    }

    fn fields(&self) -> Vec<(&'static str, Value)> {
        self.fields.iter().map(|field| (field.name, field.value.clone())).collect()
    }

    fn json_members(&self) -> Option<Vec<(&'static str, Value)>> {
        let shown = self.fields.iter().filter(|field| field.always || field.value.is_true());
        Some(shown.map(|field| (field.json, field.value.clone())).collect())
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

fn field(name: &'static str, json: &'static str, value: impl Into<Value>) -> Field {
    Field { name, json, always: false, value: value.into() }
}

fn fields(metadata: &Metadata, flavour: Flavour) -> Vec<Field> {
    let maintainers = metadata.maintainers.iter().map(maintainer_fields);
    let dependencies =
        metadata.dependencies.iter().flatten().map(|dependency| dependency_fields(dependency, flavour));
    vec![
        field("Name", "name", metadata.name.as_str()),
        field("Home", "home", metadata.home.as_str()),
        field("Sources", "sources", strings(&metadata.sources, flavour)),
        field("Version", "version", metadata.version.as_str()),
        field("Description", "description", metadata.description.as_str()),
        field("Keywords", "keywords", strings(&metadata.keywords, flavour)),
        field("Maintainers", "maintainers", structs("*chart.Maintainer", maintainers.collect(), flavour)),
        field("Icon", "icon", metadata.icon.as_str()),
        field("APIVersion", "apiVersion", metadata.api_version.as_str()),
        field("Condition", "condition", metadata.condition.as_str()),
        field("Tags", "tags", metadata.tags.as_str()),
        field("AppVersion", "appVersion", metadata.app_version.as_str()),
        field("Deprecated", "deprecated", metadata.deprecated),
        field("Annotations", "annotations", annotations(&metadata.annotations)),
        field("KubeVersion", "kubeVersion", metadata.kube_version.as_str()),
        field("Dependencies", "dependencies", structs("*chart.Dependency", dependencies.collect(), flavour)),
        field("Type", "type", metadata.chart_type.as_str()),
    ]
}

fn maintainer_fields(maintainer: &Maintainer) -> Vec<Field> {
    vec![
        field("Name", "name", maintainer.name.as_str()),
        field("Email", "email", maintainer.email.as_str()),
        field("URL", "url", maintainer.url.as_str()),
    ]
}

fn dependency_fields(dependency: &Dependency, flavour: Flavour) -> Vec<Field> {
    vec![
        Field { always: true, ..field("Name", "name", dependency.name.as_str()) },
        field("Version", "version", dependency.version.as_str()),
        Field { always: true, ..field("Repository", "repository", dependency.repository.as_str()) },
        field("Condition", "condition", dependency.condition.as_str()),
        field("Tags", "tags", strings(&dependency.tags, flavour)),
        field("Enabled", "enabled", dependency.enabled),
        field("ImportValues", "import-values", import_values(dependency, flavour)),
        field("Alias", "alias", dependency.alias.as_str()),
    ]
}

fn import_values(dependency: &Dependency, flavour: Flavour) -> Value {
    if dependency.import_values.is_empty() {
        return empty(ElementType::Interface, flavour);
    }
    List::new(dependency.import_values.clone()).into()
}

/// A nil slice, which Helm 4 has turned into an empty one.
fn empty(element: ElementType, flavour: Flavour) -> Value {
    match flavour {
        Flavour::V3 => List::nil(element).into(),
        Flavour::V4 => List::new(Vec::new()).into(),
    }
}

fn strings(items: &[String], flavour: Flavour) -> Value {
    if items.is_empty() {
        return empty(ElementType::String, flavour);
    }
    let items: Vec<Value> = items.iter().map(|item| item.as_str().into()).collect();
    match flavour {
        Flavour::V3 => List::typed(ElementType::String, items).into(),
        Flavour::V4 => List::new(items).into(),
    }
}

fn structs(name: &'static str, items: Vec<Vec<Field>>, flavour: Flavour) -> Value {
    if items.is_empty() {
        return empty(ElementType::Named(name), flavour);
    }
    match flavour {
        Flavour::V3 => {
            let pointers =
                items.into_iter().map(|fields| Value::object(Struct { name, kind: Kind::Pointer, fields }));
            List::typed(ElementType::Named(name), pointers.collect()).into()
        }
        Flavour::V4 => {
            let maps = items.into_iter().map(|fields| {
                Value::Map(fields.into_iter().map(|field| (field.name, field.value)).collect())
            });
            List::new(maps.collect()).into()
        }
    }
}

fn annotations(annotations: &BTreeMap<String, String>) -> Value {
    if annotations.is_empty() {
        return Map::nil(MapType::STRING).into();
    }
    let entries = annotations.iter().map(|(key, text)| (key.as_str().into(), text.as_str().into()));
    Map::from_entries(MapType::STRING, entries).into()
}
