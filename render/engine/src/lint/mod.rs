//! `lint`: what is wrong, or not as it should be, in a chart's files.

mod chartfile;
mod custom_resources;
mod dependencies;
mod deprecations;
mod names;
mod templates;
mod url;
mod values;

use std::fmt;

use chart::capabilities::Capabilities;
use chart::{Chart, Flavour, Limits, LoadError};
use value::Map;

use crate::{Engine, Options};

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// Likely to work, but not as charts should be.
    Warning,
    /// Unlikely to work.
    Error,
}

/// One finding. `Display` is Helm's line: `[WARNING] templates/: directory does not exist`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// How bad it is.
    pub severity: Severity,
    /// The file, or folder, or chart.
    pub path: String,
    /// What was found.
    pub text: String,
}

impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let severity = match self.severity {
            Severity::Info => "INFO",
            Severity::Warning => "WARNING",
            Severity::Error => "ERROR",
        };
        write!(f, "[{severity}] {}: {}", self.path, self.text)
    }
}

/// A chart as it lies on disk, and with what to look at it.
pub struct Request<'a> {
    /// The folder's path, as messages about the whole chart show it.
    pub folder: &'a str,
    /// All files of the folder, ignored ones left out.
    pub files: &'a [(String, Vec<u8>)],
    /// Whether there is a folder for templates, be it empty.
    pub has_templates: bool,
    /// The values that override the chart's.
    pub values: &'a Map,
    /// The namespace that templates see.
    pub namespace: &'a str,
    /// The Kubernetes version that templates see and that deprecations are of.
    pub capabilities: &'a Capabilities,
    /// Don't hold the values against the schema.
    pub skip_schema_validation: bool,
    /// Bounds for loading.
    pub limits: &'a Limits,
}

/// The chart, or why it can't be loaded.
type Loaded = Result<Chart, LoadError>;

impl Request<'_> {
    fn file(&self, name: &str) -> Option<&[u8]> {
        self.files.iter().find(|(file, _)| file == name).map(|(_, data)| &data[..])
    }

    fn load(&self, flavour: Flavour) -> Loaded {
        Chart::load_files_of_any_version(self.files.to_vec(), self.limits, flavour)
    }

    fn has_folder(&self, folder: &str) -> bool {
        self.files.iter().any(|(file, _)| file.starts_with(folder))
    }
}

/// The findings of all rules, in Helm's order.
pub fn lint(request: &Request<'_>, engine: &Engine, options: &Options) -> Vec<Message> {
    let mut findings = Findings(Vec::new());
    chartfile::check(request, engine.flavour(), &mut findings);
    values::check(request, &mut findings);
    let loaded = request.load(engine.flavour());
    templates::check(request, &loaded, engine, options, &mut findings);
    dependencies::check(request, &loaded, &mut findings);
    if engine.flavour() == Flavour::V4 {
        custom_resources::check(request, &loaded, engine.flavour(), &mut findings);
    }
    findings.0
}

struct Findings(Vec<Message>);

impl Findings {
    /// Notes what a rule found; whether it found nothing.
    fn note(&mut self, severity: Severity, path: &str, result: Result<(), String>) -> bool {
        let Err(text) = result else { return true };
        self.0.push(Message { severity, path: path.to_owned(), text });
        false
    }
}
