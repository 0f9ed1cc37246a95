//! Format strings: reading `%[n]+5.2f` and choosing its argument.

use super::flags::Flags;
use super::printer::Printer;
use crate::Value;
use crate::unicode::decode;

/// Go takes no number beyond this for a width, a precision or an index.
const LARGEST: i64 = 1_000_000;

/// Prints the arguments as the format says.
pub(super) fn print(printer: &mut Printer<'_>, format: &[u8], arguments: &[Value]) {
    let mut reader = Reader { format, position: 0, arguments, next: 0, reordered: false, good_index: true };
    while let Some(percent) = format[reader.position..].iter().position(|byte| *byte == b'%') {
        printer.write(&format[reader.position..reader.position + percent]);
        reader.position += percent + 1;
        reader.directive(printer);
        if printer.is_full() {
            return;
        }
    }
    printer.write(&format[reader.position..]);
    if !reader.reordered && reader.next < arguments.len() {
        extra(printer, &arguments[reader.next..]);
    }
}

/// `%!(EXTRA type=value, type=value)`
fn extra(printer: &mut Printer<'_>, arguments: &[Value]) {
    printer.flags = Flags::default();
    printer.write(b"%!(EXTRA ");
    for (index, argument) in arguments.iter().enumerate() {
        if index > 0 {
            printer.write(b", ");
        }
        if !argument.is_nil() {
            printer.write(argument.type_name().as_bytes());
            printer.write(b"=");
        }
        printer.argument(argument, 'v');
    }
    printer.write(b")");
}

struct Reader<'f> {
    format: &'f [u8],
    position: usize,
    arguments: &'f [Value],
    /// The argument that comes next.
    next: usize,
    /// Whether an index chose an argument: then left-over arguments are no mistake.
    reordered: bool,
    good_index: bool,
}

impl Reader<'_> {
    fn directive(&mut self, printer: &mut Printer<'_>) {
        self.good_index = true;
        let mut flags = self.flags();
        let mut after_index = self.index();
        if self.take(b'*') {
            after_index = false;
            self.width_argument(&mut flags, printer);
        } else {
            flags.width = self.number();
            if after_index && flags.width.is_some() {
                self.good_index = false;
            }
        }
        // A point at the very end is no precision but the verb.
        if self.peek() == Some(b'.') && self.position + 1 < self.format.len() {
            self.position += 1;
            if after_index {
                self.good_index = false;
            }
            after_index = self.precision(&mut flags, printer);
        }
        if !after_index {
            self.index();
        }
        printer.flags = flags;
        self.verb(printer);
    }

    fn flags(&mut self) -> Flags {
        let mut flags = Flags::default();
        while let Some(byte) = self.peek() {
            match byte {
                b'#' => flags.sharp = true,
                b'0' => flags.zero = true,
                b'+' => flags.plus = true,
                b'-' => flags.minus = true,
                b' ' => flags.space = true,
                _ => break,
            }
            self.position += 1;
        }
        flags
    }

    fn width_argument(&mut self, flags: &mut Flags, printer: &mut Printer<'_>) {
        match self.integer_argument() {
            Some(width) => {
                flags.width = usize::try_from(width.unsigned_abs()).ok();
                if width < 0 {
                    flags.minus = true;
                    flags.zero = false;
                }
            }
            None => printer.write(b"%!(BADWIDTH)"),
        }
    }

    /// Reads what follows the point; whether an index stands last.
    fn precision(&mut self, flags: &mut Flags, printer: &mut Printer<'_>) -> bool {
        let after_index = self.index();
        if self.take(b'*') {
            flags.precision = self.integer_argument().and_then(|number| usize::try_from(number).ok());
            if flags.precision.is_none() {
                printer.write(b"%!(BADPREC)");
            }
            return false;
        }
        flags.precision = Some(self.number().unwrap_or(0));
        after_index
    }

    fn verb(&mut self, printer: &mut Printer<'_>) {
        if self.position >= self.format.len() {
            return printer.write(b"%!(NOVERB)");
        }
        let (verb, width) = decode(&self.format[self.position..]);
        let verb = verb.unwrap_or(char::REPLACEMENT_CHARACTER);
        self.position += width;
        let report =
            |printer: &mut Printer<'_>, what: &str| printer.write(format!("%!{verb}({what})").as_bytes());
        match self.arguments.get(self.next) {
            _ if verb == '%' => printer.write(b"%"),
            _ if !self.good_index => report(printer, "BADINDEX"),
            None => report(printer, "MISSING"),
            Some(argument) => {
                if matches!(verb, 'v' | 'w') {
                    printer.flags = printer.flags.for_v();
                }
                printer.argument(argument, verb);
                self.next += 1;
            }
        }
    }

    /// Reads `[n]`; whether it is well formed and there is such an argument.
    fn index(&mut self) -> bool {
        if self.peek() != Some(b'[') {
            return false;
        }
        self.reordered = true;
        let rest = &self.format[self.position..];
        let end = if rest.len() < 3 { None } else { rest.iter().position(|byte| *byte == b']') };
        let Some(end) = end else {
            self.position += 1;
            self.good_index = false;
            return false;
        };
        self.position += end + 1;
        let number = parse_number(&rest[1..end]).filter(|(_, length)| *length == end - 1);
        let Some((number, _)) = number else {
            self.good_index = false;
            return false;
        };
        match usize::try_from(number - 1) {
            Ok(index) if index < self.arguments.len() => self.next = index,
            _ => self.good_index = false,
        }
        true
    }

    fn integer_argument(&mut self) -> Option<i64> {
        let argument = self.arguments.get(self.next)?;
        self.next += 1;
        let number = match argument {
            Value::Int(_, number) => *number,
            Value::Uint(_, number) => i64::try_from(*number).ok()?,
            _ => return None,
        };
        (-LARGEST..=LARGEST).contains(&number).then_some(number)
    }

    fn number(&mut self) -> Option<usize> {
        let rest = &self.format[self.position..];
        if !rest.first().is_some_and(u8::is_ascii_digit) {
            return None;
        }
        let Some((number, length)) = parse_number(rest) else {
            // Go gives up on the whole rest of the format.
            self.position = self.format.len();
            return None;
        };
        self.position += length;
        usize::try_from(number).ok()
    }

    fn peek(&self) -> Option<u8> {
        self.format.get(self.position).copied()
    }

    fn take(&mut self, byte: u8) -> bool {
        let taken = self.peek() == Some(byte);
        self.position += usize::from(taken);
        taken
    }
}

/// The number at the start and its length; `None` without digits, or where it is far too large.
fn parse_number(text: &[u8]) -> Option<(i64, usize)> {
    let mut number = 0i64;
    let length = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    for digit in &text[..length] {
        if number > LARGEST {
            return None;
        }
        number = number * 10 + i64::from(digit - b'0');
    }
    (length > 0).then_some((number, length))
}
