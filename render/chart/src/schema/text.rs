//! The words of Helm's validator for what boon, its author's own port, finds.

use boon::{CompileError, ErrorKind, ValidationError};
use serde_json::Value as Json;
use value::{FloatFormat, format, format_float};

use super::levels::{self, Level};

/// The faults without the line that names the schema.
pub(super) fn without_root(error: &ValidationError<'_, '_>) -> String {
    let mut text = String::new();
    append_causes(&mut text, error, 1);
    text.trim_start_matches('\n').to_owned()
}

/// Why a schema is none.
pub(super) fn of_compile_error(error: &CompileError) -> String {
    let quoted = |text: &str| format::quote(text);
    match error {
        CompileError::LoadUrlError { url, src } => of_document_outside(url, &src.to_string()),
        CompileError::UnsupportedUrlScheme { url } => format!("no URLLoader registered for {}", quoted(url)),
        CompileError::InvalidMetaSchemaUrl { url, src } => {
            format!("invalid $schema in {}: {src}", quoted(url))
        }
        CompileError::UnsupportedDraft { url } => format!("draft {} is not supported", quoted(url)),
        CompileError::MetaSchemaCycle { url } => format!("cycle in resolving $schema in {}", quoted(url)),
        CompileError::ValidationError { url, src } => {
            let url = format!("{}#", url.trim_end_matches('#'));
            let mut text = String::new();
            append(&mut text, src, "", 0);
            format!("{} is not valid against metaschema: {text}", quoted(&url))
        }
        CompileError::ParseIdError { loc } => format!("error in parsing id at {}", quoted(loc)),
        CompileError::ParseAnchorError { loc } => format!("error in parsing anchor at {}", quoted(loc)),
        CompileError::DuplicateId { url, id, ptr1, ptr2 } => {
            format!("duplicate id {} in {} at {} and {}", quoted(id), quoted(url), quoted(ptr1), quoted(ptr2))
        }
        CompileError::DuplicateAnchor { anchor, url, ptr1, ptr2 } => {
            format!(
                "duplicate anchor {} in {} at {} and {}",
                quoted(anchor),
                quoted(url),
                quoted(ptr1),
                quoted(ptr2)
            )
        }
        CompileError::InvalidJsonPointer(url) => format!("invalid json-pointer {}", quoted(url)),
        CompileError::JsonPointerNotFound(url) => format!("json-pointer in {} not found", quoted(url)),
        CompileError::AnchorNotFound { url, reference } => {
            format!("anchor in {} not found in schema {}", quoted(reference), quoted(url))
        }
        CompileError::InvalidRegex { url, regex, src } => {
            let problem = pattern_problem(regex, src.as_ref());
            format!("invalid regex {} at {}: {problem}", quoted(regex), quoted(url))
        }
        other => other.to_string(),
    }
}

/// A document that is not read, and why.
pub(super) fn of_document_outside(url: &str, problem: &str) -> String {
    format!("failing loading {}: {problem}", format::quote(url))
}

/// What Go says of a pattern, or boon where Go would take it.
fn pattern_problem(pattern: &str, problem: &dyn std::error::Error) -> String {
    let refused = goregex::Regex::new(pattern.as_bytes()).err();
    refused.map_or_else(|| problem.to_string(), |error| error.to_string())
}

/// A fault on a line of its own, and its causes indented below it. A reference with one cause is skipped.
fn append(text: &mut String, error: &ValidationError<'_, '_>, location: &str, indent: usize) {
    if error.causes.len() == 1 && matches!(error.kind, ErrorKind::Reference { .. }) {
        return append_causes(text, error, indent);
    }
    match &error.kind {
        ErrorKind::Schema { url } => {
            append_line(text, &format!("jsonschema validation failed with {}", quote(url)), indent);
        }
        kind => append_line(text, &format!("at {}: {}", quote(location), describe(kind)), indent),
    }
    append_causes(text, error, indent + 1);
}

