//! Texts in the styles of YAML.

use super::analysis::{Analysis, is_break, is_printable};
use super::layout::Layout;

/// How a text is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ScalarStyle {
    Plain,
    SingleQuoted,
    DoubleQuoted,
    Literal,
}

impl ScalarStyle {
    /// The style itself, or the next one that can hold the text.
    pub(super) fn fitting(self, analysis: Analysis, is_simple_key: bool, is_empty: bool) -> Self {
        let single_or_double = || match analysis.allows_single_quotes {
            true => ScalarStyle::SingleQuoted,
            false => ScalarStyle::DoubleQuoted,
        };
        match self {
            _ if is_simple_key && analysis.is_multiline => ScalarStyle::DoubleQuoted,
            ScalarStyle::Plain if !analysis.allows_plain || is_empty && is_simple_key => single_or_double(),
            ScalarStyle::Literal if !analysis.allows_literal || is_simple_key => ScalarStyle::DoubleQuoted,
            style => style,
        }
    }
}

/// Where long lines of a text may break.
#[derive(Clone, Copy)]
pub(super) struct Folding {
    /// The column behind which a space becomes a line break; `None`: never.
    pub(super) column: Option<usize>,
    /// The indentation of the lines that follow.
    pub(super) indent: usize,
}

impl Folding {
    fn folds_at(self, layout: &Layout) -> bool {
        self.column.is_some_and(|column| layout.column > column)
    }

    /// Whether a text of that length can't reach the column.
    fn is_out_of_reach(self, layout: &Layout, length: usize) -> bool {
        self.column.is_none_or(|column| layout.column + length <= column)
    }
}

/// A text without quotes: it has no line breaks.
pub(super) fn write_plain(layout: &mut Layout, text: &str, folding: Folding) {
    if !text.is_empty() && !layout.separated {
        layout.put_character(' ');
    }
    write_words(layout, text, folding, false);
    layout.separated = false;
    layout.only_indentation = false;
}

/// A text in `'`: each `'` in it is doubled.
pub(super) fn write_single_quoted(layout: &mut Layout, text: &str, folding: Folding) {
    layout.inline_sign("'", true);
    write_words(layout, text, folding, true);
    layout.inline_sign("'", false);
}

/// The characters of a plain or single-quoted text: none of its breaks is a line feed. A fold replaces a lone space.
fn write_words(layout: &mut Layout, text: &str, folding: Folding, quoted: bool) {
    let has_quotes = quoted && text.contains(['\'', '\u{2028}', '\u{2029}']);
    if !has_quotes && folding.is_out_of_reach(layout, text.len()) {
        layout.put(text);
        return;
    }
    let mut after_space = false;
    let mut after_break = false;
    let mut characters = text.char_indices();
    while let Some((place, character)) = characters.next() {
        if character == ' ' {
            let next = characters.clone().next().map(|(_, next)| next);
            let is_edge = quoted && (place == 0 || next.is_none());
            if !after_space && folding.folds_at(layout) && !is_edge && next != Some(' ') {
                layout.indent_to(folding.indent);
            } else {
                layout.put_character(' ');
            }
            after_space = true;
        } else if is_break(character) {
            write_break(layout, character);
            after_break = true;
        } else {
            if after_break {
                layout.indent_to(folding.indent);
            }
            if quoted && character == '\'' {
                layout.put_character('\'');
            }
            layout.put_character(character);
            layout.only_indentation = false;
            after_space = false;
            after_break = false;
        }
    }
}

/// A line break as it is.
fn write_break(layout: &mut Layout, character: char) {
    layout.text.push(character);
    layout.column = 0;
    layout.only_indentation = true;
}

