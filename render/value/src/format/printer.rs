//! One run of the printer: values of all kinds under a verb.

use super::flags::Flags;
use super::{MAXIMUM_DEPTH, MAXIMUM_LENGTH, decimals, duration, month, weekday};
use crate::{ElementType, IntType, Kind, List, Map, Object, Str, Value};

/// Where pointers seem to point to: Go's addresses differ from run to run, ours must not.
const ADDRESS: u64 = 0xc0_0000_0000;

/// Prints values to the end of an output.
pub(super) struct Printer<'o> {
    output: &'o mut Vec<u8>,
    /// The length of the output from which nothing more is printed.
    pub(super) limit: usize,
    pub(super) flags: Flags,
    /// While a wrong verb is reported, methods are not called.
    reporting: bool,
    /// The maps within which a value is printed, by address.
    path: Vec<usize>,
}

impl<'o> Printer<'o> {
    pub(super) fn new(output: &'o mut Vec<u8>) -> Self {
        let limit = output.len() + MAXIMUM_LENGTH;
        Self { output, limit, flags: Flags::default(), reporting: false, path: Vec::new() }
    }

    /// Whether the run has printed all that it may.
    pub(super) fn is_full(&self) -> bool {
        self.output.len() >= self.limit
    }

    pub(super) fn write(&mut self, bytes: &[u8]) {
        if self.is_full() {
            return;
        }
        self.output.extend_from_slice(bytes);
        if self.is_full() {
            self.output.extend_from_slice(b"...");
        }
    }

    pub(super) fn padding(&mut self, count: usize, byte: u8) {
        if !self.is_full() {
            let length = self.output.len() + count;
            self.output.resize(length, byte);
        }
    }

    /// Prints an argument of `Printf` and its like.
    pub(super) fn argument(&mut self, value: &Value, verb: char) {
        match (value, verb) {
            (Value::Nil, 'T' | 'v') => self.pad(b"<nil>"),
            (_, 'T') => {
                let name = value.type_name();
                self.string(name.as_bytes(), 's');
            }
            (_, 'p') => self.pointer(value, 'p'),
            _ => self.value(value, verb, 0),
        }
    }

    /// Prints a value at a depth within others: 0 for an argument itself.
    fn value(&mut self, value: &Value, verb: char, depth: usize) {
        if depth > MAXIMUM_DEPTH || self.is_full() {
            return self.write(b"...");
        }
        if self.by_method(value, verb) {
            return;
        }
        let known = match value {
            Value::Nil => false,
            Value::Bool(truth) if matches!(verb, 't' | 'v') => {
                self.pad(if *truth { b"true" } else { b"false" });
                true
            }
            Value::Bool(_) => false,
            Value::Int(_, number) => self.integer((*number).into(), verb),
            Value::Uint(_, number) => self.integer((*number).into(), verb),
            Value::Float(number) => self.float(*number, verb),
            Value::Complex(real, imaginary) => self.complex(*real, *imaginary, verb),
            Value::Str(text) => self.string(text.as_bytes(), verb),
            Value::Bytes(bytes) => self.bytes(bytes, verb, depth),
            _ if verb == 'w' => false,
            Value::List(list) => self.list(list, verb, depth),
            Value::Map(map) => self.map(map, verb, depth),
            Value::Object(object) => self.object(object.as_ref(), value, verb, depth),
        };
        if !known {
            self.wrong_verb(value, verb);
        }
    }

    /// `%!verb(type=value)`
    fn wrong_verb(&mut self, value: &Value, verb: char) {
        self.write(b"%!");
        self.write(verb.encode_utf8(&mut [0; 4]).as_bytes());
        self.write(b"(");
        if value.is_nil() {
            self.write(b"<nil>");
        } else {
            self.write(value.type_name().as_bytes());
            self.write(b"=");
            let reporting = std::mem::replace(&mut self.reporting, true);
            self.value(value, 'v', 0);
            self.reporting = reporting;
        }
        self.write(b")");
    }

    /// Prints by the type's `String` or `Error` method, if it has one and the verb wants text.
    fn by_method(&mut self, value: &Value, verb: char) -> bool {
        let wants_text =
            matches!(verb, 'v' | 's' | 'x' | 'X' | 'q') && !self.flags.sharp_v && !self.reporting;
        let text = match value {
            _ if !wants_text => None,
            Value::Int(IntType::Duration, number) => Some(Str::from(duration(*number))),
            Value::Int(IntType::Month, number) => Some(Str::from(month(*number))),
            Value::Int(IntType::Weekday, number) => Some(Str::from(weekday(*number))),
            Value::Object(object) => object.to_text(),
            _ => None,
        };
        text.is_some_and(|text| self.string(text.as_bytes(), verb))
    }

    /// An element of a collection: a nil interface prints under any verb.
    fn element(&mut self, value: &Value, element: ElementType, verb: char, depth: usize) {
        match (value, element) {
            (Value::Nil, ElementType::Interface) if self.flags.sharp_v => self.write(b"interface {}(nil)"),
            (Value::Nil, ElementType::Named(name)) if self.flags.sharp_v => {
                self.write(b"(");
                self.write(name.as_bytes());
                self.write(b")(nil)");
            }
            (Value::Nil, _) => self.write(b"<nil>"),
            _ => self.value(value, verb, depth),
        }
    }

