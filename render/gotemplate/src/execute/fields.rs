//! Fields, keys and methods.

use std::borrow::Cow;

use value::{CallError, ElementType, Kind, Map, ObjectRef, Value, format};

use super::rounds::of_element;
use super::walk::{At, Result, Runner};
use crate::parse::{Operand, Span};
use crate::{Cause, FunctionError, MissingKey, ParameterType, Reflected};

impl<'t> Runner<'t, '_> {
    /// `.X.Y.Z`, the last of which may be a method that takes the arguments.
    pub(super) fn chain(
        &mut self,
        dot: &Reflected,
        receiver: Cow<'_, Reflected>,
        node: &'t Operand,
        fields: Span,
        arguments: &'t [Operand],
        mut last: Option<Reflected>,
    ) -> Result<Reflected> {
        let mut receiver = receiver;
        let mut rest = self.text(fields);
        while let Some((_, names)) = rest.split_first() {
            let end = names.iter().position(|byte| *byte == b'.').unwrap_or(names.len());
            let (name, after) = names.split_at(end);
            let (arguments, last) = if after.is_empty() { (arguments, last.take()) } else { (&[][..], None) };
            receiver = Cow::Owned(self.field(dot, &receiver, node, name, arguments, last)?);
            rest = after;
        }
        Ok(receiver.into_owned())
    }

    fn field(
        &mut self,
        dot: &Reflected,
        receiver: &Reflected,
        node: &'t Operand,
        name: &[u8],
        arguments: &'t [Operand],
        last: Option<Reflected>,
    ) -> Result<Reflected> {
        if let Some(method) = methods_of(receiver.value()).and_then(|kind| self.templates.method(kind, name))
        {
            let bound = Some(Reflected::concrete(receiver.value().clone()));
            return self.call(dot, method, At::Operand(node), name, bound, arguments, last);
        }
        let has_arguments = !arguments.is_empty() || last.is_some();
        match receiver.value() {
            Value::Nil if receiver.is_interface() => {
                let name = String::from_utf8_lossy(name);
                Err(self.error(format!("nil pointer evaluating interface {{}}.{name}")))
            }
            Value::Nil if self.templates.missing_key() == MissingKey::Error => {
                Err(self.error(format!("nil data; no entry for key {}", format::quote(name))))
            }
            Value::Nil => Ok(Reflected::INVALID),
            Value::Map(_) if has_arguments => {
                let name = String::from_utf8_lossy(name);
                Err(self.error(format!("{name} is not a method but has arguments")))
            }
            Value::Map(map) => self.entry(map, name),
            Value::Object(object) => {
                let name = String::from_utf8_lossy(name);
                self.member(dot, object, &receiver.type_name(), node, &name, arguments, last)
            }
            _ => Err(self.cannot_evaluate(&String::from_utf8_lossy(name), &receiver.type_name())),
        }
    }

    fn cannot_evaluate(&self, name: &str, type_name: &str) -> Box<crate::Failure> {
        self.error(format!("can't evaluate field {name} in type {type_name}"))
    }

    fn entry(&self, map: &Map, name: &[u8]) -> Result<Reflected> {
        let element = map.element();
        match (map.get(name), self.templates.missing_key()) {
            (Some(value), _) => Ok(of_element(value, element)),
            (None, MissingKey::Invalid) => Ok(Reflected::INVALID),
            (None, MissingKey::Zero) => Ok(of_element(Value::zero(element), element)),
            (None, MissingKey::Error) => {
                Err(self.error(format!("map has no entry for key {}", format::quote(name))))
            }
        }
    }

    /// A method or a field of an object.
    #[expect(clippy::too_many_arguments, reason = "as many as evaluating a field takes in Go")]
    fn member(
        &mut self,
        dot: &Reflected,
        object: &ObjectRef,
        type_name: &str,
        node: &'t Operand,
        name: &str,
        arguments: &'t [Operand],
        last: Option<Reflected>,
    ) -> Result<Reflected> {
        let has_arguments = !arguments.is_empty() || last.is_some();
        if let Some(result) = object.call(name, &[]) {
            let result = if has_arguments {
                let mut values = Vec::with_capacity(arguments.len() + 1);
                for argument in arguments {
                    values.push(self.argument(dot, ParameterType::Interface, argument)?.into_value());
                }
                values.extend(last.map(Reflected::into_value));
                object.call(name, &values).unwrap_or(result)
            } else {
                result
            };
            return result.map(of_unknown_type).map_err(|error| self.method_failed(node, name, error));
        }
        let field =
            matches!(object.kind(), Kind::Struct | Kind::Pointer).then(|| object.field(name)).flatten();
        match field {
            Some(_) if has_arguments => {
                Err(self.error(format!("{name} has arguments but cannot be invoked as function")))
            }
            Some(value) => Ok(of_unknown_type(value)),
            None => Err(self.cannot_evaluate(name, type_name)),
        }
    }

    fn method_failed(&mut self, node: &'t Operand, name: &str, error: CallError) -> Box<crate::Failure> {
        match error {
            CallError::Failed(message) => {
                self.stand(At::Operand(node));
                let source = FunctionError::Failed(message);
                self.failure(Cause::Function { function: name.to_owned(), source })
            }
            error => self.error(error.to_string()),
        }
    }
}

/// A value whose static type an object does not tell: nil is taken for a nil `interface {}`.
fn of_unknown_type(value: Value) -> Reflected {
    if value.is_nil() { Reflected::interface(value) } else { Reflected::concrete(value) }
}

/// The name of the type whose methods a value has.
fn methods_of(value: &Value) -> Option<&str> {
    match value {
        Value::Map(map) => map.map_type().name,
        Value::Object(object) => Some(object.type_name()),
        Value::List(list) => match list.element() {
            ElementType::StringOf(name) => Some(name),
            _ => None,
        },
        _ => None,
    }
}
