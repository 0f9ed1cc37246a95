//! From a chart and values to what a record holds.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chart::capabilities::{Capabilities, HelmVersion, KubeVersion, check_kube_version};
use chart::{Chart, CustomResourceDefinition, File, Flavour, Sequence};
use pintle_render::{
    Addresses, Engine, Hook, Manifest, Options as EngineOptions, Release, Rendered, Request, Witness,
};
use serde_json::value::RawValue;
use value::{Map, Value};

use super::lookup::ClusterLookup;
use super::{Action, DeployError, Options};
use crate::host;
use crate::release::{Record, RecordError, StoredChart, StoredHook};

const NO_TIME: &str = "0001-01-01T00:00:00Z";

/// What a chart became, ready to be recorded.
pub(super) struct Content {
    pub(super) chart: StoredChart,
    pub(super) manifest: String,
    pub(super) hooks: Vec<StoredHook>,
    pub(super) notes: String,
    /// Which charts have to be ready before others.
    pub(super) sequence: Sequence,
}

/// What is rendered.
pub(super) struct Rendering {
    pub(super) chart: Arc<Chart>,
    pub(super) values: Map,
    pub(super) release: Release,
}

/// What of a rendering the cluster is asked for.
#[derive(Clone, Debug)]
pub enum Asked {
    /// What it can do, and `lookup`.
    Everything,
    /// What it can do; `lookup` finds nothing. Helm 3's `template --validate`.
    AllButLookup,
    /// `lookup`; what it can do is given. Helm 3's `template --dry-run=server`.
    LookupAlone(Box<Capabilities>),
}

impl Action<'_> {
    /// Renders with the cluster's abilities and its answers to `lookup`, for a record.
    pub(super) async fn render(&self, rendering: Rendering) -> Result<Content, DeployError> {
        let rendered = self.render_live(rendering, &Asked::Everything, None).await?;
        let content = Content::of(rendered, self.deployer.engine.flavour())?;
        content.sequence.warnings.iter().for_each(|warning| self.warn(warning));
        Ok(content)
    }

    /// Renders with the cluster's abilities and its answers to `lookup`; tells of warnings.
    pub(super) async fn render_live(
        &self,
        rendering: Rendering,
        asked: &Asked,
        witness: Option<Arc<Witness>>,
    ) -> Result<Rendered, DeployError> {
        let (capabilities, has_lookup) = match asked {
            Asked::Everything => (self.capabilities().await?, true),
            Asked::AllButLookup => (self.capabilities().await?, false),
            Asked::LookupAlone(capabilities) => ((**capabilities).clone(), true),
        };
        let cancelled = self.deployer.cancelled.clone();
        let mut options = EngineOptions {
            witness,
            cancelled: Some(Arc::new(move || *cancelled.borrow())),
            ..EngineOptions::default()
        };
        if has_lookup {
            options.lookup = Some(Arc::new(ClusterLookup::new(self.cluster())));
        }
        self.render_with(rendering, capabilities, options).await
    }

    /// What the live cluster and the engine can do.
    async fn capabilities(&self) -> Result<Capabilities, DeployError> {
        let version = self.cluster().version().await?;
        let discovery = self.cluster().discovery().await?;
        Ok(Capabilities {
            kube_version: KubeVersion::of_cluster(&version.git_version, &version.major, &version.minor),
            api_versions: discovery.api_versions().to_vec(),
            helm_version: HelmVersion::of(self.deployer.engine.flavour()),
        })
    }

    async fn render_with(
        &self,
        rendering: Rendering,
        capabilities: Capabilities,
        options: EngineOptions,
    ) -> Result<Rendered, DeployError> {
        let engine = Arc::clone(&self.deployer.engine);
        let how = self.options.clone();
        // Rendering computes, and waits for answers to `lookup`: neither belongs on a thread that serves requests.
        let rendered =
            tokio::task::spawn_blocking(move || render(&engine, &rendering, &capabilities, &options, &how));
        let rendered = rendered
            .await
            .map_err(|error| DeployError::Refused(format!("rendering ended without an answer: {error}")))??;
        rendered.warnings.iter().for_each(|warning| self.warn(warning));
        Ok(rendered)
    }
}

