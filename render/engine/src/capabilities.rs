//! `.Capabilities`: what the cluster and the engine can do, as templates see it.

use std::any::Any;

use chart::Flavour;
use chart::capabilities::{Capabilities, HelmVersion, KubeVersion};
use gotemplate::{Function, FunctionMap, Parameter, ParameterType, Reflected};
use value::{CallError, ElementType, Kind, List, Object, Str, Value};

/// Go's names of the list type of API versions.
pub(crate) const VERSION_SETS: [&str; 2] = ["chartutil.VersionSet", "common.VersionSet"];

/// The object that templates reach as `.Capabilities`.
pub(crate) fn object(capabilities: &Capabilities, flavour: Flavour) -> Value {
    let set = ElementType::StringOf(VERSION_SETS[usize::from(flavour == Flavour::V4)]);
    let versions = capabilities.api_versions.iter().map(|version| Value::from(version.as_str())).collect();
    Value::object(CapabilitiesObject {
        flavour,
        kube_version: Value::object(KubeVersionObject {
            version: capabilities.kube_version.clone(),
            flavour,
        }),
        api_versions: List::typed(set, versions).into(),
        helm_version: helm_version(&capabilities.helm_version, flavour),
    })
}

/// What Helm says of itself, as templates see it: `.Capabilities.HelmVersion`, and all of `version --template`.
pub fn helm_version(version: &HelmVersion, flavour: Flavour) -> Value {
    Value::object(HelmVersionObject { version: version.clone(), flavour })
}

/// The methods of `.Capabilities.APIVersions`.
pub(crate) fn version_set_methods() -> FunctionMap {
    FunctionMap::from_iter([(
        "Has",
        Function::new(|set: VersionSet, version: Str| {
            set.0.iter().any(|known| known.as_string() == Some(&version))
        }),
    )])
}

struct VersionSet(List);

impl Parameter for VersionSet {
    const TYPE: ParameterType = ParameterType::Slice(ElementType::String);

    fn convert(argument: Reflected) -> Option<Self> {
        argument.value().as_list().cloned().map(Self)
    }
}

/// Go's package of the type: Helm 4 moved its types.
fn type_name(flavour: Flavour, v3: &'static str, v4: &'static str) -> &'static str {
    if flavour == Flavour::V3 { v3 } else { v4 }
}

#[derive(Debug)]
struct CapabilitiesObject {
    flavour: Flavour,
    kube_version: Value,
    api_versions: Value,
    helm_version: Value,
}

impl Object for CapabilitiesObject {
    fn type_name(&self) -> &str {
        type_name(self.flavour, "*chartutil.Capabilities", "*common.Capabilities")
    }

    fn fields(&self) -> Vec<(&'static str, Value)> {
        vec![
            ("KubeVersion", self.kube_version.clone()),
            ("APIVersions", self.api_versions.clone()),
            ("HelmVersion", self.helm_version.clone()),
        ]
    }

    fn json_members(&self) -> Option<Vec<(&'static str, Value)>> {
        Some(self.fields())
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

#[derive(Debug)]
struct KubeVersionObject {
    version: KubeVersion,
    flavour: Flavour,
}

impl Object for KubeVersionObject {
    fn type_name(&self) -> &str {
        type_name(self.flavour, "chartutil.KubeVersion", "common.KubeVersion")
    }

    fn kind(&self) -> Kind {
        Kind::Struct
    }

    /// Go prints unexported fields, too: Helm 4 has one.
    fn fields(&self) -> Vec<(&'static str, Value)> {
        let mut fields = self.exported();
        if self.flavour == Flavour::V4 {
            fields.insert(1, ("normalizedVersion", self.version.to_string().into()));
        }
        fields
    }

    fn field(&self, name: &str) -> Option<Value> {
        self.exported().into_iter().find(|(field, _)| *field == name).map(|(_, value)| value)
    }

    fn json_members(&self) -> Option<Vec<(&'static str, Value)>> {
        Some(self.exported())
    }

    fn call(&self, name: &str, arguments: &[Value]) -> Option<Result<Value, CallError>> {
        let result = match name {
            "String" => self.version.to_string(),
            "GitVersion" => self.version.version.clone(),
            _ => return None,
        };
        Some(if arguments.is_empty() {
            Ok(result.into())
        } else {
            Err(CallError::ArgumentCount { name: name.to_owned(), want: 0, got: arguments.len() })
        })
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

impl KubeVersionObject {
    fn exported(&self) -> Vec<(&'static str, Value)> {
        vec![
            ("Version", self.version.version.as_str().into()),
            ("Major", self.version.major.as_str().into()),
            ("Minor", self.version.minor.as_str().into()),
        ]
    }
}

#[derive(Debug)]
struct HelmVersionObject {
    version: HelmVersion,
    flavour: Flavour,
}

impl Object for HelmVersionObject {
    fn type_name(&self) -> &str {
        "version.BuildInfo"
    }

    fn kind(&self) -> Kind {
        Kind::Struct
    }

    fn fields(&self) -> Vec<(&'static str, Value)> {
        let mut fields = vec![
            ("Version", self.version.version.as_str().into()),
            ("GitCommit", self.version.git_commit.as_str().into()),
            ("GitTreeState", self.version.git_tree_state.as_str().into()),
            ("GoVersion", self.version.go_version.as_str().into()),
        ];
        if self.flavour == Flavour::V4 {
            fields.push(("KubeClientVersion", self.version.kube_client_version.as_str().into()));
        }
        fields
    }

    fn json_members(&self) -> Option<Vec<(&'static str, Value)>> {
        const NAMES: [&str; 5] =
            ["version", "git_commit", "git_tree_state", "go_version", "kube_client_version"];
        let members = NAMES.into_iter().zip(self.fields()).map(|(name, (_, value))| (name, value));
        Some(members.filter(|(name, value)| value.is_true() || *name == "kube_client_version").collect())
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
