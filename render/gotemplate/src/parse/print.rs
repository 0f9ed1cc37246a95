//! The source form of nodes: what stands between `<` and `>` in error texts.

use value::format;

use super::tree::{Command, Invocation, Operand, OperandKind, Parts, Pipeline, Span};

/// Appends a node's source form, laid out anew.
pub(crate) trait Source {
    /// Appends to the output; the node is one of those of the parts.
    fn write(&self, parts: &Parts, output: &mut Vec<u8>);

    /// The source form as text.
    fn source(&self, parts: &Parts) -> String {
        let mut output = Vec::new();
        self.write(parts, &mut output);
        String::from_utf8_lossy(&output).into_owned()
    }
}

impl Source for Pipeline {
    fn write(&self, parts: &Parts, output: &mut Vec<u8>) {
        for (index, variable) in self.variables().iter().enumerate() {
            if index > 0 {
                output.extend_from_slice(b", ");
            }
            output.extend_from_slice(variable.of(&parts.text));
        }
        if !self.variables().is_empty() {
            output.extend_from_slice(if self.assigns { b" = " } else { b" := " });
        }
        for (index, command) in parts.commands.get(self.commands).iter().enumerate() {
            if index > 0 {
                output.extend_from_slice(b" | ");
            }
            command.write(parts, output);
        }
    }
}

impl Source for Command {
    fn write(&self, parts: &Parts, output: &mut Vec<u8>) {
        self.first.write(parts, output);
        for argument in parts.operands.get(self.arguments) {
            output.push(b' ');
            argument.write(parts, output);
        }
    }
}

impl Source for Operand {
    fn write(&self, parts: &Parts, output: &mut Vec<u8>) {
        match &self.kind {
            OperandKind::Dot => output.push(b'.'),
            OperandKind::Nil => output.extend_from_slice(b"nil"),
            OperandKind::Bool(truth) => output.extend_from_slice(if *truth { b"true" } else { b"false" }),
            OperandKind::Number(number) => output.extend_from_slice(number.text.as_bytes()),
            OperandKind::Plain(inner) => {
                output.push(b'"');
                output.extend_from_slice(inner.of(&parts.text));
                output.push(b'"');
            }
            OperandKind::String(constant) => {
                let start = self.position as usize;
                output.extend_from_slice(Span::new(start, start + constant.length as usize).of(&parts.text));
            }
            OperandKind::Field(fields) => output.extend_from_slice(fields.of(&parts.text)),
            OperandKind::Variable { name, end } => {
                output.extend_from_slice(name.of(&parts.text));
                output.extend_from_slice(name.rest(*end).of(&parts.text));
            }
            OperandKind::Identifier(name) => output.extend_from_slice(name.of(&parts.text)),
            OperandKind::Pipeline(pipeline) => {
                output.push(b'(');
                pipeline.write(parts, output);
                output.push(b')');
            }
            OperandKind::Chain(chain) => {
                chain.operand.write(parts, output);
                output.extend_from_slice(chain.fields.of(&parts.text));
            }
        }
    }
}

impl Operand {
    /// The source form without the parentheses of a pipeline, as Go prints a node by itself.
    pub(crate) fn bare_source(&self, parts: &Parts) -> String {
        match &self.kind {
            OperandKind::Pipeline(pipeline) => pipeline.source(parts),
            _ => self.source(parts),
        }
    }
}

impl Source for Invocation {
    fn write(&self, parts: &Parts, output: &mut Vec<u8>) {
        output.extend_from_slice(b"{{template ");
        output.extend_from_slice(format::quote(&self.name).as_bytes());
        if let Some(pipeline) = &self.pipeline {
            output.push(b' ');
            pipeline.write(parts, output);
        }
        output.extend_from_slice(b"}}");
    }
}
