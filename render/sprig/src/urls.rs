//! URLs taken apart and put together: the rules of Go's package `net/url`.

mod escaping;
mod host;
mod url;

use gotemplate::FunctionError;
use value::{Kind, Map, Str, Value};

use self::url::Url;

/// The parts of a URL; a text that is none fails.
pub(crate) fn url_parse(text: Str) -> Result<Map, FunctionError> {
    let url = Url::parse(text.as_bytes())
        .map_err(|error| FunctionError::new(format!("unable to parse url: {error}")))?;
    let user_information = url.user_information.as_ref().map(|user| user.to_bytes()).unwrap_or_default();
    let parts = [
        ("scheme", url.scheme.clone()),
        ("hostname", url.hostname().to_vec()),
        ("host", url.host),
        ("path", url.path),
        ("query", url.query),
        ("opaque", url.opaque),
        ("fragment", url.fragment),
        ("userinfo", user_information),
    ];
    Ok(parts.into_iter().map(|(name, part)| (name, Value::Str(part.into()))).collect())
}

/// The URL of such parts; what is missing is empty.
pub(crate) fn url_join(parts: Map) -> Result<Str, FunctionError> {
    let mut url = Url {
        scheme: part(&parts, "scheme")?,
        host: part(&parts, "host")?,
        path: part(&parts, "path")?,
        query: part(&parts, "query")?,
        opaque: part(&parts, "opaque")?,
        fragment: part(&parts, "fragment")?,
        ..Url::default()
    };
    let user_information = part(&parts, "userinfo")?;
    if !user_information.is_empty() {
        let text = [b"proto://", user_information.as_slice(), b"@host"].concat();
        let parsed = Url::parse(&text);
        let unable = |error| FunctionError::new(format!("unable to parse userinfo in dict: {error}"));
        url.user_information = parsed.map_err(unable)?.user_information;
    }
    Ok(Str::from(url.to_bytes()))
}

fn part(parts: &Map, name: &str) -> Result<Vec<u8>, FunctionError> {
    match parts.get(name) {
        None => Ok(Vec::new()),
        Some(Value::Str(text)) => Ok(text.as_bytes().to_vec()),
        Some(Value::Nil) => Err(crate::panic::nil_dereference()),
        Some(other) => Err(wrong_kind(name, other.kind())),
    }
}

fn wrong_kind(name: &str, kind: Kind) -> FunctionError {
    FunctionError::new(format!("unable to parse {name} key, must be of type string, but {kind} found"))
}
