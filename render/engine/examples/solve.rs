//! Answers small cases, one JSON object a line, as an oracle built from Helm's own modules answers them.
//!
//! ```text
//! {"id":"a1","helm":4,"templates":{"templates/a.yaml":"{{ .Values.x | upper }}"},"values":"x: hi\n"}
//! {"id":"a1","out":{"c/templates/a.yaml":"HI"}}
//! ```
//!
//! Optional keys: `files`, `chart`, `user`, `schema`, `set`, `strict`, `kubeVersion`, `apiVersions`, `upgrade`,
//! `revision`. With `set` and no templates the answer has `values`, if there are any; a failed case has `err`.

use std::collections::BTreeMap;
use std::error::Error;
use std::io::{BufRead, Write};
use std::sync::Arc;
use std::time::SystemTime;

use chart::capabilities::{Capabilities, KubeVersion};
use chart::values::set::{self, Kind};
use chart::{Chart, Flavour, Limits};
use pintle_render::{Engine, Options, Release};
use serde_json::{Value as Json, json};
use value::Map;

type Failure = Box<dyn Error>;

fn main() -> Result<(), Failure> {
    let host: Arc<dyn sprig::Host> = Arc::new(Host);
    let engines = [Engine::new(Flavour::V3, &host), Engine::new(Flavour::V4, &host)];
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    for line in std::io::stdin().lock().lines() {
        let line = line?;
        if line.is_empty() {
            continue;
        }
        let case: Json = serde_json::from_str(&line)?;
        let engine = &engines[usize::from(case["helm"] != 3)];
        let mut answer = match solve(&case, engine) {
            Ok(answer) => answer,
            Err(error) => json!({ "err": error.to_string() }),
        };
        answer["id"] = case["id"].clone();
        writeln!(out, "{}", one_line(&answer)?)?;
    }
    Ok(())
}

/// JSON as the oracle prints it: line separators are escaped.
fn one_line(answer: &Json) -> Result<String, Failure> {
    let style = value::json::Style { escape_html: false, indent: None };
    let value = value::json::from_slice(answer.to_string().as_bytes())?;
    Ok(value::json::to_string_with(&value, style)?.replace('\u{85}', "\\u0085"))
}

/// The real clock, since dates of what is none are today's; chance is none, and left out of comparisons.
struct Host;

impl sprig::Host for Host {
    fn now(&self) -> SystemTime {
        SystemTime::now()
    }

    fn fill_random(&self, bytes: &mut [u8]) {
        bytes.fill(7);
    }
}

fn solve(case: &Json, engine: &Engine) -> Result<Json, Failure> {
    let flavour = engine.flavour();
    let mut user = Map::new();
    if let Some(text) = text(case, "user") {
        user = chart::values::read(text.as_bytes(), Flavour::V3)?;
    }
    for pair in case["set"].as_array().into_iter().flatten() {
        let expression = pair[1].as_str().unwrap_or_default();
        let kind = match pair[0].as_str() {
            Some("set") => Kind::Typed,
            Some("string") => Kind::Text,
            Some("json") => Kind::Json,
            _ => Kind::Literal,
        };
        set::set(expression, kind, &user, flavour)?;
    }
    if case["templates"].as_object().is_none_or(serde_json::Map::is_empty) {
        if user.is_empty() {
            return Ok(json!({}));
        }
        let values = value::json::to_string(&user.into())?;
        return Ok(json!({ "values": serde_json::from_str::<Json>(&values)? }));
    }
    let rendered = render(case, engine, &user)?;
    let out: BTreeMap<String, String> =
        rendered.into_iter().map(|(name, text)| (name, printable(&text))).collect();
    Ok(json!({ "out": out }))
}

/// The text with U+FFFD for each invalid byte, as Go's JSON has it.
fn printable(text: &[u8]) -> String {
    let chunks = text.utf8_chunks();
    chunks.map(|chunk| chunk.valid().to_owned() + &"\u{FFFD}".repeat(chunk.invalid().len())).collect()
}

fn render(case: &Json, engine: &Engine, user: &Map) -> Result<BTreeMap<String, Vec<u8>>, Failure> {
    let flavour = engine.flavour();
    let loaded = Chart::load_files(files(case), &Limits::default(), flavour)?;
    let chart = chart::process_dependencies(&loaded, user, flavour)?.chart;
    let capabilities = capabilities(case, flavour)?;
    let values = chart::coalesce_values(&chart, user, flavour)?.values;
    chart::schema::validate(&chart, &values, &Limits::default())?;
    let upgrade = case["upgrade"].as_bool().unwrap_or(false);
    let release = Release {
        name: "rel".to_owned(),
        namespace: "ns".to_owned(),
        revision: case["revision"].as_i64().filter(|revision| *revision != 0).unwrap_or(1),
        is_install: !upgrade,
        is_upgrade: upgrade,
    };
    let options = Options { strict: case["strict"].as_bool().unwrap_or(false), ..Options::default() };
    Ok(engine.render_templates(&chart, &values, &release, &capabilities, &options)?)
}

fn files(case: &Json) -> Vec<(String, Vec<u8>)> {
    let metadata =
        text(case, "chart").unwrap_or("apiVersion: v2\nname: c\nversion: 1.2.3\nappVersion: \"4.5.6\"\n");
    let mut files =
        vec![file("Chart.yaml", metadata), file("values.yaml", text(case, "values").unwrap_or_default())];
    files.extend(text(case, "schema").map(|schema| file("values.schema.json", schema)));
    for key in ["templates", "files"] {
        let named = case[key].as_object().into_iter().flatten();
        files.extend(named.map(|(name, text)| file(name, text.as_str().unwrap_or_default())));
    }
    files
}

fn file(name: &str, text: &str) -> (String, Vec<u8>) {
    (name.to_owned(), text.as_bytes().to_vec())
}

/// Helm 3 built without its release's link flags knows no newer Kubernetes.
fn capabilities(case: &Json, flavour: Flavour) -> Result<Capabilities, Failure> {
    let mut capabilities = Capabilities::offline(flavour);
    let kubernetes = if flavour == Flavour::V3 { "v1.20.0" } else { "v1.37.0" };
    capabilities.kube_version = KubeVersion::parse(text(case, "kubeVersion").unwrap_or(kubernetes), flavour)?;
    let more = case["apiVersions"].as_array().into_iter().flatten();
    capabilities.api_versions.extend(more.filter_map(|version| version.as_str().map(str::to_owned)));
    Ok(capabilities)
}

fn text<'a>(case: &'a Json, key: &str) -> Option<&'a str> {
    case[key].as_str().filter(|text| !text.is_empty())
}
