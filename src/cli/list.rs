//! `pintle list`: the releases of a namespace.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use clap::Args;
use value::json::append_string;

use super::format::{Format, structured, table};
use super::global::GlobalFlags;
use super::session::Session;
use super::{CliError, output};
use crate::release::{Head, Listed, Status, Storage, Summary};

/// List releases.
///
/// Without flags that name a status, releases of any status are listed (Helm 3: deployed and failed ones). A release
/// whose record can't be read is listed as broken and hides no other.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
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
    /// Format of times, in Go's notation: "2006-01-02 15:04:05Z0700"
    #[arg(long, value_name = "LAYOUT", default_value = "", hide_default_value = true)]
    time_format: String,
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
    deployed: Option<crate::release::Time>,
    status: String,
    chart: String,
    app_version: String,
}

/// How many records are read in one go while a page is not full: some may turn out to be of another status.
const MORE: usize = 64;

/// Lists.
pub(super) fn run(arguments: &Arguments, global: &GlobalFlags) -> Result<(), CliError> {
    let filter = arguments.filter.as_deref().map(|text| goregex::Regex::new(text.as_bytes())).transpose();
    let filter = filter.map_err(|error| CliError::message(error.to_string()))?;
    let rows = global.ask(async {
        let session = Session::reach(global).await?;
        let namespace = if arguments.all_namespaces { "" } else { session.namespace.as_str() };
        let listing = Listing { arguments, global, storage: session.storage_of(namespace) };
        let mut heads = listing.heads().await?;
        heads.retain(|head| filter.as_ref().is_none_or(|filter| filter.is_match(head.name.as_bytes())));
        listing.rows(heads).await
    })?;
    output::print(arguments.text(&rows)?)
}

/// A listing under way. What labels say decides which records are read at all.
struct Listing<'a> {
    arguments: &'a Arguments,
    global: &'a GlobalFlags,
    storage: Storage,
}

impl Listing<'_> {
    /// The revisions to show, by name, as far as labels tell.
    async fn heads(&self) -> Result<Vec<Head>, CliError> {
        let statuses = self.arguments.statuses(self.global);
        let mut heads = self.storage.heads("").await?;
        // A release is never superseded as a whole: who asks for nothing else means revisions.
        if statuses != [Status::Superseded] {
            heads = latest(heads);
        }
        heads.retain(|head| head.status == Status::Unknown || self.arguments.wants(&head.status, &statuses));
        if !self.arguments.selector.is_empty() {
            // Helm selects among the latest revisions, so the server may not select before.
            let selected = self.storage.heads(&self.arguments.selector).await?;
            let selected: BTreeSet<_> =
                selected.into_iter().map(|head| (head.namespace, head.object_name)).collect();
            heads.retain(|head| selected.contains(&(head.namespace.clone(), head.object_name.clone())));
        }
        heads.sort_by(|a, b| (&a.name, &a.namespace, a.revision).cmp(&(&b.name, &b.namespace, b.revision)));
        Ok(heads)
    }

    /// The page to show. Sorted by name, only its own records are read; by date, all.
    async fn rows(&self, mut heads: Vec<Head>) -> Result<Vec<Row>, CliError> {
        let Arguments { date, reverse, max, offset, .. } = *self.arguments;
        let most = if max == 0 { usize::MAX } else { max };
        if date {
            let mut rows = self.read(heads).await?;
            match reverse {
                false => rows.sort_by_key(|row| row.deployed),
                true => rows.sort_by_key(|row| Reverse(row.deployed)),
            }
            return Ok(rows.into_iter().skip(offset).take(most).collect());
        }
        if reverse {
            heads.reverse();
        }
        let wanted = offset.saturating_add(most);
        let mut rows = Vec::new();
        while rows.len() < wanted && !heads.is_empty() {
            let missing = (wanted - rows.len()).max(MORE).min(heads.len());
            let rest = heads.split_off(missing);
            rows.extend(self.read(std::mem::replace(&mut heads, rest)).await?);
        }
        Ok(rows.into_iter().skip(offset).take(most).collect())
    }

    async fn read(&self, heads: Vec<Head>) -> Result<Vec<Row>, CliError> {
        let statuses = self.arguments.statuses(self.global);
        let listed = self.storage.summaries(heads).await?;
        Ok(listed.into_iter().filter_map(|listed| self.arguments.row(listed, &statuses)).collect())
    }
}

