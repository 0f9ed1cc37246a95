//! JSON objects as they stand: members in order, values unread.
//!
//! A record is rewritten many times by whoever marks it superseded. Members nobody here knows must survive that,
//! and a chart of a megabyte need not be understood for it.

use std::fmt;

use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;
use value::Value;
use value::json::{EncodeError, Style};

/// The members of one JSON object, in the order they were written.
#[derive(Clone, Debug, Default)]
pub(crate) struct Members(Vec<(String, Box<RawValue>)>);

impl Members {
    /// Takes out a member and reads it; absent and `null` are both `None`.
    pub(super) fn take<T: serde::de::DeserializeOwned>(
        &mut self,
        name: &'static str,
    ) -> Result<Option<T>, MemberError> {
        let Some(raw) = self.take_raw(name) else { return Ok(None) };
        serde_json::from_str(raw.get()).map_err(|source| MemberError { name, problem: source.to_string() })
    }

    /// A member unread; the last one where there are several.
    pub(super) fn raw(&self, name: &str) -> Option<&str> {
        self.0.iter().rfind(|(member, _)| member == name).map(|(_, raw)| raw.get())
    }

    /// Gives a member another value, in its place; one that is not there stays away.
    pub(super) fn replace(&mut self, name: &str, json: &RawValue) {
        for (_, raw) in self.0.iter_mut().filter(|(member, _)| member == name) {
            *raw = json.to_owned();
        }
    }

    /// The object as JSON.
    pub(super) fn to_raw(&self) -> Result<Box<RawValue>, serde_json::Error> {
        RawValue::from_string(ObjectWriter::new().finish(self))
    }

    /// Adds a member at the end.
    pub(super) fn push(&mut self, name: &str, json: Box<RawValue>) {
        self.0.push((name.to_owned(), json));
    }

    /// Takes out a member unread; the last one where there are several, as Go's decoder does.
    pub(super) fn take_raw(&mut self, name: &str) -> Option<Box<RawValue>> {
        let at = self.0.iter().rposition(|(member, _)| member == name)?;
        let (_, raw) = self.0.remove(at);
        self.0.retain(|(member, _)| member != name);
        Some(raw)
    }

    /// Takes out a member with Go's kinds: every number a `float64`.
    pub(super) fn take_value(&mut self, name: &'static str) -> Result<Option<Value>, MemberError> {
        let Some(raw) = self.take_raw(name) else { return Ok(None) };
        let read = value::json::from_slice(raw.get().as_bytes());
        read.map(Some).map_err(|source| MemberError { name, problem: source.to_string() })
    }
}

/// A member whose value is not what it should be.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
#[error("{name}: {problem}")]
pub struct MemberError {
    /// The member's name.
    pub name: &'static str,
    /// What is wrong with it.
    pub problem: String,
}

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;
        impl<'de> Visitor<'de> for Object {
            type Value = Members;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(Object)
    }
}

/// Prints an object as Go's `json.Marshal` does.
#[derive(Debug)]
pub(super) struct ObjectWriter {
    out: Vec<u8>,
}

impl ObjectWriter {
    pub(super) fn new() -> Self {
        Self { out: b"{".to_vec() }
    }

    fn name(&mut self, name: &str) {
        if self.out.len() > 1 {
            self.out.push(b',');
        }
        value::json::append_string(&mut self.out, name.as_bytes(), true);
        self.out.push(b':');
    }

    /// A member whose value is JSON already.
    pub(super) fn raw(&mut self, name: &str, json: &str) {
        self.name(name);
        self.out.extend_from_slice(json.as_bytes());
    }

    /// A string.
    pub(super) fn text(&mut self, name: &str, text: &str) {
        self.name(name);
        value::json::append_string(&mut self.out, text.as_bytes(), true);
    }

    /// A string that is left out where it is empty.
    pub(super) fn text_unless_empty(&mut self, name: &str, text: &str) {
        if !text.is_empty() {
            self.text(name, text);
        }
    }

    /// An integer that is left out where it is zero.
    pub(super) fn number_unless_zero(&mut self, name: &str, number: i64) {
        if number != 0 {
            self.raw(name, &number.to_string());
        }
    }

    /// A list of strings that is left out where it is empty.
    pub(super) fn texts_unless_empty(&mut self, name: &str, texts: &[String]) {
        if texts.is_empty() {
            return;
        }
        self.name(name);
        for (index, text) in texts.iter().enumerate() {
            self.out.push(if index == 0 { b'[' } else { b',' });
            value::json::append_string(&mut self.out, text.as_bytes(), true);
        }
        self.out.push(b']');
    }

    /// Any value.
    pub(super) fn value(&mut self, name: &str, value: &Value) -> Result<(), EncodeError> {
        self.name(name);
        value::json::write(&mut self.out, value, Style::MARSHAL)
    }

    /// The members that were read and not understood, and the closing brace.
    pub(super) fn finish(mut self, unknown: &Members) -> String {
        for (name, raw) in &unknown.0 {
            self.raw(name, raw.get());
        }
        self.out.push(b'}');
        String::from_utf8_lossy(&self.out).into_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_members_survive_as_they_were() {
        let mut members: Members = serde_json::from_str(r#"{"a":1,"b":{"x":1.50,"x":2},"c":null}"#).unwrap();
        assert_eq!(members.take::<i64>("a"), Ok(Some(1)));
        assert_eq!(members.take::<i64>("c"), Ok(None));
        let mut writer = ObjectWriter::new();
        writer.text("name", "<&>");
        assert_eq!(writer.finish(&members), r#"{"name":"\u003c\u0026\u003e","b":{"x":1.50,"x":2}}"#);
    }

    #[test]
    fn a_member_of_the_wrong_type_is_named() {
        let mut members: Members = serde_json::from_str(r#"{"a":"text"}"#).unwrap();
        assert!(members.take::<i64>("a").unwrap_err().to_string().starts_with("a: invalid type: string"));
    }
}
