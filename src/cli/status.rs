//! `pintle status`: how a release is.

use chart::Flavour;
use clap::Args;

use super::format::Format;
use super::global::GlobalFlags;
use super::release_text::{Shown, print, without_chart};
use super::session::Session;
use super::{CliError, output, resources};
use crate::release::Record;

/// Display the status of the named release.
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  pintle status web\n  pintle status web --revision 2 -o json")]
pub(super) struct Arguments {
    /// The release
    #[arg(value_name = "RELEASE_NAME")]
    name: String,
    /// If set, display the status of the named release with revision
    #[arg(long, default_value_t = 0, hide_default_value = true)]
    revision: i64,
    /// Show the description, too; Helm 4 always does
    #[arg(long)]
    show_desc: bool,
    /// Show the objects of the release, too; Helm 4 always does
    #[arg(long)]
    show_resources: bool,
    /// Prints the output in the specified format
    #[arg(short, long, value_enum, default_value_t)]
    output: Format,
}

/// Prints.
pub(super) fn run(arguments: &Arguments, global: &GlobalFlags) -> Result<(), CliError> {
    let (record, resources) = global.ask(arguments.fetch(global))?;
    let shown = Shown { resources: &resources, description: arguments.show_desc, ..Shown::default() };
    output::print(print(&record, shown, arguments.output, global.flavour())?)
}

impl Arguments {
    /// The record and, where they are shown, the release's objects: as text, or for other formats inside the record.
    async fn fetch(&self, global: &GlobalFlags) -> Result<(Record, String), CliError> {
        let session = Session::reach(global).await?;
        let mut record = without_chart(session.record(&self.name, self.revision).await?);
        let shows_objects = global.flavour() == Flavour::V4 || self.show_resources;
        match (shows_objects, self.output) {
            (false, _) => Ok((record, String::new())),
            (true, Format::Table) => {
                let table = resources::table(&session.cluster, &record).await?;
                Ok((record, table))
            }
            (true, _) => {
                let json = resources::json(&session.cluster, &record).await?;
                // As Go leaves out an empty map.
                if json != "{}" {
                    let added = record.info.show_resources(json);
                    added.map_err(|error| CliError::message(error.to_string()))?;
                }
                Ok((record, String::new()))
            }
        }
    }
}
