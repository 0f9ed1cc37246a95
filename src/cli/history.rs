//! `pintle history`: the revisions of a release.

use clap::Args;

use super::format::{Format, structured, table};
use super::global::GlobalFlags;
use super::list::json_text;
use super::session::Session;
use super::{CliError, output};
use crate::release::{Listed, Time};

/// Fetch release history.
///
/// Prints the revisions of a release, the last one at the end. A revision that can't be read is shown as broken.
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  pintle history web\n  pintle history web --max 3 -o yaml")]
pub(super) struct Arguments {
    /// The release
    #[arg(value_name = "RELEASE_NAME")]
    name: String,
    /// Maximum number of revisions to include in history
    #[arg(long, default_value_t = 256)]
    max: usize,
    /// Show the rollback revision column in table output
    #[arg(long)]
    show_rollback_revision: bool,
    /// Prints the output in the specified format
    #[arg(short, long, value_enum, default_value_t)]
    output: Format,
}

/// A revision in the listing.
struct Row {
    revision: i64,
    updated: Option<Time>,
    status: String,
    chart: String,
    app_version: String,
    rollback_revision: i64,
    description: String,
}

/// Lists.
pub(super) fn run(arguments: &Arguments, global: &GlobalFlags) -> Result<(), CliError> {
    let listed = global.ask(arguments.fetch(global))?;
    let rows: Vec<Row> = listed.into_iter().map(Row::of).collect();
    let text = match arguments.output {
        Format::Table => arguments.table(&rows),
        format => {
            let with_rollback = global.flavour() == chart::Flavour::V4;
            let items: Vec<_> = rows.iter().map(|row| row.json(with_rollback)).collect();
            structured(&format!("[{}]", items.join(",")), format)?
        }
    };
    output::print(text)
}

impl Arguments {
    /// The last revisions, oldest first. Only those that are shown are read.
    async fn fetch(&self, global: &GlobalFlags) -> Result<Vec<Listed>, CliError> {
        let session = Session::reach(global).await?;
        if !crate::deploy::is_valid_name(&self.name) {
            return Err(CliError::message(format!("release name is invalid: {}", self.name)));
        }
        let storage = session.storage();
        let mut heads = storage.release_heads(&self.name).await?;
        if heads.is_empty() {
            return Err(crate::release::StorageError::NotFound.into());
        }
        heads.sort_by_key(|head| head.revision);
        let shown = heads.split_off(heads.len().saturating_sub(self.max));
        Ok(storage.summaries(shown).await?)
    }

    fn table(&self, rows: &[Row]) -> String {
        let mut headers = vec!["REVISION", "UPDATED", "STATUS", "CHART", "APP VERSION", "DESCRIPTION"];
        if self.show_rollback_revision {
            headers.insert(5, "ROLLBACK");
        }
        let mut cells = vec![headers.into_iter().map(str::to_owned).collect()];
        cells.extend(rows.iter().map(|row| row.cells(self.show_rollback_revision)));
        table(&cells)
    }
}

impl Row {
    fn of(listed: Listed) -> Self {
        let Listed { head, summary } = listed;
        match summary {
            Ok(summary) => Self {
                revision: head.revision,
                updated: summary.last_deployed,
                status: summary.status.to_string(),
                chart: summary.chart,
                app_version: summary.app_version,
                rollback_revision: summary.rollback_revision,
                description: summary.description,
            },
            Err(error) => Self {
                revision: head.revision,
                updated: None,
                status: head.status.to_string(),
                chart: "BROKEN".into(),
                app_version: "BROKEN".into(),
                rollback_revision: 0,
                description: format!("the record can't be read: {error}"),
            },
        }
    }

    fn cells(&self, with_rollback: bool) -> Vec<String> {
        let mut cells = vec![
            self.revision.to_string(),
            self.updated.map(Time::ansic).unwrap_or_default(),
            self.status.clone(),
            self.chart.clone(),
            self.app_version.clone(),
            self.description.clone(),
        ];
        if with_rollback {
            let rollback =
                if self.rollback_revision > 0 { self.rollback_revision.to_string() } else { String::new() };
            cells.insert(5, rollback);
        }
        cells
    }

    fn json(&self, with_rollback: bool) -> String {
        let mut members = vec![format!("\"revision\":{}", self.revision)];
        members.extend(self.updated.map(|time| format!("\"updated\":{}", json_text(&time.rfc3339_nano()))));
        let text = |name: &str, text: &str| format!("\"{name}\":{}", json_text(text));
        members.push(text("status", &self.status));
        members.push(text("chart", &self.chart));
        members.push(text("app_version", &self.app_version));
        if with_rollback && self.rollback_revision > 0 {
            members.push(format!("\"rollback_revision\":{}", self.rollback_revision));
        }
        members.push(text("description", &self.description));
        format!("{{{}}}", members.join(","))
    }
}
