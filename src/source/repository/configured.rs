//! `repositories.yaml`: the repositories a user has added with `helm repo add` or `pintle repo add`.

use std::path::{Path, PathBuf};

use value::{Map, Value};

use crate::source::{Access, Credentials, SourceError, TlsOptions};

/// A repository that was added under a name.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct ConfiguredRepository {
    /// Its name.
    pub name: String,
    /// Where it is.
    pub url: String,
    /// The login, if it wants one.
    pub credentials: Credentials,
    /// PEM file with the client's certificate; empty for none.
    pub certificate_file: String,
    /// PEM file with the client's key; empty for none.
    pub key_file: String,
    /// PEM file with the certificates to trust; empty for the system's.
    pub ca_file: String,
    /// Trusts any certificate.
    pub insecure_skip_tls_verify: bool,
    /// Sends the login to other hosts too.
    pub pass_credentials_all: bool,
}

impl std::fmt::Debug for ConfiguredRepository {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("ConfiguredRepository").field("name", &self.name).finish_non_exhaustive()
    }
}

impl ConfiguredRepository {
    /// How to talk to it.
    ///
    /// # Errors
    /// Fails when a certificate file can't be read.
    pub fn access(&self) -> Result<Access, SourceError> {
        let tls = TlsOptions {
            ca: pem(&self.ca_file)?,
            certificate: pem(&self.certificate_file)?,
            key: pem(&self.key_file)?,
            insecure_skip_verify: self.insecure_skip_tls_verify,
        };
        Ok(Access {
            credentials: Some(self.credentials.clone()),
            tls,
            pass_credentials_all: self.pass_credentials_all,
            plain_http: false,
        })
    }
}

fn pem(file: &str) -> Result<Option<Vec<u8>>, SourceError> {
    if file.is_empty() {
        return Ok(None);
    }
    let read = std::fs::read(file);
    read.map(Some).map_err(|source| SourceError::Read { path: PathBuf::from(file), source })
}

/// Reads `repositories.yaml`. A file that does not exist has no repositories.
///
/// # Errors
/// Fails when the file can't be read or is not a map.
pub fn load(path: &Path) -> Result<Vec<ConfiguredRepository>, SourceError> {
    let bytes = match std::fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(source) => return Err(SourceError::Read { path: path.into(), source }),
    };
    let wrong = |problem: String| SourceError::Configuration { path: path.into(), problem };
    let document = goyaml::unmarshal_map(&bytes).map_err(|error| wrong(error.to_string()))?;
    match document.get("repositories") {
        Some(Value::List(list)) => Ok(list.iter().filter_map(|item| item.as_map().map(repository)).collect()),
        _ => Ok(Vec::new()),
    }
}

/// The text of `repositories.yaml` with these repositories.
pub fn print(repositories: &[ConfiguredRepository], now: &str) -> Result<String, SourceError> {
    let list: Vec<Value> = repositories.iter().map(|repository| Value::Map(entry(repository))).collect();
    let document: Map = [
        ("apiVersion", Value::from("")),
        ("generated", Value::from(now)),
        ("repositories", Value::List(value::List::typed(value::ElementType::Interface, list))),
    ]
    .into_iter()
    .collect();
    goyaml::to_yaml(&Value::Map(document)).map_err(|error| SourceError::Chart(error.to_string()))
}

fn repository(map: &Map) -> ConfiguredRepository {
    let text = |key: &str| match map.get(key) {
        Some(Value::Str(text)) => text.to_string(),
        _ => String::new(),
    };
    let truth = |key: &str| matches!(map.get(key), Some(Value::Bool(true)));
    ConfiguredRepository {
        name: text("name"),
        url: text("url"),
        credentials: Credentials { username: text("username"), password: text("password") },
        certificate_file: text("certFile"),
        key_file: text("keyFile"),
        ca_file: text("caFile"),
        insecure_skip_tls_verify: truth("insecure_skip_tls_verify"),
        pass_credentials_all: truth("pass_credentials_all"),
    }
}

fn entry(repository: &ConfiguredRepository) -> Map {
    [
        ("caFile", Value::from(repository.ca_file.as_str())),
        ("certFile", repository.certificate_file.as_str().into()),
        ("insecure_skip_tls_verify", repository.insecure_skip_tls_verify.into()),
        ("keyFile", repository.key_file.as_str().into()),
        ("name", repository.name.as_str().into()),
        ("pass_credentials_all", repository.pass_credentials_all.into()),
        ("password", repository.credentials.password.as_str().into()),
        ("url", repository.url.as_str().into()),
        ("username", repository.credentials.username.as_str().into()),
    ]
    .into_iter()
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_printed_is_read_back() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let repository = ConfiguredRepository {
            name: "stable".into(),
            url: "https://charts.example".into(),
            credentials: Credentials { username: "me".into(), password: "canary".into() },
            pass_credentials_all: true,
            ..ConfiguredRepository::default()
        };
        std::fs::write(
            file.path(),
            print(std::slice::from_ref(&repository), "2026-01-01T00:00:00Z").unwrap(),
        )
        .unwrap();
        assert_eq!(load(file.path()).unwrap(), std::slice::from_ref(&repository));
        assert!(!format!("{repository:?}").contains("canary"));
    }

    #[test]
    fn no_file_means_no_repositories() {
        assert_eq!(load(Path::new("/does/not/exist")).unwrap(), []);
    }
}
