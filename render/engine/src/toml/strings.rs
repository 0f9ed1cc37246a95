//! The four kinds of strings.

use super::scan::{Scanner, Trouble, is_line_break, is_space};

/// Reads a string of one line whose first quote is taken.
pub(super) fn single_line(scanner: &mut Scanner<'_>, quote: char) -> Result<String, Trouble> {
    let start = scanner.position();
    let mut escaped = false;
    loop {
        match scanner.next()? {
            None => {
                let wanted = if quote == '"' { "'\"'" } else { "\"'\"" };
                return Err(scanner.unexpected(None, format!("unexpected EOF; expected {wanted}")));
            }
            Some(letter) if is_line_break(letter) => {
                return Err(scanner.trouble_before("strings cannot contain newlines"));
            }
            Some('\\') if quote == '"' => {
                escaped = true;
                escape(scanner, start)?;
            }
            Some(letter) if letter == quote => break,
            Some(_) => {}
        }
    }
    let text = contents(scanner, start, 1);
    if escaped { unescaped(scanner, &text) } else { Ok(text) }
}

/// Reads a string of many lines whose first three quotes are taken.
pub(super) fn multi_line(scanner: &mut Scanner<'_>, quote: char) -> Result<String, Trouble> {
    let start = scanner.position();
    loop {
        match scanner.next()? {
            None => {
                let wanted = if quote == '"' { "'\"\"\"'" } else { "\"'''\"" };
                return Err(scanner.unexpected(None, format!("unexpected EOF; expected {wanted}")));
            }
            Some('\\') if quote == '"' => {
                if scanner.peek()?.is_some_and(is_line_break) {
                    scanner.next()?;
                } else {
                    escape(scanner, start)?;
                }
            }
            Some(letter) if letter == quote && ends(scanner, start, quote)? => break,
            Some(_) => {}
        }
    }
    let text = contents(scanner, start, 3);
    let text = text.strip_prefix("\r\n").or_else(|| text.strip_prefix('\n')).unwrap_or(&text);
    if quote == '"' { unescaped(scanner, &joined_lines(text)) } else { Ok(text.to_owned()) }
}

/// Whether the quote just taken begins the three that end the string; they are taken then.
///
/// Two more quotes may stand before the three, and belong to the string.
fn ends(scanner: &mut Scanner<'_>, start: usize, quote: char) -> Result<bool, Trouble> {
    if !scanner.accept(quote)? {
        return Ok(false);
    }
    if !scanner.accept(quote)? {
        scanner.back(1);
        return Ok(false);
    }
    if scanner.peek()? != Some(quote) {
        return Ok(true);
    }
    let seen = scanner.since(start);
    if quote == '"' && seen.ends_with(br#"""""""#) && !seen.ends_with(br#"\""""""#) {
        return Err(scanner.trouble("unexpected '\"\"\"\"\"\"'"));
    }
    if quote == '\'' && seen.ends_with(b"'''''") {
        return Err(scanner.trouble("unexpected \"''''''\""));
    }
    scanner.back(2);
    Ok(false)
}

fn contents(scanner: &Scanner<'_>, start: usize, quotes: usize) -> String {
    let mut text = scanner.text_since(start);
    text.truncate(text.len().saturating_sub(quotes));
    text
}

/// Checks the escape sequence whose backslash is taken, and takes it.
fn escape(scanner: &mut Scanner<'_>, start: usize) -> Result<(), Trouble> {
    let (count, name) = match scanner.next()? {
        Some('b' | 't' | 'n' | 'f' | 'r' | 'e' | '"' | '\\' | ' ' | '\t') => return Ok(()),
        Some('x') => (2, "two hexadecimal digits after '\\x'"),
        Some('u') => (4, "four hexadecimal digits after '\\u'"),
        Some('U') => (8, "eight hexadecimal digits after '\\U'"),
        Some(letter) => return Err(scanner.trouble(format!("invalid escape in string '\\{letter}'"))),
        None => return Err(scanner.trouble_before("invalid escape in string '\\\0'")),
    };
    for _ in 0..count {
        let found = scanner.next()?;
        if !found.is_some_and(|letter| letter.is_ascii_hexdigit()) {
            let seen = value::format::quote(scanner.since(start));
            return Err(scanner.unexpected(found, format!("expected {name}, but got {seen} instead")));
        }
    }
    Ok(())
}

/// Takes out each backslash at a line's end, with all white space behind it.
fn joined_lines(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('\\') {
        out.push_str(before);
        let next = after.trim_start_matches(is_space);
        let skipped = &after[..after.len() - next.len()];
        if let Some(behind) = after.strip_prefix('\\') {
            out.push_str("\\\\");
            rest = behind;
        } else if skipped.contains('\n') {
            rest = next;
        } else {
            out.push('\\');
            rest = after;
        }
    }
    out.push_str(rest);
    out
}

/// Replaces the escape sequences, which [`escape`] has checked.
fn unescaped(scanner: &Scanner<'_>, text: &str) -> Result<String, Trouble> {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('\\') {
        out.push_str(before);
        let mut letters = after.chars();
        let letter = letters.next().unwrap_or('\\');
        rest = letters.as_str();
        let length = match letter {
            'x' => 2,
            'u' => 4,
            'U' => 8,
            ' ' | '\t' => return Err(scanner.trouble(format!("invalid escape: '\\{letter}'"))),
            letter => {
                out.push(control(letter));
                continue;
            }
        };
        let digits = rest.get(..length).unwrap_or_default();
        let code = u32::from_str_radix(digits, 16)
            .ok()
            .and_then(char::from_u32)
            .ok_or_else(|| scanner.trouble(format!("Escaped character '\\u{digits}' is not valid UTF-8.")))?;
        out.push(code);
        rest = rest.get(length..).unwrap_or_default();
    }
    out.push_str(rest);
    Ok(out)
}

fn control(letter: char) -> char {
    match letter {
        'b' => '\u{8}',
        't' => '\t',
        'n' => '\n',
        'f' => '\u{c}',
        'r' => '\r',
        'e' => '\u{1b}',
        other => other,
    }
}
