//! Number constants: every type that the text can be.

use value::{Value, format, parse_float, parse_int, parse_uint};

use super::token::TokenKind;

/// A number constant. Which of its values counts depends on where it is used.
#[derive(Clone, Debug, Default)]
pub(crate) struct Number {
    pub(crate) text: String,
    pub(crate) int: Option<i64>,
    pub(crate) uint: Option<u64>,
    pub(crate) float: Option<f64>,
    pub(crate) complex: Option<(f64, f64)>,
}

impl Number {
    /// The number of a token with this text.
    pub(super) fn of(kind: TokenKind, text: &[u8]) -> Result<Self, String> {
        match kind {
            TokenKind::CharacterConstant => Self::character(text),
            TokenKind::Complex => Self::of_complex(&value::text_of(text)),
            _ => Self::parse(&value::text_of(text)),
        }
    }

    /// A character constant with its quotes: `'a'`.
    fn character(quoted: &[u8]) -> Result<Self, String> {
        let invalid = |_| "invalid syntax".to_owned();
        let (letter, tail) = format::unquote_character(&quoted[1..], b'\'').map_err(invalid)?;
        let text = String::from_utf8_lossy(quoted).into_owned();
        if tail != b"'" {
            return Err(format!("malformed character constant: {text}"));
        }
        let code = letter.code();
        Ok(Self {
            text,
            int: Some(code.into()),
            uint: Some(code.into()),
            float: Some(code.into()),
            complex: None,
        })
    }

    /// `1+2i`
    fn of_complex(text: &str) -> Result<Self, String> {
        let inner = text.strip_suffix('i').unwrap_or(text);
        let split = split_complex(inner).ok_or("syntax error scanning complex number")?;
        let (real, imaginary) = inner.split_at(split);
        Ok(Self::simplified(text, scanned(real)?, scanned(imaginary)?))
    }

    /// An integer, float or imaginary number.
    fn parse(text: &str) -> Result<Self, String> {
        if let Some(int) = short_decimal(text) {
            return Ok(Self {
                text: text.to_owned(),
                int: Some(int.into()),
                uint: Some(int.into()),
                float: Some(int.into()),
                complex: None,
            });
        }
        if let Some(Ok(imaginary)) = text.strip_suffix('i').map(parse_float) {
            return Ok(Self::simplified(text, 0.0, imaginary));
        }
        let mut number = Self { text: text.to_owned(), uint: parse_uint(text, 0).ok(), ..Self::default() };
        number.int = parse_int(text, 0).ok();
        if number.int == Some(0) {
            number.uint = Some(0);
        }
        number.float = number.int.map(|int| int as f64).or(number.uint.map(|uint| uint as f64));
        if number.float.is_some() {
            return Ok(number);
        }
        let illegal = || format!("illegal number syntax: {}", format::quote(text));
        let float = parse_float(text).map_err(|_| illegal())?;
        if !text.contains(['.', 'e', 'E', 'p', 'P']) {
            return Err(format!("integer overflow: {}", format::quote(text)));
        }
        number.take_float(float);
        Ok(number)
    }

    /// A complex number counts as a float, and that as an integer, where nothing is lost.
    fn simplified(text: &str, real: f64, imaginary: f64) -> Self {
        let mut number = Self { text: text.to_owned(), complex: Some((real, imaginary)), ..Self::default() };
        if imaginary == 0.0 {
            number.take_float(real);
        }
        number
    }

    fn take_float(&mut self, float: f64) {
        self.float = Some(float);
        self.int = to_int(float);
        self.uint = to_uint(float);
    }

    /// The value where no type is asked for, or `None` where an `int` can't hold it: Go's ideal constant.
    pub(crate) fn ideal(&self) -> Option<Value> {
        if let Some((real, imaginary)) = self.complex {
            return Some(Value::Complex(real, imaginary));
        }
        let is_character = self.text.starts_with('\'');
        let is_hexadecimal =
            matches!(self.text.as_bytes(), [b'0', b'x' | b'X', _, ..]) && !self.text.contains(['p', 'P']);
        match self.float {
            Some(float)
                if !is_character && !is_hexadecimal && self.text.contains(['.', 'e', 'E', 'p', 'P']) =>
            {
                Some(Value::Float(float))
            }
            _ => self.int.map(Value::int),
        }
    }
}