fn append_causes(text: &mut String, error: &ValidationError<'_, '_>, mut indent: usize) {
    for cause in &error.causes {
        let outer = indent;
        for Level { keyword, location } in levels::between(error, cause) {
            let none = if keyword == "oneOf" { ", none matched" } else { "" };
            append_line(text, &format!("at {}: '{keyword}' failed{none}", quote(&location)), indent);
            indent += 1;
        }
        let location = match &cause.kind {
            ErrorKind::PropertyName { .. } => levels::of_property_name(error, cause),
            _ => cause.instance_location.to_string(),
        };
        append(text, cause, &location, indent);
        indent = outer;
    }
}

fn append_line(text: &mut String, line: &str, indent: usize) {
    if indent > 0 {
        text.push('\n');
        text.push_str(&"  ".repeat(indent - 1));
        text.push_str("- ");
    }
    text.push_str(line);
}

fn describe(kind: &ErrorKind<'_, '_>) -> String {
    match kind {
        ErrorKind::Group | ErrorKind::Reference { .. } => "validation failed".to_owned(),
        ErrorKind::Not => "'not' failed".to_owned(),
        ErrorKind::AllOf => "'allOf' failed".to_owned(),
        ErrorKind::AnyOf => "'anyOf' failed".to_owned(),
        ErrorKind::OneOf(None) => "'oneOf' failed, none matched".to_owned(),
        ErrorKind::OneOf(Some((a, b))) => format!("'oneOf' failed, subschemas {a}, {b} matched"),
        ErrorKind::FalseSchema => "false schema".to_owned(),
        ErrorKind::Type { got, want } => {
            let want: Vec<String> = want.iter().map(|kind| kind.to_string()).collect();
            format!("got {got}, want {}", want.join(" or "))
        }
        ErrorKind::Enum { want } => describe_enum(want),
        ErrorKind::Const { want: Json::Array(_) | Json::Object(_) } => "'const' failed".to_owned(),
        ErrorKind::Const { want } => format!("value must be {}", display(want)),
        ErrorKind::Format { got, want: "regex", err } => {
            let pattern = got.as_str().unwrap_or_default();
            format!("{} is not valid regex: {}", display(got), pattern_problem(pattern, err.as_ref()))
        }
        ErrorKind::Format { got, want, err } => format!("{} is not valid {want}: {err}", display(got)),
        ErrorKind::Pattern { got, want } => format!("{} does not match pattern {}", quote(got), quote(want)),
        ErrorKind::RefCycle { url, kw_loc1, kw_loc2 } => {
            let url = format::quote(url);
            format!("both {kw_loc1} and {kw_loc2} resolve to {url} causing reference cycle")
        }
        ErrorKind::ContentSchema => "'contentSchema' failed".to_owned(),
        ErrorKind::ContentEncoding { want, err } => format!("value is not {} encoded: {err}", quote(want)),
        ErrorKind::ContentMediaType { want, err, .. } => {
            format!("value is not of mediatype {}: {err}", quote(want))
        }
        ErrorKind::Minimum { got, want } => compared("minimum", got, want),
        ErrorKind::Maximum { got, want } => compared("maximum", got, want),
        ErrorKind::ExclusiveMinimum { got, want } => compared("exclusiveMinimum", got, want),
        ErrorKind::ExclusiveMaximum { got, want } => compared("exclusiveMaximum", got, want),
        ErrorKind::MultipleOf { got, want } => compared("multipleOf", got, want),
        other => describe_container(other),
    }
}

fn describe_enum(want: &[Json]) -> String {
    if want.iter().any(|item| matches!(item, Json::Array(_) | Json::Object(_))) {
        return "'enum' failed".to_owned();
    }
    match want {
        [only] => format!("value must be {}", display(only)),
        _ => format!("value must be one of {}", want.iter().map(display).collect::<Vec<_>>().join(", ")),
    }
}

