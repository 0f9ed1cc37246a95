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
    use hyper_util::client::proxy::matcher::Matcher;
    use tokio::net::TcpListener;

    use super::*;

    /// Asks a proxy that gives this answer; what it was asked, and what came of it.
    async fn asked(answer: &'static str) -> (String, Result<TcpStream, HubError>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let proxy = format!("http://user:canary@{}", listener.local_addr().unwrap());
        let matcher = Matcher::builder().all(proxy).build();
        let proxy = matcher.intercept(&Uri::from_static("https://hub.example/")).unwrap();
        let server = async {
            let (mut stream, _) = listener.accept().await.unwrap();
            let request = head(&mut stream).await.unwrap();
            stream.write_all(answer.as_bytes()).await.unwrap();
            String::from_utf8(request).unwrap()
        };
        tokio::join!(server, tunnel(&proxy, "hub.example:443"))
    }

    #[tokio::test]
    async fn a_tunnel_is_asked_for_with_credentials_and_leaves_what_follows() {
        let (request, stream) = asked("HTTP/1.1 200 OK\r\nVia: x\r\n\r\nrest").await;
        assert!(
            request.starts_with("CONNECT hub.example:443 HTTP/1.1\r\nHost: hub.example:443\r\n"),
            "{request}"
        );
        assert!(request.contains("\r\nProxy-Authorization: Basic dXNlcjpjYW5hcnk=\r\n"), "{request}");
        let mut rest = String::new();
        stream.unwrap().read_to_string(&mut rest).await.unwrap();
        assert_eq!(rest, "rest");
    }

    #[tokio::test]
    async fn a_proxy_that_refuses_is_shown_without_credentials() {
        let (_, refused) = asked("HTTP/1.1 407 Who?\r\n\r\n").await;
        assert_eq!(refused.unwrap_err().to_string(), "the proxy's CONNECT was answered with HTTP 407");
    }

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
