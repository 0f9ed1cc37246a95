//! What Go's `reflect.Value` knows beyond the value: whether its static type is `interface {}`.

use std::borrow::Cow;

use value::{Kind, Value};

/// A value as execution passes it on: Go's `reflect.Value`.
///
/// An entry of a `map[string]interface {}` has the static type `interface {}`, the result of `upper` has the type
/// `string`. Error texts and the rules for nil depend on it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reflected {
    value: Value,
    interface: bool,
}

impl Reflected {
    /// Go's zero `reflect.Value`: no value at all.
    pub const INVALID: Reflected = Reflected { value: Value::Nil, interface: false };

    /// A value of its own type; nil becomes [`Self::INVALID`], as with Go's `reflect.ValueOf`.
    pub fn concrete(value: Value) -> Self {
        Self { value, interface: false }
    }

    /// A value of the static type `interface {}`, which may be nil.
    pub fn interface(value: Value) -> Self {
        Self { value, interface: true }
    }

    /// Whether there is a value; a nil `interface {}` counts as one.
    pub fn is_valid(&self) -> bool {
        self.interface || !self.value.is_nil()
    }

    /// Whether the static type is `interface {}`.
    pub fn is_interface(&self) -> bool {
        self.interface
    }

    /// The value, whatever its static type.
    pub fn value(&self) -> &Value {
        &self.value
    }

    /// The value, whatever its static type.
    pub fn into_value(self) -> Value {
        self.value
    }

    /// The value inside an interface, under its own type; nil becomes [`Self::INVALID`].
    pub fn into_concrete(self) -> Self {
        Self::concrete(self.value)
    }

    /// The kind of the concrete value.
    pub fn kind(&self) -> Kind {
        self.value.kind()
    }

    /// Go's name of the static type.
    pub fn type_name(&self) -> Cow<'_, str> {
        if self.interface { Cow::Borrowed("interface {}") } else { self.value.type_name() }
    }
}

impl From<Value> for Reflected {
    fn from(value: Value) -> Self {
        Self::concrete(value)
    }
}
