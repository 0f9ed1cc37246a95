//! Reading a template.

use value::Value;
use value::format::{Unquoted, sprintf, unquote_character};

use super::{Filter, Part, Slice, Step};

/// What is wrong with a template; `Display` is Kubernetes' text.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(in crate::cli) struct ParseError(String);

fn wrong(text: impl Into<String>) -> ParseError {
    ParseError(text.into())
}

/// The texts and actions of a template.
pub(super) fn template(text: &str) -> Result<Vec<Part>, ParseError> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some((before, inside)) = rest.split_once('{') {
        if !before.is_empty() {
            parts.push(Part::Text(before.to_owned()));
        }
        let mut reader = Reader { rest: inside };
        parts.push(Part::Action(reader.action()?));
        rest = reader.rest;
    }
    if !rest.is_empty() {
        parts.push(Part::Text(rest.to_owned()));
    }
    Ok(parts)
}

/// The steps of a text that could stand in braces.
fn steps(text: &str) -> Result<Vec<Step>, ParseError> {
    Reader { rest: &format!("{text}}}") }.action()
}

struct Reader<'a> {
    rest: &'a str,
}

impl<'a> Reader<'a> {
    fn next(&mut self) -> Option<char> {
        let letter = self.rest.chars().next()?;
        self.rest = &self.rest[letter.len_utf8()..];
        Some(letter)
    }

    fn skip(&mut self, prefix: &str) -> bool {
        let rest = self.rest.strip_prefix(prefix);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    /// What stands before the first letter that ends it; all that is left without one.
    fn until(&mut self, ends: impl Fn(char) -> bool) -> &'a str {
        let (text, rest) = self.rest.split_at(self.rest.find(ends).unwrap_or(self.rest.len()));
        self.rest = rest;
        text
    }

    /// The steps up to the closing brace.
    fn action(&mut self) -> Result<Vec<Step>, ParseError> {
        let mut steps = Vec::new();
        while !self.skip("}") {
            if self.skip("[?(") {
                steps.push(Step::Filter(self.filter()?));
            } else if self.skip("..") {
                if matches!(steps.last(), Some(Step::Recursive)) {
                    return Err(wrong("invalid multiple recursive descent"));
                }
                steps.push(Step::Recursive);
                if self.rest.starts_with(is_alphanumeric) {
                    steps.push(self.field());
                }
            } else {
                self.step(&mut steps)?;
            }
        }
        Ok(steps)
    }

    fn step(&mut self, steps: &mut Vec<Step>) -> Result<(), ParseError> {
        let start = self.rest;
        match self.next() {
            None | Some('\r' | '\n') => return Err(wrong("unclosed action")),
            // The present object: where every path starts.
            Some(' ' | '@' | '$') => {}
            Some('[') => self.array(steps)?,
            Some(quote @ ('"' | '\'')) => steps.push(self.quoted(start, quote)?),
            Some('.') => steps.push(self.field()),
            Some(letter) if matches!(letter, '+' | '-') || letter.is_numeric() => {
                let digits = self.until(|letter| letter != '.' && !letter.is_numeric());
                steps.push(number(&start[..letter.len_utf8() + digits.len()])?);
            }
            Some(letter) if is_alphanumeric(letter) => {
                self.rest = start;
                steps.push(word(self.until(is_terminator)));
            }
            Some(letter) => {
                let shown = sprintf(b"%#U", &[Value::int(i64::from(u32::from(letter)))]);
                let shown = String::from_utf8_lossy(&shown);
                return Err(wrong(format!("unrecognized character in action: {shown}")));
            }
        }
        Ok(())
    }

    /// A key, in which a backslash takes the meaning off what follows.
    fn field(&mut self) -> Step {
        let mut key = String::new();
        while let Some(letter) = self.rest.chars().next().filter(|letter| !is_terminator(*letter)) {
            self.next();
            match letter {
                '\\' => key.extend(self.next().filter(|letter| *letter != '\\')),
                letter => key.push(letter),
            }
        }
        if key == "*" { Step::Wildcard } else { Step::Field(key) }
    }

    /// What is in brackets: keys, indexes, slices, or several of them.
    fn array(&mut self, steps: &mut Vec<Step>) -> Result<(), ParseError> {
        let text = self.until(|letter| letter == ']' || letter == '\n');
        if self.next() != Some(']') {
            return Err(wrong("unterminated array"));
        }
        if text.contains(',') {
            let of = |item: &str| self::steps(&format!("[{}]", item.trim_matches(' ')));
            steps.push(Step::Union(text.split(',').map(of).collect::<Result<_, _>>()?));
            return Ok(());
        }
        let key = text.strip_prefix('\'').and_then(|text| text.strip_suffix('\''));
        match key.filter(|key| !key.contains('\'')) {
            Some(key) => steps.extend(self::steps(&format!(".{key}"))?),
            None => steps.push(Step::Slice(slice(if text == "*" { ":" } else { text })?)),
        }
        Ok(())
    }

