//! All reads of a reconciliation: logins, certificates, values, and the chart itself.

use k8s_openapi::api::core::v1::{ConfigMap, Secret};
use kube::{Api, Client};
use serde_json::{Map, Value};

use super::error::ReconcileError;
use super::redact::Redactor;
use super::values::Resolved;
use crate::api::{ChartSource, Override, ReleaseSpec, ValueSource, ValueSourceKind};
use crate::source::{Access, ChartReference, Credentials, Fetched, OciReference, Sources, TlsOptions, oci};

/// Reads what a `Release` refers to, in its own namespace and nowhere else.
pub(super) struct Reader {
    secrets: Api<Secret>,
    config_maps: Api<ConfigMap>,
    pub(super) redactor: Redactor,
}

/// The layers of the values, all known.
pub(super) struct Layers {
    pub(super) maps: Vec<Map<String, Value>>,
    pub(super) overrides: Vec<Resolved>,
}

impl Reader {
    pub(super) fn new(client: Client, namespace: &str) -> Self {
        Self {
            secrets: Api::namespaced(client.clone(), namespace),
            config_maps: Api::namespaced(client, namespace),
            redactor: Redactor::default(),
        }
    }

    /// Fetches the chart.
    pub(super) async fn chart(
        &mut self,
        sources: &Sources,
        chart: &ChartSource,
    ) -> Result<Fetched, ReconcileError> {
        let reference = reference(chart)?;
        let registry = match &reference {
            ChartReference::Oci(oci) => Some(oci.registry.as_str()),
            _ => None,
        };
        let access = self.access(chart, registry).await?;
        Ok(sources.fetch(&reference, &access).await?)
    }

    async fn access(
        &mut self,
        chart: &ChartSource,
        registry: Option<&str>,
    ) -> Result<Access, ReconcileError> {
        let mut access = Access {
            pass_credentials_all: chart.pass_credentials,
            plain_http: chart.oci.as_ref().is_some_and(|oci| oci.plain_http),
            ..Access::default()
        };
        if let Some(reference) = &chart.auth_secret_ref {
            let secret = self.secret(&reference.name).await?;
            access.credentials = Some(self.credentials(&reference.name, &secret, registry)?);
        }
        access.tls.insecure_skip_verify = chart.insecure_skip_tls_verify;
        if let Some(reference) = &chart.tls_secret_ref {
            let secret = self.secret(&reference.name).await?;
            let key = |key: &str| bytes(&secret, key).map(<[u8]>::to_vec);
            access.tls = TlsOptions {
                ca: key("ca.crt"),
                certificate: key("tls.crt"),
                key: key("tls.key"),
                insecure_skip_verify: chart.insecure_skip_tls_verify,
            };
        }
        Ok(access)
    }

    fn credentials(
        &mut self,
        name: &str,
        secret: &Secret,
        registry: Option<&str>,
    ) -> Result<Credentials, ReconcileError> {
        let problem = |problem: &str| ReconcileError::Reference {
            kind: "Secret",
            name: name.to_owned(),
            problem: problem.to_owned(),
        };
        let credentials = match (bytes(secret, ".dockerconfigjson"), registry) {
            (Some(config), Some(registry)) => oci::credentials_in(config, registry)?
                .ok_or_else(|| problem(&format!("has no login for {registry}")))?,
            _ => {
                let text = |key: &str| bytes(secret, key).and_then(|bytes| std::str::from_utf8(bytes).ok());
                let (username, password) = text("username").zip(text("password")).ok_or_else(|| {
                    problem("has neither username and password, nor .dockerconfigjson for a registry")
                })?;
                Credentials {
                    username: username.trim_end().to_owned(),
                    password: password.trim_end().to_owned(),
                }
            }
        };
        self.redactor.add_text(&credentials.password);
        Ok(credentials)
    }

    /// Reads the layers of the values.
    pub(super) async fn layers(&mut self, spec: &ReleaseSpec) -> Result<Layers, ReconcileError> {
        let mut maps = vec![spec.values.context.clone()];
        for source in &spec.values.from {
            maps.extend(self.values_file(source).await?);
        }
        maps.push(spec.values.base.clone());
        let mut overrides = Vec::new();
        for entry in &spec.values.overrides {
            let value = self.override_value(entry).await?;
            overrides.push(Resolved { path: entry.path.clone(), value });
        }
        Ok(Layers { maps, overrides })
    }

    async fn values_file(
        &mut self,
        source: &ValueSource,
    ) -> Result<Option<Map<String, Value>>, ReconcileError> {
        let (kind, text) = match source.kind {
            ValueSourceKind::Secret => ("Secret", self.secret_text(source).await?),
            ValueSourceKind::ConfigMap => ("ConfigMap", self.config_map_text(source).await?),
        };
        let problem =
            |problem: String| ReconcileError::Reference { kind, name: source.name.clone(), problem };
        let Some(text) = text else {
            let missing = || problem(format!("with key {:?} not found", source.key));
            return if source.optional { Ok(None) } else { Err(missing()) };
        };
        // The parser's own text could quote a secret.
        let values = chart::values::read(text.as_bytes(), chart::Flavour::default())
            .map_err(|_| problem(format!("holds no YAML map of values in {:?}", source.key)))?;
        let json =
            value::json::to_string(&value::Value::Map(values)).map_err(|error| problem(error.to_string()))?;
        let map = serde_json::from_str(&json)
            .map_err(|_| problem("holds values that are nested too deep".into()))?;
        if source.kind == ValueSourceKind::Secret {
            self.redactor.add(&Value::Object(Clone::clone(&map)));
        }
        Ok(Some(map))
    }

