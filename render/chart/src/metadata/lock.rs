//! `Chart.lock`: which versions the dependencies were resolved to.

use sha2::{Digest, Sha256};

use super::decode::{self, DecodeError};
use super::go_struct::{Decode, Structure};
use super::time::{self, Time};
use super::{Dependency, json};
use crate::Flavour;

/// The contents of a `Chart.lock`.
#[derive(Clone, Debug, PartialEq)]
pub struct Lock {
    /// `generated`: when, as RFC 3339 with the fraction that is needed; the year 1 where the file doesn't say.
    pub generated: String,
    /// `digest`: see [`dependency_digest`].
    pub digest: String,
    /// `dependencies`, each with one version; `None` where there is no such list.
    pub dependencies: Option<Vec<Dependency>>,
}

#[derive(Default)]
struct LockDocument {
    generated: Time,
    digest: String,
    dependencies: Option<Vec<Option<Dependency>>>,
}

impl Lock {
    /// Reads a `Chart.lock`; an empty one is none.
    ///
    /// # Errors
    /// Where the text is no YAML or a field is of another kind, as Go's `yaml.Unmarshal` says it.
    pub fn parse(text: &[u8], flavour: Flavour) -> Result<Option<Self>, DecodeError> {
        let mut document: Option<LockDocument> = None;
        decode::read(&mut document, text, flavour)?;
        Ok(document.map(|document| Self {
            generated: document.generated.0.unwrap_or_else(|| time::ZERO.to_owned()),
            digest: document.digest,
            dependencies: document.dependencies.map(|entries| entries.into_iter().flatten().collect()),
        }))
    }
}

impl Structure for LockDocument {
    const NAME: &'static str = "Lock";
    const FIELDS: &'static [&'static str] = &["generated", "digest", "dependencies"];

    fn field(&mut self, name: &str) -> Option<&mut dyn Decode> {
        Some(match name {
            "generated" => &mut self.generated,
            "digest" => &mut self.digest,
            "dependencies" => &mut self.dependencies,
            _ => return None,
        })
    }
}

/// The `digest` of a lock: `sha256:` and the hash of the declared and the locked dependencies as JSON.
///
/// Helm: `resolver.HashReq`.
pub fn dependency_digest(declared: &[Dependency], locked: &[Dependency]) -> String {
    let lists = [declared, locked].map(|list| json::array(list.iter().map(Dependency::to_json)));
    let hash = Sha256::digest(json::array(lists.into_iter()));
    let hex: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256:{hex}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digest_is_that_of_both_lists_as_json() {
        let dependency = |version: &str| Dependency {
            name: "db".into(),
            version: version.into(),
            repository: "https://charts.example".into(),
            ..Dependency::default()
        };
        let text = concat!(
            r#"[[{"name":"db","version":"\u003e=1","repository":"https://charts.example"}],"#,
            r#"[{"name":"db","version":"1.2.3","repository":"https://charts.example"}]]"#
        );
        let hex: String = Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(dependency_digest(&[dependency(">=1")], &[dependency("1.2.3")]), format!("sha256:{hex}"));
    }

    #[test]
    fn an_empty_lock_is_none() {
        assert_eq!(Lock::parse(b"", Flavour::V4).unwrap(), None);
        let lock = Lock::parse(b"digest: x", Flavour::V4).unwrap().unwrap();
        assert_eq!(
            lock.to_json(),
            r#"{"generated":"0001-01-01T00:00:00Z","digest":"x","dependencies":null}"#
        );
    }
}
