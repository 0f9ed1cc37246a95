//! From what a resource says, and what the settings say, to the spec of a release.

use std::path::Path;
use std::time::Duration;

use serde_json::{Map, Value, json};

use super::settings::{DefaultChart, Settings};
use crate::api::{
    ChartSource, InstallOptions, OciSource, ReleaseContent, ReleaseSpec, RepositorySource, ValuesSpec,
};

/// How long objects of a Tenant may take to become ready. The reference's.
const TENANT_TIMEOUT: Duration = Duration::from_secs(180);
/// How long hooks of a `KryptonDeployment` may take. The reference's.
const DEPLOYMENT_TIMEOUT: Duration = Duration::from_secs(300);

/// What every release gets from the settings.
#[derive(Clone, Debug)]
pub(super) struct Defaults {
    chart: DefaultChart,
    install_crds: bool,
    /// Of the values file.
    values: Map<String, Value>,
}

/// A values file that can't be used.
#[derive(Debug, thiserror::Error)]
pub enum ValuesFileError {
    /// It can't be read.
    #[error("failed to read the values file {path}: {source}")]
    Read {
        /// The path.
        path: String,
        /// Why.
        source: std::io::Error,
    },
    /// It is no map of values.
    #[error("the values file {path} holds no values: {problem}")]
    Values {
        /// The path.
        path: String,
        /// Why.
        problem: String,
    },
}

impl Defaults {
    /// Reads the values file, if there is one.
    pub(super) fn new(settings: &Settings) -> Result<Self, ValuesFileError> {
        let values = settings.chart_values_file.as_deref().map_or_else(|| Ok(Map::new()), values_file)?;
        Ok(Self { chart: settings.chart.clone(), install_crds: settings.chart_install_crds, values })
    }

    /// The release of a Tenant. Like the reference it waits until its objects are ready, and a chart of the settings gets
    /// `installCRDs: true`.
    pub(super) fn tenant(&self, content: &ReleaseContent) -> ReleaseSpec {
        let constant = if self.install_crds { json!({"installCRDs": true}) } else { json!({}) };
        ReleaseSpec { timeout: Some(seconds(TENANT_TIMEOUT)), ..self.spec(content, &constant) }
    }

    /// The release of a `KryptonDeployment`. Like the reference it is not waited for, and a chart of the settings gets
    /// `replicaCount: 1`.
    pub(super) fn deployment(&self, content: &ReleaseContent) -> ReleaseSpec {
        ReleaseSpec {
            timeout: Some(seconds(DEPLOYMENT_TIMEOUT)),
            disable_wait: true,
            ..self.spec(content, &json!({"replicaCount": 1}))
        }
    }

    /// Layers: the constant, the values file, ConfigMaps and Secrets, the resource's own.
    fn spec(&self, content: &ReleaseContent, constant: &Value) -> ReleaseSpec {
        let mut context = match &content.chart {
            // A chart of one's own knows nothing of the reference's constants.
            Some(_) => Map::new(),
            None => constant.as_object().cloned().unwrap_or_default(),
        };
        merge(&mut context, &self.values);
        ReleaseSpec {
            chart: content.chart.clone().unwrap_or_else(|| self.chart()),
            values: ValuesSpec {
                context,
                from: content.values_from.clone(),
                base: content.values.clone(),
                overrides: Vec::new(),
            },
            install: InstallOptions { create_namespace: true, ..InstallOptions::default() },
            ..ReleaseSpec::default()
        }
    }

    fn chart(&self) -> ChartSource {
        let DefaultChart { repository, name, version } = &self.chart;
        let version = version.clone();
        if repository.starts_with("oci://") {
            let reference = format!("{}/{name}", repository.trim_end_matches('/'));
            let oci = OciSource { reference, version, plain_http: false };
            return ChartSource { oci: Some(oci), ..ChartSource::default() };
        }
        let repository = RepositorySource { url: repository.clone(), name: name.clone(), version };
        ChartSource { repository: Some(repository), ..ChartSource::default() }
    }
}

/// Maps merge, anything else replaces.
fn merge(below: &mut Map<String, Value>, above: &Map<String, Value>) {
    for (key, value) in above {
        match (below.get_mut(key), value) {
            (Some(Value::Object(below)), Value::Object(above)) => merge(below, above),
            _ => drop(below.insert(key.clone(), value.clone())),
        }
    }
}