/// The number of a text of few digits that says nothing but itself: nearly all constants are such.
fn short_decimal(text: &str) -> Option<u32> {
    match text.as_bytes() {
        [digit @ b'0'..=b'9'] => Some(u32::from(digit - b'0')),
        digits @ [b'1'..=b'9', ..] if digits.len() <= 9 => digits.iter().try_fold(0, |number, digit| {
            digit.is_ascii_digit().then(|| number * 10 + u32::from(digit - b'0'))
        }),
        _ => None,
    }
}

/// The integer that Go's conversion gives, if it is the same number.
fn to_int(float: f64) -> Option<i64> {
    let int = if (-9_223_372_036_854_775_808.0..9_223_372_036_854_775_808.0).contains(&float) {
        float as i64
    } else {
        i64::MIN
    };
    (int as f64 == float).then_some(int)
}

/// As [`to_int`], on amd64, where a negative number wraps and one that is too large gives 2^63.
fn to_uint(float: f64) -> Option<u64> {
    const OUT_OF_RANGE: u64 = 1 << 63;
    let uint = if (-9_223_372_036_854_775_808.0..9_223_372_036_854_775_808.0).contains(&float) {
        float as i64 as u64
    } else if (0.0..18_446_744_073_709_551_616.0).contains(&float) {
        float as u64
    } else {
        OUT_OF_RANGE
    };
    (uint as f64 == float).then_some(uint)
}

/// Where the imaginary part starts: the last sign that belongs to no exponent.
fn split_complex(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let is_hexadecimal = text.trim_start_matches(['+', '-']).starts_with(['0']) && text.contains(['x', 'X']);
    (1..bytes.len()).rev().find(|&index| {
        let after_exponent = match bytes[index - 1] {
            b'e' | b'E' => !is_hexadecimal,
            b'p' | b'P' => true,
            _ => false,
        };
        matches!(bytes[index], b'+' | b'-') && !after_exponent
    })
}

fn scanned(text: &str) -> Result<f64, String> {
    parse_float(text).or_else(|error| match parse_int(text, 0) {
        Ok(int) => Ok(int as f64),
        Err(_) => Err(error.to_string()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_all_types_that_their_text_can_be() {
        let number = Number::parse("1e3").unwrap();
        assert_eq!((number.int, number.uint, number.float), (Some(1000), Some(1000), Some(1000.0)));
        assert_eq!(number.ideal(), Some(Value::Float(1000.0)));
        let number = Number::parse("-0").unwrap();
        assert_eq!((number.int, number.uint), (Some(0), Some(0)));
        for (text, number) in [("0", 0), ("7", 7), ("999999999", 999_999_999), ("1000000000", 1_000_000_000)]
        {
            let parsed = Number::parse(text).unwrap();
            assert_eq!((parsed.int, parsed.uint), (Some(number), Some(number as u64)));
            assert_eq!((parsed.float, parsed.ideal()), (Some(number as f64), Some(Value::int(number))));
        }
        assert_eq!(Number::parse("1_0").unwrap().int, Some(10));
        assert_eq!(Number::parse("010").unwrap().int, Some(8));
        assert_eq!(Number::parse("0x1F").unwrap().ideal(), Some(Value::int(31)));
        assert_eq!(Number::parse("18446744073709551615").unwrap().ideal(), None);
        assert_eq!(Number::parse("1i").unwrap().ideal(), Some(Value::Complex(0.0, 1.0)));
        assert_eq!(Number::character(b"'a'").unwrap().ideal(), Some(Value::int(97)));
        assert_eq!(Number::of_complex("1+2i").unwrap().complex, Some((1.0, 2.0)));
        assert_eq!(Number::of_complex("-1e+2-0x1p-2i").unwrap().complex, Some((-100.0, -0.25)));
    }

    #[test]
    fn wrong_numbers_are_refused_in_gos_words() {
        assert_eq!(Number::parse("08").unwrap_err(), "integer overflow: \"08\"");
        assert_eq!(Number::parse("-").unwrap_err(), "illegal number syntax: \"-\"");
        assert_eq!(Number::character(b"'ab'").unwrap_err(), "malformed character constant: 'ab'");
        assert_eq!(Number::character(b"''").unwrap_err(), "invalid syntax");
    }
}
