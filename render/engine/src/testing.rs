//! What unit tests of this crate share: a host that stands still, and the render of one template.

use std::sync::Arc;
use std::time::SystemTime;

use chart::capabilities::Capabilities;
use chart::{Chart, Flavour, Limits};

use crate::{Engine, Options, Release};

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
    let metadata = "apiVersion: v2\nname: c\nversion: 1.0.0\n";
    let files = [("Chart.yaml", metadata), ("templates/a.yaml", template)];
    let files = files.map(|(name, text)| (name.to_owned(), text.as_bytes().to_vec())).to_vec();
    let chart = Chart::load_files(files, &Limits::default(), Flavour::V4).unwrap();
    let release =
        Release { name: "r".into(), namespace: "n".into(), revision: 1, is_install: true, is_upgrade: false };
    let values = chart::coalesce_values(&chart, &value::Map::new(), Flavour::V4).unwrap().values;
    let capabilities = Capabilities::offline(Flavour::V4);
    match engine().render_templates(&chart, &values, &release, &capabilities, options) {
        Ok(rendered) => value::text_of(&rendered["c/templates/a.yaml"]).into_owned(),
        Err(error) => error.to_string().lines().last().unwrap_or_default().trim().to_owned(),
    }
}
