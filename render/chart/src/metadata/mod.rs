//! `Chart.yaml` and `Chart.lock`: their contents, and how they are read, checked and written as JSON.
//!
//! The fields are those of Helm's `chart.Metadata`; an absent text is empty.

mod decode;
mod go_struct;
mod json;
mod lock;
mod strict;
mod time;
mod validate;

use std::collections::BTreeMap;

use value::Value;

pub use decode::DecodeError;
pub(crate) use decode::{MetadataDocument, MetadataYaml};
pub use lock::{Lock, dependency_digest};
pub use strict::StrictError;
pub use validate::ValidationError;

/// The contents of a `Chart.yaml`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Metadata {
    /// `name`: what the chart is called.
    pub name: String,
    /// `home`: the URL of the project.
    pub home: String,
    /// `sources`: URLs of source code.
    pub sources: Vec<String>,
    /// `version`: a version as [`semver::Version::parse`] reads it.
    pub version: String,
    /// `description`: one sentence.
    pub description: String,
    /// `keywords`
    pub keywords: Vec<String>,
    /// `maintainers`
    pub maintainers: Vec<Maintainer>,
    /// `icon`: the URL of an image.
    pub icon: String,
    /// `apiVersion`: `v1` or `v2`; `v1` where the file has none.
    pub api_version: String,
    /// `condition`
    pub condition: String,
    /// `tags`: one text, of no effect.
    pub tags: String,
    /// `appVersion`: the version of what the chart installs.
    pub app_version: String,
    /// `deprecated`
    pub deprecated: bool,
    /// `annotations`
    pub annotations: BTreeMap<String, String>,
    /// `kubeVersion`: the constraint that the cluster's version has to satisfy.
    pub kube_version: String,
    /// `dependencies`; `None` where there is no such list, which Helm tells from an empty one.
    pub dependencies: Option<Vec<Dependency>>,
    /// `type`: empty, `application` or `library`.
    pub chart_type: String,
}

/// Someone who looks after a chart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Maintainer {
    /// `name`: of a person or organisation.
    pub name: String,
    /// `email`
    pub email: String,
    /// `url`
    pub url: String,
}

/// A chart that another depends on.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Dependency {
    /// `name`: that of the dependency's own `Chart.yaml`; the alias, once dependencies are processed.
    pub name: String,
    /// `version`: a constraint.
    pub version: String,
    /// `repository`: a URL, `@name`, `alias:name` or nothing.
    pub repository: String,
    /// `condition`: dotted paths of booleans, parted by commas.
    pub condition: String,
    /// `tags`
    pub tags: Vec<String>,
    /// `enabled`: set when dependencies are processed.
    pub enabled: bool,
    /// `import-values`: names of exports, or maps of `child` and `parent`.
    pub import_values: Vec<Value>,
    /// `alias`: the name it has in this chart.
    pub alias: String,
}
