//! The messages of the hub protocol, as JSON.
//!
//! Source: the SignalR Hub Protocol specification (dotnet/aspnetcore, `HubProtocol.md`), version 1, and what ASP.NET
//! Core 3.1 and 9 were seen to send. Streams are read only so far that they do no harm: we never ask for one.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;

use super::HubError;

/// A message from the server.
#[derive(Debug)]
pub(super) enum Message {
    /// Type 1: the server calls us.
    Invocation(Invocation),
    /// Type 3: the end of an invocation of ours.
    Completion {
        /// Which one.
        invocation_id: String,
        /// What it gave (`null` when nothing), or the server's error text.
        result: Result<Box<RawValue>, String>,
    },
    /// Type 6: the server is alive.
    Ping,
    /// Type 7: the server closes the connection.
    Close {
        /// Why.
        error: Option<String>,
        /// Whether we are welcome to come back at once. When absent: no.
        allow_reconnect: bool,
    },
    /// Types 2, 4 and 5, which a server has no reason to send us, and every type that is not known: to be ignored.
    Ignored(u64),
}

/// A call of the server.
#[derive(Debug)]
pub(super) struct Invocation {
    /// Present when the server waits for a result.
    pub(super) invocation_id: Option<String>,
    /// The method.
    pub(super) target: String,
    /// The arguments, each as the JSON text it came as.
    pub(super) arguments: Vec<Box<RawValue>>,
}

/// All members of all messages. Their order is free, and members that are not known are skipped.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Envelope<'a> {
    r#type: Option<u64>,
    invocation_id: Option<String>,
    target: Option<String>,
    #[serde(borrow)]
    arguments: Option<Vec<&'a RawValue>>,
    #[serde(borrow)]
    result: Option<&'a RawValue>,
    error: Option<Cow<'a, str>>,
    #[serde(default)]
    allow_reconnect: bool,
}

impl Message {
    /// Reads one record.
    pub(super) fn parse(record: &[u8]) -> Result<Self, HubError> {
        let text = std::str::from_utf8(record).map_err(|_| broken("a message is not UTF-8"))?;
        // serde_json's text may quote the message, which may hold secrets: only the place is told.
        let envelope: Envelope<'_> = serde_json::from_str(text).map_err(|error| {
            broken(&format!(
                "a message is no JSON, or not what the protocol describes, at byte {}",
                error.column()
            ))
        })?;
        match envelope.r#type.ok_or_else(|| broken("a message has no type"))? {
            1 => envelope.invocation(),
            3 => envelope.completion(),
            6 => Ok(Self::Ping),
            7 => Ok(Self::Close {
                error: envelope.error.map(Cow::into_owned),
                allow_reconnect: envelope.allow_reconnect,
            }),
            other => Ok(Self::Ignored(other)),
        }
    }
}

impl Envelope<'_> {
    fn invocation(self) -> Result<Message, HubError> {
        let target = self.target.ok_or_else(|| broken("an invocation has no target"))?;
        let arguments = self.arguments.ok_or_else(|| broken("an invocation has no arguments"))?;
        Ok(Message::Invocation(Invocation {
            invocation_id: self.invocation_id,
            target,
            arguments: arguments.into_iter().map(ToOwned::to_owned).collect(),
        }))
    }

    fn completion(self) -> Result<Message, HubError> {
        let invocation_id = self.invocation_id.ok_or_else(|| broken("a completion has no invocationId"))?;
        let result = match (self.result, self.error) {
            (Some(_), Some(_)) => return Err(broken("a completion has both a result and an error")),
            (None, Some(error)) => Err(error.into_owned()),
            (Some(result), None) => Ok(result.to_owned()),
            (None, None) => Ok(RawValue::NULL.to_owned()),
        };
        Ok(Message::Completion { invocation_id, result })
    }
}

fn broken(problem: &str) -> HubError {
    HubError::Protocol(problem.to_owned())
}

/// A message of ours. A separator is added when it is written.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Outgoing<'a> {
    r#type: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    invocation_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    target: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    arguments: Option<&'a [Value]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    result: Option<&'a Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'a str>,
}

impl Outgoing<'_> {
    fn of_type(kind: u64) -> Self {
        Self { r#type: kind, invocation_id: None, target: None, arguments: None, result: None, error: None }
    }

    fn record(&self) -> String {
        // Serializing can't fail: the members are text and JSON values, and map keys are strings.
        let mut record = serde_json::to_string(self).unwrap_or_default();
        record.push(char::from(super::record::SEPARATOR));
        record
    }
}

/// A call of a method of the hub, answered by a completion.
pub(super) fn invocation(invocation_id: &str, target: &str, arguments: &[Value]) -> String {
    let message = Outgoing::of_type(1);
    let arguments = Some(arguments);
    Outgoing { invocation_id: Some(invocation_id), target: Some(target), arguments, ..message }.record()
}

/// The answer to a call of the server: its result, or why there is none.
pub(super) fn completion(invocation_id: &str, result: &Result<Value, String>) -> String {
    let message = Outgoing { invocation_id: Some(invocation_id), ..Outgoing::of_type(3) };
    match result {
        Ok(result) => Outgoing { result: Some(result), ..message }.record(),
        Err(error) => Outgoing { error: Some(error), ..message }.record(),
    }
}

/// A sign of life.
pub(super) fn ping() -> String {
    Outgoing::of_type(6).record()
}

/// Good-bye.
pub(super) fn close() -> String {
    Outgoing::of_type(7).record()
}

#[cfg(test)]
mod tests;
