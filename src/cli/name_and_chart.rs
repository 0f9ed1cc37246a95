//! `[NAME] CHART`, and the ways to do without a name.

use clap::Args;

use super::{CliError, template_name};
use crate::deploy::generated_name;

/// The release's name and the chart.
#[derive(Args, Debug, Default)]
pub(super) struct NameAndChart {
    /// The release's name, unless one is generated, and the chart: a path, a URL, repo/name, oci://…
    #[arg(value_name = "[NAME] CHART", required = true, num_args = 1..=2)]
    pub(super) name_and_chart: Vec<String>,
    /// Generate the name (and omit the NAME parameter)
    #[arg(short, long)]
    generate_name: bool,
    /// A template for the release's name
    #[arg(long, value_name = "TEMPLATE")]
    name_template: Option<String>,
}

impl NameAndChart {
    /// The name and, where it is named too, the chart, for a release that was planned before.
    pub(super) fn resolve_for_plan(&self) -> Result<(String, Option<String>), CliError> {
        match &self.name_and_chart[..] {
            [name] if !self.generate_name && self.name_template.is_none() => Ok((name.clone(), None)),
            _ => self.resolve(None).map(|(name, chart)| (name, Some(chart))),
        }
    }

    /// The name and the chart; `usual` is the name where none is given. Helm: `Install.NameAndChart`, which generates
    /// no name where there is a usual one.
    pub(super) fn resolve(&self, usual: Option<&str>) -> Result<(String, String), CliError> {
        let refuse = |text: &str| Err(CliError::message(text));
        let template = self.name_template.as_deref().filter(|template| !template.is_empty());
        match (&self.name_and_chart[..], template) {
            ([_, _], _) if self.generate_name => refuse("cannot set --generate-name and also specify a name"),
            ([_, _], Some(_)) => refuse("cannot set --name-template and also specify a name"),
            ([name, chart], None) => Ok((name.clone(), chart.clone())),
            ([chart], Some(template)) => Ok((template_name::execute(template)?, chart.clone())),
            ([chart], None) => match usual {
                Some(name) => Ok((name.to_owned(), chart.clone())),
                None if self.generate_name => Ok((generated_name(chart), chart.clone())),
                None => refuse("must either provide a name or specify --generate-name"),
            },
            _ => refuse("expected a chart"),
        }
    }
}
