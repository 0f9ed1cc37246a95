//! In which order the charts of a release are deployed. Helm: HIP-0025.
//!
//! `Chart.yaml` says it in two places: `depends-on` of a dependency names other dependencies that have to be ready
//! before it, and the annotation `helm.sh/depends-on/subcharts` those that have to be before the chart's own objects.
//! Released Helms know neither and pass over them; so does whoever reads [`Metadata`](crate::Metadata).

use std::collections::{BTreeMap, BTreeSet};

use value::{Map, Value};

use crate::Chart;

/// The annotation of a `Chart.yaml`, a JSON list of names.
const DEPENDS_ON: &str = "helm.sh/depends-on/subcharts";
/// The files that list dependencies.
const LISTS: [&str; 2] = ["Chart.yaml", "requirements.yaml"];

/// Which charts have to be ready before others.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sequence {
    /// By the path of a chart ([`Chart::full_path`]), for its own objects: the paths of the charts that have to be
    /// ready before, with all charts below them.
    pub after: BTreeMap<String, BTreeSet<String>>,
    /// What could not be understood.
    pub warnings: Vec<String>,
}

/// What a dependency says of itself.
struct Entry {
    name: String,
    alias: String,
    depends_on: Vec<String>,
}

impl Sequence {
    /// The sequence of a chart whose dependencies are processed: charts that take no part are waited for by none.
    pub fn of(chart: &Chart) -> Self {
        let mut sequence = Self::default();
        sequence.visit(chart, &BTreeSet::new());
        sequence
    }

    /// `before` are the charts that have to be ready before this one and all below it.
    fn visit(&mut self, chart: &Chart, before: &BTreeSet<String>) {
        let entries = entries(chart);
        let mut own = before.clone();
        let named = self.annotated(chart);
        own.extend(self.paths(chart, &entries, &named));
        if !own.is_empty() {
            self.after.insert(chart.full_path().to_owned(), own);
        }
        for subchart in chart.dependencies() {
            let mut needed = before.clone();
            for entry in entries.iter().filter(|entry| entry.effective_name() == subchart.name()) {
                needed.extend(self.paths(chart, &entries, &entry.depends_on));
            }
            self.visit(subchart, &needed);
        }
    }

    /// The names in the chart's annotation.
    fn annotated(&mut self, chart: &Chart) -> Vec<String> {
        let Some(text) = chart.metadata().annotations.get(DEPENDS_ON) else { return Vec::new() };
        let list = value::json::from_slice(text.as_bytes()).ok();
        let names = list.as_ref().and_then(names);
        names.unwrap_or_else(|| {
            let path = chart.full_path();
            self.warnings
                .push(format!("{path}: the annotation {DEPENDS_ON} is no JSON list of names: {text}"));
            Vec::new()
        })
    }

    /// The paths of the subcharts of those names or aliases. One that is switched off counts as ready.
    fn paths(&mut self, chart: &Chart, entries: &[Entry], wanted: &[String]) -> Vec<String> {
        let mut paths = Vec::new();
        for name in wanted {
            let mut aliases: Vec<&str> =
                entries.iter().filter(|entry| entry.name == *name).map(Entry::effective_name).collect();
            aliases.push(name);
            let subcharts = chart.dependencies().iter();
            let known = paths.len();
            paths.extend(
                subcharts
                    .filter(|subchart| aliases.contains(&subchart.name()))
                    .map(|subchart| subchart.full_path().to_owned()),
            );
            let is_listed = entries.iter().any(|entry| entry.name == *name || entry.alias == *name);
            if paths.len() == known && !is_listed {
                let path = chart.full_path();
                self.warnings
                    .push(format!("{path}: something depends on {name}, which is none of its subcharts"));
            }
        }
        paths
    }
}

impl Entry {
    fn of(entry: &Map) -> Self {
        let text = |key: &str| {
            let text = entry.get(key).as_ref().and_then(goyaml::as_string);
            text.map(|text| text.to_text().into_owned()).unwrap_or_default()
        };
        let depends_on = entry.get("depends-on").as_ref().and_then(names).unwrap_or_default();
        Self { name: text("name"), alias: text("alias"), depends_on }
    }

