//! The source form of nodes: what stands between `<` and `>` in error texts.

use value::format;

use super::tree::{Command, Invocation, Operand, OperandKind, Pipeline};

/// Appends a node's source form, laid out anew.
pub(crate) trait Source {
    /// Appends to the output.
    fn write(&self, output: &mut Vec<u8>);

    /// The source form as text.
    fn source(&self) -> String {
        let mut output = Vec::new();
        self.write(&mut output);
        String::from_utf8_lossy(&output).into_owned()
    }
}

impl Source for Pipeline {
    fn write(&self, output: &mut Vec<u8>) {
        for (index, variable) in self.variables.iter().enumerate() {
            if index > 0 {
                output.extend_from_slice(b", ");
            }
            output.extend_from_slice(variable.as_bytes());
        }
        if !self.variables.is_empty() {
            output.extend_from_slice(if self.assigns { b" = " } else { b" := " });
        }
        for (index, command) in self.commands.iter().enumerate() {
            if index > 0 {
                output.extend_from_slice(b" | ");
            }
            command.write(output);
        }
    }
}

impl Source for Command {
    fn write(&self, output: &mut Vec<u8>) {
        self.first.write(output);
        for argument in &*self.arguments {
            output.push(b' ');
            argument.write(output);
        }
    }
}

impl Source for Operand {
    fn write(&self, output: &mut Vec<u8>) {
        match &self.kind {
            OperandKind::Dot => output.push(b'.'),
            OperandKind::Nil => output.extend_from_slice(b"nil"),
            OperandKind::Bool(truth) => output.extend_from_slice(if *truth { b"true" } else { b"false" }),
            OperandKind::Number(number) => output.extend_from_slice(number.text.as_bytes()),
            OperandKind::String { quoted, .. } => output.extend_from_slice(quoted),
            OperandKind::Field(fields) => output.extend_from_slice(fields.text().as_bytes()),
            OperandKind::Variable { name, fields } => {
                output.extend_from_slice(name.as_bytes());
                output.extend_from_slice(fields.text().as_bytes());
            }
            OperandKind::Identifier(name) => output.extend_from_slice(name.as_bytes()),
            OperandKind::Pipeline(pipeline) => {
                output.push(b'(');
                pipeline.write(output);
                output.push(b')');
            }
            OperandKind::Chain { operand, fields } => {
                operand.write(output);
                output.extend_from_slice(fields.text().as_bytes());
            }
        }
    }
}

impl Operand {
    /// The source form without the parentheses of a pipeline, as Go prints a node by itself.
    pub(crate) fn bare_source(&self) -> String {
        match &self.kind {
            OperandKind::Pipeline(pipeline) => pipeline.source(),
            _ => self.source(),
        }
    }
}

impl Source for Invocation {
    fn write(&self, output: &mut Vec<u8>) {
        output.extend_from_slice(b"{{template ");
        output.extend_from_slice(format::quote(&self.name).as_bytes());
        if let Some(pipeline) = &self.pipeline {
            output.push(b' ');
            pipeline.write(output);
        }
        output.extend_from_slice(b"}}");
    }
}
