//! `pintle status`: how a release is.

use chart::Flavour;
use clap::Args;

use super::format::Format;
use super::global::GlobalFlags;
use super::release_text::{Shown, print, without_chart};
use super::session::Session;
use super::{CliError, output, resource_table};

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
    /// Prints the output in the specified format
    #[arg(short, long, value_enum, default_value_t)]
    output: Format,
}

/// Prints.
pub(super) fn run(arguments: &Arguments, global: &GlobalFlags) -> Result<(), CliError> {
    let shows_resources = arguments.output == Format::Table && global.flavour() == Flavour::V4;
    let (record, resources) = global.block_on(async {
        let session = Session::reach(global).await?;
        let record = session.record(&arguments.name, arguments.revision).await?;
        let resources = match shows_resources {
            true => resource_table::fetch(&session.cluster, &record).await?,
            false => String::new(),
        };
        Ok::<_, CliError>((without_chart(record), resources))
    })?;
    let shown = Shown { resources: &resources, ..Shown::default() };
    output::print(print(&record, shown, arguments.output, global.flavour())?)
}
