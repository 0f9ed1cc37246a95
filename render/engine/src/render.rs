//! Runs a chart's templates.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use chart::capabilities::Capabilities;
use chart::{Chart, Flavour};
use gotemplate::{
    Call, Execution, ExecutionError, FunctionMap, Interruption, Meter, MethodMap, MissingKey, Templates,
};
use memchr::memmem;
use value::{Map, Str, Value};

use crate::functions::{self, Lookup};
use crate::scope::{self, Release, Scopes};
use crate::{Limits, RenderError, Witness, capabilities, files};

#[cfg(test)]
mod tests;

/// The name of the template set, and of the templates that `tpl` makes.
pub(crate) const ROOT_TEMPLATE: &str = "gotpl";

/// How deep watched values may nest: maps and lists count each, and values nest 300 levels at most.
const VALUES_DEPTH: usize = 2 * chart::values::DEPTH;

/// Helm's template engine in one flavour: its functions, ready to be called. Build one and share it.
#[derive(Clone)]
pub struct Engine {
    pub(crate) flavour: Flavour,
    host: Arc<dyn sprig::Host>,
    limits: Limits,
    functions: FunctionMap,
    methods: MethodMap,
}

/// How templates are rendered.
#[derive(Clone, Default)]
pub struct Options {
    /// Missing map keys are errors (the SDK's strict mode).
    pub strict: bool,
    /// `required` and `fail` don't end the rendering, as when linting.
    pub lint: bool,
    /// Answers `lookup`; without one, nothing is found.
    pub lookup: Option<Arc<dyn Lookup>>,
    /// Answers `getHostByName`; without it, every name has the address "".
    pub addresses: Option<Addresses>,
    /// Watches the rendering. Default: nobody does.
    pub witness: Option<Arc<Witness>>,
    /// Asked every few thousand steps; `true` ends the rendering. Default: never.
    pub cancelled: Option<Arc<dyn Fn() -> bool + Send + Sync>>,
}

/// The addresses of a host, by its name; none where there is no such host.
pub type Addresses = Arc<dyn Fn(&str) -> Vec<IpAddr> + Send + Sync>;

/// What Helm's functions know of the render that calls them.
pub(crate) struct Host {
    /// The names that are being included at this moment, innermost last.
    pub(crate) included: Vec<Str>,
    pub(crate) lookup: Option<Arc<dyn Lookup>>,
    pub(crate) addresses: Option<Addresses>,
    pub(crate) lint: bool,
}

impl Host {
    pub(crate) fn of<'call>(call: &'call mut Call<'_>) -> Option<&'call mut Host> {
        call.host()
    }
}

impl Engine {
    /// The engine of that Helm version. The host gives what functions need from outside: clock, zone, chance.
    pub fn new(flavour: Flavour, host: &Arc<dyn sprig::Host>) -> Self {
        let sets = capabilities::VERSION_SETS.map(|set| (set, capabilities::version_set_methods()));
        let mut methods = sprig::methods(host);
        methods.insert(files::TYPE_NAME, files::methods());
        methods.insert(scope::values_type(flavour), crate::values_methods::methods());
        for (name, functions) in sets {
            methods.insert(name, functions);
        }
        let functions = functions::table(flavour, host);
        Self { flavour, host: Arc::clone(host), limits: Limits::default(), functions, methods }
    }

    /// Sets the limits of every render.
    pub fn with_limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// The limits of every render; those of charts are for whoever loads them.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// The Helm that this engine is.
    pub fn flavour(&self) -> Flavour {
        self.flavour
    }

    /// Renders every template of a chart that is no partial: full name to output.
    ///
    /// `chart` has its dependencies processed; `values` are coalesced with it, and belong to this render alone, since
    /// templates may change them.
    ///
    /// # Errors
    /// What Helm fails with, in Helm's words.
    pub fn render_templates(
        &self,
        chart: &Chart,
        values: &Map,
        release: &Release,
        capabilities: &Capabilities,
        options: &Options,
    ) -> Result<BTreeMap<String, Vec<u8>>, RenderError> {
        let watched = options.witness.as_ref().and_then(|witness| witness.reads.watch(values, VALUES_DEPTH));
        let values = watched.as_ref().unwrap_or(values);
        let render = || {
            let scopes = scope::scopes(chart, values, release, capabilities, self.flavour);
            if let Some(witness) = &options.witness {
                witness.reads.clear();
            }
            self.execute(&scopes, options)
        };
        let stack = self.limits.stack_bytes();
        let render = AssertUnwindSafe(|| stacker::maybe_grow(stack, stack, render));
        std::panic::catch_unwind(render)
            .unwrap_or_else(|panic| Err(RenderError::Panicked(panic_text(panic.as_ref()))))
    }

