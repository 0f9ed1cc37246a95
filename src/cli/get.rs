//! `pintle get`: what a release holds.

use clap::{Args, Subcommand};
use value::{Map, Value};

use super::format::{self, Format};
use super::global::GlobalFlags;
use super::release_text::{Shown, hook_text, print};
use super::session::Session;
use super::{CliError, go_release, metadata, output};
use crate::deploy;
use crate::release::Record;

/// Download extended information of a named release.
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  pintle get values web --all\n  pintle get manifest web --revision 2")]
pub(super) struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand, Debug)]
enum What {
    /// Download all information for a named release
    All(All),
    /// Download all hooks for a named release
    Hooks(Release),
    /// Download the manifest for a named release
    Manifest(Release),
    /// Fetch the metadata of a release
    Metadata(Formatted),
    /// Download the notes for a named release
    Notes(Release),
    /// Download the values file for a named release
    Values(Values),
}

#[derive(Args, Debug)]
struct Release {
    /// The release
    #[arg(value_name = "RELEASE_NAME")]
    name: String,
    /// Get the named release with revision
    #[arg(long, default_value_t = 0, hide_default_value = true)]
    revision: i64,
}

#[derive(Args, Debug)]
struct All {
    #[command(flatten)]
    release: Release,
    /// Go template for formatting the output: '{{.Release.Name}}'
    #[arg(long, default_value = "", hide_default_value = true)]
    template: String,
}

#[derive(Args, Debug)]
struct Formatted {
    #[command(flatten)]
    release: Release,
    /// Prints the output in the specified format
    #[arg(short, long, value_enum, default_value_t)]
    output: Format,
}

#[derive(Args, Debug)]
struct Values {
    #[command(flatten)]
    formatted: Formatted,
    /// Dump all (computed) values
    #[arg(short, long)]
    all: bool,
}

/// Prints.
pub(super) fn run(arguments: &Arguments, global: &GlobalFlags) -> Result<(), CliError> {
    let text = match &arguments.what {
        What::All(all) => all.print(global)?,
        What::Hooks(release) => release.fetch(global)?.hooks.iter().map(hook_text).collect(),
        What::Manifest(release) => format!("{}\n", release.fetch(global)?.manifest),
        What::Notes(release) => notes(&release.fetch(global)?),
        What::Metadata(formatted) => {
            metadata::print(&formatted.release.fetch(global)?, formatted.output, global.flavour())?
        }
        What::Values(values) => values.print(global)?,
    };
    output::print(text)
}

impl Release {
    fn fetch(&self, global: &GlobalFlags) -> Result<Record, CliError> {
        global.ask(async {
            let session = Session::reach(global).await?;
            session.record(&self.name, self.revision).await
        })
    }
}

impl All {
    fn print(&self, global: &GlobalFlags) -> Result<String, CliError> {
        let record = self.release.fetch(global)?;
        if !self.template.is_empty() {
            return go_release::execute(&self.template, &record, global.flavour());
        }
        let computed = deploy::computed_values(&record, global.flavour())?;
        let shown =
            Shown { everything: true, chart: true, computed_values: Some(&computed), ..Shown::default() };
        print(&record, shown, Format::Table, global.flavour())
    }
}

fn notes(record: &Record) -> String {
    match record.info.notes.as_str() {
        "" => String::new(),
        notes => format!("NOTES:\n{notes}\n"),
    }
}

impl Values {
    fn print(&self, global: &GlobalFlags) -> Result<String, CliError> {
        let record = self.formatted.release.fetch(global)?;
        let values = match self.all {
            true => Value::Map(deploy::computed_values(&record, global.flavour())?),
            false => nil_if_empty(&record.config),
        };
        let title = if self.all { "COMPUTED VALUES:" } else { "USER-SUPPLIED VALUES:" };
        match self.formatted.output {
            Format::Table => Ok(format!("{title}\n{}", format::value(&values, Format::Yaml)?)),
            format => format::value(&values, format),
        }
    }
}

/// Go prints a nil map as `null`, and that is what a record without values holds.
fn nil_if_empty(values: &Map) -> Value {
    if values.is_empty() { Value::Nil } else { Value::Map(values.clone()) }
}