fn values_file(path: &Path) -> Result<Map<String, Value>, ValuesFileError> {
    let shown = path.display().to_string();
    let bytes =
        std::fs::read(path).map_err(|source| ValuesFileError::Read { path: shown.clone(), source })?;
    let failed = |problem: String| ValuesFileError::Values { path: shown.clone(), problem };
    let values =
        chart::values::read(&bytes, chart::Flavour::default()).map_err(|error| failed(error.to_string()))?;
    let json =
        value::json::to_string(&value::Value::Map(values)).map_err(|error| failed(error.to_string()))?;
    serde_json::from_str(&json).map_err(|error| failed(error.to_string()))
}

/// The chart as a status says it: `<repository>/<name>:<version>`.
pub(super) fn applied_chart(chart: &ChartSource, name: &str, version: &str) -> String {
    let place = match (&chart.repository, &chart.oci) {
        (Some(repository), _) => repository.url.trim_end_matches('/').to_owned(),
        (None, Some(oci)) => {
            let reference = oci.reference.split('@').next().unwrap_or_default();
            reference.rsplit_once('/').map_or(reference, |(place, _)| place).to_owned()
        }
        _ => return format!("{name}:{version}"),
    };
    format!("{place}/{name}:{version}")
}

fn seconds(duration: Duration) -> String {
    format!("{}s", duration.as_secs())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn defaults(file: Value) -> Defaults {
        let chart = DefaultChart {
            repository: "https://charts.example".into(),
            name: "web".into(),
            version: "1.0.0".into(),
        };
        Defaults { chart, install_crds: true, values: file.as_object().cloned().unwrap() }
    }

    fn content(chart: Option<&ChartSource>, values: &Map<String, Value>) -> ReleaseContent {
        ReleaseContent { chart: chart.cloned(), values_from: Vec::new(), values: values.clone() }
    }

    /// KRY-37, KRY-65, KRY-82: constants under the file, the file under the resource.
    #[test]
    fn the_references_constants_lie_under_the_file_and_that_under_the_resource() {
        let own = json!({"a": {"own": true}}).as_object().cloned().unwrap();
        let defaults = defaults(json!({"a": {"file": 1, "own": false}, "replicaCount": 3}));
        let spec = defaults.deployment(&content(None, &own));
        assert_eq!(
            Value::Object(spec.values.context),
            json!({"a": {"file": 1, "own": false}, "replicaCount": 3})
        );
        assert_eq!(spec.values.base, own);
        let tenant = defaults.tenant(&content(None, &own)).values.context;
        assert_eq!(tenant.get("installCRDs"), Some(&json!(true)));
    }

    #[test]
    fn a_chart_of_ones_own_gets_no_constants() {
        let (chart, own) =
            (ChartSource { url: Some("https://a/b.tgz".into()), ..ChartSource::default() }, Map::new());
        let spec = defaults(json!({})).tenant(&content(Some(&chart), &own));
        assert!(spec.values.context.is_empty());
        assert_eq!(spec.chart, chart);
    }

    /// KRY-67, KRY-38
    #[test]
    fn a_tenant_is_waited_for_and_a_deployment_is_not() {
        let own = Map::new();
        let (tenant, deployment) = (
            defaults(json!({})).tenant(&content(None, &own)),
            defaults(json!({})).deployment(&content(None, &own)),
        );
        assert_eq!((tenant.disable_wait, tenant.timeout().unwrap().as_secs()), (false, 180));
        assert_eq!((deployment.disable_wait, deployment.timeout().unwrap().as_secs()), (true, 300));
        assert_eq!((tenant.history_max(), deployment.history_max()), (10, 10));
    }

    /// KRY-3
    #[test]
    fn the_applied_chart_is_told_as_the_reference_tells_it() {
        let chart = defaults(json!({})).chart();
        assert_eq!(applied_chart(&chart, "web", "1.0.0"), "https://charts.example/web:1.0.0");
        let registry = OciSource { reference: "oci://r/charts/web".into(), ..OciSource::default() };
        let chart = ChartSource { oci: Some(registry), ..ChartSource::default() };
        assert_eq!(applied_chart(&chart, "web", "2"), "oci://r/charts/web:2");
    }

    #[test]
    fn a_registry_is_a_repository_too() {
        let mut defaults = defaults(json!({}));
        defaults.chart.repository = "oci://registry.example/charts/".into();
        assert_eq!(defaults.chart().oci.unwrap().reference, "oci://registry.example/charts/web");
    }
}
