//! What a registry says when it does not do what it is asked for, in the words of Helm's client.

use http::Method;
use reqwest::Response;
use value::Value;
use value::format::sprint;

use crate::source::SourceError;
use crate::source::error::shown;
use crate::source::http::whole_body;

/// The longest answer that is read.
const MAX_BYTES: u64 = 8 * 1024;

/// The error for an answer that is not what was asked for. The URL is shown without its query.
pub(super) async fn read(method: &Method, response: Response) -> SourceError {
    let asked = shown(response.url());
    read_of(method, asked, response).await
}

/// As [`read`], with the URL as it is to be shown.
pub(super) async fn read_of(method: &Method, asked: String, response: Response) -> SourceError {
    let (url, status) = (response.url().clone(), response.status());
    let told = whole_body(response, &url, MAX_BYTES).await.ok().and_then(|body| told(&body));
    let problem = told.unwrap_or_else(|| status.canonical_reason().unwrap_or_default().to_owned());
    SourceError::OciRefused { method: method.clone(), url: asked, status, problem }
}

/// The errors in the body, as the distribution specification has them.
fn told(body: &[u8]) -> Option<String> {
    let answer = value::json::from_slice(body).ok()?;
    let errors = answer.as_map()?.get("errors")?;
    let texts: Vec<String> = errors.as_list()?.iter().filter_map(error).collect();
    (!texts.is_empty()).then(|| texts.join("; "))
}

fn error(item: &Value) -> Option<String> {
    let map = item.as_map()?;
    let text = |name: &str| map.get(name).and_then(|text| text.as_string().map(ToString::to_string));
    let code = text("code").unwrap_or_default().to_lowercase().replace('_', " ");
    let message = text("message").unwrap_or_default();
    let detail = map.get("detail").filter(|detail| !detail.is_nil());
    Some(match (message.as_str(), detail) {
        ("", _) => code,
        (message, None) => format!("{code}: {message}"),
        (message, Some(detail)) => {
            format!("{code}: {message}: {}", String::from_utf8_lossy(&sprint(&[detail])))
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_read_as_helms_client_prints_them() {
        let body = br#"{"errors":[{"code":"NAME_UNKNOWN","message":"no such name","detail":[{"Name":"a","Class":""}]},
            {"code":"DENIED"}]}"#;
        assert_eq!(told(body).as_deref(), Some("name unknown: no such name: [map[Class: Name:a]]; denied"));
        assert_eq!(told(b"<html>"), None);
        assert_eq!(told(br#"{"errors":[]}"#), None);
    }
}