fn describe_container(kind: &ErrorKind<'_, '_>) -> String {
    match kind {
        ErrorKind::Required { want } if want.len() == 1 => {
            format!("missing property {}", joined(want.iter()))
        }
        ErrorKind::Required { want } => format!("missing properties {}", joined(want.iter())),
        ErrorKind::Dependency { prop, missing } | ErrorKind::DependentRequired { prop, missing } => {
            format!("properties {} required, if {} exists", joined(missing.iter()), quote(prop))
        }
        ErrorKind::AdditionalProperties { got } => {
            let mut names: Vec<&str> = got.iter().map(AsRef::as_ref).collect();
            names.sort_unstable();
            format!("additional properties {} not allowed", joined(names.iter()))
        }
        ErrorKind::PropertyName { prop } => format!("invalid propertyName {}", quote(prop)),
        ErrorKind::MinProperties { got, want } => counted("minProperties", *got, *want),
        ErrorKind::MaxProperties { got, want } => counted("maxProperties", *got, *want),
        ErrorKind::MinItems { got, want } => counted("minItems", *got, *want),
        ErrorKind::MaxItems { got, want } => counted("maxItems", *got, *want),
        ErrorKind::MinLength { got, want } => counted("minLength", *got, *want),
        ErrorKind::MaxLength { got, want } => counted("maxLength", *got, *want),
        ErrorKind::AdditionalItems { got } => format!("last {} additionalItem(s) not allowed", grouped(*got)),
        ErrorKind::UniqueItems { got: [a, b] } => {
            format!("items at {} and {} are equal", grouped(*a), grouped(*b))
        }
        ErrorKind::Contains => "no items match contains schema".to_owned(),
        ErrorKind::MinContains { got, want } if got.is_empty() => {
            format!("min {want} items required to match contains schema, but none matched")
        }
        ErrorKind::MinContains { got, want } => contained("min", got, *want),
        ErrorKind::MaxContains { got, want } => contained("max", got, *want),
        other => other.to_string(),
    }
}

fn contained(bound: &str, got: &[usize], want: usize) -> String {
    let at: Vec<String> = got.iter().map(usize::to_string).collect();
    format!(
        "{bound} {want} items required to match contains schema, but matched {} items at {}",
        got.len(),
        at.join(" ")
    )
}

fn counted(keyword: &str, got: usize, want: usize) -> String {
    format!("{keyword}: got {}, want {}", grouped(got), grouped(want))
}

fn compared(keyword: &str, got: &serde_json::Number, want: &serde_json::Number) -> String {
    let number = |number: &serde_json::Number| localized(number.as_f64().unwrap_or(f64::NAN));
    format!("{keyword}: got {}, want {}", number(got), number(want))
}

/// English digits in groups of three.
fn grouped(number: usize) -> String {
    group(&number.to_string())
}

fn group(digits: &str) -> String {
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A float as Go's `golang.org/x/text/message` prints it in English: `1,234.5`, `1.5×10⁰⁷`.
fn localized(number: f64) -> String {
    let text = format_float(number, FloatFormat::General, None);
    if let Some((mantissa, exponent)) = text.split_once('e') {
        let exponent: String = exponent.chars().filter_map(superscript).collect();
        return format!("{mantissa}×10{exponent}");
    }
    let (sign, digits) = text.strip_prefix('-').map_or(("", text.as_str()), |digits| ("-", digits));
    match digits.split_once('.') {
        Some((whole, fraction)) => format!("{sign}{}.{fraction}", group(whole)),
        None => format!("{sign}{}", group(digits)),
    }
}

fn superscript(letter: char) -> Option<char> {
    const DIGITS: [char; 10] = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'];
    match letter {
        '-' => Some('⁻'),
        '+' => None,
        digit => DIGITS.get(digit.to_digit(10)? as usize).copied(),
    }
}

/// Single quotes around Go's `%q`.
fn quote(text: &str) -> String {
    let quoted = format::quote(text);
    let inner = &quoted[1..quoted.len() - 1];
    format!("'{}'", inner.replace("\\\"", "\"").replace('\'', "\\'"))
}

fn joined<'a, S: AsRef<str> + 'a>(names: impl Iterator<Item = &'a S>) -> String {
    names.map(|name| quote(name.as_ref())).collect::<Vec<_>>().join(", ")
}

fn display(value: &Json) -> String {
    match value {
        Json::String(text) => quote(text),
        Json::Array(_) | Json::Object(_) => "value".to_owned(),
        // Go prints its nil.
        Json::Null => "<nil>".to_owned(),
        Json::Bool(truth) => truth.to_string(),
        Json::Number(number) => number.to_string(),
    }
}
