//! `pintle version`.

use chart::Flavour;
use chart::capabilities::HelmVersion;
use clap::Args;

use super::global::GlobalFlags;
use super::{CliError, go_release, output};

/// Print the version, and the Helm versions that pintle was measured against.
#[derive(Args, Debug)]
pub(super) struct Arguments {
    /// Print the version number only
    #[arg(long)]
    short: bool,
    /// Go template for what Helm says of itself, as the Helm that pintle is: '{{.Version}} {{.GoVersion}}'
    #[arg(long, value_name = "TEMPLATE", default_value = "", hide_default_value = true)]
    template: String,
    /// Display client version information: taken for Helm 3's sake, there is no other
    #[arg(short, long, hide = true, num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    client: Option<bool>,
}

/// The releases of Helm whose behaviour pintle's is held against.
const MEASURED: [&str; 2] = ["v3.22.0", "v4.3.1"];

/// Prints.
pub(super) fn run(arguments: &Arguments, global: &GlobalFlags) -> Result<(), CliError> {
    let version = env!("CARGO_PKG_VERSION");
    if !arguments.template.is_empty() {
        return output::print(go_release::execute_with(&arguments.template, helm(global.flavour()))?);
    }
    if arguments.short {
        return output::print(format!("v{version}\n"));
    }
    output::print(format!("pintle v{version}, as Helm {} and {}\n", MEASURED[0], MEASURED[1]))
}

/// What that Helm says of itself in its own builds, which know their patch.
fn helm(flavour: Flavour) -> value::Value {
    let version = MEASURED[usize::from(flavour == Flavour::V4)].to_owned();
    pintle_render::helm_version(&HelmVersion { version, ..HelmVersion::of(flavour) }, flavour)
}