    fn effective_name(&self) -> &str {
        if self.alias.is_empty() { &self.name } else { &self.alias }
    }
}

/// The dependencies as the chart's files list them. What the loader could read can be read again.
fn entries(chart: &Chart) -> Vec<Entry> {
    let files = chart.raw().iter().filter(|file| LISTS.contains(&file.name.as_str()));
    let lists = files.filter_map(|file| goyaml::unmarshal_map(&file.data).ok()?.get("dependencies"));
    let entries = |list: Value| -> Vec<Entry> {
        let items = list.as_list().into_iter().flat_map(|list| list.iter());
        items.filter_map(Value::as_map).map(Entry::of).collect()
    };
    lists.flat_map(entries).collect()
}

/// A list of texts; `None` where it is something else.
fn names(list: &Value) -> Option<Vec<String>> {
    let name = |item: &Value| item.as_string().map(|text| text.to_text().into_owned());
    list.as_list()?.iter().map(name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Flavour, Limits, process_dependencies};

    fn sequence(files: &[(&str, &str)], values: &str) -> Sequence {
        let files = files.iter().map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec()));
        let chart = Chart::load_files(files.collect(), &Limits::default(), Flavour::V4).unwrap();
        let values = goyaml::unmarshal_map(values.as_bytes()).unwrap();
        Sequence::of(&process_dependencies(&chart, &values, Flavour::V4).unwrap().chart)
    }

    const FOO: &str = r#"
apiVersion: v2
name: foo
version: 1.0.0
annotations:
  helm.sh/depends-on/subcharts: '["bar", "rabbitmq"]'
dependencies:
- {name: nginx, version: 1.0.0}
- {name: queue, version: 1.0.0, alias: rabbitmq}
- {name: bar, version: 1.0.0, depends-on: [nginx, queue], condition: bar.enabled}
"#;

    fn foo(values: &str) -> Sequence {
        let chart = |name: &str| format!("{{apiVersion: v2, name: {name}, version: 1.0.0}}");
        let bar = "{apiVersion: v2, name: bar, version: 1.0.0, dependencies: [{name: deep, version: 1.0.0}]}";
        sequence(
            &[
                ("Chart.yaml", FOO),
                ("charts/nginx/Chart.yaml", &chart("nginx")),
                ("charts/queue/Chart.yaml", &chart("queue")),
                ("charts/bar/Chart.yaml", bar),
                ("charts/bar/charts/deep/Chart.yaml", &chart("deep")),
            ],
            values,
        )
    }

    fn after(sequence: &Sequence, path: &str) -> Vec<String> {
        sequence.after.get(path).into_iter().flatten().cloned().collect()
    }

    #[test]
    fn a_chart_comes_after_those_it_names_and_with_it_all_below() {
        let sequence = foo("{}");
        assert_eq!(after(&sequence, "foo"), ["foo/charts/bar", "foo/charts/rabbitmq"]);
        for path in ["foo/charts/bar", "foo/charts/bar/charts/deep"] {
            assert_eq!(after(&sequence, path), ["foo/charts/nginx", "foo/charts/rabbitmq"], "{path}");
        }
        assert_eq!(after(&sequence, "foo/charts/nginx"), [""; 0]);
        assert_eq!(sequence.warnings, [""; 0]);
    }

    #[test]
    fn a_chart_that_takes_no_part_is_waited_for_by_none() {
        assert_eq!(after(&foo("bar: {enabled: false}"), "foo"), ["foo/charts/rabbitmq"]);
    }

    #[test]
    fn names_that_lead_nowhere_are_warned_of() {
        let with = |annotation: &str| {
            let text = format!(
                "{{apiVersion: v2, name: foo, version: 1.0.0, annotations: {{{DEPENDS_ON}: '{annotation}'}}}}"
            );
            sequence(&[("Chart.yaml", &text)], "{}").warnings
        };
        assert_eq!(with(r#"["lost"]"#), ["foo: something depends on lost, which is none of its subcharts"]);
        assert!(with("lost")[0].contains("is no JSON list of names: lost"));
        assert_eq!(with("[]"), [""; 0]);
    }
}
