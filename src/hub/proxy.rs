//! The way out through an HTTP proxy.
//!
//! Source: RFC 9110, section 9.3.6 (CONNECT). Which proxy serves which host is read from `HTTP_PROXY`, `HTTPS_PROXY`,
//! `ALL_PROXY` and `NO_PROXY`, as the negotiation's HTTP client does.

use base64::Engine as _;
use http::Uri;
use hyper_util::client::proxy::matcher::Intercept;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::HubError;

const CONNECTING: &str = "connect through the proxy";
/// The most we read of a proxy's answer.
const LIMIT: usize = 16 * 1024;

/// Opens a way through a proxy to `authority`, a host and port.
pub(super) async fn tunnel(proxy: &Intercept, authority: &str) -> Result<TcpStream, HubError> {
    let (host, port) = address(proxy.uri())?;
    let failed = |error: std::io::Error| HubError::network(CONNECTING, error);
    let mut stream = TcpStream::connect((host, port)).await.map_err(failed)?;
    let credentials = match proxy.basic_auth().and_then(|header| header.to_str().ok()) {
        Some(credentials) => format!("Proxy-Authorization: {credentials}\r\n"),
        None => proxy.raw_auth().map(basic).unwrap_or_default(),
    };
    let request = format!("CONNECT {authority} HTTP/1.1\r\nHost: {authority}\r\n{credentials}\r\n");
    stream.write_all(request.as_bytes()).await.map_err(failed)?;
    let head = head(&mut stream).await?;
    match status(&head) {
        Some(200..=299) => Ok(stream),
        Some(status) => Err(HubError::Status { what: "the proxy's CONNECT", status, detail: String::new() }),
        None => Err(HubError::network(CONNECTING, "the answer is not HTTP")),
    }
}

fn basic((user, password): (&str, &str)) -> String {
    let credentials = base64::engine::general_purpose::STANDARD.encode(format!("{user}:{password}"));
    format!("Proxy-Authorization: Basic {credentials}\r\n")
}

fn address(proxy: &Uri) -> Result<(&str, u16), HubError> {
    match (proxy.scheme_str(), proxy.host()) {
        (Some("http") | None, Some(host)) => {
            Ok((host.trim_matches(['[', ']']), proxy.port_u16().unwrap_or(80)))
        }
        _ => Err(HubError::network(CONNECTING, "only http:// proxies are supported")),
    }
}

/// Reads byte by byte: what follows the head is no longer the proxy's.
async fn head(stream: &mut TcpStream) -> Result<Vec<u8>, HubError> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let byte = stream.read_u8().await.map_err(|error| HubError::network(CONNECTING, error))?;
        head.push(byte);
        if head.len() > LIMIT {
            return Err(HubError::network(CONNECTING, "the answer does not end"));
        }
    }
    Ok(head)
}

fn status(head: &[u8]) -> Option<u16> {
    let line = head.split(|byte| *byte == b'\r').next()?;
    let mut words = std::str::from_utf8(line).ok()?.split(' ');
    words.next().filter(|version| version.starts_with("HTTP/1."))?;
    words.next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_status_is_read_from_the_first_line() {
        assert_eq!(status(b"HTTP/1.1 200 Connection established\r\n\r\n"), Some(200));
        assert_eq!(status(b"HTTP/1.0 407 \r\nX: y\r\n\r\n"), Some(407));
        assert_eq!(status(b"SSH-2.0\r\n\r\n"), None);
    }

    #[test]
    fn a_proxy_has_a_host_and_port_80_by_default() {
        assert_eq!(address(&Uri::from_static("http://proxy")).unwrap(), ("proxy", 80));
        assert_eq!(address(&Uri::from_static("http://[::1]:3128")).unwrap(), ("::1", 3128));
        assert!(address(&Uri::from_static("https://proxy")).is_err());
    }
}