    fn execute(&self, scopes: &Scopes, options: &Options) -> Result<BTreeMap<String, Vec<u8>>, RenderError> {
        let order = scope::rendering_order(scopes);
        let mut templates = Templates::new(ROOT_TEMPLATE)
            .with_functions(self.functions.clone())
            .with_methods(self.methods.clone())
            .with_missing_key(if options.strict { MissingKey::Error } else { MissingKey::Zero });
        for name in &order {
            let template = &scopes[*name];
            let added = template.parsed.add_to(&mut templates, self.flavour, name, &template.text);
            added.map_err(RenderError::parse)?;
        }
        let mut host = Host {
            included: Vec::new(),
            lookup: options.lookup.clone(),
            addresses: options.addresses.clone(),
            lint: options.lint,
        };
        let mut meter = Meter::new(self.metered(options));
        let mut rendered = BTreeMap::new();
        for name in order.into_iter().filter(|name| !is_partial(name)) {
            let template = &scopes[name];
            scope::set_template(&template.dot, name, &template.base_path, self.flavour);
            let execution = Execution::new(&templates).metered(&mut meter).host(&mut host);
            let dot = template.dot.named(scope::values_type(self.flavour)).into();
            let output = run(execution, name, dot, options.witness.as_deref())
                .map_err(|error| RenderError::execution(error, self.flavour))?;
            rendered.insert(name.to_owned(), without_no_value(output));
        }
        Ok(rendered)
    }

    /// The limits on execution, with the clock and the caller's wish to stop.
    fn metered(&self, options: &Options) -> gotemplate::Limits {
        let (host, limit, started) = (Arc::clone(&self.host), self.limits.time, self.host.now());
        let cancelled = options.cancelled.clone();
        let interrupted = move || {
            if cancelled.as_ref().is_some_and(|cancelled| cancelled()) {
                return Some(Interruption::Cancelled);
            }
            // A clock that was set back counts as no time.
            let passed = host.now().duration_since(started).unwrap_or_default();
            (passed > limit).then_some(Interruption::Time(limit))
        };
        gotemplate::Limits { interrupted: Some(Arc::new(interrupted)), ..self.limits.templates.clone() }
    }
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Engine")
            .field("flavour", &self.flavour)
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}

/// Executes a template, before a witness if there is one.
fn run(
    execution: Execution<'_>,
    name: &str,
    dot: Value,
    witness: Option<&Witness>,
) -> Result<Vec<u8>, ExecutionError> {
    let Some((witness, executions)) =
        witness.and_then(|witness| Some((witness, witness.executions.as_ref()?)))
    else {
        return execution.execute(name, dot);
    };
    let executed = execution.execute_traced(name, dot, Some(Arc::clone(&witness.reads)))?;
    let output = executed.output.clone();
    executions.lock().insert(name.to_owned(), executed);
    Ok(output)
}

pub(crate) fn is_partial(name: &str) -> bool {
    name.rsplit('/').next().is_some_and(|base| base.starts_with('_'))
}

fn panic_text(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "unknown".to_owned())
}

/// Helm deletes what Go prints for missing values, wherever it stands.
pub(crate) fn without_no_value(output: Vec<u8>) -> Vec<u8> {
    const NO_VALUE: &[u8] = b"<no value>";
    let mut clean = Vec::new();
    let mut rest = output.as_slice();
    while let Some(at) = memmem::find(rest, NO_VALUE) {
        clean.extend_from_slice(&rest[..at]);
        rest = &rest[at + NO_VALUE.len()..];
    }
    if clean.is_empty() && rest.len() == output.len() {
        return output;
    }
    clean.extend_from_slice(rest);
    clean
}
