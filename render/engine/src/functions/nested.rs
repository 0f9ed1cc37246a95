//! `include` and `tpl`: templates inside templates.

use gotemplate::{Call, ExecutionError, FunctionError, ParseError, Templates};
use thiserror::Error;
use value::{Str, Value, format};

use crate::render::{Host, ROOT_TEMPLATE, without_no_value};

/// How often one name may be included within itself, as in Helm.
const MAX_INCLUDES_OF_ONE_NAME: usize = 1000;

/// Executes a named template and gives its output.
pub(super) fn include(call: &mut Call<'_>, name: Str, data: Value) -> Result<Str, FunctionError> {
    let text = name.to_text();
    enter(call, &name)?;
    let output = call.execute(&text, data);
    leave(call);
    Ok(output?.into())
}

fn enter(call: &mut Call<'_>, name: &Str) -> Result<(), FunctionError> {
    let Some(host) = Host::of(call) else { return Ok(()) };
    let depth = host.included.iter().filter(|included| *included == name).count();
    if depth > MAX_INCLUDES_OF_ONE_NAME {
        return Err(format!(
            "rendering template has a nested reference name: {name}: unable to execute template"
        )
        .into());
    }
    host.included.push(name.clone());
    Ok(())
}

fn leave(call: &mut Call<'_>) {
    if let Some(host) = Host::of(call) {
        host.included.pop();
    }
}

/// Why `tpl` failed; `Display` is Helm's text.
#[derive(Debug, Error)]
pub(crate) enum TplError {
    /// The text is no template.
    #[error("cannot parse template {}: {source}", format::quote(text))]
    Parse {
        text: String,
        #[source]
        source: ParseError,
    },
    /// The text's execution failed.
    #[error("error during tpl function execution for {}: {source}", format::quote(text))]
    Execution {
        text: String,
        #[source]
        source: ExecutionError,
    },
}

/// Executes a text as a template that sees all templates of the chart; what it defines is its own.
pub(super) fn tpl(call: &mut Call<'_>, text: Str, data: Value) -> Result<Str, FunctionError> {
    let source = text.to_text();
    let mut templates: Templates = call.templates().overlay();
    let tree = templates
        .parse(ROOT_TEMPLATE, text.as_bytes())
        .map_err(|source| FunctionError::other(TplError::Parse { text: text.to_string(), source }))?;
    match call.execute_in(&templates, &tree, data) {
        Ok(output) => Ok(without_no_value(output).into()),
        Err(error) => {
            Err(FunctionError::other(TplError::Execution { text: source.into_owned(), source: error }))
        }
    }
}