/// Renders a chart, changed as the options' post-rendering says.
pub(super) fn render(
    engine: &Engine,
    rendering: &Rendering,
    capabilities: &Capabilities,
    options: &EngineOptions,
    how: &Options,
) -> Result<Rendered, DeployError> {
    check_kube_version(&rendering.chart, &capabilities.kube_version)?;
    let request = Request {
        values: &rendering.values,
        release: &rendering.release,
        capabilities,
        skip_schema_validation: how.skip_schema_validation,
        subchart_notes: how.subchart_notes,
    };
    let addresses = how.enable_dns.then(|| Arc::new(host::addresses) as Addresses);
    let options = EngineOptions { addresses, ..options.clone() };
    let files = engine.render_files(&rendering.chart, &request, &options)?;
    let mut rendered = how.post_render.finish(files, engine.flavour())?;
    if how.hide_secrets {
        rendered.manifests.iter_mut().for_each(hide_secret);
    }
    Ok(rendered)
}

impl Content {
    pub(super) fn of(rendered: Rendered, flavour: Flavour) -> Result<Self, DeployError> {
        Ok(Self {
            sequence: Sequence::of(&rendered.chart),
            chart: stored_chart(&rendered.chart, flavour)?,
            manifest: rendered.manifest_text(),
            hooks: rendered.hooks.into_iter().map(stored_hook).collect(),
            notes: rendered.notes,
        })
    }

    /// Puts the content into a record.
    pub(super) fn into_record(self, record: &mut Record) {
        record.chart = self.chart;
        record.manifest = self.manifest;
        record.hooks = self.hooks;
        record.info.notes = self.notes;
        record.sequence = self.sequence.after;
    }
}

fn hide_secret(manifest: &mut Manifest) {
    if manifest.head.kind == "Secret" && manifest.head.api_version == "v1" {
        manifest.content = "# HIDDEN: The Secret output has been suppressed".into();
    }
}

fn stored_hook(hook: Hook) -> StoredHook {
    StoredHook {
        name: hook.name,
        kind: hook.kind,
        path: hook.path,
        manifest: hook.manifest,
        events: hook.events.iter().map(|event| event.name().to_owned()).collect(),
        weight: hook.weight,
        delete_policies: hook.delete_policies,
        output_log_policies: hook.output_log_policies,
        ..StoredHook::default()
    }
}

/// The chart as a record has it: subcharts are not stored, only what of their values belongs to the chart.
fn stored_chart(chart: &Chart, flavour: Flavour) -> Result<StoredChart, RecordError> {
    let lock = chart.lock().map_or_else(|| "null".to_owned(), |lock| lock.to_json());
    let schema = chart.schema().map_or_else(|| "null".to_owned(), |schema| base64(schema));
    let values = value::json::to_string(&Value::Map(chart.values().clone()))?;
    let schema_time = match flavour {
        Flavour::V3 => String::new(),
        Flavour::V4 => format!(r#""schemamodtime":"{NO_TIME}","#),
    };
    let json = format!(
        r#"{{"metadata":{},"lock":{lock},"templates":{},"values":{values},"schema":{schema},{schema_time}"files":{}}}"#,
        chart.metadata().to_json(),
        files(chart.templates()),
        files(chart.files()),
    );
    let raw = RawValue::from_string(json).map_err(|error| RecordError::Json(error.to_string()))?;
    Ok(StoredChart::from_json(raw))
}

/// Files as Go prints a slice: an empty one was never made, and is null.
fn files(files: &[File]) -> String {
    if files.is_empty() {
        return "null".into();
    }
    let mut json = Vec::from(b"[");
    for (index, file) in files.iter().enumerate() {
        if index > 0 {
            json.push(b',');
        }
        json.extend_from_slice(br#"{"name":"#);
        value::json::append_string(&mut json, file.name.as_bytes(), true);
        json.extend_from_slice(br#","data":"#);
        json.extend_from_slice(base64(&file.data).as_bytes());
        json.push(b'}');
    }
    json.push(b']');
    String::from_utf8_lossy(&json).into_owned()
}

fn base64(bytes: &[u8]) -> String {
    format!("\"{}\"", STANDARD.encode(bytes))
}

/// The definitions of a chart whose dependencies are processed with these values.
pub(super) fn definitions(
    chart: &Chart,
    values: &Map,
    flavour: Flavour,
) -> Result<Vec<CustomResourceDefinition>, DeployError> {
    let processed = chart::process_dependencies(chart, values, flavour).map_err(|error| {
        DeployError::Refused(error.to_string()).at("chart dependencies processing failed")
    })?;
    Ok(processed.chart.custom_resource_definitions())
}
