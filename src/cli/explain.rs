//! `pintle explain`: which template line and which values gave a field of a rendered object.

use std::path::Path as FilePath;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chart::Chart;
use chart::capabilities::Capabilities;
use chart::values::{Layer, chart_layers, origins};
use clap::Args;
use pintle_render::explain::{Explanation, FieldPath, Place, Question};
use pintle_render::{Options as EngineOptions, Witness};
use serde::Deserialize;
use serde_json::value::RawValue;
use value::{Map, Step, Value};

use super::chart_flags::ChartFlags;
use super::global::GlobalFlags;
use super::session::Session;
use super::style::Styles;
use super::values::{ValuesFlags, assemble, layers};
use super::{CliError, error_help, excerpt, output};
use crate::deploy::{Asked, Deployer, Desired, DryRun, Options};
use crate::release::Record;

/// Tell which template line, and which values from where, gave a field of a rendered object.
///
/// A chart is rendered with the values given, as template does. A release of the cluster is rendered again from its
/// record, which holds the chart and the values, but no subcharts.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    /// A release of the cluster, or a chart with or without a name for its release; then the field
    #[arg(value_name = "RELEASE | [NAME] CHART> <FIELD", required = true, num_args = 2..=3)]
    subject_and_field: Vec<String>,
    /// The object: its kind and name; the kind, or /NAME, alone where that tells it
    #[arg(long, value_name = "KIND/NAME", default_value = "", hide_default_value = true)]
    object: String,
    #[command(flatten)]
    chart: ChartFlags,
    #[command(flatten)]
    values: ValuesFlags,
}

const EXAMPLES: &str = "\
Examples:
  pintle explain web .spec.replicas --object Deployment/web
  pintle explain web ./chart -f prod.yaml --set image.tag=2 '.spec.template.spec.containers[0].image' --object Deployment
  pintle explain ./chart \".metadata.labels['app.kubernetes.io/name']\" --object Service/release-name";

/// Values longer than this are cut where they are shown.
const SHOWN: usize = 60;

/// Renders and explains.
pub(super) fn run(arguments: &Arguments, global: &GlobalFlags) -> Result<(), CliError> {
    let (subject, field) = match &arguments.subject_and_field[..] {
        [subject @ .., field] => (subject, field),
        [] => return Err(CliError::message("expected a release or a chart, and a field")),
    };
    let field: FieldPath = field.parse().map_err(|error| CliError::message(format!("{error}")))?;
    let rendered = match subject {
        [name] if !arguments.is_chart(name) => released(name, global)?,
        [chart] => arguments.charted("release-name", chart, global)?,
        [name, chart, ..] => arguments.charted(name, chart, global)?,
        [] => return Err(CliError::message("expected a release or a chart, and a field")),
    };
    let (kind, name) = arguments.object.split_once('/').unwrap_or((&arguments.object, ""));
    let question = Question { kind, name, field: &field, values: &rendered.values };
    let found = global.engine().explain(&rendered.witness, &question);
    let found = found.map_err(|error| CliError::message(error.to_string()))?;
    let styles = Styles::of_output(global.color());
    let texts: Vec<String> =
        found.iter().map(|explanation| rendered.text(explanation, &field, styles)).collect();
    output::print(texts.join("\n"))
}

/// What was rendered, and all that tells where it comes from.
struct Subject {
    chart: Chart,
    /// What the root chart's templates saw.
    values: Map,
    layers: Vec<Layer>,
    witness: Arc<Witness>,
}

impl Arguments {
    fn is_chart(&self, subject: &str) -> bool {
        self.chart.has_repository() || subject.contains('/') || FilePath::new(subject).exists()
    }

    fn charted(&self, name: &str, reference: &str, global: &GlobalFlags) -> Result<Subject, CliError> {
        let user = self.values.read(global)?;
        let values = assemble(&user, global)?;
        let chart = Arc::new(self.chart.load_installable(reference, false, global)?);
        let witness = Witness::of_everything();
        let options = EngineOptions { witness: Some(Arc::clone(&witness)), ..EngineOptions::default() };
        let namespace = global.namespace_or_default();
        let desired = Desired { name: name.to_owned(), namespace, chart: Arc::clone(&chart), values };
        let capabilities = Capabilities::offline(global.flavour());
        let rendered = Deployer::preview_offline(
            &global.engine(),
            &desired,
            &Options::default(),
            &capabilities,
            &options,
        );
        let rendered = rendered
            .map_err(|error| error_help::explained(error.into(), &chart, &desired.values, &user, global))?;
        let layers = chart_layers(&rendered.chart).into_iter().chain(layers(&user, global)).collect();
        Subject::new(rendered.chart, &desired.values, layers, witness, global)
    }
}

