//! `pintle registry`: logs in to registries, and out of them.

use std::path::PathBuf;

use chart::Flavour;
use clap::{Args, Subcommand};

use super::access_flags::tls_options;
use super::global::GlobalFlags;
use super::{CliError, output, password};
use crate::source::{Access, Credentials, Digest};

/// Log in to registries, and out of them.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    #[command(subcommand)]
    action: Action,
}

const EXAMPLES: &str = "\
Examples:
  echo \"$TOKEN\" | pintle registry login registry.example.com -u me --password-stdin
  pintle registry logout registry.example.com";

#[derive(Subcommand, Debug)]
enum Action {
    /// Try a login at a registry, and keep it
    Login(Box<Login>),
    /// Forget the login for a registry
    Logout(Logout),
}

#[derive(Args, Debug)]
struct Login {
    /// The registry's host
    host: String,
    /// What Helm takes, too, and doesn't look at
    #[arg(hide = true)]
    rest: Vec<String>,
    /// Registry user name
    #[arg(short, long, value_name = "NAME", default_value = "", hide_default_value = true)]
    username: String,
    /// Registry password or identity token
    #[arg(short, long, value_name = "PASSWORD", default_value = "", hide_default_value = true)]
    password: String,
    /// Read the password or identity token from standard input
    #[arg(long)]
    password_stdin: bool,
    /// Trust any certificate
    #[arg(long)]
    insecure: bool,
    /// Identify with this TLS certificate
    #[arg(long, value_name = "FILE")]
    cert_file: Option<PathBuf>,
    /// Identify with this TLS key
    #[arg(long, value_name = "FILE")]
    key_file: Option<PathBuf>,
    /// Verify certificates of HTTPS-enabled servers with this CA bundle
    #[arg(long, value_name = "FILE")]
    ca_file: Option<PathBuf>,
    /// Use insecure HTTP connections
    #[arg(long)]
    plain_http: bool,
}

#[derive(Args, Debug)]
struct Logout {
    /// The registry's host
    host: String,
    /// What Helm takes, too, and doesn't look at
    #[arg(hide = true)]
    rest: Vec<String>,
}

/// Does what is asked for.
pub(super) fn run(arguments: &Arguments, global: &GlobalFlags) -> Result<(), CliError> {
    match &arguments.action {
        Action::Login(login) => login.run(global),
        Action::Logout(logout) => {
            global.sources().logout(&logout.host)?;
            tell(&format!("Removing login credentials for {}", logout.host), global)
        }
    }
}

/// What Helm says where a version's + can't be in a tag.
const UNDERSCORE: &str = "
OCI artifact references (e.g. tags) do not support the plus sign (+). To support
storing semantic versions, Helm adopts the convention of changing plus (+) to
an underscore (_) in chart version tags when pushing to a registry and back to
a plus (+) when pulling from a registry.";

/// What there is to say of a chart that was pulled or pushed.
pub(super) fn moved(what: &str, reference: &str, manifest: Digest, has_underscore: bool) -> String {
    let text = format!("{what}: {reference}\nDigest: {manifest}");
    if has_underscore { format!("{text}\n{reference} contains an underscore.\n{UNDERSCORE}") } else { text }
}

/// Helm 3 speaks of registries on standard error.
pub(super) fn tell(text: &str, global: &GlobalFlags) -> Result<(), CliError> {
    match global.flavour() {
        Flavour::V4 => output::print(format!("{text}\n")),
        Flavour::V3 => {
            output::note(text);
            Ok(())
        }
    }
}

impl Login {
    fn run(&self, global: &GlobalFlags) -> Result<(), CliError> {
        let access = Access {
            credentials: Some(self.credentials()?),
            tls: tls_options([&self.ca_file, &self.cert_file, &self.key_file], self.insecure)?,
            pass_credentials_all: false,
            plain_http: self.plain_http,
        };
        let host = self.host(global.flavour());
        if let Some((before, _)) = host.split_once('/') {
            let what = "registry login currently only supports registry hostname, not a repository path";
            output::warn(&format!("{what}: use {before}"));
        }
        global.ask(global.sources().login(host, &access))?;
        tell("Login Succeeded", global)
    }

    /// Helm 3 takes a URL, too, and only its host is meant.
    fn host(&self, flavour: Flavour) -> &str {
        if flavour == Flavour::V4 {
            return &self.host;
        }
        let stripped =
            ["oci://", "http://", "https://"].iter().find_map(|scheme| self.host.strip_prefix(scheme));
        stripped.unwrap_or(&self.host).split('/').next().unwrap_or_default()
    }

    fn credentials(&self) -> Result<Credentials, CliError> {
        let mut username = self.username.clone();
        if self.password_stdin {
            return Ok(Credentials { username, password: password::from_stdin()? });
        }
        if !self.password.is_empty() {
            output::warn("Using --password via the CLI is insecure. Use --password-stdin.");
            return Ok(Credentials { username, password: self.password.clone() });
        }
        if username.is_empty() {
            username = password::ask("Username: ")?.trim().to_owned();
        }
        let what = if username.is_empty() { "Token" } else { "Password" };
        let password = password::ask_silently(&format!("{what}: "))?;
        if password.is_empty() {
            return Err(CliError::message(format!("{} required", what.to_lowercase())));
        }
        Ok(Credentials { username, password })
    }
}
