//! `pintle repo`: the chart repositories that are known by a name.

use chart::Flavour;
use clap::{Args, Subcommand};
use serde_json::json;

use super::format::{Format, structured, table};
use super::global::GlobalFlags;
use super::{CliError, output, password, repo_index};
use crate::source::repository::configured::ConfiguredRepository;
use crate::source::{Credentials, SourceError};

/// Add, index, list, remove and update chart repositories.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    #[command(subcommand)]
    action: Action,
}

const EXAMPLES: &str = "\
Examples:
  pintle repo add stable https://charts.example.com
  pintle repo update
  pintle repo index ./charts --url https://charts.example.com
  pintle install web stable/web";

#[derive(Subcommand, Debug)]
enum Action {
    /// Add a chart repository
    Add(Box<Added>),
    /// Write the index of a folder with charts' archives
    Index(repo_index::Indexed),
    /// List chart repositories
    #[command(alias = "ls")]
    List(Listed),
    /// Remove chart repositories
    #[command(alias = "rm")]
    Remove(Removed),
    /// Fetch the indexes of chart repositories anew
    #[command(alias = "up")]
    Update(Updated),
}

#[derive(Args, Debug)]
struct Added {
    /// The name, without /
    name: String,
    /// The repository; its index is at URL/index.yaml
    url: String,
    /// Chart repository user name
    #[arg(long, value_name = "NAME", default_value = "", hide_default_value = true)]
    username: String,
    /// Chart repository password
    #[arg(long, value_name = "PASSWORD", default_value = "", hide_default_value = true)]
    password: String,
    /// Read the password from standard input
    #[arg(long)]
    password_stdin: bool,
    /// Replace the repository if it already exists
    #[arg(long)]
    force_update: bool,
    /// Identify with this TLS certificate
    #[arg(long, value_name = "FILE", default_value = "", hide_default_value = true)]
    cert_file: String,
    /// Identify with this TLS key
    #[arg(long, value_name = "FILE", default_value = "", hide_default_value = true)]
    key_file: String,
    /// Verify certificates of HTTPS-enabled servers with this CA bundle
    #[arg(long, value_name = "FILE", default_value = "", hide_default_value = true)]
    ca_file: String,
    /// Skip TLS certificate checks
    #[arg(long)]
    insecure_skip_tls_verify: bool,
    /// Pass credentials to all domains
    #[arg(long)]
    pass_credentials: bool,
}

#[derive(Args, Debug)]
struct Listed {
    /// Leave out the names of the columns
    #[arg(long)]
    no_headers: bool,
    /// Prints the output in the specified format
    #[arg(short, long, value_enum, default_value_t)]
    output: Format,
}

#[derive(Args, Debug)]
struct Removed {
    /// The repositories' names
    #[arg(value_name = "NAME", required = true)]
    names: Vec<String>,
}

#[derive(Args, Debug)]
struct Updated {
    /// The repositories' names; all of them when absent
    #[arg(value_name = "NAME")]
    names: Vec<String>,
}

/// Does what is asked for.
pub(super) fn run(arguments: &Arguments, global: &GlobalFlags) -> Result<(), CliError> {
    match &arguments.action {
        Action::Add(added) => add(added, global),
        Action::Index(indexed) => repo_index::run(indexed, global),
        Action::List(listed) => list(listed, global),
        Action::Remove(removed) => remove(removed, global),
        Action::Update(updated) => update(updated, global),
    }
}

fn add(added: &Added, global: &GlobalFlags) -> Result<(), CliError> {
    let name = &added.name;
    if name.contains('/') {
        return Err(CliError::message(format!(
            "repository name ({name}) contains '/', please specify a different name without '/'"
        )));
    }
    let password = match added.password_stdin && added.password.is_empty() {
        true => password::from_stdin()?,
        false => added.password.clone(),
    };
    let repository = ConfiguredRepository {
        name: name.clone(),
        url: added.url.clone(),
        credentials: Credentials { username: added.username.clone(), password },
        certificate_file: added.cert_file.clone(),
        key_file: added.key_file.clone(),
        ca_file: added.ca_file.clone(),
        insecure_skip_tls_verify: added.insecure_skip_tls_verify,
        pass_credentials_all: added.pass_credentials,
    };
    let sources = global.sources();
    let is_new = global.block_on(sources.add_repository(repository, added.force_update))?;
    output::print(match is_new {
        true => format!("{name:?} has been added to your repositories\n"),
        false => format!("{name:?} already exists with the same configuration, skipping\n"),
    })
}

fn list(listed: &Listed, global: &GlobalFlags) -> Result<(), CliError> {
    let repositories = global.sources().repositories().unwrap_or_default();
    if listed.output != Format::Table {
        let list =
            repositories.iter().map(|repository| json!({"name": repository.name, "url": repository.url}));
        let list = serde_json::Value::Array(list.collect());
        return output::print(structured(&list.to_string(), listed.output)?);
    }
    if repositories.is_empty() {
        return match global.flavour() {
            Flavour::V3 => Err(CliError::message("no repositories to show")),
            Flavour::V4 => {
                output::note("no repositories to show");
                Ok(())
            }
        };
    }
    let headers = (!listed.no_headers).then(|| vec!["NAME".to_owned(), "URL".to_owned()]);
    let rows = repositories.iter().map(|repository| vec![repository.name.clone(), repository.url.clone()]);
    output::print(table(&headers.into_iter().chain(rows).collect::<Vec<_>>()))
}

fn remove(removed: &Removed, global: &GlobalFlags) -> Result<(), CliError> {
    let sources = global.sources();
    if sources.repositories()?.is_empty() {
        return Err(CliError::message("no repositories configured"));
    }
    for name in &removed.names {
        if !global.block_on(sources.remove_repository(name))? {
            return Err(CliError::message(format!("no repo named {name:?} found")));
        }
        output::print(format!("{name:?} has been removed from your repositories\n"))?;
    }
    Ok(())
}

fn update(updated: &Updated, global: &GlobalFlags) -> Result<(), CliError> {
    let sources = global.sources();
    let repositories = sources.repositories()?;
    if repositories.is_empty() {
        return Err(CliError::message("no repositories found. You must add one before updating"));
    }
    let unknown = updated.names.iter().find(|name| !repositories.iter().any(|known| known.name == **name));
    if let Some(name) = unknown {
        return Err(CliError::message(format!(
            "no repositories found matching '{name}'.  Nothing will be updated"
        )));
    }
    output::print("Hang tight while we grab the latest from your chart repositories...\n")?;
    let is_meant =
        |known: &&ConfiguredRepository| updated.names.is_empty() || updated.names.contains(&known.name);
    let mut failed = Vec::new();
    for repository in repositories.iter().filter(is_meant) {
        let name = &repository.name;
        let fetched: Result<(), SourceError> =
            global.block_on(async { Ok::<_, CliError>(sources.update_index(repository).await) })?;
        output::print(match fetched {
            Ok(()) => format!("...Successfully got an update from the {name:?} chart repository\n"),
            Err(error) => {
                failed.push(repository.url.clone());
                let url = &repository.url;
                format!("...Unable to get an update from the {name:?} chart repository ({url}):\n\t{error}\n")
            }
        })?;
    }
    if !failed.is_empty() {
        return Err(CliError::message(format!(
            "failed to update the following repositories: [{}]",
            failed.join(" ")
        )));
    }
    output::print("Update Complete. ⎈Happy Helming!⎈\n")
}
