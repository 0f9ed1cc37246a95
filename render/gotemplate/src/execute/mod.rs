//! Executing templates.

mod arguments;
mod evaluate;
mod fields;
mod rounds;
mod walk;

pub(crate) use rounds::of_element;

use std::any::Any;

use std::sync::Arc;

use value::{ReadLog, Value};

use crate::limits::Meter;
use crate::trace::{Executed, Recorder};
use crate::{ExecutionError, Limits, Reflected, Templates, Tree};

/// An execution to be started: its limits, and what functions can reach.
///
/// ```
/// use gotemplate::{Execution, Limits, Templates};
/// use value::Value;
///
/// let mut templates = Templates::new("demo");
/// templates.parse("loop", "{{range 10}}{{range 1000000}}{{end}}{{end}}")?;
/// let limits = Limits { steps: 10_000, ..Limits::default() };
/// let error = Execution::new(&templates).limits(limits).execute("loop", Value::Nil).unwrap_err();
/// assert!(error.to_string().starts_with("template: loop:1:"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Execution<'a> {
    templates: &'a Templates,
    limits: Limits,
    meter: Option<&'a mut Meter>,
    host: Option<&'a mut dyn Any>,
}

impl<'a> Execution<'a> {
    /// An execution of templates of this set with the usual limits.
    pub fn new(templates: &'a Templates) -> Self {
        Self { templates, limits: Limits::default(), meter: None, host: None }
    }

    /// Sets the limits.
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Takes part in limits that several executions have together, in place of limits of its own.
    ///
    /// ```
    /// use gotemplate::{Execution, Limits, Meter, Templates};
    /// use value::Value;
    ///
    /// let mut templates = Templates::new("pages");
    /// templates.parse("page", "{{range 100}}.{{end}}")?;
    /// let mut meter = Meter::new(Limits { output: 150, ..Limits::default() });
    /// assert!(Execution::new(&templates).metered(&mut meter).execute("page", Value::Nil).is_ok());
    /// assert!(Execution::new(&templates).metered(&mut meter).execute("page", Value::Nil).is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn metered(mut self, meter: &'a mut Meter) -> Self {
        self.meter = Some(meter);
        self
    }

    /// Sets what functions reach through [`crate::Call::host`].
    pub fn host(mut self, host: &'a mut dyn Any) -> Self {
        self.host = Some(host);
        self
    }

    /// Executes a template and gives its output.
    ///
    /// # Errors
    /// An unknown template, the first action that fails, or a limit that is crossed.
    pub fn execute(self, name: &str, data: Value) -> Result<Vec<u8>, ExecutionError> {
        let mut own = Meter::new(self.limits);
        let meter = self.meter.unwrap_or(&mut own);
        let tree = find(self.templates, name)?;
        nested(self.templates, meter, self.host.unwrap_or(&mut ()), tree, data)
    }

    /// As [`Self::execute`], and gives what happened, with what was read of the values that the log watches.
    ///
    /// # Errors
    /// As [`Self::execute`].
    pub fn execute_traced(
        self,
        name: &str,
        data: Value,
        reads: Option<Arc<ReadLog>>,
    ) -> Result<Executed, ExecutionError> {
        let mut own = Meter::new(self.limits);
        let meter = self.meter.unwrap_or(&mut own);
        let tree = find(self.templates, name)?;
        meter.recorder = Some(Box::new(Recorder::new(reads)));
        let result = nested(self.templates, meter, self.host.unwrap_or(&mut ()), tree, data);
        let recorder = meter.recorder.take();
        result.map(|_| recorder.map(|recorder| recorder.into_executed()).unwrap_or_default())
    }
}

/// The template of that name.
pub(crate) fn find<'a>(templates: &'a Templates, name: &str) -> Result<&'a Tree, ExecutionError> {
    templates.get(name).map(AsRef::as_ref).ok_or_else(|| ExecutionError::UnknownTemplate {
        name: name.to_owned(),
        set: templates.name().to_owned(),
    })
}

/// Executes a template on behalf of a running execution, whose meter it shares.
pub(crate) fn nested(
    templates: &Templates,
    meter: &mut Meter,
    host: &mut dyn Any,
    tree: &Tree,
    data: Value,
) -> Result<Vec<u8>, ExecutionError> {
    let depth = meter.depth();
    meter.enter().map_err(|limit| ExecutionError::Limit { name: tree.name().to_owned(), limit })?;
    if let Some(recorder) = &mut meter.recorder {
        recorder.enter();
    }
    let result = walk::Runner::new(templates, meter, host, tree).run(Reflected::concrete(data));
    meter.return_to(depth);
    if let (Some(recorder), Ok(output)) = (&mut meter.recorder, &result) {
        recorder.leave(tree.name(), output);
    }
    Ok(result?)
}
