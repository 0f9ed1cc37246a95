//! What functions may give back.

use std::sync::Arc;

use value::{IntType, List, Map, ObjectRef, Str, UintType, Value};

use super::ObjectType;
use crate::{FunctionError, Reflected};

/// A result of a function: a value with its static type, or the error that ends the execution.
pub trait Returned {
    /// The result as execution passes it on.
    ///
    /// # Errors
    /// The function's own.
    fn reflected(self) -> Result<Reflected, FunctionError>;
}

impl<T: Returned, E: Into<FunctionError>> Returned for Result<T, E> {
    fn reflected(self) -> Result<Reflected, FunctionError> {
        self.map_err(Into::into)?.reflected()
    }
}

/// The static type is `interface {}`.
impl Returned for Value {
    fn reflected(self) -> Result<Reflected, FunctionError> {
        Ok(Reflected::interface(self))
    }
}

impl Returned for Reflected {
    fn reflected(self) -> Result<Reflected, FunctionError> {
        Ok(self)
    }
}

impl<T: ObjectType> Returned for T {
    fn reflected(self) -> Result<Reflected, FunctionError> {
        Ok(Reflected::concrete(Value::object(self)))
    }
}

macro_rules! returned {
    ($($rust:ty, $name:ident => $converted:expr;)*) => {$(
        impl Returned for $rust {
            fn reflected(self) -> Result<Reflected, FunctionError> {
                let $name = self;
                Ok(Reflected::concrete($converted))
            }
        }
    )*};
}

returned! {
    bool, truth => Value::Bool(truth);
    f64, number => Value::Float(number);
    isize, number => Value::Int(IntType::Int, number as i64);
    i8, number => Value::Int(IntType::Int8, number.into());
    i16, number => Value::Int(IntType::Int16, number.into());
    i32, number => Value::Int(IntType::Int32, number.into());
    i64, number => Value::Int(IntType::Int64, number);
    usize, number => Value::Uint(UintType::Uint, number as u64);
    u8, number => Value::Uint(UintType::Uint8, number.into());
    u16, number => Value::Uint(UintType::Uint16, number.into());
    u32, number => Value::Uint(UintType::Uint32, number.into());
    u64, number => Value::Uint(UintType::Uint64, number);
    Str, text => Value::Str(text);
    String, text => Value::Str(text.into());
    &'static str, text => Value::Str(text.into());
    Arc<[u8]>, bytes => Value::Bytes(bytes);
    Map, map => Value::Map(map);
    List, list => Value::List(list);
    Vec<Value>, items => Value::List(List::new(items));
    Vec<Str>, items => Value::List(List::strings(items));
    ObjectRef, object => Value::Object(object);
}
