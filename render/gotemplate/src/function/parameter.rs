//! The types that functions take, as Go sees them.

use std::borrow::Cow;
use std::ops::Deref;
use std::sync::Arc;
use std::vec::Drain;

use value::{ElementType, IntType, Kind, List, Map, MapType, Object, Str, UintType, Value};

use crate::{FunctionError, Reflected};

/// A parameter's Go type.
#[derive(Clone, Copy, Debug, PartialEq)]
#[allow(missing_docs, reason = "the names are Go's own types")]
pub enum ParameterType {
    /// `interface {}`
    Interface,
    /// `reflect.Value`
    Reflected,
    Bool,
    Int(IntType),
    Uint(UintType),
    Float64,
    String,
    /// `[]uint8`
    Bytes,
    Slice(ElementType),
    Map(MapType),
    /// A struct or pointer type by its Go name.
    Object {
        name: &'static str,
        pointer: bool,
    },
}

impl ParameterType {
    /// Go's name of the type.
    pub fn name(self) -> Cow<'static, str> {
        match self {
            ParameterType::Interface => Cow::Borrowed("interface {}"),
            ParameterType::Reflected => Cow::Borrowed("reflect.Value"),
            ParameterType::Bool => Cow::Borrowed("bool"),
            ParameterType::Int(int) => Cow::Borrowed(int.name()),
            ParameterType::Uint(uint) => Cow::Borrowed(uint.name()),
            ParameterType::Float64 => Cow::Borrowed("float64"),
            ParameterType::String => Cow::Borrowed("string"),
            ParameterType::Bytes => Cow::Borrowed("[]uint8"),
            ParameterType::Slice(element) => Cow::Owned(format!("[]{}", element.name())),
            ParameterType::Map(map) => map.name(),
            ParameterType::Object { name, .. } => Cow::Borrowed(name),
        }
    }

    /// Whether an untyped nil can be passed: Go's `canBeNil`.
    pub fn can_be_nil(self) -> bool {
        match self {
            ParameterType::Interface
            | ParameterType::Reflected
            | ParameterType::Bytes
            | ParameterType::Slice(_)
            | ParameterType::Map(_) => true,
            ParameterType::Object { pointer, .. } => pointer,
            _ => false,
        }
    }

    /// The type's zero value, which an untyped nil becomes.
    pub(crate) fn zero(self) -> Reflected {
        match self {
            ParameterType::Interface => Reflected::interface(Value::Nil),
            ParameterType::Bytes => Reflected::concrete(Value::Bytes(Arc::from([]))),
            ParameterType::Slice(element) => Reflected::concrete(Value::List(List::nil(element))),
            ParameterType::Map(map) => Reflected::concrete(Value::Map(Map::nil(map))),
            _ => Reflected::INVALID,
        }
    }

    /// Whether Go could assign a concrete value of this kind: same type, or same underlying type and one unnamed.
    pub(crate) fn accepts(self, value: &Value) -> bool {
        match (self, value) {
            (ParameterType::Interface | ParameterType::Reflected, _) => true,
            (ParameterType::Bool, Value::Bool(_))
            | (ParameterType::Float64, Value::Float(_))
            | (ParameterType::String, Value::Str(_))
            | (ParameterType::Bytes, Value::Bytes(_)) => true,
            (ParameterType::Int(want), Value::Int(got, _)) => want == *got,
            (ParameterType::Uint(want), Value::Uint(got, _)) => want == *got,
            (ParameterType::Slice(want), Value::List(list)) => want == list.element(),
            (ParameterType::Map(want), Value::Map(map)) => {
                let got = map.map_type();
                want.element == got.element
                    && (want.name == got.name || want.name.is_none() || got.name.is_none())
            }
            (ParameterType::Object { name, .. }, Value::Object(object)) => name == object.type_name(),
            _ => false,
        }
    }

    /// The kind of a value of this type, where constants can become one.
    pub(crate) fn kind(self) -> Option<Kind> {
        Some(match self {
            ParameterType::Bool => Kind::Bool,
            ParameterType::Int(int) => Kind::Int(int),
            ParameterType::Uint(uint) => Kind::Uint(uint),
            ParameterType::Float64 => Kind::Float64,
            ParameterType::String => Kind::String,
            _ => return None,
        })
    }
}

/// A Rust type that a function can take.
pub trait Parameter: Sized {
    /// Its Go type; of a variadic parameter, that of each.
    const TYPE: ParameterType;
    /// Whether it takes all the arguments that are left.
    const VARIADIC: bool = false;

    /// Converts an argument that [`Self::TYPE`] accepts; `None` where it doesn't.
    fn convert(argument: Reflected) -> Option<Self>;

    /// Takes its argument or arguments.
    ///
    /// # Errors
    /// An argument of another type; execution has checked them before.
    fn take(arguments: &mut Arguments<'_>) -> Result<Self, FunctionError> {
        let argument = arguments.0.next().unwrap_or_default();
        Self::convert(argument.clone()).ok_or_else(|| {
            let (wanted, got) = (Self::TYPE.name(), argument.type_name());
            FunctionError::Failed(format!("wrong type for value; expected {wanted}; got {got}"))
        })
    }
}

