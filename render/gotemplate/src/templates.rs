//! Sets of templates that can execute one another.

use std::collections::HashMap;
use std::sync::Arc;

use value::Value;

use crate::parse::{Delimiters, Tree, parse};
use crate::{Execution, ExecutionError, Function, FunctionMap, MethodMap, ParseError, builtin};

/// What a missing key of a map gives: Go's option `missingkey`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MissingKey {
    /// No value; it prints as `<no value>`.
    #[default]
    Invalid,
    /// The zero value of the map's elements; a nil `interface {}` prints as `<no value>` all the same.
    Zero,
    /// An error.
    Error,
}

type Layer = HashMap<Arc<str>, Arc<Tree>>;

/// What a text holds: its own template and those that it defines. Sets with the same functions can share it.
#[derive(Clone, Debug)]
pub struct Parsed {
    own: Arc<Tree>,
    defined: Arc<[Arc<Tree>]>,
}

/// A set of templates with the functions that they can call: Go's associated templates. Cloning is cheap.
///
/// ```
/// use gotemplate::Templates;
/// use value::{Map, Value};
///
/// let mut templates = Templates::new("greetings");
/// templates.parse("hello", r#"{{define "name"}}{{.name | printf "%q"}}{{end}}Hello, {{template "name" .}}!"#)?;
/// let data = Map::from_iter([("name", "Ann")]);
/// assert_eq!(templates.execute("hello", data.into())?, b"Hello, \"Ann\"!");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Templates {
    name: Arc<str>,
    /// What was parsed here; it hides the outer layers.
    own: Arc<Layer>,
    /// The layers of the sets that this one overlays, innermost first.
    outer: Vec<Arc<Layer>>,
    settings: Arc<Settings>,
}

#[derive(Clone, Debug)]
struct Settings {
    functions: FunctionMap,
    methods: MethodMap,
    missing_key: MissingKey,
    delimiters: Delimiters,
}

impl Templates {
    /// An empty set; its name stands in the error text for an unknown template.
    pub fn new(name: &str) -> Self {
        let delimiters = Delimiters { left: b"{{".to_vec(), right: b"}}".to_vec() };
        let settings = Settings {
            functions: FunctionMap::default(),
            methods: MethodMap::default(),
            missing_key: MissingKey::default(),
            delimiters,
        };
        Self { name: Arc::from(name), own: Arc::default(), outer: Vec::new(), settings: Arc::new(settings) }
    }

    /// Sets the functions beside Go's own; one of the same name hides Go's.
    pub fn with_functions(mut self, functions: FunctionMap) -> Self {
        Arc::make_mut(&mut self.settings).functions = functions;
        self
    }

    /// Sets the methods of named types.
    pub fn with_methods(mut self, methods: MethodMap) -> Self {
        Arc::make_mut(&mut self.settings).methods = methods;
        self
    }

    /// Sets what a missing key of a map gives.
    pub fn with_missing_key(mut self, missing_key: MissingKey) -> Self {
        Arc::make_mut(&mut self.settings).missing_key = missing_key;
        self
    }

    /// Sets what actions stand between, for texts that are parsed from now on; empty means `{{` or `}}`.
    pub fn with_delimiters(mut self, left: &str, right: &str) -> Self {
        let or = |given: &str, usual: &str| if given.is_empty() { usual } else { given }.as_bytes().to_vec();
        Arc::make_mut(&mut self.settings).delimiters =
            Delimiters { left: or(left, "{{"), right: or(right, "}}") };
        self
    }

    /// Parses a text and adds the template of that name and those that it defines.
    ///
    /// Go's rule: a template replaces one of the same name unless it is empty. It gives the text's own template,
    /// which is what Go's `Parse` and then `Execute` run, even where it replaced nothing.
    ///
    /// # Errors
    /// The first mistake in the text; then nothing is added.
    pub fn parse(&mut self, name: &str, text: impl AsRef<[u8]>) -> Result<Arc<Tree>, ParseError> {
        let parsed = self.read(name, Arc::from(text.as_ref()))?;
        self.include(&parsed);
        Ok(parsed.own)
    }

    /// Parses a text as [`Self::parse`] does, and adds nothing yet.
    ///
    /// # Errors
    /// The first mistake in the text.
    pub fn read(&self, name: &str, text: Arc<[u8]>) -> Result<Parsed, ParseError> {
        let is_function = |name: &[u8]| self.has_function(name);
        let (own, defined) = parse(name, text, &self.settings.delimiters, &is_function)?;
        Ok(Parsed { own: Arc::new(own), defined: defined.into_iter().map(Arc::new).collect() })
    }

    /// Adds what [`Self::read`] gave, here or for another set, by the rule of [`Self::parse`].
    pub fn include(&mut self, parsed: &Parsed) {
        self.add(Arc::clone(&parsed.own));
        for tree in &*parsed.defined {
            self.add(Arc::clone(tree));
        }
    }

    /// Adds a template that another set has parsed, by the same rule.
    pub fn add(&mut self, tree: impl Into<Arc<Tree>>) {
        let tree = tree.into();
        if !tree.is_empty() || self.get(tree.name()).is_none() {
            Arc::make_mut(&mut self.own).insert(Arc::clone(&tree.name), tree);
        }
    }

    /// A set that sees all templates of this one and keeps what it parses to itself: in place of Go's `Clone`, at
    /// the cost of a few pointers.
    pub fn overlay(&self) -> Self {
        let mut overlay = self.clone();
        if !self.own.is_empty() {
            overlay.outer.insert(0, std::mem::take(&mut overlay.own));
        }
        overlay
    }

    /// The set's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The template of that name.
    pub fn get(&self, name: &str) -> Option<&Arc<Tree>> {
        self.own.get(name).or_else(|| self.outer.iter().find_map(|layer| layer.get(name)))
    }

    /// The names of all templates, sorted.
    pub fn names(&self) -> Vec<&str> {
        let layers = std::iter::once(&self.own).chain(&self.outer);
        let mut names: Vec<&str> = layers.flat_map(|layer| layer.keys()).map(AsRef::as_ref).collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    /// Executes a template with the usual limits and gives its output.
    ///
    /// # Errors
    /// As [`Execution::execute`].
    pub fn execute(&self, name: &str, data: Value) -> Result<Vec<u8>, ExecutionError> {
        Execution::new(self).execute(name, data)
    }

    pub(crate) fn missing_key(&self) -> MissingKey {
        self.settings.missing_key
    }

    /// The method of a type.
    pub(crate) fn method(&self, type_name: &str, method: &[u8]) -> Option<&Function> {
        self.settings.methods.get(type_name, method)
    }

    /// The caller's function of that name.
    pub(crate) fn function(&self, name: &[u8]) -> Option<&Function> {
        self.settings.functions.get(name)
    }

    fn has_function(&self, name: &[u8]) -> bool {
        self.function(name).is_some() || builtin::find(name).is_some()
    }
}
