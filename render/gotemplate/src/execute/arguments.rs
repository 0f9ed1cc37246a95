//! Calling functions, and making arguments fit their parameters.

use std::borrow::Cow;

use value::{IntType, Kind, UintType, Value, format};

use super::walk::{At, Result, Runner};
use crate::builtin::{self, Builtin};
use crate::function::Arguments;
use crate::parse::{Operand, OperandKind, Span};
use crate::{Call, Cause, Function, FunctionError, ParameterType, Reflected};

impl<'t> Runner<'t, '_> {
    /// Calls a function by name. An error of the function itself is placed at `call_at`.
    pub(super) fn function(
        &mut self,
        dot: &Reflected,
        node: &'t Operand,
        call_at: At<'t>,
        name: Span,
        arguments: &'t [Operand],
        last: Option<Reflected>,
    ) -> Result<Reflected> {
        self.stand(At::Operand(node));
        let name = self.text(name);
        if let Some(function) = self.templates.function(name) {
            return self.call(dot, function, call_at, name, None, arguments, last);
        }
        match builtin::find(name) {
            Some(Builtin::Function(function)) => {
                self.call(dot, function, call_at, name, None, arguments, last)
            }
            Some(Builtin::And) => self.and_or(dot, false, name, arguments, last),
            Some(Builtin::Or) => self.and_or(dot, true, name, arguments, last),
            Some(Builtin::Call) => self.call_value(dot, call_at, arguments, last),
            None => Err(self.error(format!("{} is not a defined function", format::quote(name)))),
        }
    }

    /// Calls a function, or a method that is bound to a receiver.
    #[expect(clippy::too_many_arguments, reason = "as many as a call takes in Go")]
    pub(super) fn call(
        &mut self,
        dot: &Reflected,
        function: &Function,
        call_at: At<'t>,
        name: &[u8],
        receiver: Option<Reflected>,
        arguments: &'t [Operand],
        last: Option<Reflected>,
    ) -> Result<Reflected> {
        self.step()?;
        let parameters = function.parameters().get(usize::from(receiver.is_some())..).unwrap_or_default();
        let count = arguments.len() + usize::from(last.is_some());
        self.check_count(name, parameters.len(), function.is_variadic(), arguments.len(), count)?;
        let before = self.arguments.len();
        self.arguments.extend(receiver);
        for (index, argument) in arguments.iter().enumerate() {
            let value = self.argument(dot, type_of(parameters, index), argument)?;
            self.arguments.push(value);
        }
        if let Some(last) = last {
            let value = self.validated(last, type_of(parameters, arguments.len()))?;
            self.arguments.push(value);
        }
        self.charge_arguments(before)?;
        let mut call = Call { templates: self.templates, meter: self.meter, host: self.host };
        let values = Arguments::new(self.arguments.drain(before..));
        let result =
            function.call(&mut call, values).map_err(|source| self.call_failed(call_at, name, source))?;
        self.charge_result(&result)?;
        Ok(result)
    }

    /// Long texts and lists cost steps where they are read, so that reading one again and again comes to an end.
    fn charge_arguments(&mut self, before: usize) -> Result<()> {
        let steps: usize = self.arguments.iter().skip(before).map(|argument| work(argument.value())).sum();
        if steps == 0 { Ok(()) } else { self.meter.step(steps as u64).map_err(|limit| self.limit(limit)) }
    }

    /// And where they are made, memory too, so that doubling one again and again comes to an end.
    fn charge_result(&mut self, result: &Reflected) -> Result<()> {
        let value = result.value();
        let bytes = match value {
            Value::Str(text) => text.owned_bytes(),
            Value::List(list) if !list.is_shared() => list.len() * size_of::<Value>(),
            _ => 0,
        };
        if bytes == 0 {
            return Ok(());
        }
        let charged = self.meter.step(work(value) as u64).and_then(|()| self.meter.memory(bytes));
        charged.map_err(|limit| self.limit(limit))
    }

    fn call_failed(&mut self, call_at: At<'t>, name: &[u8], source: FunctionError) -> Box<crate::Failure> {
        self.stand(call_at);
        let function = String::from_utf8_lossy(name).into_owned();
        self.failure(Cause::Function { function, source })
    }

    fn check_count(
        &self,
        name: &[u8],
        parameters: usize,
        variadic: bool,
        arguments: usize,
        count: usize,
    ) -> Result<()> {
        let least = if variadic { parameters.saturating_sub(1) } else { parameters };
        if count == least || variadic && count > least {
            return Ok(());
        }
        let name = String::from_utf8_lossy(name);
        Err(self.error(if variadic {
            // Go leaves the pipeline's value out of this number, and only of this one.
            format!("wrong number of args for {name}: want at least {least} got {arguments}")
        } else {
            format!("wrong number of args for {name}: want {parameters} got {count}")
        }))
    }

    /// `and` and `or`, which evaluate no more arguments than they need.
    fn and_or(
        &mut self,
        dot: &Reflected,
        ends_at: bool,
        name: &[u8],
        arguments: &'t [Operand],
        last: Option<Reflected>,
    ) -> Result<Reflected> {
        self.step()?;
        self.check_count(name, 2, true, arguments.len(), arguments.len() + usize::from(last.is_some()))?;
        let mut value = Reflected::INVALID;
        for argument in arguments {
            value = self.argument(dot, ParameterType::Reflected, argument)?;
            if value.value().is_true() == ends_at {
                return Ok(value);
            }
        }
        Ok(last.unwrap_or(value))
    }

    /// `call`: no value is a function here, so this is always an error, but in Go's words.
    fn call_value(
        &mut self,
        dot: &Reflected,
        call_at: At<'t>,
        arguments: &'t [Operand],
        last: Option<Reflected>,
    ) -> Result<Reflected> {
        self.check_count(b"call", 2, true, arguments.len(), arguments.len() + usize::from(last.is_some()))?;
        let mut values = Vec::with_capacity(arguments.len());
        for argument in arguments {
            values.push(self.argument(dot, ParameterType::Reflected, argument)?);
        }
        let callee = values.first().or(last.as_ref()).cloned().unwrap_or_default();
        let name = match (arguments.first(), callee.value()) {
            (Some(argument), _) => argument.bare_source(&self.tree.parts),
            (None, Value::Str(text)) => text.to_string(),
            (None, Value::Nil) => "<invalid Value>".to_owned(),
            (None, value) => format!("<{} Value>", value.type_name()),
        };
        let message = match callee.value() {
            Value::Nil => "call of nil".to_owned(),
            value => format!("non-function {name} of type {}", value.type_name()),
        };
        Err(self.call_failed(call_at, b"call", FunctionError::Failed(message)))
    }

    /// The value of an argument, converted to the type of its parameter.
    pub(super) fn argument(
        &mut self,
        dot: &Reflected,
        parameter: ParameterType,
        operand: &'t Operand,
    ) -> Result<Reflected> {
        self.stand(At::Operand(operand));
        let value = match &operand.kind {
            OperandKind::Dot => dot.clone(),
            OperandKind::Nil if parameter.can_be_nil() => return Ok(parameter.zero()),
            OperandKind::Nil => {
                return Err(self.error(format!("cannot assign nil to {}", parameter.name())));
            }
            OperandKind::Field(names) => self.chain(dot, Cow::Borrowed(dot), operand, *names, &[], None)?,
            OperandKind::Variable { name, end } => {
                let value = self.variable(*name)?.clone();
                self.chain(dot, Cow::Owned(value), operand, name.rest(*end), &[], None)?
            }
            OperandKind::Pipeline(pipeline) => self.inner_pipeline(dot, pipeline)?,
            OperandKind::Identifier(name) => {
                self.function(dot, operand, At::Operand(operand), *name, &[], None)?
            }
            OperandKind::Chain(chain) => {
                let receiver = self.chain_start(dot, operand, &chain.operand)?;
                self.chain(dot, Cow::Owned(receiver), operand, chain.fields, &[], None)?
            }
            _ => return self.constant_argument(parameter, operand),
        };
        self.validated(value, parameter)
    }

    /// A constant as the kind that the parameter has.
    fn constant_argument(&mut self, parameter: ParameterType, operand: &'t Operand) -> Result<Reflected> {
        let Some(kind) = parameter.kind() else {
            if matches!(parameter, ParameterType::Interface | ParameterType::Reflected) {
                return self.constant(operand);
            }
            let source = operand.bare_source(&self.tree.parts);
            return Err(self.error(format!("can't handle {source} for arg of type {}", parameter.name())));
        };
        let (value, expected) = match (kind, &operand.kind) {
            (Kind::Bool, OperandKind::Bool(truth)) => (Some(Value::Bool(*truth)), "bool"),
            (Kind::Bool, _) => (None, "bool"),
            (Kind::Int(int), OperandKind::Number(number)) => {
                (number.int.map(|number| Value::Int(int, wrap_int(int, number))), "integer")
            }
            (Kind::Int(_), _) => (None, "integer"),
            (Kind::Uint(uint), OperandKind::Number(number)) => {
                (number.uint.map(|number| Value::Uint(uint, wrap_uint(uint, number))), "unsigned integer")
            }
            (Kind::Uint(_), _) => (None, "unsigned integer"),
            (Kind::Float64, OperandKind::Number(number)) => (number.float.map(Value::Float), "float"),
            (Kind::Float64, _) => (None, "float"),
            (_, OperandKind::Plain(_) | OperandKind::String(_)) => return self.constant(operand),
            _ => (None, "string"),
        };
        match value {
            Some(value) => Ok(value.into()),
            None => {
                Err(self
                    .error(format!("expected {expected}; found {}", operand.bare_source(&self.tree.parts))))
            }
        }
    }

    /// Go's `validateType`: the value if it can be assigned to the type.
    fn validated(&self, value: Reflected, parameter: ParameterType) -> Result<Reflected> {
        if !value.is_valid() {
            if parameter.can_be_nil() {
                return Ok(parameter.zero());
            }
            return Err(self.error(format!("invalid value; expected {}", parameter.name())));
        }
        let is_any = matches!(parameter, ParameterType::Interface | ParameterType::Reflected);
        let is_nil = value.value().is_nil();
        if is_any || !is_nil && parameter.accepts(value.value()) {
            return Ok(value);
        }
        let got = if is_nil { value.type_name() } else { value.value().type_name() };
        Err(self.error(format!("wrong type for value; expected {}; got {got}", parameter.name())))
    }
}