/// A text in `"`, with escapes. Behind a byte order mark at its head Go escapes everything.
pub(super) fn write_double_quoted(layout: &mut Layout, text: &str, folding: Folding) {
    layout.inline_sign("\"", true);
    let escapes_all = text.starts_with('\u{feff}');
    let mut after_space = false;
    let mut characters = text.char_indices();
    while let Some((place, character)) = characters.next() {
        if character == ' ' && !escapes_all {
            let next = characters.clone().next().map(|(_, next)| next);
            if !after_space && folding.folds_at(layout) && place > 0 && next.is_some() {
                layout.indent_to(folding.indent);
                if next == Some(' ') {
                    layout.put_character('\\');
                }
            } else {
                layout.put_character(' ');
            }
            after_space = true;
            continue;
        }
        after_space = false;
        if escapes_all || !is_printable(character) || is_break(character) || matches!(character, '"' | '\\') {
            write_escape(layout, character);
        } else {
            layout.put_character(character);
        }
    }
    layout.inline_sign("\"", false);
}

fn write_escape(layout: &mut Layout, character: char) {
    let letter = match character {
        '\0' => '0',
        '\x07' => 'a',
        '\x08' => 'b',
        '\t' => 't',
        '\n' => 'n',
        '\x0b' => 'v',
        '\x0c' => 'f',
        '\r' => 'r',
        '\x1b' => 'e',
        '"' => '"',
        '\\' => '\\',
        '\u{85}' => 'N',
        '\u{a0}' => '_',
        '\u{2028}' => 'L',
        '\u{2029}' => 'P',
        _ => {
            let code = u32::from(character);
            let escape = match code {
                0..=0xff => format!("\\x{code:02X}"),
                0x100..=0xffff => format!("\\u{code:04X}"),
                _ => format!("\\U{code:08X}"),
            };
            layout.put(&escape);
            return;
        }
    };
    layout.put_character('\\');
    layout.put_character(letter);
}

/// A text behind `|`, line by line.
pub(super) fn write_literal(layout: &mut Layout, text: &str, indent: usize) {
    layout.inline_sign("|", true);
    if text.starts_with([' ', '\n', '\r', '\u{85}', '\u{2028}', '\u{2029}']) {
        layout.inline_sign("2", false);
    }
    layout.inline_sign(chomping(text), false);
    layout.put_break();
    layout.only_indentation = true;
    layout.separated = true;
    let mut rest = text;
    while !rest.is_empty() {
        let end = line_length(rest);
        let (line, behind) = rest.split_at(end);
        if !line.is_empty() {
            layout.indent_to(indent);
            layout.put(line);
            layout.only_indentation = false;
        }
        let mut characters = behind.chars();
        if let Some(character) = characters.next() {
            write_break(layout, character);
        }
        rest = characters.as_str();
    }
}

/// The bytes up to the first line break.
fn line_length(text: &str) -> usize {
    let mut length = 0;
    while let Some(found) = text
        .as_bytes()
        .get(length..)
        .and_then(|ahead| ahead.iter().position(|byte| matches!(byte, b'\n' | b'\r' | 0xc2 | 0xe2)))
    {
        length += found;
        match text.get(length..).and_then(|ahead| ahead.chars().next()) {
            Some(character) if !is_break(character) => length += character.len_utf8(),
            _ => return length,
        }
    }
    text.len()
}

/// The sign for what is to become of the breaks at the end.
fn chomping(text: &str) -> &'static str {
    let mut backwards = text.chars().rev();
    match (backwards.next(), backwards.next()) {
        (Some(last), _) if !is_break(last) => "-",
        (Some(_), Some(before)) if !is_break(before) => "",
        (None, _) => "-",
        _ => "+",
    }
}

#[cfg(test)]
mod tests {
    use super::line_length;

    #[test]
    fn lines_end_at_breaks_and_not_at_letters_that_begin_alike() {
        for (text, length) in
            [("", 0), ("ab", 2), ("a\nb", 1), ("\r", 0), ("é\u{a0}\u{20ac}\u{85}x", 7), ("a\u{2028}", 1)]
        {
            assert_eq!(line_length(text), length, "{text:?}");
        }
    }
}
