//! Helm's words for failed templates, around Go's.

use chart::capabilities::IncompatibleKubeVersion;
use chart::schema::SchemaError;
use chart::{Flavour, ValuesError};
use gotemplate::{Cause, ExecutionError, FunctionError, ParseError};
use thiserror::Error;
use value::format::quote;

use crate::functions::TplError;
use crate::manifest::SortError;

/// Why a chart can't be rendered. `Display` is Helm's text.
#[derive(Debug, Error)]
pub enum RenderError {
    /// A template can't be parsed.
    #[error("{text}")]
    Parse {
        /// `parse error at (FILE:LINE): message`
        text: String,
        /// Where and why.
        #[source]
        source: ParseError,
    },
    /// A template failed when it ran.
    #[error("{text}")]
    Execution {
        /// `execution error at (FILE:LINE:COLUMN): message` where the chart itself gave up (`fail`, `required`), else
        /// Go's text as the flavour shows it.
        text: String,
        /// The chain of failures, from the file that was rendered to the innermost.
        #[source]
        source: ExecutionError,
    },
    /// The values don't fit the chart's subcharts.
    #[error(transparent)]
    Values(#[from] ValuesError),
    /// The values don't fit a schema.
    #[error(transparent)]
    Schema(#[from] SchemaError),
    /// The chart is not made for the cluster's version.
    #[error(transparent)]
    KubeVersion(#[from] IncompatibleKubeVersion),
    /// A rendered file is no manifest.
    #[error(transparent)]
    Manifest(#[from] SortError),
    /// A defect of ours, or no memory for the stack: the rendering ended without an answer.
    #[error("rendering template failed: {0}")]
    Panicked(String),
}

/// What `fail` and `required` stop the rendering with: it is shown without the chain around it.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("{0}")]
pub struct ChartMessage(pub String);

impl RenderError {
    /// Helm's text for a parse error in a template of that name: the location, and the last part of the message.
    pub(crate) fn parse(source: ParseError) -> Self {
        let text = source.to_string();
        let parts: Vec<&str> = text.split(": ").collect();
        let text = match parts[..] {
            [_, location, .., message] => format!("parse error at ({location}): {message}"),
            [_, location] => format!("parse error at ({location}): {location}"),
            _ => format!("parse error in ({}): {text}", source.template),
        };
        RenderError::Parse { text, source }
    }

    /// Helm's text for an error at execution.
    pub(crate) fn execution(source: ExecutionError, flavour: Flavour) -> Self {
        let text = match (&source, chart_message(&source)) {
            (ExecutionError::Failed(failure), Some(message)) => {
                format!("execution error at ({}): {message}", failure.location)
            }
            (ExecutionError::Failed(_), None) if flavour == Flavour::V4 => {
                traced(&source).unwrap_or_else(|| source.to_string())
            }
            _ => source.to_string(),
        };
        RenderError::Execution { text, source }
    }
}

/// The message of `fail` or `required` at the end of the chain.
fn chart_message(error: &ExecutionError) -> Option<&str> {
    let Cause::Function { source, .. } = &error.failure()?.cause else { return None };
    match source {
        FunctionError::Template(inner) => chart_message(inner),
        FunctionError::Other(other) => match (other.downcast_ref(), other.downcast_ref()) {
            (Some(ChartMessage(message)), _) => Some(message),
            (_, Some(TplError::Execution { source, .. })) => chart_message(source),
            _ => None,
        },
        _ => None,
    }
}

/// Helm 4's form, a paragraph for each level; none where a level is no template's error.
fn traced(error: &ExecutionError) -> Option<String> {
    let mut levels: Vec<String> = Vec::new();
    let mut next = Some(error);
    while let Some(level) = next {
        let paragraph = paragraph(&own_text(level))?;
        if levels.last() != Some(&paragraph) {
            levels.push(paragraph);
        }
        next = match level.failure().map(|failure| &failure.cause) {
            Some(Cause::Function { source: FunctionError::Template(inner), .. }) => Some(inner),
            Some(Cause::Function { .. }) => return None,
            _ => None,
        };
    }
    Some(levels.concat().trim().to_owned())
}

/// A level's text up to where that of the next begins: the whole of each would be long beyond measure in sum.
fn own_text(level: &ExecutionError) -> String {
    match level {
        ExecutionError::Failed(failure) => match &failure.cause {
            Cause::Function { function, source: FunctionError::Template(_) } => format!(
                "template: {}: executing {} at <{}>: error calling {function}: template:",
                failure.location,
                quote(&failure.executing),
                failure.context
            ),
            _ => level.to_string(),
        },
        _ => level.to_string(),
    }
}

/// One level: `FILE:LINE:COLUMN`, `executing … at <…>:` and the message, each on a line of its own.
fn paragraph(text: &str) -> Option<String> {
    let rest = text.strip_prefix("template: ")?;
    if rest.starts_with("no template ") {
        return Some(format!("{text}\n"));
    }
    if let Some((location, executing)) = rest.split_once(": executing ") {
        let (name, context) = executing.strip_prefix('"')?.split_once('"')?;
        let (context, message) = context.strip_prefix(" at <")?.split_once(">: ")?;
        let message = before_next_level(message);
        return Some(format!("{location}\n  executing \"{name}\" at <{context}>:\n    {}", line(message)));
    }
    let (location, message) = rest.rsplit_once(": ")?;
    Some(format!("{location}\n  {}", line(before_next_level(message))))
}

fn before_next_level(message: &str) -> &str {
    message.find(" template:").map_or(message, |next| &message[..next])
}

fn line(message: &str) -> String {
    if message.is_empty() { String::new() } else { format!("{message}\n") }
}
