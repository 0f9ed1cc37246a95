//! The chain of templates in which a rendering failed, for whoever shows people where to look.

use gotemplate::{Cause, ExecutionError, FunctionError, Location};

use crate::RenderError;
use crate::functions::TplError;

/// A template that was being executed when another one in it failed, or that failed itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// Where it stood.
    pub location: Location,
    /// The expression, in source form; empty where the text is no template at all.
    pub expression: String,
    /// The text, where it is no file: what was given to `tpl`.
    pub text: Option<String>,
}

impl RenderError {
    /// The templates that were being executed, the outermost first; empty where no template is to blame.
    pub fn frames(&self) -> Vec<Frame> {
        match self {
            RenderError::Parse { source, .. } => vec![parse_frame(source, None)],
            RenderError::Execution { source, .. } => {
                let mut frames = Vec::new();
                collect(source, None, &mut frames);
                frames
            }
            _ => Vec::new(),
        }
    }
}

fn parse_frame(source: &gotemplate::ParseError, text: Option<&str>) -> Frame {
    let location = Location { template: source.template.clone(), line: source.line, column: 0 };
    Frame { location, expression: String::new(), text: text.map(str::to_owned) }
}

/// Errors nest no deeper than templates may.
fn collect(error: &ExecutionError, text: Option<&str>, frames: &mut Vec<Frame>) {
    let (mut error, mut text) = (error, text);
    while let Some(failure) = error.failure() {
        frames.push(Frame {
            location: failure.location.clone(),
            expression: failure.context.clone(),
            text: text.map(str::to_owned),
        });
        let Cause::Function { source, .. } = &failure.cause else { return };
        (error, text) = match source {
            FunctionError::Template(inner) => (inner, None),
            FunctionError::Other(other) => match other.downcast_ref() {
                Some(TplError::Execution { text, source }) => (source, Some(text.as_str())),
                Some(TplError::Parse { text, source }) => {
                    return frames.push(parse_frame(source, Some(text)));
                }
                None => return,
            },
            _ => return,
        };
    }
}
