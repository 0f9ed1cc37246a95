//! `--output` of commands that take their time: Helm's formats for the end, and a stream of what happens.

use clap::ValueEnum;

use super::format::Format;

/// How an action and its release are printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum DeployFormat {
    /// Labelled lines
    #[default]
    Table,
    /// One line of JSON
    Json,
    /// YAML
    Yaml,
    /// A line of JSON for each step, and one for the release
    Ndjson,
}

impl DeployFormat {
    /// The release as it is printed, or as the last line of the stream.
    pub(super) fn last(self, release: String) -> String {
        match self {
            DeployFormat::Ndjson => format!("{{\"event\":\"release\",\"release\":{}}}\n", release.trim_end()),
            _ => release,
        }
    }

    /// How the release is printed at the end.
    pub(super) fn of_release(self) -> Format {
        match self {
            DeployFormat::Table => Format::Table,
            DeployFormat::Yaml => Format::Yaml,
            DeployFormat::Json | DeployFormat::Ndjson => Format::Json,
        }
    }
}
