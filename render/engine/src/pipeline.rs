//! A chart and values in, a release's content out: the whole of rendering, in Helm's order.

use std::collections::BTreeMap;

use chart::capabilities::Capabilities;
use chart::{Chart, CustomResourceDefinition, Flavour};
use value::Map;

use crate::manifest::{Hook, Manifest, sort};
use crate::{Engine, Options, Release, RenderError};

/// What a chart became.
#[derive(Clone, Debug)]
pub struct Rendered {
    /// The chart with its dependencies processed, as the release's record keeps it.
    pub chart: Chart,
    /// The objects in install order.
    pub manifests: Vec<Manifest>,
    /// The hooks in install order of their kinds.
    pub hooks: Vec<Hook>,
    /// What `NOTES.txt` says; empty where there is none.
    pub notes: String,
    /// The definitions in `crds/` of the chart and its subcharts.
    pub custom_resource_definitions: Vec<CustomResourceDefinition>,
    /// What Helm would have warned of.
    pub warnings: Vec<String>,
    /// What a program made of the manifests' text as a whole, as Helm 3 has it; then nothing is known of the single
    /// ones, and this stands in their place.
    pub post_rendered: Option<String>,
}

impl Rendered {
    /// The text of all manifests, as Helm prints and records it.
    pub fn manifest_text(&self) -> String {
        self.post_rendered.clone().unwrap_or_else(|| manifest_text(&self.manifests))
    }
}

/// A rendered chart whose files are not yet parted into documents: what a post-renderer works on.
#[derive(Clone, Debug)]
pub struct RenderedFiles {
    /// The chart with its dependencies processed.
    pub chart: Chart,
    /// What each template gave, by the template's full name; no `NOTES.txt` among them.
    pub files: BTreeMap<String, Vec<u8>>,
    /// What `NOTES.txt` says; empty where there is none.
    pub notes: String,
    /// What Helm would have warned of.
    pub warnings: Vec<String>,
    flavour: Flavour,
}

/// What to render, beside the chart.
#[derive(Clone, Debug)]
pub struct Request<'a> {
    /// The user's values; templates see them over the chart's own.
    pub values: &'a Map,
    /// The release.
    pub release: &'a Release,
    /// The cluster's and the engine's abilities.
    pub capabilities: &'a Capabilities,
    /// Don't hold the values against the charts' schemas.
    pub skip_schema_validation: bool,
    /// Let the notes of subcharts follow those of the chart.
    pub subchart_notes: bool,
}

impl Engine {
    /// Renders a chart: dependencies, values, schema, templates, documents.
    ///
    /// # Errors
    /// The first step that fails, in Helm's words.
    pub fn render(
        &self,
        chart: &Chart,
        request: &Request<'_>,
        options: &Options,
    ) -> Result<Rendered, RenderError> {
        self.render_files(chart, request, options)?.sorted()
    }

    /// Renders a chart up to its files: dependencies, values, schema, templates.
    ///
    /// # Errors
    /// The first step that fails, in Helm's words.
    pub fn render_files(
        &self,
        chart: &Chart,
        request: &Request<'_>,
        options: &Options,
    ) -> Result<RenderedFiles, RenderError> {
        let mut warnings: Vec<String> = chart.warnings().into_iter().map(str::to_owned).collect();
        let processed = chart::process_dependencies(chart, request.values, self.flavour())?;
        warnings.extend(processed.warnings);
        let chart = processed.chart;
        let coalesced = chart::coalesce_values(&chart, request.values, self.flavour())?;
        warnings.extend(coalesced.warnings);
        if !request.skip_schema_validation {
            chart::schema::validate(&chart, &coalesced.values, &self.limits().chart)?;
        }
        chart::capabilities::check_kube_version(&chart, &request.capabilities.kube_version)?;
        let mut files =
            self.render_templates(&chart, &coalesced.values, request.release, request.capabilities, options)?;
        let notes = take_notes(&mut files, &chart, request.subchart_notes);
        Ok(RenderedFiles { chart, files, notes, warnings, flavour: self.flavour() })
    }
}

impl RenderedFiles {
    /// The documents of the files, told apart and put in order.
    ///
    /// # Errors
    /// Where a document is no manifest.
    pub fn sorted(self) -> Result<Rendered, RenderError> {
        let sorted = sort(self.files, self.flavour)?;
        Ok(Rendered {
            custom_resource_definitions: self.chart.custom_resource_definitions(),
            chart: self.chart,
            manifests: sorted.manifests,
            hooks: sorted.hooks,
            notes: self.notes,
            warnings: self.warnings,
            post_rendered: None,
        })
    }
}

/// Takes every `NOTES.txt` out, and gives the chart's own, with those of subcharts behind it if asked for.
fn take_notes(files: &mut BTreeMap<String, Vec<u8>>, chart: &Chart, subcharts: bool) -> String {
    let own = format!("{}/templates/NOTES.txt", chart.name());
    let names: Vec<String> = files.keys().filter(|name| name.ends_with("NOTES.txt")).cloned().collect();
    let mut notes = Vec::new();
    for name in names {
        let text = files.remove(&name).unwrap_or_default();
        if name == own {
            notes.insert(0, text);
        } else if subcharts {
            notes.push(text);
        }
    }
    notes.iter().map(|text| value::text_of(text)).collect::<Vec<_>>().join("\n")
}

/// Each document under the name of its template.
fn manifest_text(manifests: &[Manifest]) -> String {
    let mut text = String::with_capacity(manifests.iter().map(|manifest| manifest.content.len() + 80).sum());
    for manifest in manifests {
        append_document(&mut text, &manifest.path, &manifest.content);
    }
    text
}

/// More than the bytes that stand around a document.
const AROUND_A_DOCUMENT: usize = 32;

/// Appends `---`, the source line and the content, each with a line break behind it.
pub fn append_document(text: &mut String, path: &str, content: &str) {
    text.reserve(path.len() + content.len() + AROUND_A_DOCUMENT);
    text.push_str("---\n# Source: ");
    text.push_str(path);
    text.push('\n');
    text.push_str(content);
    text.push('\n');
}
