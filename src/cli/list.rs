//! `pintle list`: the releases of a namespace.

use std::cmp::Reverse;

use clap::Args;
use value::json::append_string;

use super::format::{Format, structured, table};
use super::global::GlobalFlags;
use super::session::Session;
use super::{CliError, output};
use crate::release::{Entry, Head, Record, Status};

/// List releases.
///
/// Without flags that name a status, releases of any status are listed (Helm 3: deployed and failed ones). A release
/// whose record can't be read is listed as broken and hides no other.
#[derive(Args, Debug)]
#[command(visible_alias = "ls", after_help = EXAMPLES)]
pub(super) struct Arguments {
    /// List releases across all namespaces
    #[arg(short = 'A', long)]
    all_namespaces: bool,
    /// Show all releases without any filter applied (Helm 3)
    #[arg(short, long)]
    all: bool,
    /// Show deployed releases
    #[arg(long)]
    deployed: bool,
    /// Show failed releases
    #[arg(long)]
    failed: bool,
    /// Show pending releases
    #[arg(long)]
    pending: bool,
    /// Show superseded releases
    #[arg(long)]
    superseded: bool,
    /// Show uninstalled releases (if uninstalled with --keep-history)
    #[arg(long)]
    uninstalled: bool,
    /// Show releases that are currently being uninstalled
    #[arg(long)]
    uninstalling: bool,
    /// Sort by release date
    #[arg(short, long)]
    date: bool,
    /// Reverse the sort order
    #[arg(short, long)]
    reverse: bool,
    /// Maximum number of releases to fetch
    #[arg(short, long, default_value_t = 256)]
    max: usize,
    /// Next release index in the list, used to offset from start value
    #[arg(long, default_value_t = 0)]
    offset: usize,
    /// A regular expression; any releases that match it are included
    #[arg(short, long, value_name = "EXPRESSION")]
    filter: Option<String>,
    /// Selector (label query) to filter on
    #[arg(short = 'l', long, default_value = "", hide_default_value = true)]
    selector: String,
    /// Output short (quiet) listing format
    #[arg(short = 'q', long)]
    short: bool,
    /// Don't print headers when using the default output format
    #[arg(long)]
    no_headers: bool,
    /// Prints the output in the specified format
    #[arg(short, long, value_enum, default_value_t)]
    output: Format,
}

const EXAMPLES: &str = "\
Examples:
  pintle list --all-namespaces
  pintle list --failed --pending -o json
  pintle list --filter '^web' --date";

/// A release in the listing.
struct Row {
    name: String,
    namespace: String,
    revision: i64,
    /// Seconds and nanoseconds since 1970, to sort by.
    deployed: Option<crate::release::Time>,
    status: String,
    chart: String,
    app_version: String,
}

/// Lists.
pub(super) fn run(arguments: &Arguments, global: &GlobalFlags) -> Result<(), CliError> {
    let filter = arguments.filter.as_deref().map(|text| goregex::Regex::new(text.as_bytes())).transpose();
    let filter = filter.map_err(|error| CliError::message(error.to_string()))?;
    let entries = global.block_on(arguments.fetch(global))?;
    let rows = entries.into_iter().filter_map(|entry| arguments.row(entry, global));
    let mut rows: Vec<Row> = rows
        .filter(|row| filter.as_ref().is_none_or(|filter| filter.is_match(row.name.as_bytes())))
        .collect();
    arguments.sort(&mut rows);
    let limit = if arguments.max == 0 { usize::MAX } else { arguments.max };
    let rows: Vec<Row> = rows.into_iter().skip(arguments.offset).take(limit).collect();
    output::print(arguments.text(&rows)?)
}

impl Arguments {
    async fn fetch(&self, global: &GlobalFlags) -> Result<Vec<Entry>, CliError> {
        let session = Session::reach(global).await?;
        let namespace = if self.all_namespaces { "" } else { session.namespace.as_str() };
        let storage = session.storage_of(namespace);
        let wanted = |head: &Head| self.wants(&head.status, global);
        // A release is never superseded as a whole: who asks for nothing else means revisions.
        let entries = match self.statuses(global).as_slice() {
            [Status::Superseded] => storage.all(&self.selector, wanted).await?,
            _ => storage.latest(&self.selector, wanted).await?,
        };
        Ok(entries)
    }

