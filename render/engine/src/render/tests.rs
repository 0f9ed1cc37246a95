use std::sync::Arc;
use std::time::SystemTime;

use chart::capabilities::Capabilities;
use chart::{Chart, Flavour, Limits};
use jiff::tz::TimeZone;

use super::{Engine, Options};
use crate::Release;

struct Host;

impl sprig::Host for Host {
    fn now(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH
    }

    fn local_zone(&self) -> TimeZone {
        TimeZone::UTC
    }

    fn fill_random(&self, bytes: &mut [u8]) {
        bytes.fill(0);
    }
}

/// An engine whose clock stands still and whose chance is none.
pub(crate) fn engine() -> Engine {
    Engine::new(Flavour::V4, &(Arc::new(Host) as Arc<dyn sprig::Host>))
}

/// What one template of a chart gives, or the end of why it doesn't.
fn render(template: &str) -> String {
    let metadata = "apiVersion: v2\nname: c\nversion: 1.0.0\n";
    let files = [("Chart.yaml", metadata), ("templates/a.yaml", template)];
    let files = files.map(|(name, text)| (name.to_owned(), text.as_bytes().to_vec())).to_vec();
    let chart = Chart::load_files(files, &Limits::default(), Flavour::V4).unwrap();
    let release =
        Release { name: "r".into(), namespace: "n".into(), revision: 1, is_install: true, is_upgrade: false };
    let values = chart::coalesce_values(&chart, &value::Map::new(), Flavour::V4).unwrap().values;
    let capabilities = Capabilities::offline(Flavour::V4);
    match engine().render_templates(&chart, &values, &release, &capabilities, &Options::default()) {
        Ok(rendered) => rendered["c/templates/a.yaml"].to_string(),
        Err(error) => error.to_string().lines().last().unwrap_or_default().trim().to_owned(),
    }
}

/// A template that includes itself so often, each time from within parentheses.
fn nested(levels: u32) -> String {
    let body = r#"{{ if . }}{{ (include "nested" (substr 1 -1 .)) }}{{ else }}end{{ end }}"#;
    format!(r#"{{{{ define "nested" }}}}{body}{{{{ end }}}}{{{{ include "nested" (repeat {levels} "x") }}}}"#)
}

#[test]
fn a_name_includes_itself_a_thousand_times_as_in_helm() {
    assert_eq!(render(&nested(1000)), "end");
    let refused = "rendering template has a nested reference name: nested: unable to execute template";
    let error = render(&nested(1001));
    assert!(error.ends_with(refused), "{error}");
}

#[test]
fn names_that_include_one_another_without_end_meet_the_limit() {
    let define =
        |from: u32, to: u32| format!(r#"{{{{ define "{from}" }}}}{{{{ include "{to}" . }}}}{{{{ end }}}}"#);
    let names: String = (0..4).map(|name| define(name, (name + 1) % 4)).collect();
    let error = render(&(names + r#"{{ include "0" . }}"#));
    assert!(error.starts_with("exceeded the limit of 2500 templates executed within one another"), "{error}");
}
