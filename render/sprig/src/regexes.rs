//! Regular expressions. A bad one fails, but `regexMatch` then matches nothing.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

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

/// The patterns that were used last, compiled: a chart uses few, and each again and again.
#[derive(Debug, Default)]
pub(crate) struct Patterns {
    /// The one used last comes first.
    recent: Mutex<Vec<(Str, Arc<Regex>)>>,
}

/// How many patterns are kept, and how many bytes each may take: a table of functions lives long.
const KEPT_PATTERNS: usize = 8;
const KEPT_BYTES: usize = 256 << 10;

impl Patterns {
    /// Compiles a pattern. That is charged even where the pattern is known, so that limits are met at the same place.
    fn compile(
        &self,
        call: &mut Call<'_>,
        pattern: &Str,
        text: &Str,
        report: Report,
    ) -> Result<Arc<Regex>, FunctionError> {
        charge(call, STEPS_TO_COMPILE + pattern.len() + text.len() / BYTES_A_STEP)?;
        if let Some(known) = self.recall(pattern) {
            return Ok(known);
        }
        let compiled = Regex::new(pattern.as_bytes()).map(Arc::new).map_err(|error| match report {
            Report::Error => FunctionError::new(error.to_string()),
            Report::Panic => FunctionError::new(format!("regexp: Compile({}): {error}", quoted(pattern))),
        })?;
        if compiled.memory_usage() <= KEPT_BYTES {
            self.keep(pattern, &compiled);
        }
        Ok(compiled)
    }

    fn recall(&self, pattern: &Str) -> Option<Arc<Regex>> {
        let mut recent = self.recent();
        let place = recent.iter().position(|(known, _)| known == pattern)?;
        recent.get_mut(..=place)?.rotate_right(1);
        recent.first().map(|(_, compiled)| Arc::clone(compiled))
    }

    fn keep(&self, pattern: &Str, compiled: &Arc<Regex>) {
        let mut recent = self.recent();
        recent.truncate(KEPT_PATTERNS - 1);
        recent.insert(0, (pattern.clone(), Arc::clone(compiled)));
    }

    fn recent(&self) -> MutexGuard<'_, Vec<(Str, Arc<Regex>)>> {
        self.recent.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Between backquotes, where that is possible.
fn quoted(pattern: &Str) -> String {
    if format::can_backquote(pattern.as_bytes()) {
        format!("`{}`", pattern.to_text())
    } else {
        format::quote(pattern)
    }
}

pub(crate) fn is_match(patterns: &Arc<Patterns>) -> Function {
    let patterns = Arc::clone(patterns);
    Function::with_call(move |call: &mut Call<'_>, pattern: Str, text: Str| {
        match patterns.compile(call, &pattern, &text, Report::Error) {
            Err(FunctionError::Failed(_)) => Ok(false),
            compiled => Ok::<_, FunctionError>(compiled?.is_match(text.as_bytes())),
        }
    })
}

pub(crate) fn must_match(patterns: &Arc<Patterns>) -> Function {
    let patterns = Arc::clone(patterns);
    Function::with_call(move |call: &mut Call<'_>, pattern: Str, text: Str| {
        let regex = patterns.compile(call, &pattern, &text, Report::Error)?;
        Ok::<_, FunctionError>(regex.is_match(text.as_bytes()))
    })
}

pub(crate) fn find(patterns: &Arc<Patterns>, report: Report) -> Function {
    let patterns = Arc::clone(patterns);
    Function::with_call(move |call: &mut Call<'_>, pattern: Str, text: Str| {
        let regex = patterns.compile(call, &pattern, &text, report)?;
        Ok::<_, FunctionError>(Str::from(regex.find(text.as_bytes()).unwrap_or_default()))
    })
}

pub(crate) fn find_all(patterns: &Arc<Patterns>, report: Report) -> Function {
    let patterns = Arc::clone(patterns);
    Function::with_call(move |call: &mut Call<'_>, pattern: Str, text: Str, limit: isize| {
        let regex = patterns.compile(call, &pattern, &text, report)?;
        strings(regex.find_all(text.as_bytes(), bounded(limit)))
    })
}

pub(crate) fn split(patterns: &Arc<Patterns>, report: Report) -> Function {
    let patterns = Arc::clone(patterns);
    Function::with_call(move |call: &mut Call<'_>, pattern: Str, text: Str, limit: isize| {
        let regex = patterns.compile(call, &pattern, &text, report)?;
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

pub(crate) fn replace_all(patterns: &Arc<Patterns>, report: Report) -> Function {
    let patterns = Arc::clone(patterns);
    Function::with_call(move |call: &mut Call<'_>, pattern: Str, text: Str, template: Str| {
        let regex = patterns.compile(call, &pattern, &text, report)?;
        within_limit(regex.replace_all(text.as_bytes(), template.as_bytes(), TEXT_BYTES))
    })
}

pub(crate) fn replace_all_literal(patterns: &Arc<Patterns>, report: Report) -> Function {
    let patterns = Arc::clone(patterns);
    Function::with_call(move |call: &mut Call<'_>, pattern: Str, text: Str, replacement: Str| {
        let regex = patterns.compile(call, &pattern, &text, report)?;
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

#[cfg(test)]
mod tests {
    use super::*;

    fn known(patterns: &Patterns) -> Vec<String> {
        patterns.recent().iter().map(|(pattern, _)| pattern.to_string()).collect()
    }

    #[test]
    fn the_patterns_used_last_are_kept() {
        let patterns = Patterns::default();
        let regex = Arc::new(Regex::new(b"a").unwrap());
        (0..KEPT_PATTERNS + 2).for_each(|number| patterns.keep(&Str::from(number.to_string()), &regex));
        assert_eq!(known(&patterns), ["9", "8", "7", "6", "5", "4", "3", "2"]);
        assert!(patterns.recall(&"4".into()).is_some());
        assert!(patterns.recall(&"1".into()).is_none());
        assert_eq!(known(&patterns), ["4", "9", "8", "7", "6", "5", "3", "2"]);
    }
}
