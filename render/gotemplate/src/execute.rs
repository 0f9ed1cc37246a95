//! Execution.
use std::any::Any;

use value::Value;

use crate::limits::Meter;
use crate::{ExecutionError, Templates};

pub(crate) fn nested(
    _templates: &Templates,
    _meter: &mut Meter,
    _host: &mut dyn Any,
    _name: &str,
    _data: Value,
) -> Result<Vec<u8>, ExecutionError> {
    Ok(Vec::new())
}
