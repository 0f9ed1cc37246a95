//! Charts out of archives, parsed once for as long as they are used.

use std::sync::Arc;

use chart::{Chart, Flavour, Limits, LoadError};
use pintle_render::Engine;

use crate::source::{Cache, Fetched};

/// How many bytes of archives stay parsed.
const CACHE_BYTES: usize = 32 * 1024 * 1024;

/// Parsed charts, shared by digest. Clones share them too.
#[derive(Clone)]
pub struct Charts {
    flavour: Flavour,
    limits: Limits,
    parsed: Cache<Chart>,
}

impl Charts {
    /// Charts as that engine reads them.
    #[must_use]
    pub fn new(engine: &Engine) -> Self {
        let limits = engine.limits().chart;
        Self { flavour: engine.flavour(), limits, parsed: Cache::new(CACHE_BYTES) }
    }

    /// The chart in an archive.
    ///
    /// # Errors
    /// Where the archive holds no chart.
    pub fn load(&self, fetched: &Fetched) -> Result<Arc<Chart>, LoadError> {
        if let Some(chart) = self.parsed.get(fetched.digest) {
            return Ok(chart);
        }
        let chart = Arc::new(Chart::load_archive(&fetched.archive, &self.limits, self.flavour)?);
        self.parsed.put(fetched.digest, fetched.archive.len(), Arc::clone(&chart));
        Ok(chart)
    }
}
