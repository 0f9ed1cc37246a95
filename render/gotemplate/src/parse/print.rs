//! The source form of nodes: what stands between `<` and `>` in error texts.

use value::format;

use super::tree::{Command, Invocation, Operand, OperandKind, Pipeline, Span};

/// Appends a node's source form, laid out anew.
pub(crate) trait Source {
    /// Appends to the output; the text is the template's, of which the node keeps parts.
    fn write(&self, text: &[u8], output: &mut Vec<u8>);

    /// The source form as text.
    fn source(&self, text: &[u8]) -> String {
        let mut output = Vec::new();
        self.write(text, &mut output);
        String::from_utf8_lossy(&output).into_owned()
    }
}

impl Source for Pipeline {
    fn write(&self, text: &[u8], output: &mut Vec<u8>) {
        for (index, variable) in self.variables().iter().enumerate() {
            if index > 0 {
                output.extend_from_slice(b", ");
            }
            output.extend_from_slice(variable.of(text));
        }
        if !self.variables().is_empty() {
            output.extend_from_slice(if self.assigns { b" = " } else { b" := " });
        }
        for (index, command) in self.commands.iter().enumerate() {
            if index > 0 {
                output.extend_from_slice(b" | ");
            }
            command.write(text, output);
        }
    }
}

impl Source for Command {
    fn write(&self, text: &[u8], output: &mut Vec<u8>) {
        self.first.write(text, output);
        for argument in &*self.arguments {
            output.push(b' ');
            argument.write(text, output);
        }
    }
}

impl Source for Operand {
    fn write(&self, text: &[u8], output: &mut Vec<u8>) {
        match &self.kind {
            OperandKind::Dot => output.push(b'.'),
            OperandKind::Nil => output.extend_from_slice(b"nil"),
            OperandKind::Bool(truth) => output.extend_from_slice(if *truth { b"true" } else { b"false" }),
            OperandKind::Number(number) => output.extend_from_slice(number.text.as_bytes()),
            OperandKind::Plain(inner) => {
                output.push(b'"');
                output.extend_from_slice(inner.of(text));
                output.push(b'"');
            }
            OperandKind::String(constant) => {
                let start = self.position as usize;
                output.extend_from_slice(Span::new(start, start + constant.length as usize).of(text));
            }
            OperandKind::Field(fields) => output.extend_from_slice(fields.of(text)),
            OperandKind::Variable { name, end } => {
                output.extend_from_slice(name.of(text));
                output.extend_from_slice(name.rest(*end).of(text));
            }
            OperandKind::Identifier(name) => output.extend_from_slice(name.of(text)),
            OperandKind::Pipeline(pipeline) => {
                output.push(b'(');
                pipeline.write(text, output);
                output.push(b')');
            }
            OperandKind::Chain(chain) => {
                chain.operand.write(text, output);
                output.extend_from_slice(chain.fields.of(text));
            }
        }
    }
}

impl Operand {
    /// The source form without the parentheses of a pipeline, as Go prints a node by itself.
    pub(crate) fn bare_source(&self, text: &[u8]) -> String {
        match &self.kind {
            OperandKind::Pipeline(pipeline) => pipeline.source(text),
            _ => self.source(text),
        }
    }
}

impl Source for Invocation {
    fn write(&self, text: &[u8], output: &mut Vec<u8>) {
        output.extend_from_slice(b"{{template ");
        output.extend_from_slice(format::quote(&self.name).as_bytes());
        if let Some(pipeline) = &self.pipeline {
            output.push(b' ');
            pipeline.write(text, output);
        }
        output.extend_from_slice(b"}}");
    }
}
