//! `pintle search repo`: finds charts in the copies of repositories' indexes.

use std::cmp::Ordering;

use chart::{Flavour, Metadata};
use clap::{Args, Subcommand};
use goregex::Regex;
use semver::{Constraint, Version};

use super::format::{Format, structured, table_within};
use super::global::GlobalFlags;
use super::list::json_text;
use super::{CliError, output};
use crate::source::Sources;

/// Search for a keyword in charts.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    #[command(subcommand)]
    place: Place,
}

const EXAMPLES: &str = "\
Examples:
  pintle search repo nginx
  pintle search repo nginx --version '^1.0' --versions
  pintle search repo --regexp '^ng.*x' -o json";

#[derive(Subcommand, Debug)]
enum Place {
    /// Search the repositories that were added
    Repo(Search),
}

#[derive(Args, Debug)]
struct Search {
    /// What to look for in names, descriptions and keywords; all charts when absent
    #[arg(value_name = "KEYWORD")]
    keywords: Vec<String>,
    /// Use regular expressions for searching
    #[arg(short, long)]
    regexp: bool,
    /// Show each version of each chart on a line of its own
    #[arg(short = 'l', long)]
    versions: bool,
    /// Use development versions, too; equals --version '>0.0.0-0'
    #[arg(long)]
    devel: bool,
    /// Versions that satisfy this constraint
    #[arg(long, value_name = "CONSTRAINT", default_value = "", hide_default_value = true)]
    version: String,
    /// Maximum column width for the output table; 0 for none
    #[arg(long, value_name = "WIDTH", default_value_t = 50)]
    max_col_width: usize,
    /// Fail if no results are found
    #[arg(long)]
    fail_on_no_result: bool,
    /// Prints the output in the specified format
    #[arg(short, long, value_enum, default_value_t)]
    output: Format,
}

/// Parts the texts that are searched.
const SEPARATOR: char = '\u{b}';

/// A version of a chart that was found.
struct Hit {
    /// `repository/chart`
    name: String,
    /// How many texts of the chart come before the one with the keyword.
    score: usize,
    version: Version,
    app_version: String,
    description: String,
}

/// Searches and prints.
pub(super) fn run(arguments: &Arguments, global: &GlobalFlags) -> Result<(), CliError> {
    let Place::Repo(search) = &arguments.place;
    let hits = search.find(&global.sources(), global.flavour())?;
    if hits.is_empty() && search.fail_on_no_result {
        return Err(CliError::message("no results found"));
    }
    output::print(search.text(&hits)?)
}

impl Search {
    /// What fits, the best first.
    fn find(&self, sources: &Sources, flavour: Flavour) -> Result<Vec<Hit>, CliError> {
        let repositories = sources.repositories()?;
        if repositories.is_empty() {
            return Err(CliError::message("no repositories configured"));
        }
        let keyword = Keyword::of(&self.keywords.join(" "), self.regexp)?;
        let constraint = self.constraint()?;
        let mut hits: Vec<Hit> = Vec::new();
        for repository in repositories.iter().map(|repository| repository.name.as_str()) {
            let read = sources.index_entries(repository, |chart, entries| {
                let entries = entries.iter().filter_map(|entry| Metadata::of_index_entry(entry, flavour));
                let found = entries.filter_map(|entry| keyword.hit(repository, chart, entry));
                let mut found: Vec<Hit> = found.collect();
                found.retain(|hit| constraint.check(&hit.version));
                found.sort_by(Hit::order);
                found.truncate(if self.versions { usize::MAX } else { 1 });
                hits.extend(found);
            });
            if let Err(error) = read {
                output::warn(&format!(
                    "Repo {repository:?} is corrupt or missing. Try 'pintle repo update'."
                ));
                output::warn(&error.to_string());
            }
        }
        hits.sort_by(Hit::order);
        Ok(hits)
    }

    fn constraint(&self) -> Result<Constraint, CliError> {
        let constraint = match (self.version.as_str(), self.devel) {
            ("", false) => ">0.0.0",
            ("", true) => ">0.0.0-0",
            (version, _) => version,
        };
        Constraint::parse(constraint)
            .map_err(|error| CliError::message(format!("an invalid version/constraint format: {error}")))
    }

    fn text(&self, hits: &[Hit]) -> Result<String, CliError> {
        if self.output != Format::Table {
            let items: Vec<String> = hits.iter().map(Hit::json).collect();
            return structured(&format!("[{}]", items.join(",")), self.output);
        }
        if hits.is_empty() {
            return Ok("No results found\n".to_owned());
        }
        let titles = ["NAME", "CHART VERSION", "APP VERSION", "DESCRIPTION"].map(str::to_owned);
        let rows: Vec<_> = std::iter::once(titles.to_vec()).chain(hits.iter().map(Hit::cells)).collect();
        let maximum = if self.max_col_width == 0 { usize::MAX } else { self.max_col_width };
        Ok(table_within(&rows, maximum))
    }
}

/// What is looked for.
enum Keyword {
    All,
    /// In lower case.
    Text(String),
    Regex(Regex),
}

impl Keyword {
    fn of(text: &str, is_regex: bool) -> Result<Self, CliError> {
        match (text, is_regex) {
            ("", _) => Ok(Self::All),
            (text, false) => Ok(Self::Text(text.to_lowercase())),
            (text, true) => {
                let regex = Regex::new(text.as_bytes());
                regex.map(Self::Regex).map_err(|error| CliError::message(error.to_string()))
            }
        }
    }

    /// A version of a chart, if it fits. Helm: `search.Index`.
    fn hit(&self, repository: &str, chart: &str, metadata: Metadata) -> Option<Hit> {
        let score = self.score(repository, &metadata)?;
        let version = Version::parse(&metadata.version).ok()?;
        let Metadata { app_version, description, .. } = metadata;
        Some(Hit { name: format!("{repository}/{chart}"), score, version, app_version, description })
    }

    fn score(&self, repository: &str, entry: &Metadata) -> Option<usize> {
        let (name, keywords) = (&entry.name, entry.keywords.join(" "));
        let parts = [name, &format!("{repository}/{name}"), &entry.description, &keywords];
        let texts = parts.map(String::as_str).join(&SEPARATOR.to_string());
        let before = |text: &str, at: usize| text.get(..at).map_or(0, |text| text.matches(SEPARATOR).count());
        match self {
            Self::All => Some(0),
            Self::Text(keyword) => {
                let texts = texts.to_lowercase();
                texts.find(keyword).map(|at| before(&texts, at))
            }
            Self::Regex(regex) => {
                let found = regex.find(texts.as_bytes())?;
                let at = (found.as_ptr() as usize).checked_sub(texts.as_ptr() as usize)?;
                Some(before(&texts, at))
            }
        }
    }
}

impl Hit {
    /// The nearest to the keyword first, by name, the newest first.
    fn order(&self, other: &Self) -> Ordering {
        (self.score, &self.name, &other.version).cmp(&(other.score, &other.name, &self.version))
    }

    /// Name, version, version of what it installs, description.
    fn cells(&self) -> Vec<String> {
        let texts = [&self.name, self.version.original(), &self.app_version, &self.description];
        texts.map(str::to_owned).to_vec()
    }

    fn json(&self) -> String {
        let names = ["name", "version", "app_version", "description"];
        let cells = self.cells();
        let members = names.iter().zip(&cells).map(|(name, text)| format!("\"{name}\":{}", json_text(text)));
        format!("{{{}}}", members.collect::<Vec<_>>().join(","))
    }
}
