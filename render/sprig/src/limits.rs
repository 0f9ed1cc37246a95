//! Bounds on what one call may produce. Go has none: `repeat 9999999999 "x"` takes the memory there is.

use gotemplate::{Call, FunctionError, LimitError};

/// Bytes of one text, 64 MiB.
pub(crate) const TEXT_BYTES: usize = 64 << 20;
/// Items of one list.
pub(crate) const LIST_ITEMS: usize = 1 << 20;
/// How deep a value may nest where it is walked.
pub(crate) const NESTING: usize = 1000;

const BYTES_A_STEP: usize = 1024;
const ITEMS_A_STEP: usize = 16;

/// Charges a text that is about to be made.
pub(crate) fn charge_text(call: &mut Call<'_>, function: &str, bytes: usize) -> Result<(), FunctionError> {
    check_text(function, bytes)?;
    Ok(charge(call, bytes / BYTES_A_STEP)?)
}

/// Refuses a text that would be too long.
pub(crate) fn check_text(function: &str, bytes: usize) -> Result<(), FunctionError> {
    if bytes <= TEXT_BYTES {
        return Ok(());
    }
    Err(FunctionError::new(format!("{function} would give {bytes} bytes; the limit is {TEXT_BYTES}")))
}

/// Charges a list that is about to be made.
pub(crate) fn charge_list(call: &mut Call<'_>, function: &str, items: usize) -> Result<(), FunctionError> {
    if items <= LIST_ITEMS {
        return Ok(charge(call, items / ITEMS_A_STEP)?);
    }
    Err(FunctionError::new(format!("{function} would give {items} items; the limit is {LIST_ITEMS}")))
}

/// Charges the parts of a value that was made: maps, lists, what is in them.
pub(crate) fn charge_parts(call: &mut Call<'_>, parts: usize) -> Result<(), FunctionError> {
    const BYTES_A_PART: usize = 64;
    charge(call, parts / ITEMS_A_STEP)?;
    Ok(call.charge_memory(parts.saturating_mul(BYTES_A_PART))?)
}

/// Charges work by the microsecond.
pub(crate) fn charge(call: &mut Call<'_>, steps: usize) -> Result<(), LimitError> {
    call.charge(u64::try_from(steps).unwrap_or(u64::MAX))
}
