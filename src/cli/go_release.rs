//! A release as Go's templates see it: `get all --template`. Helm: `pkg/release/v1`, `pkg/chart/v2`.

use std::any::Any;
use std::collections::BTreeMap;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chart::{Flavour, Metadata};
use gotemplate::Templates;
use value::{CallError, Kind, List, Map, MapType, Object, Str, Value};

use super::CliError;
use crate::host::SystemHost;
use crate::release::{HookRun, Info, Record, StoredChart, StoredHook, Time};

/// The template's name in errors.
const NAME: &str = "_";

/// Executes a template with the release as `.Release`, and no functions but Go's own.
pub(super) fn execute(template: &str, record: &Record, flavour: Flavour) -> Result<String, CliError> {
    let data: Map = [("Release", release(record, flavour))].into_iter().collect();
    execute_with(template, data.into())
}

/// Executes a template with that data, and no functions but Go's own.
pub(super) fn execute_with(template: &str, data: Value) -> Result<String, CliError> {
    let failed = |error: &dyn std::error::Error| CliError::message(error.to_string());
    let host: Arc<dyn sprig::Host> = Arc::new(SystemHost);
    let mut templates = Templates::new(NAME).with_methods(sprig::methods(&host));
    templates.parse(NAME, template).map_err(|error| failed(&error))?;
    let text = templates.execute(NAME, data).map_err(|error| failed(&error))?;
    Ok(String::from_utf8_lossy(&text).into_owned())
}

