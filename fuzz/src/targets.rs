//! What is fed.

use chart::values::set::{self, Kind};
use chart::{Chart, Flavour, Limits};
use gotemplate::{Execution, Templates};
use value::{Map, Value};

use crate::seeds;

/// Something that reads what strangers wrote. It may refuse; it may not break.
pub(crate) struct Target {
    pub(crate) name: &'static str,
    pub(crate) seeds: &'static [&'static str],
    pub(crate) run: fn(&[u8]),
}

pub(crate) const TARGETS: &[Target] = &[
    Target { name: "archive", seeds: seeds::CHART, run: archive },
    Target { name: "execute", seeds: seeds::TEMPLATES, run: execute },
    Target { name: "manifest", seeds: seeds::MANIFESTS, run: manifest },
    Target { name: "parse", seeds: seeds::TEMPLATES, run: parse },
    Target { name: "regex", seeds: seeds::PATTERNS, run: regex },
    Target { name: "schema", seeds: seeds::SCHEMAS, run: schema },
    Target { name: "set", seeds: seeds::SET, run: set },
    Target { name: "version", seeds: seeds::VERSIONS, run: version },
    Target { name: "yaml", seeds: seeds::YAML, run: yaml },
];

/// The input as an archive, and as the metadata of a chart that is whole but for it.
fn archive(input: &[u8]) {
    let limits = Limits::default();
    let _ = Chart::load_archive(input, &limits, Flavour::V4);
    let files = vec![("Chart.yaml".to_owned(), input.to_vec()), ("values.yaml".to_owned(), input.to_vec())];
    if let Ok(chart) = Chart::load_files(files, &limits, Flavour::V3)
        && let Ok(processed) = chart::process_dependencies(&chart, &Map::new(), Flavour::V3)
    {
        let _ = chart::coalesce_values(&processed.chart, &Map::new(), Flavour::V3);
    }
}

fn parse(input: &[u8]) {
    let _ = Templates::new("fuzz").parse("fuzz", input);
}

fn execute(input: &[u8]) {
    let mut templates = Templates::new("fuzz");
    if templates.parse("fuzz", input).is_ok() {
        let limits = gotemplate::Limits { steps: 100_000, output: 1 << 20, ..gotemplate::Limits::default() };
        let values: Map = [("a", Value::from(1.0)), ("m", Map::new().into())].into_iter().collect();
        let dot: Map = [("Values", values)].into_iter().collect();
        let _ = Execution::new(&templates).limits(limits).execute("fuzz", dot.into());
    }
}

fn yaml(input: &[u8]) {
    if let Ok(value) = goyaml::parse(input) {
        let _ = goyaml::to_yaml(&value);
        let _ = goyaml::to_yaml_pretty(&value);
        let _ = value::json::to_string(&value);
    }
}

fn manifest(input: &[u8]) {
    for flavour in [Flavour::V3, Flavour::V4] {
        let _ = pintle_render::sort(&[("c/templates/a.yaml".to_owned(), input.into())].into(), flavour);
    }
}

fn set(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    for flavour in [Flavour::V3, Flavour::V4] {
        for kind in [Kind::Typed, Kind::Text, Kind::Json, Kind::Literal] {
            let _ = set::set(&text, kind, &Map::new(), flavour);
        }
    }
}

fn schema(input: &[u8]) {
    let values: Map = [("a", Value::from("x")), ("b", Value::from(2.0))].into_iter().collect();
    let _ = chart::schema::validate_one(input, &values, &Limits::default());
}

/// The input parts into a pattern and a text at its first line break.
fn regex(input: &[u8]) {
    let mut parts = input.splitn(2, |byte| *byte == b'\n');
    let (pattern, text) = (parts.next().unwrap_or_default(), parts.next().unwrap_or(input));
    if let Ok(regex) = goregex::Regex::new(pattern) {
        let _ = regex.is_match(text);
        let _ = regex.replace_all(text, b"[$1]", 1 << 20);
    }
}

fn version(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    let version = semver::Version::parse(&text);
    let constraint = semver::Constraint::parse(&text);
    if let (Ok(constraint), Ok(fixed)) = (&constraint, semver::Version::parse("1.2.3-rc.1")) {
        let _ = constraint.check(&fixed);
    }
    if let (Ok(constraint), Ok(version)) = (constraint, version) {
        let _ = constraint.validate(&version);
    }
}