    async fn secret_text(&self, source: &ValueSource) -> Result<Option<String>, ReconcileError> {
        let secret =
            self.secrets.get_opt(&source.name).await.map_err(ReconcileError::api("read a Secret"))?;
        let bytes = secret.as_ref().and_then(|secret| bytes(secret, &source.key));
        Ok(bytes.map(|bytes| String::from_utf8_lossy(bytes).into_owned()))
    }

    async fn config_map_text(&self, source: &ValueSource) -> Result<Option<String>, ReconcileError> {
        let read = self.config_maps.get_opt(&source.name).await;
        let config_map = read.map_err(ReconcileError::api("read a ConfigMap"))?;
        Ok(config_map.and_then(|config_map| config_map.data?.remove(&source.key)))
    }

    async fn override_value(&mut self, entry: &Override) -> Result<Value, ReconcileError> {
        let Some(from) = &entry.value_from else {
            if entry.secret {
                self.redactor.add(&entry.value);
            }
            return Ok(entry.value.clone());
        };
        // The schema can't say it: rules don't see fields without a type.
        if !entry.value.is_null() {
            let problem = format!("the override of {:?} has both value and valueFrom", entry.path);
            return Err(ReconcileError::Spec(problem));
        }
        let reference = &from.secret_key_ref;
        let secret = self.secret(&reference.name).await?;
        let missing = || ReconcileError::Reference {
            kind: "Secret",
            name: reference.name.clone(),
            problem: format!("has no text under the key {:?}", reference.key),
        };
        let text = bytes(&secret, &reference.key)
            .and_then(|bytes| std::str::from_utf8(bytes).ok())
            .ok_or_else(missing)?;
        self.redactor.add_text(text);
        // What we sealed ourselves may be any JSON; what others keep is text.
        match super::seal::is_ours(&secret) {
            true => {
                serde_json::from_str(text).map_err(|_| missing()).inspect(|value| self.redactor.add(value))
            }
            false => Ok(Value::String(text.to_owned())),
        }
    }

    async fn secret(&self, name: &str) -> Result<Secret, ReconcileError> {
        let found = self.secrets.get_opt(name).await.map_err(ReconcileError::api("read a Secret"))?;
        found.ok_or_else(|| ReconcileError::Reference {
            kind: "Secret",
            name: name.to_owned(),
            problem: "not found".into(),
        })
    }
}

fn bytes<'a>(secret: &'a Secret, key: &str) -> Option<&'a [u8]> {
    secret.data.as_ref()?.get(key).map(|bytes| bytes.0.as_slice())
}

/// The chart's reference. Only places outside: no path of this machine, no configured repository.
fn reference(chart: &ChartSource) -> Result<ChartReference, ReconcileError> {
    match (&chart.repository, &chart.oci, &chart.url, &chart.inline) {
        (Some(repository), None, None, None) => {
            Ok(ChartReference::parse(&repository.name, &repository.version, Some(&repository.url))?)
        }
        (None, Some(oci), None, None) => {
            Ok(ChartReference::Oci(OciReference::parse(&oci.reference, &oci.version)?))
        }
        (None, None, Some(url), None) if url.starts_with("http://") || url.starts_with("https://") => {
            Ok(ChartReference::remote(url, "")?)
        }
        (None, None, None, Some(inline)) => {
            use base64::prelude::{BASE64_STANDARD, Engine as _};
            let compact: String = inline.split_whitespace().collect();
            let archive = BASE64_STANDARD.decode(compact);
            let archive =
                archive.map_err(|_| ReconcileError::Spec("spec.chart.inline is not base64".into()))?;
            Ok(ChartReference::Inline(archive.into()))
        }
        _ => {
            let problem = "exactly one of repository, oci, url and inline must be set in spec.chart";
            Err(ReconcileError::Spec(problem.into()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::RepositorySource;

    #[test]
    fn a_chart_comes_from_exactly_one_place() {
        let repository =
            RepositorySource { url: "https://a.example".into(), name: "web".into(), ..Default::default() };
        let mut chart = ChartSource { repository: Some(repository), ..ChartSource::default() };
        assert!(matches!(reference(&chart), Ok(ChartReference::Repository { .. })));
        chart.inline = Some("eA==".into());
        assert!(matches!(reference(&chart), Err(ReconcileError::Spec(_))));
        assert!(reference(&ChartSource::default()).is_err());
    }

    #[test]
    fn the_operators_own_files_are_no_charts() {
        let chart = ChartSource { url: Some("/etc".into()), ..ChartSource::default() };
        assert!(reference(&chart).is_err());
    }
}
