//! The texts of Go's run-time panics: a template function that panics fails with them.

use gotemplate::FunctionError;

/// `reflect.TypeOf(nil).Kind()` and its like.
pub(crate) fn nil_dereference() -> FunctionError {
    FunctionError::new("runtime error: invalid memory address or nil pointer dereference")
}

/// `make` with a negative or absurd length.
pub(crate) fn make_slice() -> FunctionError {
    FunctionError::new("runtime error: makeslice: len out of range")
}

pub(crate) fn divide_by_zero() -> FunctionError {
    FunctionError::new("runtime error: integer divide by zero")
}

/// `text[start:end]`, as Go slices strings: the bytes, or the text of its panic.
pub(crate) fn slice(text: &[u8], start: i64, end: i64) -> Result<&[u8], FunctionError> {
    let length = i64::try_from(text.len()).unwrap_or(i64::MAX);
    let bounds = if end < 0 {
        format!("[:{end}]")
    } else if end > length {
        format!("[:{end}] with length {length}")
    } else if start < 0 {
        format!("[{start}:]")
    } else if start > end {
        format!("[{start}:{end}]")
    } else {
        let range = usize::try_from(start).unwrap_or(0)..usize::try_from(end).unwrap_or(0);
        return Ok(text.get(range).unwrap_or_default());
    };
    Err(FunctionError::new(format!("runtime error: slice bounds out of range {bounds}")))
}
