//! Evaluating pipelines and commands.

use std::borrow::Cow;

use value::Value;

use super::walk::{At, Result, Runner};
use crate::Reflected;
use crate::parse::{Command, Number, Operand, OperandKind, Pipeline};

impl<'t> Runner<'t, '_> {
    /// The value of a pipeline, free of `interface {}`; its variables are set.
    pub(super) fn pipeline(&mut self, dot: &Reflected, pipeline: &'t Pipeline) -> Result<Reflected> {
        self.stand(At::Pipeline(pipeline));
        let mut last = None;
        for command in self.tree.parts.commands.get(pipeline.commands) {
            let value = self.command(dot, command, last.take())?;
            last = Some(value.into_concrete());
        }
        let value = last.unwrap_or(Reflected::INVALID);
        for &name in pipeline.variables() {
            if pipeline.assigns {
                self.assign(name, value.clone())?;
            } else {
                self.declare(name, value.clone());
            }
        }
        Ok(value)
    }

    /// A pipeline in parentheses: the one thing for which evaluation uses more native stack.
    pub(super) fn inner_pipeline(&mut self, dot: &Reflected, pipeline: &'t Pipeline) -> Result<Reflected> {
        self.meter.enter().map_err(|limit| self.limit(limit))?;
        let value = self.pipeline(dot, pipeline)?;
        self.meter.leave();
        Ok(value)
    }

    /// The value of a command; `last` is what the pipeline gave so far, its last argument.
    fn command(
        &mut self,
        dot: &Reflected,
        command: &'t Command,
        last: Option<Reflected>,
    ) -> Result<Reflected> {
        let first = &command.first;
        let arguments = self.tree.parts.operands.get(command.arguments);
        let has_arguments = !arguments.is_empty() || last.is_some();
        match &first.kind {
            OperandKind::Field(names) => {
                self.stand(At::Operand(first));
                self.chain(dot, Cow::Borrowed(dot), first, *names, arguments, last)
            }
            OperandKind::Chain(chain) => {
                let receiver = self.chain_start(dot, first, &chain.operand)?;
                self.chain(dot, Cow::Owned(receiver), first, chain.fields, arguments, last)
            }
            OperandKind::Identifier(name) => {
                self.function(dot, first, At::Command(command), *name, arguments, last)
            }
            OperandKind::Pipeline(pipeline) => {
                self.refuse_arguments(first, has_arguments)?;
                self.inner_pipeline(dot, pipeline)
            }
            OperandKind::Variable { name, end } => {
                self.stand(At::Operand(first));
                let (value, fields) = (self.variable(*name)?.clone(), name.rest(*end));
                if fields.is_empty() {
                    self.refuse_arguments(first, has_arguments)?;
                    return Ok(value);
                }
                self.chain(dot, Cow::Owned(value), first, fields, arguments, last)
            }
            constant => {
                self.stand(At::Operand(first));
                self.refuse_arguments(first, has_arguments)?;
                match constant {
                    OperandKind::Dot => Ok(dot.clone()),
                    OperandKind::Nil => Err(self.error("nil is not a command")),
                    _ => self.constant(first),
                }
            }
        }
    }

    fn refuse_arguments(&self, first: &Operand, has_arguments: bool) -> Result<()> {
        if !has_arguments {
            return Ok(());
        }
        Err(self
            .error(format!("can't give argument to non-function {}", first.bare_source(&self.tree.parts))))
    }

    /// A constant where no type is asked for.
    pub(super) fn constant(&mut self, operand: &'t Operand) -> Result<Reflected> {
        let value = match &operand.kind {
            OperandKind::Bool(truth) => Value::Bool(*truth),
            OperandKind::Plain(text) => Value::Str(self.text(*text).into()),
            OperandKind::String(constant) => Value::Str(constant.value.clone()),
            OperandKind::Number(number) => self.ideal(operand, number)?,
            _ => Value::Nil,
        };
        Ok(value.into())
    }

    fn ideal(&mut self, operand: &'t Operand, number: &Number) -> Result<Value> {
        self.stand(At::Operand(operand));
        number.ideal().ok_or_else(|| self.error(format!("{} overflows int", number.text)))
    }

    /// What the fields of a chain are looked up in.
    pub(super) fn chain_start(
        &mut self,
        dot: &Reflected,
        chain: &'t Operand,
        start: &'t Operand,
    ) -> Result<Reflected> {
        self.stand(At::Operand(chain));
        match &start.kind {
            OperandKind::Pipeline(pipeline) => self.inner_pipeline(dot, pipeline),
            OperandKind::Identifier(name) => {
                self.stand(At::Operand(start));
                self.function(dot, start, At::Operand(start), *name, &[], None)
            }
            // The parser makes chains of nothing else.
            _ => Ok(Reflected::INVALID),
        }
    }
}