    fn bytes(&mut self, bytes: &[u8], verb: char, depth: usize) -> bool {
        if matches!(verb, 's' | 'q' | 'x' | 'X') {
            return self.string(bytes, verb);
        }
        let go_syntax = self.flags.sharp_v;
        if go_syntax {
            self.write(if depth == 0 && verb == 'v' { b"[]byte" } else { b"[]uint8" });
        }
        self.write(if go_syntax { b"{" } else { b"[" });
        let printed = if verb == 'v' && self.flags == Flags::default() { self.decimals(bytes) } else { 0 };
        for (index, byte) in bytes.iter().enumerate().skip(printed) {
            if self.is_full() {
                break;
            }
            self.separator(index);
            self.value(&Value::Uint(crate::UintType::Uint8, u64::from(*byte)), verb, depth + 1);
        }
        self.write(if go_syntax { b"}" } else { b"]" });
        true
    }

    /// Prints as many bytes as certainly may be printed, and tells how many.
    fn decimals(&mut self, bytes: &[u8]) -> usize {
        let room = self.limit.saturating_sub(self.output.len()) / decimals::WIDEST;
        let printed = bytes.get(..room.saturating_sub(1)).unwrap_or(bytes);
        let Some((first, rest)) = printed.split_first() else { return 0 };
        self.output.reserve(printed.len() * decimals::WIDEST);
        self.output.extend_from_slice(first.to_string().as_bytes());
        for bytes in rest.chunks(decimals::AT_ONCE) {
            decimals::append(self.output, bytes);
        }
        printed.len()
    }

    fn list(&mut self, list: &List, verb: char, depth: usize) -> bool {
        if self.flags.sharp_v {
            self.write(list.type_name().as_bytes());
            if list.is_nil() {
                self.write(b"(nil)");
                return true;
            }
        }
        self.write(if self.flags.sharp_v { b"{" } else { b"[" });
        for (index, item) in list.iter().enumerate() {
            if self.is_full() {
                break;
            }
            self.separator(index);
            self.element(item, list.element(), verb, depth + 1);
        }
        self.write(if self.flags.sharp_v { b"}" } else { b"]" });
        true
    }

    fn map(&mut self, map: &Map, verb: char, depth: usize) -> bool {
        if self.flags.sharp_v {
            self.write(map.map_type().name().as_bytes());
            if map.is_nil() {
                self.write(b"(nil)");
                return true;
            }
        }
        if self.path.contains(&map.address()) {
            self.write(b"...");
            return true;
        }
        self.path.push(map.address());
        self.write(if self.flags.sharp_v { b"{" } else { b"map[" });
        for (index, (key, value)) in map.entries().into_iter().enumerate() {
            if self.is_full() {
                break;
            }
            self.separator(index);
            self.value(&Value::Str(key), verb, depth + 1);
            self.write(b":");
            self.element(&value, map.element(), verb, depth + 1);
        }
        self.write(if self.flags.sharp_v { b"}" } else { b"]" });
        self.path.pop();
        true
    }

    fn separator(&mut self, index: usize) {
        match (index, self.flags.sharp_v) {
            (0, _) => {}
            (_, true) => self.write(b", "),
            (_, false) => self.write(b" "),
        }
    }

    fn object(&mut self, object: &dyn Object, value: &Value, verb: char, depth: usize) -> bool {
        match object.kind() {
            Kind::Struct => self.fields(object, verb, depth),
            Kind::Pointer if depth == 0 => {
                self.write(b"&");
                self.fields(object, verb, depth + 1);
            }
            _ => self.pointer(value, verb),
        }
        true
    }

    /// As a template prints an object: the struct behind the pointer.
    pub(super) fn indirect_object(&mut self, object: &dyn Object) {
        match object.to_text() {
            Some(text) => self.write(text.as_bytes()),
            None => self.fields(object, 'v', 0),
        }
    }

    fn fields(&mut self, object: &dyn Object, verb: char, depth: usize) {
        if self.flags.sharp_v {
            self.write(object.type_name().trim_start_matches('*').as_bytes());
        }
        self.write(b"{");
        for (index, (name, value)) in object.fields().into_iter().enumerate() {
            self.separator(index);
            if self.flags.plus_v || self.flags.sharp_v {
                self.write(name.as_bytes());
                self.write(b":");
            }
            self.element(&value, ElementType::Interface, verb, depth + 1);
        }
        self.write(b"}");
    }

    /// An address, for the kinds that have one.
    fn pointer(&mut self, value: &Value, verb: char) {
        let address = match value {
            Value::List(list) if list.is_nil() => 0,
            Value::Map(map) if map.is_nil() => 0,
            Value::List(_) | Value::Map(_) | Value::Bytes(_) => ADDRESS,
            Value::Object(object) if object.kind() != Kind::Struct => ADDRESS,
            _ => return self.wrong_verb(value, verb),
        };
        match verb {
            'v' if self.flags.sharp_v => {
                self.write(format!("({})(", value.type_name()).as_bytes());
                self.hexadecimal(address, true);
                self.write(b")");
            }
            'v' | 'p' => self.hexadecimal(address, !self.flags.sharp),
            'b' | 'o' | 'd' | 'x' | 'X' => {
                self.integer(address.into(), verb);
            }
            _ => self.wrong_verb(value, verb),
        }
    }
}