    fn statuses(&self, global: &GlobalFlags) -> Vec<Status> {
        let mut wanted = Vec::new();
        let flags = [
            (self.deployed, vec![Status::Deployed]),
            (self.failed, vec![Status::Failed]),
            (self.pending, vec![Status::PendingInstall, Status::PendingUpgrade, Status::PendingRollback]),
            (self.superseded, vec![Status::Superseded]),
            (self.uninstalled, vec![Status::Uninstalled]),
            (self.uninstalling, vec![Status::Uninstalling]),
        ];
        flags.into_iter().filter(|(flag, _)| *flag).for_each(|(_, statuses)| wanted.extend(statuses));
        if wanted.is_empty() && !self.all && global.flavour() == chart::Flavour::V3 {
            return vec![Status::Deployed, Status::Failed];
        }
        if self.all { Vec::new() } else { wanted }
    }

    /// Helm's masks know no other words, so it never shows a release in an unknown state.
    fn wants(&self, status: &Status, global: &GlobalFlags) -> bool {
        let wanted = self.statuses(global);
        let known = !matches!(status, Status::Other(_));
        if wanted.is_empty() { known } else { wanted.contains(status) }
    }

    fn row(&self, entry: Entry, global: &GlobalFlags) -> Option<Row> {
        match entry {
            Entry::Whole(record) if self.wants(&record.info.status, global) => Some(Row::of(&record)),
            Entry::Whole(_) => None,
            Entry::Broken { head, error } => {
                output::warn(&format!(
                    "the record of {} revision {} can't be read: {error}",
                    head.name, head.revision
                ));
                Some(Row::broken(&head))
            }
        }
    }

    fn sort(&self, rows: &mut [Row]) {
        rows.sort_by(|a, b| (&a.name, &a.namespace).cmp(&(&b.name, &b.namespace)));
        match (self.date, self.reverse) {
            (true, false) => rows.sort_by_key(|row| row.deployed),
            (true, true) => rows.sort_by_key(|row| Reverse(row.deployed)),
            (false, true) => rows.reverse(),
            (false, false) => {}
        }
    }

    fn text(&self, rows: &[Row]) -> Result<String, CliError> {
        match (self.short, self.output) {
            (true, Format::Table) => Ok(rows.iter().map(|row| format!("{}\n", row.name)).collect()),
            (true, format) => structured(&array(rows.iter().map(|row| json_text(&row.name))), format),
            (false, Format::Table) => Ok(self.table(rows)),
            (false, format) => structured(&array(rows.iter().map(Row::json)), format),
        }
    }

    fn table(&self, rows: &[Row]) -> String {
        let headers = ["NAME", "NAMESPACE", "REVISION", "UPDATED", "STATUS", "CHART", "APP VERSION"];
        let mut cells = Vec::new();
        if !self.no_headers {
            cells.push(headers.map(str::to_owned).to_vec());
        }
        cells.extend(rows.iter().map(|row| row.fields().map(|(_, text)| text).to_vec()));
        if cells.is_empty() { "\n".to_owned() } else { table(&cells) }
    }
}

impl Row {
    fn of(record: &Record) -> Self {
        Self {
            name: record.name.clone(),
            namespace: record.namespace.clone(),
            revision: record.revision,
            deployed: record.info.last_deployed,
            status: record.info.status.to_string(),
            chart: record.chart.label(),
            app_version: record.chart.app_version(),
        }
    }

    fn broken(head: &Head) -> Self {
        Self {
            name: head.name.clone(),
            namespace: head.namespace.clone(),
            revision: head.revision,
            deployed: None,
            status: head.status.to_string(),
            chart: "BROKEN".to_owned(),
            app_version: "BROKEN".to_owned(),
        }
    }

    fn fields(&self) -> [(&'static str, String); 7] {
        let updated = self.deployed.map_or_else(|| "-".to_owned(), crate::release::Time::go_string);
        [
            ("name", self.name.clone()),
            ("namespace", self.namespace.clone()),
            ("revision", self.revision.to_string()),
            ("updated", updated),
            ("status", self.status.clone()),
            ("chart", self.chart.clone()),
            ("app_version", self.app_version.clone()),
        ]
    }

    fn json(&self) -> String {
        let members = self.fields().map(|(name, text)| format!("\"{name}\":{}", json_text(&text)));
        format!("{{{}}}", members.join(","))
    }
}

fn array(items: impl Iterator<Item = String>) -> String {
    format!("[{}]", items.collect::<Vec<_>>().join(","))
}

/// A string as Go's JSON has it.
pub(super) fn json_text(text: &str) -> String {
    let mut out = Vec::new();
    append_string(&mut out, text.as_bytes(), true);
    String::from_utf8_lossy(&out).into_owned()
}