/// A struct, or a pointer to one.
#[derive(Debug)]
struct Struct {
    name: &'static str,
    kind: Kind,
    fields: Vec<(&'static str, Value)>,
    /// What the methods without parameters give.
    methods: Vec<(&'static str, Value)>,
}

impl Object for Struct {
    fn type_name(&self) -> &str {
        self.name
    }

    fn kind(&self) -> Kind {
        self.kind
    }

    fn fields(&self) -> Vec<(&'static str, Value)> {
        self.fields.clone()
    }

    fn call(&self, name: &str, arguments: &[Value]) -> Option<Result<Value, CallError>> {
        let (_, answer) = self.methods.iter().find(|(method, _)| *method == name)?;
        let got = arguments.len();
        Some(match got {
            0 => Ok(answer.clone()),
            _ => Err(CallError::ArgumentCount { name: name.to_owned(), want: 0, got }),
        })
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

fn pointer(name: &'static str, fields: Vec<(&'static str, Value)>) -> Value {
    Value::object(Struct { name, kind: Kind::Pointer, fields, methods: Vec::new() })
}

/// The name of a type in the Helm that we are.
fn named(flavour: Flavour, helm_3: &'static str, helm_4: &'static str) -> &'static str {
    if flavour == Flavour::V3 { helm_3 } else { helm_4 }
}

fn release(record: &Record, flavour: Flavour) -> Value {
    let hooks = record.hooks.iter().map(|hook| hook_object(hook, flavour)).collect();
    let mut fields = vec![
        ("Name", record.name.as_str().into()),
        ("Info", info(&record.info, flavour)),
        ("Chart", chart(&record.chart, flavour)),
        ("Config", Value::Map(record.config.clone())),
        ("Manifest", record.manifest.as_str().into()),
        ("Hooks", Value::from(List::new(hooks))),
        ("Version", Value::int(record.revision)),
        ("Namespace", record.namespace.as_str().into()),
        ("Labels", texts_by_name(&record.labels)),
    ];
    if flavour == Flavour::V4 {
        fields.push(("ApplyMethod", record.apply_method.as_str().into()));
    }
    pointer(named(flavour, "*release.Release", "*v1.Release"), fields)
}

fn info(info: &Info, flavour: Flavour) -> Value {
    let mut fields = vec![
        ("FirstDeployed", time(info.first_deployed)),
        ("LastDeployed", time(info.last_deployed)),
        ("Deleted", time(info.deleted)),
        ("Description", info.description.as_str().into()),
        ("Status", info.status.as_str().into()),
        ("Notes", info.notes.as_str().into()),
        ("Resources", Value::Map(Map::new())),
    ];
    if flavour == Flavour::V4 {
        fields.insert(5, ("RollbackRevision", Value::int(info.rollback_revision)));
    }
    pointer(named(flavour, "*release.Info", "*v1.Info"), fields)
}

fn hook_object(hook: &StoredHook, flavour: Flavour) -> Value {
    let fields = vec![
        ("Name", hook.name.as_str().into()),
        ("Kind", hook.kind.as_str().into()),
        ("Path", hook.path.as_str().into()),
        ("Manifest", hook.manifest.as_str().into()),
        ("Events", texts(&hook.events)),
        ("LastRun", run(&hook.last_run, flavour)),
        ("Weight", Value::int(hook.weight)),
        ("DeletePolicies", texts(&hook.delete_policies)),
        ("OutputLogPolicies", texts(&hook.output_log_policies)),
    ];
    pointer(named(flavour, "*release.Hook", "*v1.Hook"), fields)
}

fn run(run: &HookRun, flavour: Flavour) -> Value {
    let fields = vec![
        ("StartedAt", time(run.started_at)),
        ("CompletedAt", time(run.completed_at)),
        ("Phase", run.phase.as_str().into()),
    ];
    let name = named(flavour, "release.HookExecution", "v1.HookExecution");
    Value::object(Struct { name, kind: Kind::Struct, fields, methods: Vec::new() })
}

fn chart(stored: &StoredChart, flavour: Flavour) -> Value {
    let Some(json) = stored.json() else { return Value::Nil };
    let members: serde_json::Value = serde_json::from_str(json).unwrap_or_default();
    let metadata = Metadata::parse(members["metadata"].to_string().as_bytes(), flavour).unwrap_or_default();
    let schema = members["schema"].as_str().and_then(|text| STANDARD.decode(text).ok()).unwrap_or_default();
    let fields = vec![
        ("Metadata", metadata_object(&metadata, flavour)),
        ("Templates", files(&members["templates"], flavour)),
        ("Values", stored.values().unwrap_or_default()),
        ("Schema", String::from_utf8_lossy(&schema).as_ref().into()),
        ("Files", files(&members["files"], flavour)),
    ];
    let methods = vec![
        ("Name", metadata.name.as_str().into()),
        ("AppVersion", metadata.app_version.as_str().into()),
        ("ChartPath", metadata.name.as_str().into()),
        ("ChartFullPath", metadata.name.as_str().into()),
        ("IsRoot", true.into()),
        ("Dependencies", Value::from(List::new(Vec::new()))),
    ];
    let name = named(flavour, "*chart.Chart", "*v2.Chart");
    Value::object(Struct { name, kind: Kind::Pointer, fields, methods })
}

fn metadata_object(metadata: &Metadata, flavour: Flavour) -> Value {
    let maintainers = metadata.maintainers.iter().map(|maintainer| {
        let fields = vec![
            ("Name", maintainer.name.as_str().into()),
            ("Email", maintainer.email.as_str().into()),
            ("URL", maintainer.url.as_str().into()),
        ];
        pointer(named(flavour, "*chart.Maintainer", "*v2.Maintainer"), fields)
    });
    let dependencies = metadata.dependencies.iter().flatten().map(|dependency| {
        let fields = vec![
            ("Name", dependency.name.as_str().into()),
            ("Version", dependency.version.as_str().into()),
            ("Repository", dependency.repository.as_str().into()),
            ("Condition", dependency.condition.as_str().into()),
            ("Tags", texts(&dependency.tags)),
            ("Enabled", dependency.enabled.into()),
            ("ImportValues", Value::from(List::new(dependency.import_values.clone()))),
            ("Alias", dependency.alias.as_str().into()),
        ];
        pointer(named(flavour, "*chart.Dependency", "*v2.Dependency"), fields)
    });
    let fields = vec![
        ("Name", metadata.name.as_str().into()),
        ("Home", metadata.home.as_str().into()),
        ("Sources", texts(&metadata.sources)),
        ("Version", metadata.version.as_str().into()),
        ("Description", metadata.description.as_str().into()),
        ("Keywords", texts(&metadata.keywords)),
        ("Maintainers", Value::from(List::new(maintainers.collect()))),
        ("Icon", metadata.icon.as_str().into()),
        ("APIVersion", metadata.api_version.as_str().into()),
        ("Condition", metadata.condition.as_str().into()),
        ("Tags", metadata.tags.as_str().into()),
        ("AppVersion", metadata.app_version.as_str().into()),
        ("Deprecated", metadata.deprecated.into()),
        ("Annotations", texts_by_name(&metadata.annotations)),
        ("KubeVersion", metadata.kube_version.as_str().into()),
        ("Dependencies", Value::from(List::new(dependencies.collect()))),
        ("Type", metadata.chart_type.as_str().into()),
    ];
    pointer(named(flavour, "*chart.Metadata", "*v2.Metadata"), fields)
}

fn files(list: &serde_json::Value, flavour: Flavour) -> Value {
    let file = |file: &serde_json::Value| {
        let data = STANDARD.decode(file["data"].as_str().unwrap_or_default()).unwrap_or_default();
        let name = file["name"].as_str().unwrap_or_default();
        let fields = vec![("Name", name.into()), ("Data", String::from_utf8_lossy(&data).as_ref().into())];
        pointer(named(flavour, "*chart.File", "*common.File"), fields)
    };
    Value::from(List::new(list.as_array().into_iter().flatten().map(file).collect()))
}

fn texts(texts: &[String]) -> Value {
    Value::from(List::strings(texts.iter().map(String::as_str)))
}

fn texts_by_name(texts: &BTreeMap<String, String>) -> Value {
    let entries = texts.iter().map(|(name, text)| (Str::from(name.as_str()), text.as_str().into()));
    Map::from_entries(MapType::STRING, entries).into()
}

/// A time as Go's `time.Time`; its zero where there is none.
fn time(time: Option<Time>) -> Value {
    const LAYOUT: &[u8] = b"2006-01-02T15:04:05.999999999Z07:00";
    const ZERO: &str = "0001-01-01T00:00:00Z";
    let local = sprig::Zone::local(&SystemHost);
    let text = time.map_or_else(|| ZERO.to_owned(), Time::rfc3339_nano);
    sprig::Time::parse(LAYOUT, text.as_bytes(), &local).map_or(Value::Nil, Value::object)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::release::codec;

    fn said(template: &str) -> Result<String, String> {
        let json = concat!(
            r#"{"name":"web","info":{"last_deployed":"2026-11-21T09:58:36Z","status":"deployed"},"#,
            r#""chart":{"metadata":{"name":"shop","version":"1.2.3"},"templates":[{"name":"a","data":"Yg=="}],"#,
            r#""values":{"n":1}},"config":{"x":{"y":2}},"hooks":[{"name":"h","weight":-1}],"version":7}"#
        );
        let record = codec::from_json(json.as_bytes()).unwrap();
        execute(template, &record, Flavour::V4).map_err(|error| error.to_string())
    }

    #[test]
    fn fields_and_methods_are_gos() {
        let cases = [
            ("{{.Release.Name}} {{.Release.Version}} {{.Release.Info.Status}}", "web 7 deployed"),
            ("{{.Release.Chart.Metadata.Version}} {{.Release.Chart.Name}}", "1.2.3 shop"),
            ("{{.Release.Config.x.y}} {{.Release.Chart.Values.n}}", "2 1"),
            ("{{range .Release.Hooks}}{{.Name}}{{.Weight}}{{end}}", "h-1"),
            ("{{range .Release.Chart.Templates}}{{printf \"%s\" .Data}}{{end}}", "b"),
            ("{{.Release.Info.LastDeployed.Format \"2006\"}} {{.Release.Info.Deleted.Year}}", "2026 1"),
        ];
        for (template, text) in cases {
            assert_eq!(said(template).as_deref(), Ok(text), "{template}");
        }
    }

    #[test]
    fn a_field_that_is_none_is_told_in_gos_words() {
        let error = said("{{.Release.Info.Wrong}}").unwrap_err();
        assert!(error.contains("can't evaluate field Wrong in type *v1.Info"), "{error}");
        assert!(said("{{upper .Release.Name}}").unwrap_err().contains("function \"upper\" not defined"));
    }
}