    fn quoted(&mut self, start: &'a str, quote: char) -> Result<Step, ParseError> {
        let mut before = quote;
        loop {
            match self.next() {
                None | Some('\n') => return Err(wrong("unterminated quoted string")),
                Some(letter) if letter == quote && before != '\\' => break,
                Some(letter) => before = letter,
            }
        }
        let quoted = &start[..start.len() - self.rest.len()];
        let text = unquoted(&quoted[1..quoted.len() - 1], quote);
        text.map(|text| Step::Text(Value::Str(text.into())))
            .ok_or_else(|| wrong(format!("unquote string {quoted} error invalid syntax")))
    }

    fn filter(&mut self) -> Result<Filter, ParseError> {
        let text = self.filter_text()?;
        if self.next() != Some(']') {
            return Err(wrong("unclosed array expect ]"));
        }
        let is_operator = |letter: char| "!<>=".contains(letter);
        let Some((left, rest)) = text.find(is_operator).filter(|at| *at > 0).map(|at| text.split_at(at))
        else {
            return Ok(Filter { left: steps(text)?, comparison: None });
        };
        let length = rest.find(|letter| !is_operator(letter)).unwrap_or(rest.len().saturating_sub(1));
        match rest.split_at(length) {
            ("", _) => Ok(Filter { left: steps(text)?, comparison: None }),
            (operator, right) => {
                let left = steps(left)?;
                Ok(Filter { left, comparison: Some((operator.to_owned(), steps(right)?)) })
            }
        }
    }

    /// What is in a filter's parentheses; one that stands in the first quoted text there does not close them.
    fn filter_text(&mut self) -> Result<&'a str, ParseError> {
        let start = self.rest;
        let (mut quote, mut is_closed, mut before) = (None, false, '(');
        loop {
            let end = start.len() - self.rest.len();
            match self.next() {
                None | Some('\n') => return Err(wrong("unterminated filter")),
                Some(letter @ ('"' | '\'')) if quote.is_none() => quote = Some(letter),
                Some(letter) if quote == Some(letter) && before != '\\' => is_closed = true,
                Some(')') if quote.is_some() == is_closed => return Ok(&start[..end]),
                Some(_) => {}
            }
            before = start[end..].chars().next().unwrap_or(before);
        }
    }
}

fn number(text: &str) -> Result<Step, ParseError> {
    if let Ok(number) = text.parse::<i64>() {
        return Ok(Step::Constant(Value::int(number)));
    }
    let number = text.parse::<f64>().map_err(|_| wrong(format!("cannot parse number {text}")))?;
    Ok(Step::Constant(Value::Float(number)))
}

fn word(text: &str) -> Step {
    match text {
        "true" | "false" => Step::Constant((text == "true").into()),
        "range" => Step::Range,
        "end" => Step::End,
        _ => Step::Unknown,
    }
}

fn slice(text: &str) -> Result<Slice, ParseError> {
    let numbers: Vec<&str> = text.split(':').collect();
    let is_number =
        |text: &str| text.strip_prefix('-').unwrap_or(text).bytes().all(|byte| byte.is_ascii_digit());
    if numbers.len() > 3 || !numbers.iter().all(|text| is_number(text)) {
        return Err(wrong(format!("invalid array index {text}")));
    }
    let number = |index: usize| -> Result<Option<i64>, ParseError> {
        match numbers.get(index) {
            None | Some(&"") => Ok(None),
            Some(text) => {
                text.parse().map(Some).map_err(|_| wrong(format!("array index {text} is not a number")))
            }
        }
    };
    let (start, mut end, step) = (number(0)?, number(1)?, number(2)?);
    let is_single = numbers.len() == 1;
    if is_single {
        end = start.unwrap_or(0).checked_add(1);
    }
    Ok(Slice { start, end, step, is_single })
}

/// A text without its quotes, of either kind.
fn unquoted(text: &str, quote: char) -> Option<Vec<u8>> {
    let quote = u8::try_from(quote).ok()?;
    let (mut unquoted, mut rest) = (Vec::new(), text.as_bytes());
    while !rest.is_empty() {
        let (letter, tail) = unquote_character(rest, quote).ok()?;
        match letter {
            Unquoted::Byte(byte) => unquoted.push(byte),
            Unquoted::Character(letter) => {
                unquoted.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes())
            }
        }
        rest = tail;
    }
    Some(unquoted)
}

fn is_terminator(letter: char) -> bool {
    " \t\r\n.,[]$@{}".contains(letter)
}

fn is_alphanumeric(letter: char) -> bool {
    letter == '_' || letter.is_alphabetic() || letter.is_numeric()
}