/// Renders a release of the cluster again.
fn released(name: &str, global: &GlobalFlags) -> Result<Subject, CliError> {
    global.block_on(async {
        let session = Session::reach(global).await?;
        let record = session.record(name, 0).await?;
        let chart = Arc::new(recorded_chart(&record, global)?);
        let witness = Witness::of_everything();
        let values = record.config.clone();
        let layers = vec![
            Layer {
                name: format!("chart {}", record.chart.label()),
                at: Vec::new(),
                values: chart.values().clone(),
                text: None,
            },
            Layer {
                name: format!("values of revision {}", record.revision),
                at: Vec::new(),
                values: values.clone(),
                text: None,
            },
        ];
        let desired = Desired { name: record.name, namespace: record.namespace, chart, values };
        let options = Options { dry_run: DryRun::Server, is_upgrade: true, ..Options::default() };
        let deployer = session.deployer(global, name, 0);
        let rendered =
            deployer.preview(&desired, &options, &Asked::Everything, Some(Arc::clone(&witness))).await?;
        Subject::new(rendered.chart, &desired.values, layers, witness, global)
    })
}

/// The parts of a recorded chart that rendering takes.
#[derive(Deserialize)]
struct Recorded {
    metadata: Box<RawValue>,
    #[serde(default)]
    values: Option<Box<RawValue>>,
    #[serde(default)]
    templates: Option<Vec<RecordedFile>>,
    #[serde(default)]
    files: Option<Vec<RecordedFile>>,
}

#[derive(Deserialize)]
struct RecordedFile {
    name: String,
    #[serde(default)]
    data: Option<String>,
}

fn recorded_chart(record: &Record, global: &GlobalFlags) -> Result<Chart, CliError> {
    let unreadable =
        |problem: String| CliError::message(format!("the record's chart can't be read: {problem}"));
    let json = record.chart.json().ok_or_else(|| unreadable("there is none".to_owned()))?;
    let recorded: Recorded = serde_json::from_str(json).map_err(|error| unreadable(error.to_string()))?;
    if recorded.templates.as_ref().is_none_or(Vec::is_empty) {
        let text = "the record holds no templates; name the chart, too: pintle explain NAME CHART FIELD";
        return Err(CliError::message(text));
    }
    let raw = |text: &RawValue| text.get().as_bytes().to_vec();
    let mut files = vec![("Chart.yaml".to_owned(), raw(&recorded.metadata))];
    files.extend(recorded.values.map(|values| ("values.yaml".to_owned(), raw(&values))));
    for file in recorded.templates.into_iter().chain(recorded.files).flatten() {
        let data =
            STANDARD.decode(file.data.unwrap_or_default()).map_err(|error| unreadable(error.to_string()))?;
        // A subchart's archive is no part of the record, but what lay beside it is.
        if !file.name.starts_with("charts/") {
            files.push((file.name, data));
        }
    }
    Ok(Chart::load_files(files, &global.limits().chart, global.flavour())?)
}

impl Subject {
    fn new(
        chart: Chart,
        user: &Map,
        layers: Vec<Layer>,
        witness: Arc<Witness>,
        global: &GlobalFlags,
    ) -> Result<Self, CliError> {
        let coalesced = chart::coalesce_values(&chart, user, global.flavour());
        let values = coalesced.map_err(|error| CliError::message(error.to_string()))?.values;
        Ok(Self { chart, values, layers, witness })
    }

    fn text(&self, explanation: &Explanation, field: &FieldPath, styles: Styles) -> String {
        let value = &explanation.value;
        let value = if value.contains('\n') { format!("\n{value}") } else { format!(" {value}") };
        let mut text = format!("{} {field} ={value}\n", styles.strong(&explanation.object));
        for place in &explanation.places {
            text.push('\n');
            text.push_str(&self.place(place, styles));
        }
        text
    }

    fn place(&self, place: &Place, styles: Styles) -> String {
        let mut text = String::new();
        for (index, location) in place.chain.iter().rev().enumerate() {
            let led = if index == 0 { "" } else { "included by " };
            text.push_str(&format!("{led}{}\n", styles.strong(&location.to_string())));
            if let Some(template) = excerpt::template_text(&self.chart, &location.template) {
                text.push_str(&excerpt::line(&template, location, styles));
            }
        }
        if place.is_text {
            text.push_str("written so in the template\n");
        }
        for path in &place.reads {
            text.push_str(&self.origins(path, styles));
        }
        text
    }

    /// Every layer that has a word on the value, the last word first.
    fn origins(&self, path: &[Step], styles: Styles) -> String {
        let mut text = format!(".Values.{}\n", Step::join(path));
        let origins = origins(&self.layers, path);
        if origins.is_empty() {
            text.push_str("  not set by any values\n");
        }
        for (index, origin) in origins.iter().enumerate() {
            let place = match origin.line {
                Some(line) => format!("{}:{line}", origin.layer),
                None => origin.layer.to_owned(),
            };
            let line = format!("  {place}: {}", shown(&origin.value));
            text.push_str(&if index == 0 { line } else { styles.aside(&format!("{line} (replaced)")) });
            text.push('\n');
        }
        text
    }
}

/// A value on one line.
fn shown(value: &Value) -> String {
    let text = value::json::to_string(value).unwrap_or_else(|error| error.to_string());
    if text.chars().count() <= SHOWN {
        return text;
    }
    text.chars().take(SHOWN).chain(['…']).collect()
}
