//! The version of a cluster.

use std::fmt;

use thiserror::Error;

use crate::Flavour;

/// A Kubernetes version as charts see it. `Display` prints what a chart's `kubeVersion` is checked against.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KubeVersion {
    /// `v1.33.4-gke.1245000`; in Helm 3 only `v1.33.4` where a user gave it.
    pub version: String,
    /// `1`
    pub major: String,
    /// `33`
    pub minor: String,
    normalized: String,
}

/// A text that is no Kubernetes version; `Display` is the text of Kubernetes' library.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("{0}")]
pub struct KubeVersionError(String);

impl KubeVersion {
    /// Reads the version that a user gives: `1.30`, `v1.30.2`, `1.30.2-gke.5`.
    ///
    /// # Errors
    /// Where it has less than two numbers, or none at all.
    pub fn parse(text: &str, flavour: Flavour) -> Result<Self, KubeVersionError> {
        let numbers = numbers(text)?;
        let [major, minor] = [0, 1].map(|at: usize| numbers.get(at).copied().unwrap_or_default().to_string());
        let parts: Vec<String> = numbers.iter().map(u64::to_string).collect();
        let normalized = format!("v{}", parts.join("."));
        let version = match flavour {
            Flavour::V3 => normalized.clone(),
            Flavour::V4 if text.starts_with('v') => text.to_owned(),
            Flavour::V4 => format!("v{text}"),
        };
        Ok(Self { version, major, minor, normalized })
    }

    /// The version that a cluster reports of itself; nothing in it is changed.
    pub fn of_cluster(git_version: &str, major: &str, minor: &str) -> Self {
        Self {
            version: git_version.to_owned(),
            major: major.to_owned(),
            minor: minor.to_owned(),
            normalized: git_version.to_owned(),
        }
    }
}

/// Kubernetes 1.37, whose client library the measured Helm has.
impl Default for KubeVersion {
    fn default() -> Self {
        Self::of_cluster("v1.37.0", "1", "37")
    }
}

impl fmt::Display for KubeVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.normalized)
    }
}

/// The numbers at the head of a version: Kubernetes' `ParseGeneric`.
fn numbers(text: &str) -> Result<Vec<u64>, KubeVersionError> {
    let quoted = value::format::quote(text);
    let problem = |text: String| Err(KubeVersionError(text));
    let trimmed = text.trim_start_matches(['\t', '\n', '\u{c}', '\r', ' ']);
    let trimmed = trimmed.strip_prefix('v').unwrap_or(trimmed);
    let (components, rest) = components(trimmed);
    if components.is_empty() || rest.contains('\n') {
        return problem(format!("could not parse {quoted} as version"));
    }
    if components.len() < 2 {
        return problem(format!("illegal version string {quoted}"));
    }
    let mut numbers = Vec::new();
    for component in components {
        let name = value::format::quote(component);
        if numbers.is_empty() && component.len() > 1 && component.starts_with('0') {
            return problem(format!("illegal zero-prefixed version component {name} in {quoted}"));
        }
        match value::parse_uint(component, 10) {
            Ok(number) => numbers.push(number),
            Err(error) => {
                return problem(format!("illegal non-numeric version component {name} in {quoted}: {error}"));
            }
        }
    }
    Ok(numbers)
}

/// The runs of digits that points join, and what follows them.
fn components(text: &str) -> (Vec<&str>, &str) {
    let mut components = Vec::new();
    let mut rest = text;
    loop {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        if digits == 0 {
            return (components, rest);
        }
        let (component, tail) = rest.split_at(digits);
        components.push(component);
        match tail.strip_prefix('.') {
            Some(next) => rest = next,
            None => return (components, tail),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn helm_4_keeps_what_a_provider_appends_and_helm_3_drops_it() {
        let version = KubeVersion::parse("1.30.2-gke.5", Flavour::V4).unwrap();
        assert_eq!((version.version.as_str(), version.to_string().as_str()), ("v1.30.2-gke.5", "v1.30.2"));
        let version = KubeVersion::parse("1.30.2-gke.5", Flavour::V3).unwrap();
        assert_eq!((version.version.as_str(), version.minor.as_str()), ("v1.30.2", "30"));
    }

    #[test]
    fn two_numbers_are_enough_and_one_is_not() {
        for text in ["1.30", "v1.30", " 1.30 ", "1.30.", "v1.30.x"] {
            assert_eq!(KubeVersion::parse(text, Flavour::V4).unwrap().to_string(), "v1.30", "{text}");
        }
        for (text, problem) in [
            ("1", r#"illegal version string "1""#),
            ("", r#"could not parse "" as version"#),
            ("bad", r#"could not parse "bad" as version"#),
            ("01.2", r#"illegal zero-prefixed version component "01" in "01.2""#),
            (
                "1.99999999999999999999",
                "illegal non-numeric version component \"99999999999999999999\" in \"1.99999999999999999999\": \
                 strconv.ParseUint: parsing \"99999999999999999999\": value out of range",
            ),
        ] {
            assert_eq!(KubeVersion::parse(text, Flavour::V4).unwrap_err().to_string(), problem);
        }
    }
}
