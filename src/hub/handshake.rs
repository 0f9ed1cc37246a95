//! The first record each way: which protocol is spoken.
//!
//! Source: the SignalR Hub Protocol specification, section "Overview" (handshake request and response).

use bytes::Bytes;
use futures::{SinkExt as _, StreamExt as _};
use serde::Deserialize;
use tokio_tungstenite::tungstenite::Message;

use super::HubError;
use super::record::Records;
use super::transport::WebSocket;

const REQUEST: &str = "{\"protocol\":\"json\",\"version\":1}\u{1e}";

#[derive(Deserialize)]
struct Response {
    error: Option<String>,
}

/// Agrees on version 1 of the JSON protocol. Gives what came behind the answer, which is already the protocol's.
pub(super) async fn shake_hands(socket: &mut WebSocket, mut records: Records) -> Result<Records, HubError> {
    let failed = |error| HubError::network("send the handshake", error);
    socket.send(Message::text(REQUEST)).await.map_err(failed)?;
    loop {
        if let Some(record) = records.next()? {
            read(&record)?;
            return Ok(records);
        }
        match socket.next().await {
            Some(Ok(message)) => records.push(payload(message)?.unwrap_or_default()),
            Some(Err(error)) => return Err(HubError::network("read the handshake", error)),
            None => return Err(HubError::network("read the handshake", "the connection was closed")),
        }
    }
}

fn read(record: &[u8]) -> Result<(), HubError> {
    match serde_json::from_slice::<Response>(record) {
        Ok(Response { error: None }) => Ok(()),
        Ok(Response { error: Some(error) }) => Err(HubError::Handshake(error)),
        Err(_) => Err(HubError::Protocol("the answer to the handshake can't be understood".into())),
    }
}

/// The bytes of a WebSocket message that count: JSON may come as text or as binary.
pub(super) fn payload(message: Message) -> Result<Option<Bytes>, HubError> {
    match message {
        Message::Text(text) => Ok(Some(text.into())),
        Message::Binary(bytes) => Ok(Some(bytes)),
        Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => Ok(None),
        Message::Close(frame) => {
            let message = frame.map(|frame| frame.reason.to_string()).unwrap_or_default();
            Err(HubError::Closed { message, allow_reconnect: false })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_answer_is_empty_or_an_error() {
        assert!(read(b"{}").is_ok());
        assert!(read(br#"{"minorVersion":0}"#).is_ok());
        let refused = read(br#"{"error":"The protocol \u0027foo\u0027 is not supported."}"#).unwrap_err();
        assert_eq!(
            refused.to_string(),
            "the hub refused the handshake: The protocol 'foo' is not supported."
        );
        assert!(matches!(read(b"hello"), Err(HubError::Protocol(_))));
    }
}
