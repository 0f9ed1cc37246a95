//! What each template sees as its dot, and which templates there are.

use std::collections::BTreeMap;
use std::sync::Arc;

use chart::{Chart, Flavour};
use value::{Map, Str, Value};

use crate::parsed::ParsedTemplates;
use crate::{capabilities, chart_object, files};

/// The release that templates see as `.Release`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Release {
    /// The release's name.
    pub name: String,
    /// The namespace it is installed in.
    pub namespace: String,
    /// The revision, from 1.
    pub revision: i64,
    /// Whether this is an install.
    pub is_install: bool,
    /// Whether this is an upgrade or a rollback.
    pub is_upgrade: bool,
}

/// A template and its dot.
pub(crate) struct Template {
    pub(crate) text: Arc<[u8]>,
    pub(crate) dot: Map,
    /// `.Template.BasePath`
    pub(crate) base_path: String,
    /// Where the chart keeps it once it is parsed.
    pub(crate) parsed: Arc<ParsedTemplates>,
}

/// Templates by full name: `chart/charts/sub/templates/a.yaml`.
pub(crate) type Scopes = BTreeMap<String, Template>;

/// Go's name of the type of `.Values` and `.Template`.
pub(crate) fn values_type(flavour: Flavour) -> &'static str {
    if flavour == Flavour::V3 { "chartutil.Values" } else { "common.Values" }
}

/// The templates of a chart and its subcharts, each with what it sees.
///
/// The values of subcharts are parts of their parent's: what a template sets there, the parent sees.
pub(crate) fn scopes(
    chart: &Chart,
    values: &Map,
    release: &Release,
    capabilities: &chart::capabilities::Capabilities,
    flavour: Flavour,
) -> Scopes {
    let release: Map = [
        ("Name", Value::from(release.name.as_str())),
        ("Namespace", release.namespace.as_str().into()),
        ("Revision", Value::int(release.revision)),
        ("IsUpgrade", release.is_upgrade.into()),
        ("IsInstall", release.is_install.into()),
        ("Service", "Helm".into()),
    ]
    .into_iter()
    .collect();
    let capabilities = capabilities::object(capabilities, flavour);
    let mut walk = Walk { scopes: Scopes::new(), release: release.into(), capabilities, flavour };
    walk.chart(chart, values.named(values_type(flavour)));
    walk.scopes
}

struct Walk {
    scopes: Scopes,
    release: Value,
    capabilities: Value,
    flavour: Flavour,
}

impl Walk {
    /// Adds a chart's templates and gives its dot, which is its parent's `.Subcharts` entry.
    fn chart(&mut self, chart: &Chart, values: Map) -> Map {
        let subcharts = Map::new();
        let dot: Map = [
            ("Chart", chart_object::object(chart, self.flavour)),
            (
                "Files",
                files::files(chart.files().iter().map(|file| (file.name.as_str(), Arc::clone(&file.data)))),
            ),
            ("Release", self.release.clone()),
            ("Capabilities", self.capabilities.clone()),
            ("Values", values.clone().into()),
            ("Subcharts", subcharts.clone().into()),
        ]
        .into_iter()
        .collect();
        for subchart in chart.dependencies() {
            let inner = self.chart(subchart, self.values_of(subchart, &values));
            subcharts.insert(subchart.name(), inner);
        }
        self.templates(chart, &dot);
        dot
    }

    fn values_of(&self, subchart: &Chart, values: &Map) -> Map {
        let table = match values.get(subchart.name()) {
            Some(Value::Map(table)) => table,
            _ => Map::new(),
        };
        table.named(values_type(self.flavour))
    }

    fn templates(&mut self, chart: &Chart, dot: &Map) {
        let path = chart.full_path();
        let parsed = chart.companion::<ParsedTemplates>();
        for file in chart.templates() {
            let base = file.name.rsplit('/').next().unwrap_or_default();
            if chart.is_library() && !base.starts_with('_') {
                continue;
            }
            let template = Template {
                text: Arc::clone(&file.data),
                dot: dot.clone(),
                base_path: format!("{path}/templates"),
                parsed: Arc::clone(&parsed),
            };
            self.scopes.insert(format!("{path}/{}", file.name), template);
        }
    }
}

/// The order in which Helm parses and renders: deepest first, within a depth from Z to A.
pub(crate) fn rendering_order(scopes: &Scopes) -> Vec<&str> {
    let mut names: Vec<&str> = scopes.keys().rev().map(String::as_str).collect();
    names.sort_by_cached_key(|name| std::cmp::Reverse(name.matches('/').count()));
    names
}

/// Sets `.Template` for the template that is about to run.
pub(crate) fn set_template(dot: &Map, name: &str, base_path: &str, flavour: Flavour) {
    let template: Map = [("Name", Str::from(name)), ("BasePath", base_path.into())].into_iter().collect();
    dot.insert("Template", template.named(values_type(flavour)));
}
