//! The one value type.

use std::borrow::Cow;
use std::sync::Arc;

use crate::{ElementType, IntType, Kind, List, Map, Object, ObjectRef, Str, UintType};

/// A Go value as templates see it. Cloning is cheap: everything large is shared.
#[derive(Clone, Debug, Default)]
pub enum Value {
    /// The untyped nil (`null` in YAML and JSON, and what a missing key gives).
    #[default]
    Nil,
    /// `bool`
    Bool(bool),
    /// A signed integer and its type.
    Int(IntType, i64),
    /// An unsigned integer and its type.
    Uint(UintType, u64),
    /// `float64`: every number from YAML and JSON
    Float(f64),
    /// `complex128`: only from template constants such as `1i`
    Complex(f64, f64),
    /// `string`
    Str(Str),
    /// `[]uint8`
    Bytes(Arc<[u8]>),
    /// A slice.
    List(List),
    /// A map with string keys.
    Map(Map),
    /// A struct or pointer.
    Object(ObjectRef),
}

impl Value {
    /// An `int`.
    pub fn int(number: i64) -> Self {
        Value::Int(IntType::Int, number)
    }

    /// An `int64`.
    pub fn int64(number: i64) -> Self {
        Value::Int(IntType::Int64, number)
    }

    /// A struct or pointer.
    pub fn object(object: impl Object + 'static) -> Self {
        Value::Object(Arc::new(object))
    }

    /// What `reflect.Kind` says.
    pub fn kind(&self) -> Kind {
        match self {
            Value::Nil => Kind::Invalid,
            Value::Bool(_) => Kind::Bool,
            Value::Int(int, _) => Kind::Int(*int),
            Value::Uint(uint, _) => Kind::Uint(*uint),
            Value::Float(_) => Kind::Float64,
            Value::Complex(..) => Kind::Complex128,
            Value::Str(_) => Kind::String,
            Value::Bytes(_) | Value::List(_) => Kind::Slice,
            Value::Map(_) => Kind::Map,
            Value::Object(object) => object.kind(),
        }
    }

    /// What `%T` prints: `map[string]interface {}`, `<nil>` for nil.
    pub fn type_name(&self) -> Cow<'_, str> {
        match self {
            Value::Nil => Cow::Borrowed("<nil>"),
            Value::Bool(_) => Cow::Borrowed("bool"),
            Value::Int(int, _) => Cow::Borrowed(int.name()),
            Value::Uint(uint, _) => Cow::Borrowed(uint.name()),
            Value::Float(_) => Cow::Borrowed("float64"),
            Value::Complex(..) => Cow::Borrowed("complex128"),
            Value::Str(_) => Cow::Borrowed("string"),
            Value::Bytes(_) => Cow::Borrowed("[]uint8"),
            Value::List(list) => list.type_name(),
            Value::Map(map) => map.map_type().name(),
            Value::Object(object) => Cow::Borrowed(object.type_name()),
        }
    }

    /// Go's template truth: not false, not zero, not empty, not nil. A struct is always true.
    #[inline]
    pub fn is_true(&self) -> bool {
        match self {
            Value::Nil => false,
            Value::Bool(truth) => *truth,
            Value::Int(_, number) => *number != 0,
            Value::Uint(_, number) => *number != 0,
            Value::Float(number) => *number != 0.0,
            Value::Complex(re, im) => *re != 0.0 || *im != 0.0,
            Value::Str(text) => !text.is_empty(),
            Value::Bytes(bytes) => !bytes.is_empty(),
            Value::List(list) => !list.is_empty(),
            Value::Map(map) => !map.is_empty(),
            Value::Object(_) => true,
        }
    }

    /// Whether this is nil.
    #[inline]
    pub fn is_nil(&self) -> bool {
        matches!(self, Value::Nil)
    }

    /// The map inside.
    pub fn as_map(&self) -> Option<&Map> {
        match self {
            Value::Map(map) => Some(map),
            _ => None,
        }
    }

    /// The list inside.
    pub fn as_list(&self) -> Option<&List> {
        match self {
            Value::List(list) => Some(list),
            _ => None,
        }
    }

    /// The string inside.
    pub fn as_string(&self) -> Option<&Str> {
        match self {
            Value::Str(text) => Some(text),
            _ => None,
        }
    }

    /// The object inside, if it is of that Rust type.
    pub fn downcast<T: 'static>(&self) -> Option<&T> {
        match self {
            Value::Object(object) => object.as_any().downcast_ref(),
            _ => None,
        }
    }

    /// The zero value of an element type: what a missing map entry is.
    pub fn zero(element: ElementType) -> Value {
        match element {
            ElementType::Interface | ElementType::Named(_) => Value::Nil,
            ElementType::Bool => Value::Bool(false),
            ElementType::String | ElementType::StringOf(_) => Value::Str(Str::default()),
            ElementType::Int(int) => Value::Int(int, 0),
            ElementType::Uint(uint) => Value::Uint(uint, 0),
            ElementType::Float64 => Value::Float(0.0),
            ElementType::Bytes => Value::Bytes(Arc::from([])),
            ElementType::InterfaceSlice => Value::List(List::nil(ElementType::Interface)),
            ElementType::StringSlice => Value::List(List::nil(ElementType::String)),
            ElementType::InterfaceMap => Value::Map(Map::nil(crate::MapType::INTERFACE)),
        }
    }

    /// A copy in which no map is shared with this value. Objects stay shared: nothing changes them.
    ///
    /// `None` where maps nest deeper than `depth`, as they do in a map that contains itself.
    pub fn deep_copy(&self, depth: usize) -> Option<Value> {
        let below = depth.checked_sub(1);
        Some(match self {
            Value::List(list) if list.is_nil() => self.clone(),
            Value::List(list) => {
                let items = list.iter().map(|item| item.deep_copy(below?)).collect::<Option<Vec<_>>>()?;
                Value::List(List::typed(list.element(), items).with_capacity(list.capacity()))
            }
            Value::Map(map) if map.is_nil() => self.clone(),
            Value::Map(map) => Value::Map(map.try_copy(|value| value.deep_copy(below?))?),
            other => other.clone(),
        })
    }
}

impl From<bool> for Value {
    fn from(truth: bool) -> Self {
        Value::Bool(truth)
    }
}

impl From<f64> for Value {
    fn from(number: f64) -> Self {
        Value::Float(number)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Value::Str(text.into())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Value::Str(text.into())
    }
}

impl From<Str> for Value {
    fn from(text: Str) -> Self {
        Value::Str(text)
    }
}

impl From<List> for Value {
    fn from(list: List) -> Self {
        Value::List(list)
    }
}

impl From<Map> for Value {
    fn from(map: Map) -> Self {
        Value::Map(map)
    }
}

impl From<ObjectRef> for Value {
    fn from(object: ObjectRef) -> Self {
        Value::Object(object)
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Value::Nil, Into::into)
    }
}
