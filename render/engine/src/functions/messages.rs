//! `required` and `fail`: the chart itself gives up, with a message for its user.

use gotemplate::{Call, FunctionError};
use value::{Str, Value};

use crate::error::ChartMessage;
use crate::render::Host;

/// The value, unless it is nil or an empty string. A linter gets an empty string in its place.
pub(super) fn required(call: &mut Call<'_>, message: Str, value: Value) -> Result<Value, FunctionError> {
    let missing = match &value {
        Value::Nil => true,
        Value::Str(text) => text.is_empty(),
        _ => false,
    };
    match (missing, lints(call)) {
        (false, _) => Ok(value),
        (true, true) => Ok(Value::from("")),
        (true, false) => Err(FunctionError::other(ChartMessage(message.to_string()))),
    }
}

/// Ends the rendering, but not that of a linter.
pub(super) fn fail(call: &mut Call<'_>, message: Str) -> Result<Str, FunctionError> {
    if lints(call) {
        Ok(Str::default())
    } else {
        Err(FunctionError::other(ChartMessage(message.to_string())))
    }
}

fn lints(call: &mut Call<'_>) -> bool {
    Host::of(call).is_some_and(|host| host.lint)
}
