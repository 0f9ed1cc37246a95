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
mod tests {
    use serde_json::json;

    use super::*;

    fn problem(record: &str) -> String {
        Message::parse(record.as_bytes()).unwrap_err().to_string()
    }

    #[test]
    fn members_come_in_any_order_and_unknown_ones_are_skipped() {
        let record =
            r#"{"arguments":[{"a": 1},null],"headers":{"x":"y"},"target":"Go","streamIds":["1"],"type":1}"#;
        let Ok(Message::Invocation(invocation)) = Message::parse(record.as_bytes()) else {
            panic!("no invocation")
        };
        assert_eq!(invocation.target, "Go");
        assert_eq!(invocation.invocation_id, None);
        let arguments: Vec<&str> = invocation.arguments.iter().map(|argument| argument.get()).collect();
        assert_eq!(arguments, [r#"{"a": 1}"#, "null"]);
    }

    #[test]
    fn a_completion_without_result_gives_null() {
        for record in [r#"{"type":3,"invocationId":"7"}"#, r#"{"type":3,"invocationId":"7","result":null}"#] {
            let Ok(Message::Completion { result: Ok(result), .. }) = Message::parse(record.as_bytes()) else {
                panic!("no completion")
            };
            assert_eq!(result.get(), "null");
        }
    }

    #[test]
    fn an_error_with_escapes_is_read() {
        let record = r#"{"type":3,"invocationId":"7","error":"can\u0027t"}"#;
        let Ok(Message::Completion { result: Err(error), .. }) = Message::parse(record.as_bytes()) else {
            panic!("no completion")
        };
        assert_eq!(error, "can't");
    }

    #[test]
    fn a_close_allows_reconnecting_only_when_it_says_so() {
        let allowed = |record: &str| match Message::parse(record.as_bytes()) {
            Ok(Message::Close { allow_reconnect, .. }) => allow_reconnect,
            other => panic!("no close: {other:?}"),
        };
        assert!(!allowed(r#"{"type":7}"#));
        assert!(allowed(r#"{"type":7,"error":"x","allowReconnect":true}"#));
    }

    #[test]
    fn messages_nobody_knows_are_ignored() {
        for kind in [2, 4, 5, 8, 9, 42] {
            let record = format!(r#"{{"type":{kind},"invocationId":"1","item":3}}"#);
            assert!(
                matches!(Message::parse(record.as_bytes()), Ok(Message::Ignored(found)) if found == kind)
            );
        }
    }

    #[test]
    fn what_is_no_message_is_named_without_its_content() {
        assert!(problem("{}").contains("no type"));
        assert!(problem(r#"{"type":1,"arguments":[]}"#).contains("no target"));
        assert!(problem(r#"{"type":1,"target":"x"}"#).contains("no arguments"));
        assert!(problem(r#"{"type":3}"#).contains("no invocationId"));
        assert!(problem(r#"{"type":3,"invocationId":"1","result":1,"error":"x"}"#).contains("both"));
        assert!(!problem(r#"{"type":1,"target":"x","arguments":["canary"]"#).contains("canary"));
        assert!(!problem(r#"{"type":"canary"}"#).contains("canary"));
        assert!(Message::parse(b"\xff").unwrap_err().to_string().contains("UTF-8"));
    }

    #[test]
    fn depth_ends_in_an_error_or_in_text_never_in_a_crash() {
        let deep = format!(
            r#"{{"type":1,"target":"x","arguments":[{}{}]}}"#,
            "[".repeat(1 << 20),
            "]".repeat(1 << 20)
        );
        drop(Message::parse(deep.as_bytes()));
    }

    #[test]
    fn our_messages_end_with_the_separator() {
        let call = invocation("1", "Register", &[Value::Null, json!({"a": "\u{1e}"})]);
        assert_eq!(
            call,
            "{\"type\":1,\"invocationId\":\"1\",\"target\":\"Register\",\"arguments\":[null,{\"a\":\"\\u001e\"}]}\u{1e}"
        );
        assert_eq!(
            completion("s1", &Ok(Value::Null)),
            "{\"type\":3,\"invocationId\":\"s1\",\"result\":null}\u{1e}"
        );
        assert_eq!(
            completion("s1", &Err("no".into())),
            "{\"type\":3,\"invocationId\":\"s1\",\"error\":\"no\"}\u{1e}"
        );
        assert_eq!(ping(), "{\"type\":6}\u{1e}");
        assert_eq!(close(), "{\"type\":7}\u{1e}");
    }
}
