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
        assert!(matches!(Message::parse(record.as_bytes()), Ok(Message::Ignored(found)) if found == kind));
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
    let deep =
        format!(r#"{{"type":1,"target":"x","arguments":[{}{}]}}"#, "[".repeat(1 << 20), "]".repeat(1 << 20));
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
