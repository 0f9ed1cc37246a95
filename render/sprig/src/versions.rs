//! Semantic versions: `semver`, `semverCompare`, and the methods of what `semver` gives.

use std::any::Any;

use gotemplate::{Function, FunctionError, FunctionMap, ObjectType};
use semver::{Constraint, Version};
use value::{Kind, Object, Str, Value};

/// `*semver.Version`
#[derive(Clone, Debug)]
pub(crate) struct VersionPointer(Version);

/// `semver.Version`, as `IncMajor` and its like give it.
#[derive(Clone, Debug)]
pub(crate) struct VersionValue(Version);

/// Implements [`Object`] for either.
macro_rules! version_object {
    ($rust:ty, $name:literal, $kind:expr) => {
        impl Object for $rust {
            fn type_name(&self) -> &str {
                Self::TYPE_NAME
            }

            fn kind(&self) -> Kind {
                $kind
            }

            fn to_text(&self) -> Option<Str> {
                Some(Str::from(self.0.to_string()))
            }

            fn to_json(&self) -> Value {
                Value::from(self.0.to_string())
            }

            fn as_any(&self) -> &dyn Any {
                self
            }
        }

        impl ObjectType for $rust {
            const TYPE_NAME: &'static str = $name;
        }

        impl AsRef<Version> for $rust {
            fn as_ref(&self) -> &Version {
                &self.0
            }
        }
    };
}

version_object!(VersionPointer, "*semver.Version", Kind::Pointer);
version_object!(VersionValue, "semver.Version", Kind::Struct);

impl VersionPointer {
    /// A pointer to Go's zero `Version`, as `deepCopy` makes of every version.
    pub(crate) fn zero() -> Option<Value> {
        Version::parse("0.0.0").map(|version| Value::object(Self(version))).ok()
    }
}

/// Reads a version; parts may be missing, a `v` may lead.
pub(crate) fn semver(text: Str) -> Result<VersionPointer, FunctionError> {
    parsed(&text).map(VersionPointer)
}

/// Whether the version satisfies the constraint.
pub(crate) fn semver_compare(constraint: Str, version: Str) -> Result<bool, FunctionError> {
    let constraint =
        Constraint::parse(&constraint.to_text()).map_err(|error| FunctionError::new(error.to_string()))?;
    Ok(constraint.check(&parsed(&version)?))
}

fn parsed(text: &Str) -> Result<Version, FunctionError> {
    Version::parse(&text.to_text()).map_err(|error| FunctionError::new(error.to_string()))
}

/// The methods of both types.
pub(crate) fn methods() -> [(&'static str, FunctionMap); 2] {
    let mut of_pointer = methods_of_either::<VersionPointer>();
    of_pointer.extend([
        (
            "Compare",
            Function::new(|left: VersionPointer, right| compared(&left, right).map(|order| order as isize)),
        ),
        (
            "Equal",
            Function::new(|left: VersionPointer, right| compared(&left, right).map(|order| order.is_eq())),
        ),
        (
            "GreaterThan",
            Function::new(|left: VersionPointer, right| compared(&left, right).map(|order| order.is_gt())),
        ),
        (
            "GreaterThanEqual",
            Function::new(|left: VersionPointer, right| compared(&left, right).map(|order| order.is_ge())),
        ),
        (
            "LessThan",
            Function::new(|left: VersionPointer, right| compared(&left, right).map(|order| order.is_lt())),
        ),
        (
            "LessThanEqual",
            Function::new(|left: VersionPointer, right| compared(&left, right).map(|order| order.is_le())),
        ),
    ]);
    [(VersionPointer::TYPE_NAME, of_pointer), (VersionValue::TYPE_NAME, methods_of_either::<VersionValue>())]
}

fn compared(
    left: &VersionPointer,
    right: Option<VersionPointer>,
) -> Result<std::cmp::Ordering, FunctionError> {
    let right = right.ok_or_else(crate::panic::nil_dereference)?;
    Ok(left.0.cmp(&right.0))
}

fn methods_of_either<T: ObjectType + AsRef<Version>>() -> FunctionMap {
    // The library counts past the last number by wrapping; here such a version stays as it is.
    let next = |version: T, next: fn(&Version) -> Option<Version>| {
        let version = version.as_ref();
        VersionValue(next(version).unwrap_or_else(|| version.clone()))
    };
    let changed = |result: Result<Version, semver::ParseVersionError>| {
        result.map(VersionValue).map_err(|error| FunctionError::new(error.to_string()))
    };
    FunctionMap::from_iter([
        ("IncMajor", Function::new(move |version: T| next(version, Version::increment_major))),
        ("IncMinor", Function::new(move |version: T| next(version, Version::increment_minor))),
        ("IncPatch", Function::new(move |version: T| next(version, Version::increment_patch))),
        ("Major", Function::new(|version: T| version.as_ref().major())),
        ("Metadata", Function::new(|version: T| version.as_ref().metadata().to_owned())),
        ("Minor", Function::new(|version: T| version.as_ref().minor())),
        ("Original", Function::new(|version: T| version.as_ref().original().to_owned())),
        ("Patch", Function::new(|version: T| version.as_ref().patch())),
        ("Prerelease", Function::new(|version: T| version.as_ref().prerelease().to_owned())),
        (
            "SetMetadata",
            Function::new(move |version: T, metadata: Str| {
                changed(version.as_ref().with_metadata(&metadata.to_text()))
            }),
        ),
        (
            "SetPrerelease",
            Function::new(move |version: T, name: Str| {
                changed(version.as_ref().with_prerelease(&name.to_text()))
            }),
        ),
        ("String", Function::new(|version: T| version.as_ref().to_string())),
    ])
}
