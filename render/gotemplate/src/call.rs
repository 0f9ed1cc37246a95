//! What a function sees of the execution that calls it.

use std::any::Any;

use value::Value;

use crate::limits::Meter;
use crate::{ExecutionError, LimitError, Templates, Tree};

/// The running execution, for functions that need it: to execute other templates, to reach the caller's own data,
/// to charge work to the limits.
pub struct Call<'a> {
    pub(crate) templates: &'a Templates,
    pub(crate) meter: &'a mut Meter,
    pub(crate) host: &'a mut dyn Any,
}

impl<'a> Call<'a> {
    /// The set in execution; its [`Templates::overlay`] serves functions such as Helm's `tpl`.
    pub fn templates(&self) -> &'a Templates {
        self.templates
    }

    /// Executes a template of the set in execution and gives its output, as Go's `ExecuteTemplate`.
    ///
    /// # Errors
    /// As [`crate::Execution::execute`]; the limits are those of the whole execution.
    pub fn execute(&mut self, name: &str, data: Value) -> Result<Vec<u8>, ExecutionError> {
        let tree = crate::execute::find(self.templates, name)?;
        crate::execute::nested(self.templates, self.meter, self.host, tree, data)
    }

    /// Executes a template that [`Templates::parse`] gave, seeing all of another set, and gives its output.
    ///
    /// # Errors
    /// As [`crate::Execution::execute`]; the limits are those of the whole execution.
    pub fn execute_in(
        &mut self,
        templates: &Templates,
        tree: &Tree,
        data: Value,
    ) -> Result<Vec<u8>, ExecutionError> {
        crate::execute::nested(templates, self.meter, self.host, tree, data)
    }

    /// What the caller gave to [`crate::Execution::host`], if it is of that type.
    pub fn host<T: 'static>(&mut self) -> Option<&mut T> {
        self.host.downcast_mut()
    }

    /// Charges work to the step limit: about one step for each microsecond or kilobyte.
    ///
    /// # Errors
    /// Crossing the limit, or an interruption.
    pub fn charge(&mut self, steps: u64) -> Result<(), LimitError> {
        self.meter.step(steps)
    }

    /// Charges what a function makes beside its result, or within it: the result's own text or list is charged already.
    ///
    /// # Errors
    /// Crossing the limit of memory.
    pub fn charge_memory(&mut self, bytes: usize) -> Result<(), LimitError> {
        self.meter.memory(bytes)
    }

    /// Charges the value that a function reads from a text, as of YAML or JSON: 16 bytes for each of the text's.
    ///
    /// # Errors
    /// Crossing the limit of memory.
    pub fn charge_reading(&mut self, text_bytes: usize) -> Result<(), LimitError> {
        self.charge_memory(text_bytes.saturating_mul(16))
    }
}
