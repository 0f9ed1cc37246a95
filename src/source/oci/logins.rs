//! Logins for registries, from Helm's and Docker's `config.json`.
//!
//! Credential helpers are programs that would have to be run; they are not.

use std::path::Path;

use base64::prelude::{BASE64_STANDARD, Engine as _};

use crate::source::{Credentials, HelmHome, SourceError};

/// How to log in at a registry.
#[derive(Clone)]
pub(super) enum Login {
    /// User and password.
    Basic(Credentials),
    /// A refresh token (`identitytoken`).
    Refresh(String),
}

/// The login for a registry: Helm's file first, then Docker's.
pub(super) fn find(home: &HelmHome, registry: &str) -> Result<Option<Login>, SourceError> {
    for path in [&home.registry_config, &home.docker_config] {
        let bytes = match std::fs::read(path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
            Err(source) => return Err(SourceError::Read { path: path.clone(), source }),
        };
        if let Some(login) = in_file(path, &bytes, registry)? {
            return Ok(Some(login));
        }
    }
    Ok(None)
}

/// The login for a registry in the bytes of a `config.json`, such as a Secret of type
/// `kubernetes.io/dockerconfigjson` holds them. `path` is for the error text only.
fn in_file(path: &Path, bytes: &[u8], registry: &str) -> Result<Option<Login>, SourceError> {
    #[derive(serde::Deserialize)]
    struct File {
        #[serde(default)]
        auths: std::collections::HashMap<String, Entry>,
    }
    if bytes.trim_ascii().is_empty() {
        return Ok(None);
    }
    // The parser's own text could quote the file.
    let problem = || "it is not a JSON object with \"auths\"".to_owned();
    let file: File = serde_json::from_slice(bytes)
        .map_err(|_| SourceError::Configuration { path: path.into(), problem: problem() })?;
    let host = |key: &str| {
        let key = key.strip_prefix("https://").or_else(|| key.strip_prefix("http://")).unwrap_or(key);
        key.split('/').next().unwrap_or_default().to_owned()
    };
    let docker_hub = |key: &str| registry == "docker.io" && host(key) == "index.docker.io";
    let entry = file.auths.get(registry).or_else(|| {
        file.auths.iter().find(|(key, _)| host(key) == registry || docker_hub(key)).map(|(_, entry)| entry)
    });
    Ok(entry.and_then(Entry::login))
}

#[derive(serde::Deserialize)]
struct Entry {
    #[serde(default)]
    auth: String,
    #[serde(default)]
    username: String,
    #[serde(default)]
    password: String,
    #[serde(default, rename = "identitytoken")]
    identity_token: String,
}

impl Entry {
    fn login(&self) -> Option<Login> {
        if !self.identity_token.is_empty() {
            return Some(Login::Refresh(self.identity_token.clone()));
        }
        if !self.username.is_empty() {
            let credentials =
                Credentials { username: self.username.clone(), password: self.password.clone() };
            return Some(Login::Basic(credentials));
        }
        let pair = String::from_utf8(BASE64_STANDARD.decode(self.auth.trim()).ok()?).ok()?;
        let (username, password) = pair.split_once(':')?;
        Some(Login::Basic(Credentials {
            username: username.to_owned(),
            password: password.trim_end_matches('\0').to_owned(),
        }))
    }
}

/// The login for a registry in a `.dockerconfigjson`.
///
/// # Errors
/// Fails when it is not such a file.
pub fn credentials_in(docker_config: &[u8], registry: &str) -> Result<Option<Credentials>, SourceError> {
    match in_file(Path::new(".dockerconfigjson"), docker_config, registry)? {
        Some(Login::Basic(credentials)) => Ok(Some(credentials)),
        _ => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user(file: &str, registry: &str) -> Option<String> {
        credentials_in(file.as_bytes(), registry).unwrap().map(|credentials| credentials.username)
    }

    #[test]
    fn logins_are_found_by_host() {
        let auth = BASE64_STANDARD.encode("me:secret:with:colons");
        let file = format!(
            r#"{{"auths":{{"r.example:5000":{{"auth":"{auth}"}},"https://index.docker.io/v1/":{{"username":"hub","password":"x"}}}}}}"#
        );
        assert_eq!(user(&file, "r.example:5000").as_deref(), Some("me"));
        assert_eq!(user(&file, "docker.io").as_deref(), Some("hub"));
        assert_eq!(user(&file, "r.example"), None);
    }

    #[test]
    fn a_broken_file_is_told_without_quoting_it() {
        let error = credentials_in(br#"{"auths": "canary"}"#, "r.example").unwrap_err();
        assert!(!error.to_string().contains("canary"), "{error}");
    }
}
