//! `pintle show`: what a chart holds.

use chart::{Chart, Flavour};
use clap::{Args, Subcommand};
use value::Value;

use super::chart_flags::ChartFlags;
use super::global::GlobalFlags;
use super::jsonpath::Template;
use super::{CliError, output};

/// Show information of a chart.
#[derive(Args, Debug)]
pub(super) struct Arguments {
    #[command(subcommand)]
    part: Part,
}

#[derive(Subcommand, Debug)]
enum Part {
    /// Show all information of the chart
    All(Of),
    /// Show the chart's definition
    Chart(Of),
    /// Show the chart's custom resource definitions
    Crds(Of),
    /// Show the chart's README
    Readme(Of),
    /// Show the chart's values
    Values(ValuesOf),
}

#[derive(Args, Debug)]
struct Of {
    /// The chart: a path, a URL, repo/name, oci://…
    #[arg(value_name = "CHART")]
    reference: String,
    #[command(flatten)]
    chart: ChartFlags,
}

#[derive(Args, Debug)]
struct ValuesOf {
    #[command(flatten)]
    of: Of,
    /// A JSONPath template, as kubectl's, for what is shown: '{.image.tag}'
    #[arg(long, value_name = "TEMPLATE", default_value = "", hide_default_value = true)]
    jsonpath: String,
}

const SEPARATOR: &str = "---\n";

/// Loads the chart and prints the part.
pub(super) fn run(arguments: &Arguments, global: &GlobalFlags) -> Result<(), CliError> {
    let (Part::All(of)
    | Part::Chart(of)
    | Part::Crds(of)
    | Part::Readme(of)
    | Part::Values(ValuesOf { of, .. })) = &arguments.part;
    let chart = of.chart.load(&of.reference, global)?;
    let text = match &arguments.part {
        Part::All(_) => all(&chart, global.flavour())?,
        Part::Chart(_) => format!("{}\n", definition(&chart)?),
        Part::Values(ValuesOf { jsonpath, .. }) if !jsonpath.is_empty() => {
            return output::print(found(&chart, jsonpath)?);
        }
        Part::Values(_) => values(&chart).map(|values| format!("{values}\n")).unwrap_or_default(),
        Part::Readme(_) => readme(&chart).map(|text| format!("{text}\n")).unwrap_or_default(),
        Part::Crds(_) => definitions(&chart, true, global.flavour()),
    };
    output::print(text)
}

fn all(chart: &Chart, flavour: Flavour) -> Result<String, CliError> {
    let mut text = format!("{}\n", definition(chart)?);
    for part in [values(chart), readme(chart)].into_iter().flatten() {
        text.push_str(SEPARATOR);
        text.push_str(&part);
        text.push('\n');
    }
    text.push_str(&definitions(chart, false, flavour));
    Ok(text)
}

/// What `Chart.yaml` says, as Helm prints it.
pub(super) fn definition(chart: &Chart) -> Result<String, CliError> {
    super::format::structured(&chart.metadata().to_json(), super::format::Format::Yaml)
}

/// What a template finds in the chart's values. Helm prints nothing where it finds nothing.
fn found(chart: &Chart, jsonpath: &str) -> Result<Vec<u8>, CliError> {
    let template = Template::parse(jsonpath);
    let template =
        template.map_err(|error| CliError::message(format!("error parsing jsonpath {jsonpath}: {error}")))?;
    Ok(template.text(&Value::Map(chart.values().clone())))
}

fn values(chart: &Chart) -> Option<String> {
    file(chart, |name| name == "values.yaml")
}

fn readme(chart: &Chart) -> Option<String> {
    file(chart, |name| ["readme.md", "readme.txt", "readme"].contains(&name.to_lowercase().as_str()))
}

fn file(chart: &Chart, is_it: impl Fn(&str) -> bool) -> Option<String> {
    let file = chart.raw().iter().find(|file| is_it(&file.name))?;
    Some(String::from_utf8_lossy(&file.data).into_owned())
}

/// Helm 4 separates all definitions; Helm 3 only the first, and only from what is printed before it.
fn definitions(chart: &Chart, are_alone: bool, flavour: Flavour) -> String {
    let mut text = String::new();
    for (index, definition) in chart.custom_resource_definitions().iter().enumerate() {
        let definition = String::from_utf8_lossy(&definition.file.data);
        let is_separated = flavour == Flavour::V4 || index == 0 && !are_alone;
        if is_separated && !definition.starts_with("---") {
            text.push_str(SEPARATOR);
        }
        text.push_str(&definition);
        text.push('\n');
    }
    text
}
