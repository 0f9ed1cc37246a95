//! What a rendering read of its values, and which template wrote which bytes, for whoever asks for it.

use std::collections::BTreeMap;
use std::sync::Arc;

use gotemplate::Executed;
use parking_lot::Mutex;
use value::{ReadLog, ReadTree};

/// Watches a rendering. A rendering without a witness pays nothing for it.
#[derive(Debug, Default)]
pub struct Witness {
    pub(crate) reads: Arc<ReadLog>,
    pub(crate) executions: Option<Mutex<BTreeMap<String, Executed>>>,
}

impl Witness {
    /// Notes which values are read.
    pub fn of_reads() -> Arc<Self> {
        Arc::default()
    }

    /// Notes which template writes what, too.
    pub fn of_everything() -> Arc<Self> {
        Arc::new(Self { executions: Some(Mutex::default()), ..Self::default() })
    }

    /// What templates read of the values: of the root chart's, in which those of subcharts lie under their names.
    pub fn reads(&self) -> ReadTree {
        self.reads.tree()
    }

    /// How a file came about; its output is as Go's template language gives it, `<no value>` not yet taken out.
    pub fn execution(&self, file: &str) -> Option<Executed> {
        self.executions.as_ref()?.lock().get(file).cloned()
    }
}
