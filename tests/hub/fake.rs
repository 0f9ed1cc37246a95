//! A hub that does as it is told: HTTP answers from a function, WebSockets driven by the test.

use std::sync::{Arc, Mutex};

use futures::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio_rustls::TlsAcceptor;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};
use url::Url;

pub(crate) trait Wire: AsyncRead + AsyncWrite + Send + Unpin {}
impl<S: AsyncRead + AsyncWrite + Send + Unpin> Wire for S {}

/// Answers a request, head and body as text, with status and body; `None` for what a hub would do.
pub(crate) type Answers = Arc<dyn Fn(&str) -> Option<(u16, String)> + Send + Sync>;

pub(crate) struct FakeHub {
    pub(crate) url: Url,
    requests: Arc<Mutex<Vec<String>>>,
    peers: mpsc::UnboundedReceiver<Peer>,
}

/// The server's end of a WebSocket.
pub(crate) struct Peer {
    pub(crate) socket: WebSocketStream<Box<dyn Wire>>,
    records: std::collections::VecDeque<String>,
}

impl FakeHub {
    pub(crate) async fn start() -> Self {
        Self::start_with(Arc::new(|_| None), None).await
    }

    pub(crate) async fn answering(
        answers: impl Fn(&str) -> Option<(u16, String)> + Send + Sync + 'static,
    ) -> Self {
        Self::start_with(Arc::new(answers), None).await
    }

    pub(crate) async fn start_with(answers: Answers, tls: Option<TlsAcceptor>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let scheme = if tls.is_some() { "https://localhost" } else { "http://127.0.0.1" };
        let port = listener.local_addr().unwrap().port();
        let url = Url::parse(&format!("{scheme}:{port}/operatorHub")).unwrap();
        let (sender, peers) = mpsc::unbounded_channel();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&requests);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (answers, tls) = (Arc::clone(&answers), tls.clone());
                tokio::spawn(serve(stream, tls, answers, Arc::clone(&seen), sender.clone()));
            }
        });
        Self { url, requests, peers }
    }

    /// The next WebSocket.
    pub(crate) async fn accept(&mut self) -> Peer {
        self.peers.recv().await.unwrap()
    }

    /// The next WebSocket, after the handshake.
    pub(crate) async fn connected(&mut self) -> Peer {
        let mut peer = self.accept().await;
        assert_eq!(peer.read().await, json!({"protocol": "json", "version": 1}));
        peer.send("{}\u{1e}").await;
        peer
    }

    pub(crate) fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}

async fn serve(
    stream: TcpStream,
    tls: Option<TlsAcceptor>,
    answers: Answers,
    seen: Arc<Mutex<Vec<String>>>,
    peers: mpsc::UnboundedSender<Peer>,
) {
    let mut stream: Box<dyn Wire> = match tls {
        None => Box::new(stream),
        Some(tls) => match tls.accept(stream).await {
            Ok(stream) => Box::new(stream),
            Err(_) => return,
        },
    };
    let request = read_request(&mut stream).await;
    seen.lock().unwrap().push(request.clone());
    let key = header(&request, "sec-websocket-key");
    let (status, body) = match (answers(&request), &key) {
        (Some(answer), _) => answer,
        (None, Some(key)) => {
            let accept = derive_accept_key(key.as_bytes());
            let head = format!(
                "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: {accept}\r\n\r\n"
            );
            stream.write_all(head.as_bytes()).await.unwrap();
            let config = WebSocketConfig::default().max_message_size(None).max_frame_size(None);
            let socket = WebSocketStream::from_raw_socket(stream, Role::Server, Some(config)).await;
            let _ = peers.send(Peer { socket, records: std::collections::VecDeque::new() });
            return;
        }
        (None, None) => (200, negotiated(1)),
    };
    let head = format!("HTTP/1.1 {status} X\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
    stream.write_all(head.as_bytes()).await.unwrap();
    let _ = stream.write_all(body.as_bytes()).await;
    let _ = stream.shutdown().await;
}

/// What a hub answers to a negotiation.
pub(crate) fn negotiated(version: u32) -> String {
    let transports = json!([{"transport": "WebSockets", "transferFormats": ["Text", "Binary"]}]);
    match version {
        0 => json!({"connectionId": "the-id", "availableTransports": transports}).to_string(),
        _ => json!({
            "negotiateVersion": 1, "connectionId": "the-id", "connectionToken": "the-token",
            "availableTransports": transports,
        })
        .to_string(),
    }
}

async fn read_request(stream: &mut Box<dyn Wire>) -> String {
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => request.push(byte),
            Err(_) => break,
        }
    }
    let head = String::from_utf8(request).unwrap();
    let length = header(&head, "content-length").map_or(0, |length| length.parse().unwrap());
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.unwrap();
    head + &String::from_utf8(body).unwrap()
}

/// A header of a request.
pub(crate) fn header(request: &str, name: &str) -> Option<String> {
    request.lines().skip(1).find_map(|line| {
        let (found, value) = line.split_once(':')?;
        found.eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
    })
}

impl Peer {
    /// Sends a text message.
    pub(crate) async fn send(&mut self, text: &str) {
        self.socket.send(Message::text(text)).await.unwrap();
    }

    /// Sends one record.
    pub(crate) async fn tell(&mut self, record: Value) {
        self.send(&format!("{record}\u{1e}")).await;
    }

    pub(crate) async fn call(&mut self, target: &str, arguments: Value) {
        self.tell(json!({"type": 1, "target": target, "arguments": arguments})).await;
    }

    /// The next record that is no ping.
    pub(crate) async fn read(&mut self) -> Value {
        loop {
            let record = self.read_any().await.expect("the client has gone");
            if record != json!({"type": 6}) {
                return record;
            }
        }
    }

    /// The next record, or nothing when the client has closed the connection.
    pub(crate) async fn read_any(&mut self) -> Option<Value> {
        while self.records.is_empty() {
            match self.socket.next().await? {
                Ok(Message::Text(text)) => {
                    assert!(text.ends_with('\u{1e}'));
                    self.records.extend(text.split_terminator('\u{1e}').map(ToOwned::to_owned));
                }
                Ok(_) => {}
                Err(_) => return None,
            }
        }
        self.records.pop_front().map(|record| serde_json::from_str(&record).unwrap())
    }

    /// Reads an invocation and completes it; gives its target and arguments.
    pub(crate) async fn complete(&mut self, result: Value) -> (String, Value) {
        let call = self.read().await;
        assert_eq!(call["type"], 1, "{call}");
        let mut completion = json!({"type": 3, "invocationId": call["invocationId"]});
        completion.as_object_mut().unwrap().extend(result.as_object().unwrap().clone());
        self.tell(completion).await;
        (call["target"].as_str().unwrap().to_owned(), call["arguments"].clone())
    }
}
