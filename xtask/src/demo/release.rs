//! The `Release` that is applied, and how it changes.

use super::source::Source;

/// The name of the release.
pub(super) const NAME: &str = "web";

/// The namespace of the demonstration.
pub(super) const NAMESPACE: &str = "pintle-demo";

/// Values that the shop has. Its pods take a moment to be ready, so that there is something to see.
const SHOP_VALUES: &str = r#"    context:
      domain: demo.example
    base:
      replicas: 3
      autoscaling:
        enabled: false
      podAnnotations:
        pintle.dev/test-ready-after: 2s
    overrides:
      - path: image.tag
        value: "2.4"
      - path: database.password
        secret: true
        value: open-sesame
"#;

/// Values that harm no chart: what is under `global` is for whoever wants it.
const OTHER_VALUES: &str = r#"    context:
      global:
        domain: demo.example
    base:
      global:
        demo: true
    overrides:
      - path: global.greeting
        value: hello
"#;

/// The `Release` as YAML.
pub(super) fn manifest(source: &Source) -> String {
    let Source { url, name, version, is_shop } = source;
    let version = if version.is_empty() { String::new() } else { format!("\n      version: {version:?}") };
    let values = if *is_shop { SHOP_VALUES } else { OTHER_VALUES };
    format!(
        "apiVersion: pintle.dev/v1alpha1
kind: Release
metadata:
  name: {NAME}
  namespace: {NAMESPACE}
spec:
  chart:
    repository:
      url: {url:?}
      name: {name:?}{version}
  values:
{values}"
    )
}

/// The JSON patch that gives the first override another value.
pub(super) fn patch(source: &Source) -> String {
    let value = if source.is_shop { "2.5" } else { "good day" };
    format!(r#"[{{"op": "replace", "path": "/spec/values/overrides/0/value", "value": "{value}"}}]"#)
}
