//! The life of one connection: reading, writing, pings, and its end.

use std::sync::Arc;

use bytes::Bytes;
use futures::stream::{SplitSink, SplitStream};
use futures::{SinkExt as _, StreamExt as _};
use tokio::sync::mpsc;
use tokio::time::{Duration, Instant, sleep, timeout, timeout_at};
use tokio_tungstenite::tungstenite;
use tokio_util::sync::CancellationToken;

use super::activity::LastByte;
use super::callback::{self, HubHandler};
use super::dispatch::Dispatcher;
use super::handshake::payload;
use super::message::{self, Message};
use super::record::Records;
use super::transport::WebSocket;
use super::{Connection, HubError};

/// How long the server may take to agree that the connection is over.
const FAREWELL: Duration = Duration::from_secs(2);

/// A connection after the handshake.
pub(super) struct Session {
    pub(super) socket: WebSocket,
    pub(super) last_byte: LastByte,
    pub(super) records: Records,
    pub(super) connection: Connection,
    /// What is to be written.
    pub(super) outgoing: mpsc::Receiver<String>,
    pub(super) keep_alive: Duration,
    pub(super) server_timeout: Duration,
    pub(super) handler: Arc<dyn HubHandler>,
    pub(super) dispatcher: Dispatcher,
    /// Ends the session politely.
    pub(super) closing: CancellationToken,
}

impl Session {
    /// Reads and writes until the connection ends, and says why it did.
    pub(super) async fn run(self) -> HubError {
        let Self { socket, last_byte, mut records, connection, outgoing, keep_alive, closing, .. } = self;
        let (mut sink, mut stream) = socket.split();
        let reader = Reader {
            connection: &connection,
            handler: &self.handler,
            dispatcher: &self.dispatcher,
            last_byte,
            server_timeout: self.server_timeout,
        };
        let ended = tokio::select! {
            ended = reader.read(&mut stream, &mut records) => ended,
            ended = write(&mut sink, outgoing, keep_alive, &closing) => ended,
        };
        connection.lose();
        let farewell = async {
            let _ = sink.close().await;
            while let Some(Ok(_)) = stream.next().await {}
        };
        let _ = timeout(FAREWELL, farewell).await;
        ended
    }
}

struct Reader<'a> {
    connection: &'a Connection,
    handler: &'a Arc<dyn HubHandler>,
    dispatcher: &'a Dispatcher,
    last_byte: LastByte,
    server_timeout: Duration,
}

impl Reader<'_> {
    async fn read(&self, stream: &mut SplitStream<WebSocket>, records: &mut Records) -> HubError {
        loop {
            if let Err(ended) = self.take_all(records).await {
                return ended;
            }
            match self.next(stream).await {
                Ok(piece) => records.push(piece),
                Err(ended) => return ended,
            }
        }
    }

    /// The next bytes. Time passes for the server only while we listen.
    async fn next(&self, stream: &mut SplitStream<WebSocket>) -> Result<Bytes, HubError> {
        let listening_since = Instant::now();
        loop {
            let deadline = self.last_byte.at().max(listening_since) + self.server_timeout;
            match timeout_at(deadline, stream.next()).await {
                Ok(Some(Ok(message))) => {
                    if let Some(bytes) = payload(message)? {
                        return Ok(bytes);
                    }
                }
                Ok(Some(Err(error))) => return Err(broken(error)),
                Ok(None) => return Err(HubError::network("read from the hub", "the connection was closed")),
                Err(_) if self.last_byte.at() + self.server_timeout > deadline => {}
                Err(_) => {
                    return Err(HubError::TimedOut {
                        what: "a sign of life from the hub",
                        after: self.server_timeout,
                    });
                }
            }
        }
    }

    async fn take_all(&self, records: &mut Records) -> Result<(), HubError> {
        while let Some(record) = records.next()? {
            match Message::parse(&record)? {
                Message::Invocation(call) => {
                    let bytes = record.len();
                    drop(record);
                    let outgoing = self.connection.outgoing();
                    callback::accept(self.handler, self.dispatcher, outgoing, call, bytes).await;
                }
                Message::Completion { invocation_id, result } => {
                    self.connection.complete(&invocation_id, result)
                }
                Message::Ping => {}
                Message::Close { error, allow_reconnect } => {
                    return Err(HubError::Closed { message: error.unwrap_or_default(), allow_reconnect });
                }
                Message::Ignored(kind) => tracing::debug!(kind, "ignored a message of the hub"),
            }
        }
        Ok(())
    }
}

/// Writes what there is, and pings when there has been nothing for a while.
async fn write(
    sink: &mut SplitSink<WebSocket, tungstenite::Message>,
    mut outgoing: mpsc::Receiver<String>,
    keep_alive: Duration,
    closing: &CancellationToken,
) -> HubError {
    loop {
        let record = tokio::select! {
            biased;
            Some(record) = outgoing.recv() => record,
            () = closing.cancelled() => {
                let good_bye = tungstenite::Message::text(message::close());
                // Whether it arrives or not, this is the end.
                let _ = timeout(FAREWELL, sink.send(good_bye)).await;
                return HubError::Stopped;
            }
            () = sleep(keep_alive) => message::ping(),
        };
        if let Err(error) = sink.send(tungstenite::Message::text(record)).await {
            return HubError::network("write to the hub", error);
        }
    }
}

fn broken(error: tungstenite::Error) -> HubError {
    use tungstenite::error::CapacityError;
    match error {
        tungstenite::Error::Capacity(CapacityError::MessageTooLong { size, max_size }) => {
            HubError::TooLarge { bytes: size, limit: max_size }
        }
        error => HubError::network("read from the hub", error),
    }
}
