//! `print`, `printf`, `println`.

use value::{Str, Value, format};

use crate::Variadic;

pub(super) fn print(arguments: Variadic<Value>) -> Str {
    format::sprint(&arguments).into()
}

pub(super) fn printf(text: Str, arguments: Variadic<Value>) -> Str {
    format::sprintf(text.as_bytes(), &arguments).into()
}

pub(super) fn println(arguments: Variadic<Value>) -> Str {
    format::sprintln(&arguments).into()
}
