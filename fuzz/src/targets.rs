//! What is fed.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use chart::capabilities::Capabilities;
use chart::values::set::{self, Kind};
use chart::{Chart, Flavour, Limits};
use gotemplate::Templates;
use goyaml::Wanted;
use pintle::source::provenance::Keyring;
use pintle_render::{Engine, Options, Release};
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
    Target { name: "index", seeds: seeds::INDEXES, run: index },
    Target { name: "manifest", seeds: seeds::MANIFESTS, run: manifest },
    Target { name: "parse", seeds: seeds::TEMPLATES, run: parse },
    Target { name: "provenance", seeds: seeds::PROVENANCE, run: provenance },
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

/// The input as a template of a chart, with all functions there are.
fn execute(input: &[u8]) {
    let limits = pintle_render::Limits {
        templates: gotemplate::Limits {
            steps: 200_000,
            output: 1 << 20,
            memory: 64 << 20,
            ..pintle_render::Limits::default().templates
        },
        time: Duration::from_secs(10),
        ..pintle_render::Limits::default()
    };
    let metadata = b"apiVersion: v2\nname: c\nversion: 1.0.0\n".to_vec();
    let values = b"a: 1\nb: [x, {y: z}]\nm: {k: v, l: null}\n".to_vec();
    let files = [("Chart.yaml", metadata), ("values.yaml", values), ("templates/a.yaml", input.to_vec())];
    let files = files.map(|(name, data)| (name.to_owned(), data)).to_vec();
    let Ok(chart) = Chart::load_files(files, &Limits::default(), Flavour::V4) else { return };
    let Ok(coalesced) = chart::coalesce_values(&chart, &Map::new(), Flavour::V4) else { return };
    let engine = Engine::new(Flavour::V4, &(Arc::new(FixedHost) as Arc<dyn sprig::Host>)).with_limits(limits);
    let release =
        Release { name: "r".into(), namespace: "n".into(), revision: 1, is_install: true, is_upgrade: false };
    let capabilities = Capabilities::offline(Flavour::V4);
    let rendered =
        engine.render_templates(&chart, &coalesced.values, &release, &capabilities, &Options::default());
    if let Err(pintle_render::RenderError::Panicked(text)) = rendered {
        std::panic::resume_unwind(Box::new(text));
    }
}

/// The clock runs, so that the limit of time holds; chance is none.
struct FixedHost;

impl sprig::Host for FixedHost {
    fn now(&self) -> SystemTime {
        SystemTime::now()
    }

    fn fill_random(&self, bytes: &mut [u8]) {
        for (index, byte) in bytes.iter_mut().enumerate() {
            *byte = (index * 37 + 11) as u8;
        }
    }
}

/// The input in chunks, as the network gives an index.
fn index(input: &[u8]) {
    for size in [7, input.len().max(1)] {
        let _ = pintle::source::repository::versions("web", input.chunks(size));
    }
}

/// The input as what is to be verified, and as the keyring to verify by.
fn provenance(input: &[u8]) {
    const RING: &[u8] = include_bytes!("../../fixtures/provenance/keyring.gpg");
    const GOOD: &[u8] = include_bytes!("../../fixtures/provenance/rsa.prov");
    for (ring, text) in [(RING, input), (input, GOOD)] {
        if let Ok(keyring) = Keyring::parse(ring, Path::new("ring"), Flavour::V4) {
            let _ = keyring.verify(b"archive", text, "web-1.0.0.tgz", Flavour::V4);
        }
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
        let _ = pintle_render::sort([("c/templates/a.yaml".to_owned(), input.to_vec())].into(), flavour);
    }
    head(input);
}

const METADATA: &[(&str, Wanted)] = &[("name", Wanted::All), ("annotations", Wanted::All)];
const HEAD: &[(&str, Wanted)] =
    &[("apiversion", Wanted::All), ("kind", Wanted::All), ("metadata", Wanted::Fields(METADATA))];

/// What is read quickly where only a part is wanted has to be what is read of the whole.
fn head(input: &[u8]) {
    let options = goyaml::Options { numbers: goyaml::Numbers::AsWritten, ..goyaml::Options::default() };
    let part = goyaml::parse_part(input, &options, Wanted::Fields(HEAD));
    let whole = goyaml::parse_with(input, &options);
    let only_head = |value| format!("{:?}", only(HEAD, value));
    assert_eq!(part.ok().map(only_head), whole.ok().map(only_head));
}

/// Of a map the fields wanted, whose names match in any case.
fn only(wanted: &[(&str, Wanted)], value: Value) -> Value {
    let Value::Map(map) = value else { return value };
    let fields = map.entries().into_iter().filter_map(|(name, value)| {
        let field = name.to_text().to_lowercase();
        let (_, below) = wanted.iter().find(|(known, _)| *known == field)?;
        Some((name, if let Wanted::Fields(wanted) = below { only(wanted, value) } else { value }))
    });
    Value::Map(fields.collect())
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
