//! Keeping logins for registries in Helm's `config.json`, once the registry has taken them.

use std::collections::BTreeMap;
use std::path::Path;

use base64::prelude::{BASE64_STANDARD, Engine as _};
use http::{Method, StatusCode};
use serde_json::{Value, json};
use url::Url;

use super::client::{Client, Question};
use super::reference;

use crate::source::http::Http;
use crate::source::replacement::Replacement;
use crate::source::{Access, Credentials, HelmHome, SourceError};

/// Where Docker keeps the login for its own registry.
const DOCKER_HUB: &str = "https://index.docker.io/v1/";

/// Tries a login, and keeps it where it is right.
pub(crate) async fn login(
    http: &Http,
    home: &HelmHome,
    host: &str,
    access: &Access,
) -> Result<(), SourceError> {
    let url = url(host, access.plain_http)?;
    let client = Client::of(http, home, host, access)?;
    let asked = client.ask(&Question::new(Method::GET, &url), &[StatusCode::OK]).await;
    asked.map_err(|source| SourceError::OciLogin { registry: host.to_owned(), source: Box::new(source) })?;
    let credentials = access.credentials.clone().unwrap_or_default();
    change(&home.registry_config, |auths| {
        auths.insert(key(host).to_owned(), entry(&credentials));
    })
}

/// Takes a login out of the file.
pub(crate) fn logout(home: &HelmHome, host: &str) -> Result<(), SourceError> {
    if read(&home.registry_config)?.1.contains_key(key(host)) {
        change(&home.registry_config, |auths| {
            auths.remove(key(host));
        })?;
    }
    Ok(())
}

/// What every registry has.
fn url(host: &str, plain_http: bool) -> Result<Url, SourceError> {
    reference::check(host)?;
    let url = format!("{}/v2/", reference::origin(host, plain_http));
    Url::parse(&url).map_err(|_| SourceError::OciReference(format!("invalid registry {host:?}")))
}

fn key(host: &str) -> &str {
    if matches!(host, "docker.io" | "registry-1.docker.io") { DOCKER_HUB } else { host }
}

fn entry(credentials: &Credentials) -> Value {
    let Credentials { username, password } = credentials;
    match (username.as_str(), password.as_str()) {
        ("", "") => json!({}),
        _ => json!({"auth": BASE64_STANDARD.encode(format!("{username}:{password}"))}),
    }
}

type Members = BTreeMap<String, Value>;

/// The file's members, and of those the logins.
fn read(path: &Path) -> Result<(Members, Members), SourceError> {
    let text = match std::fs::read(path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Vec::new(),
        Err(source) => return Err(SourceError::Read { path: path.into(), source }),
    };
    if text.trim_ascii().is_empty() {
        return Ok(Default::default());
    }
    // The parser's own text could quote the file.
    let problem = || "it is not a JSON object with \"auths\"".to_owned();
    let wrong = |_| SourceError::Configuration { path: path.into(), problem: problem() };
    let mut members: Members = serde_json::from_slice(&text).map_err(wrong)?;
    let auths: Option<Members> =
        members.remove("auths").map(serde_json::from_value).transpose().map_err(wrong)?.flatten();
    Ok((members, auths.unwrap_or_default()))
}

/// Changes the logins; whatever else the file holds stays.
fn change(path: &Path, change: impl FnOnce(&mut Members)) -> Result<(), SourceError> {
    let (mut members, mut auths) = read(path)?;
    change(&mut auths);
    members.insert("auths".to_owned(), json!(auths));
    let mut text = Vec::new();
    let indented = serde_json::ser::PrettyFormatter::with_indent(b"\t");
    let mut serializer = serde_json::Serializer::with_formatter(&mut text, indented);
    let failed = |source: serde_json::Error| SourceError::Write { path: path.into(), source: source.into() };
    serde::Serialize::serialize(&members, &mut serializer).map_err(failed)?;
    let mut file = Replacement::private(path)?;
    file.write(&text)?;
    file.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn changed(before: &str) -> String {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("registry/config.json");
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, before).unwrap();
        let login = Credentials { username: "me".into(), password: "secret".into() };
        change(&path, |auths| {
            auths.insert("r.example".into(), entry(&login));
        })
        .unwrap();
        std::fs::read_to_string(&path).unwrap()
    }

    #[test]
    fn other_members_of_the_file_survive() {
        let before =
            r#"{"credHelpers":{"x":"y"},"auths":{"z.example":{"auth":"eA=="},"a.example":{}},"A":[1]}"#;
        let text = changed(before);
        assert!(
            text.starts_with("{\n\t\"A\": [\n\t\t1\n\t],\n\t\"auths\": {\n\t\t\"a.example\": {},\n"),
            "{text}"
        );
        let file: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(file["auths"]["r.example"]["auth"], BASE64_STANDARD.encode("me:secret"));
        assert_eq!(
            (&file["auths"]["z.example"]["auth"], &file["credHelpers"]["x"]),
            (&json!("eA=="), &json!("y"))
        );
    }

    #[test]
    fn an_empty_file_is_none_and_a_broken_one_is_told_without_quoting_it() {
        assert!(changed("\n").contains("r.example"));
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), r#"{"auths":"canary"}"#).unwrap();
        let error = read(file.path()).unwrap_err();
        assert!(!format!("{error} {error:?}").contains("canary"), "{error}");
    }

    #[test]
    fn dockers_registry_has_a_key_of_its_own() {
        assert_eq!(key("docker.io"), "https://index.docker.io/v1/");
        assert_eq!(url("docker.io", false).unwrap().as_str(), "https://registry-1.docker.io/v2/");
        assert_eq!(key("r.example:5000"), "r.example:5000");
    }
}