/// The type of an argument: beyond the last parameter, that of the variadic one.
fn type_of(parameters: &[ParameterType], index: usize) -> ParameterType {
    parameters.get(index).or(parameters.last()).copied().unwrap_or(ParameterType::Interface)
}

/// A constant is cut to the parameter's size without complaint, as Go's `SetInt` does.
fn wrap_int(int: IntType, number: i64) -> i64 {
    match int {
        IntType::Int8 => i64::from(number as i8),
        IntType::Int16 => i64::from(number as i16),
        IntType::Int32 => i64::from(number as i32),
        _ => number,
    }
}

/// As [`wrap_int`].
fn wrap_uint(uint: UintType, number: u64) -> u64 {
    match uint {
        UintType::Uint8 => u64::from(number as u8),
        UintType::Uint16 => u64::from(number as u16),
        UintType::Uint32 => u64::from(number as u32),
        _ => number,
    }
}

/// The steps that reading or making a value takes.
fn work(value: &Value) -> usize {
    const BYTES_PER_STEP: usize = 64;
    const ITEMS_PER_STEP: usize = 16;
    match value {
        Value::Str(text) => text.len() / BYTES_PER_STEP,
        Value::List(list) => list.len() / ITEMS_PER_STEP,
        _ => 0,
    }
}