/// The arguments of one call that are not taken yet.
pub struct Arguments<'a>(Drain<'a, Reflected>);

impl<'a> Arguments<'a> {
    pub(crate) fn new(arguments: Drain<'a, Reflected>) -> Self {
        Self(arguments)
    }
}

/// Any number of arguments of one type: Go's `...T`.
#[derive(Clone, Debug, Default)]
pub struct Variadic<T>(pub Vec<T>);

impl<T> Deref for Variadic<T> {
    type Target = Vec<T>;

    fn deref(&self) -> &Vec<T> {
        &self.0
    }
}

impl<T> IntoIterator for Variadic<T> {
    type Item = T;
    type IntoIter = std::vec::IntoIter<T>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<T: Parameter> Parameter for Variadic<T> {
    const TYPE: ParameterType = T::TYPE;
    const VARIADIC: bool = true;

    fn convert(argument: Reflected) -> Option<Self> {
        Some(Self(vec![T::convert(argument)?]))
    }

    fn take(arguments: &mut Arguments<'_>) -> Result<Self, FunctionError> {
        let mut taken = Vec::with_capacity(arguments.0.len());
        while arguments.0.len() > 0 {
            taken.push(T::take(arguments)?);
        }
        Ok(Self(taken))
    }
}

/// A Rust type behind a Go struct or pointer type, for functions that take or give exactly that
/// (`time.Time`, sprig's `certificate`). `Option` of it is taken as a pointer, which may be nil.
pub trait ObjectType: Object + Clone + 'static {
    /// Go's name of the type; equal to what [`Object::type_name`] gives.
    const TYPE_NAME: &'static str;
}

impl<T: ObjectType> Parameter for T {
    const TYPE: ParameterType = ParameterType::Object { name: T::TYPE_NAME, pointer: false };

    fn convert(argument: Reflected) -> Option<Self> {
        argument.value().downcast::<T>().cloned()
    }
}

impl<T: ObjectType> Parameter for Option<T> {
    const TYPE: ParameterType = ParameterType::Object { name: T::TYPE_NAME, pointer: true };

    fn convert(argument: Reflected) -> Option<Self> {
        if argument.value().is_nil() {
            Some(None)
        } else {
            Some(Some(argument.value().downcast::<T>()?.clone()))
        }
    }
}

impl Parameter for Reflected {
    const TYPE: ParameterType = ParameterType::Reflected;

    fn convert(argument: Reflected) -> Option<Self> {
        Some(argument)
    }
}

/// Implements [`Parameter`] for types that are one variant of [`Value`].
macro_rules! parameter {
    ($($rust:ty, $type:expr, $pattern:pat => $converted:expr;)*) => {$(
        impl Parameter for $rust {
            const TYPE: ParameterType = $type;

            fn convert(argument: Reflected) -> Option<Self> {
                match argument.into_value() {
                    $pattern => $converted,
                    #[allow(unreachable_patterns, reason = "a Value takes every variant")]
                    _ => None,
                }
            }
        }
    )*};
}

parameter! {
    Value, ParameterType::Interface, value => Some(value);
    bool, ParameterType::Bool, Value::Bool(truth) => Some(truth);
    f64, ParameterType::Float64, Value::Float(number) => Some(number);
    Str, ParameterType::String, Value::Str(text) => Some(text);
    Arc<[u8]>, ParameterType::Bytes, Value::Bytes(bytes) => Some(bytes);
    // A defined type such as `Values` is the function's plain map, and so is what the function gives back.
    Map, ParameterType::Map(MapType::INTERFACE), Value::Map(map) => Some(map.unnamed());
    Vec<Value>, ParameterType::Slice(ElementType::Interface), Value::List(list) => Some(list.to_vec());
    Vec<Str>, ParameterType::Slice(ElementType::String), Value::List(list) =>
        list.iter().map(|item| item.as_string().cloned()).collect();
    isize, ParameterType::Int(IntType::Int), Value::Int(_, number) => number.try_into().ok();
    i8, ParameterType::Int(IntType::Int8), Value::Int(_, number) => number.try_into().ok();
    i16, ParameterType::Int(IntType::Int16), Value::Int(_, number) => number.try_into().ok();
    i32, ParameterType::Int(IntType::Int32), Value::Int(_, number) => number.try_into().ok();
    i64, ParameterType::Int(IntType::Int64), Value::Int(_, number) => Some(number);
    usize, ParameterType::Uint(UintType::Uint), Value::Uint(_, number) => number.try_into().ok();
    u8, ParameterType::Uint(UintType::Uint8), Value::Uint(_, number) => number.try_into().ok();
    u16, ParameterType::Uint(UintType::Uint16), Value::Uint(_, number) => number.try_into().ok();
    u32, ParameterType::Uint(UintType::Uint32), Value::Uint(_, number) => number.try_into().ok();
    u64, ParameterType::Uint(UintType::Uint64), Value::Uint(_, number) => Some(number);
}

/// `[]interface {}`, as the list that it is.
impl Parameter for List {
    const TYPE: ParameterType = ParameterType::Slice(ElementType::Interface);

    fn convert(argument: Reflected) -> Option<Self> {
        argument.value().as_list().cloned()
    }
}
