//! What unit tests of this crate share: a host that stands still, and the render of one template.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::SystemTime;

use chart::capabilities::Capabilities;
use chart::{Chart, Flavour, Limits};
use value::Str;

use crate::{Engine, Options, Release, RenderError};

/// The outside, where it is always the first moment of 1970 in UTC and chance always gives zero.
pub(crate) struct FixedHost;

impl sprig::Host for FixedHost {
    fn now(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH
    }

    fn fill_random(&self, bytes: &mut [u8]) {
        bytes.fill(0);
    }
}

/// An engine whose clock stands still and whose chance is none.
pub(crate) fn engine() -> Engine {
    Engine::new(Flavour::V4, &(Arc::new(FixedHost) as Arc<dyn sprig::Host>))
}

/// What one template of a chart gives, or the end of why it doesn't.
pub(crate) fn render(template: &str, options: &Options) -> String {
    match render_all(&[("templates/a.yaml", template)], options) {
        Ok(rendered) => rendered["c/templates/a.yaml"].to_string(),
        Err(error) => error.to_string().lines().last().unwrap_or_default().trim().to_owned(),
    }
}

/// What the templates of a chart give, by their full names.
pub(crate) fn render_all(
    templates: &[(&str, &str)],
    options: &Options,
) -> Result<BTreeMap<String, Str>, RenderError> {
    let metadata = ("Chart.yaml", "apiVersion: v2\nname: c\nversion: 1.0.0\n");
    let files = templates.iter().chain([&metadata]);
    let files = files.map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec())).collect();
    let chart = Chart::load_files(files, &Limits::default(), Flavour::V4).unwrap();
    let release =
        Release { name: "r".into(), namespace: "n".into(), revision: 1, is_install: true, is_upgrade: false };
    let values = chart::coalesce_values(&chart, &value::Map::new(), Flavour::V4).unwrap().values;
    let capabilities = Capabilities::offline(Flavour::V4);
    engine().render_templates(&chart, &values, &release, &capabilities, options)
}
