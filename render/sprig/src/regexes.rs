//! Regular expressions. A bad one fails, but `regexMatch` then matches nothing.

use goregex::Regex;
use gotemplate::{Call, Function, FunctionError};
use value::{ElementType, List, Str, format};

use crate::limits::{LIST_ITEMS, TEXT_BYTES, charge};

/// Bytes of a text that are searched in one step.
const BYTES_A_STEP: usize = 256;
/// Steps to compile a pattern.
const STEPS_TO_COMPILE: usize = 50;

/// How a bad pattern is reported: what the functions of one name with and without `must` differ in.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Report {
    /// `regexp.Compile`: the error itself.
    Error,
    /// `regexp.MustCompile`: with the pattern.
    Panic,
}

fn compile(call: &mut Call<'_>, pattern: &Str, text: &Str, report: Report) -> Result<Regex, FunctionError> {
    charge(call, STEPS_TO_COMPILE + pattern.len() + text.len() / BYTES_A_STEP)?;
    Regex::new(pattern.as_bytes()).map_err(|error| match report {
        Report::Error => FunctionError::new(error.to_string()),
        Report::Panic => FunctionError::new(format!("regexp: Compile({}): {error}", quoted(pattern))),
    })
}

/// Between backquotes, where that is possible.
fn quoted(pattern: &Str) -> String {
    if format::can_backquote(pattern.as_bytes()) {
        format!("`{}`", pattern.to_text())
    } else {
        format::quote(pattern)
    }
}

pub(crate) fn is_match(call: &mut Call<'_>, pattern: Str, text: Str) -> Result<bool, FunctionError> {
    match compile(call, &pattern, &text, Report::Error) {
        Err(FunctionError::Failed(_)) => Ok(false),
        compiled => Ok(compiled?.is_match(text.as_bytes())),
    }
}

pub(crate) fn must_match(call: &mut Call<'_>, pattern: Str, text: Str) -> Result<bool, FunctionError> {
    Ok(compile(call, &pattern, &text, Report::Error)?.is_match(text.as_bytes()))
}

pub(crate) fn find(report: Report) -> Function {
    Function::with_call(move |call: &mut Call<'_>, pattern: Str, text: Str| {
        let regex = compile(call, &pattern, &text, report)?;
        Ok::<_, FunctionError>(Str::from(regex.find(text.as_bytes()).unwrap_or_default()))
    })
}

pub(crate) fn find_all(report: Report) -> Function {
    Function::with_call(move |call: &mut Call<'_>, pattern: Str, text: Str, limit: isize| {
        let regex = compile(call, &pattern, &text, report)?;
        strings(regex.find_all(text.as_bytes(), bounded(limit)))
    })
}

pub(crate) fn split(report: Report) -> Function {
    Function::with_call(move |call: &mut Call<'_>, pattern: Str, text: Str, limit: isize| {
        let regex = compile(call, &pattern, &text, report)?;
        strings(regex.split(text.as_bytes(), bounded(limit)))
    })
}

/// One more than the largest list, which [`strings`] then refuses.
fn bounded(limit: isize) -> i64 {
    let most = LIST_ITEMS as i64 + 1;
    if limit < 0 { most } else { most.min(limit as i64) }
}

fn strings(texts: Option<Vec<&[u8]>>) -> Result<List, FunctionError> {
    match texts {
        None => Ok(List::nil(ElementType::String)),
        Some(texts) if texts.len() <= LIST_ITEMS => Ok(List::strings(texts)),
        Some(_) => {
            Err(FunctionError::new(format!("regular expression would give more than {LIST_ITEMS} items")))
        }
    }
}

pub(crate) fn replace_all(report: Report) -> Function {
    Function::with_call(move |call: &mut Call<'_>, pattern: Str, text: Str, template: Str| {
        let regex = compile(call, &pattern, &text, report)?;
        within_limit(regex.replace_all(text.as_bytes(), template.as_bytes(), TEXT_BYTES))
    })
}

pub(crate) fn replace_all_literal(report: Report) -> Function {
    Function::with_call(move |call: &mut Call<'_>, pattern: Str, text: Str, replacement: Str| {
        let regex = compile(call, &pattern, &text, report)?;
        within_limit(regex.replace_all_literal(text.as_bytes(), replacement.as_bytes(), TEXT_BYTES))
    })
}

fn within_limit(replaced: Option<Vec<u8>>) -> Result<Str, FunctionError> {
    let too_long =
        || FunctionError::new(format!("regular expression would give more than {TEXT_BYTES} bytes"));
    replaced.map(Str::from).ok_or_else(too_long)
}

pub(crate) fn quote_meta(text: Str) -> Str {
    Str::from(goregex::quote_meta(text.as_bytes()))
}