/// The latest revision of every release.
fn latest(heads: Vec<Head>) -> Vec<Head> {
    let mut latest = BTreeMap::<(String, String), Head>::new();
    for head in heads {
        let key = (head.namespace.clone(), head.name.clone());
        if latest.get(&key).is_none_or(|known| known.revision <= head.revision) {
            latest.insert(key, head);
        }
    }
    latest.into_values().collect()
}

impl Arguments {
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
    fn wants(&self, status: &Status, statuses: &[Status]) -> bool {
        let known = !matches!(status, Status::Other(_));
        if statuses.is_empty() { known } else { statuses.contains(status) }
    }

    fn row(&self, listed: Listed, statuses: &[Status]) -> Option<Row> {
        let Listed { head, summary } = listed;
        match summary {
            Ok(summary) => self.wants(&summary.status, statuses).then(|| Row::of(head, summary)),
            Err(error) => {
                output::warn(&format!(
                    "the record of {} revision {} can't be read: {error}",
                    head.name, head.revision
                ));
                Some(Row::broken(head))
            }
        }
    }

    fn text(&self, rows: &[Row]) -> Result<String, CliError> {
        match (self.short, self.output) {
            (true, Format::Table) => Ok(rows.iter().map(|row| format!("{}\n", row.name)).collect()),
            (true, format) => structured(&array(rows.iter().map(|row| json_text(&row.name))), format),
            (false, Format::Table) => Ok(self.table(rows)),
            (false, format) => structured(&array(rows.iter().map(|row| row.json(&self.time_format))), format),
        }
    }

    fn table(&self, rows: &[Row]) -> String {
        let headers = ["NAME", "NAMESPACE", "REVISION", "UPDATED", "STATUS", "CHART", "APP VERSION"];
        let mut cells = Vec::new();
        if !self.no_headers {
            cells.push(headers.map(str::to_owned).to_vec());
        }
        cells.extend(rows.iter().map(|row| row.fields(&self.time_format).map(|(_, text)| text).to_vec()));
        if cells.is_empty() { "\n".to_owned() } else { table(&cells) }
    }
}

impl Row {
    fn of(head: Head, summary: Summary) -> Self {
        Self {
            name: head.name,
            namespace: head.namespace,
            revision: head.revision,
            deployed: summary.last_deployed,
            status: summary.status.to_string(),
            chart: summary.chart,
            app_version: summary.app_version,
        }
    }

    fn broken(head: Head) -> Self {
        Self {
            name: head.name,
            namespace: head.namespace,
            revision: head.revision,
            deployed: None,
            status: head.status.to_string(),
            chart: "BROKEN".to_owned(),
            app_version: "BROKEN".to_owned(),
        }
    }

    fn fields(&self, time_format: &str) -> [(&'static str, String); 7] {
        let updated = match self.deployed {
            None => "-".to_owned(),
            Some(time) if time_format.is_empty() => time.go_string(),
            Some(time) => in_layout(time, time_format),
        };
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

    fn json(&self, time_format: &str) -> String {
        let members = self.fields(time_format).map(|(name, text)| format!("\"{name}\":{}", json_text(&text)));
        format!("{{{}}}", members.join(","))
    }
}

/// A time by a layout of Go.
fn in_layout(time: crate::release::Time, layout: &str) -> String {
    const RFC_3339: &[u8] = b"2006-01-02T15:04:05.999999999Z07:00";
    let local = sprig::Zone::local(&crate::host::SystemHost);
    let read = sprig::Time::parse(RFC_3339, time.rfc3339_nano().as_bytes(), &local);
    read.map(|time| String::from_utf8_lossy(&time.format(layout.as_bytes())).into_owned()).unwrap_or_default()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_printed_by_a_layout_of_go() {
        let time = crate::release::Time::parse("2026-11-21T09:58:36.559Z").unwrap();
        assert_eq!(in_layout(time, "2006-01-02 15:04:05Z0700"), "2026-11-21 09:58:36Z");
        assert_eq!(in_layout(time, "Jan _2 .000"), "Nov 21 .559");
    }

    #[test]
    fn of_each_release_the_latest_revision_is_listed() {
        let head = |namespace: &str, revision: i64| Head {
            name: "web".into(),
            namespace: namespace.into(),
            revision,
            status: Status::Deployed,
            labels: BTreeMap::new(),
            object_name: String::new(),
        };
        let latest = latest(vec![head("a", 9), head("a", 10), head("b", 1), head("a", 2)]);
        let found: Vec<_> = latest.iter().map(|head| (head.namespace.as_str(), head.revision)).collect();
        assert_eq!(found, [("a", 10), ("b", 1)]);
    }
}
