//! Literal and folded scalars.

use super::cursor::Break;
use super::{Scanner, TokenKind};
use crate::error::Error;
use crate::tree::Style;

/// What becomes of the line breaks at the end.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Chomping {
    Strip,
    Clip,
    Keep,
}

impl Scanner<'_> {
    /// Scans a block scalar; the cursor stands on `|` or `>`.
    pub(super) fn scan_block_scalar(&mut self, style: Style) -> Result<(), Error> {
        let start = self.cursor.mark();
        self.cursor.skip(1);
        let (chomping, increment) = self.scan_block_header()?;
        let mut indent = increment.map(|increment| self.indent.max(0) + increment);

        let mut value = String::new();
        let mut blank_lines = String::new();
        let mut end = self.skip_blank_lines(&mut indent, &mut blank_lines)?;
        let column = indent.unwrap_or(0);
        let mut last_break: Option<Break> = None;
        let mut after_indented = false;
        while self.cursor.column() == column && !self.cursor.at_end() {
            let indented = self.cursor.is_blank(0);
            let folds =
                style == Style::Folded && !after_indented && !indented && last_break == Some(Break::Line);
            match last_break {
                Some(_) if folds && blank_lines.is_empty() => value.push(' '),
                Some(kept) if !folds => value.push_str(kept.text()),
                _ => {}
            }
            value.push_str(&blank_lines);
            blank_lines.clear();
            after_indented = indented;
            let line = self.cursor.position;
            self.cursor.skip_line_rest();
            value.push_str(self.cursor.slice(line, self.cursor.position));
            last_break = self.cursor.take_break();
            end = self.skip_blank_lines(&mut indent, &mut blank_lines)?;
        }
        if let Some(kept) = last_break.filter(|_| chomping != Chomping::Strip) {
            value.push_str(kept.text());
        }
        if chomping == Chomping::Keep {
            value.push_str(&blank_lines);
        }
        self.push(TokenKind::Scalar { value: value.into(), style }, start);
        if let Some(token) = self.queue.back_mut() {
            token.end = end;
        }
        Ok(())
    }

    /// The signs behind `|`, then the rest of that line.
    fn scan_block_header(&mut self) -> Result<(Chomping, Option<i64>), Error> {
        let mut chomping = self.scan_chomping();
        let increment = match self.cursor.peek(0) {
            b'0' => return Err(self.error("found an indentation indicator equal to 0")),
            digit @ b'1'..=b'9' => {
                self.cursor.skip(1);
                Some(i64::from(digit - b'0'))
            }
            _ => None,
        };
        if chomping.is_none() && increment.is_some() {
            chomping = self.scan_chomping();
        }
        self.cursor.skip_blanks();
        self.cursor.skip_comment();
        if !self.cursor.is_break_or_end(0) {
            return Err(self.error("did not find expected comment or line break"));
        }
        self.cursor.take_break();
        Ok((chomping.unwrap_or(Chomping::Clip), increment))
    }

    fn scan_chomping(&mut self) -> Option<Chomping> {
        let chomping = match self.cursor.peek(0) {
            b'+' => Chomping::Keep,
            b'-' => Chomping::Strip,
            _ => return None,
        };
        self.cursor.skip(1);
        Some(chomping)
    }

    /// Moves over indentation and empty lines. Without an indentation given, the first line with text tells it.
    fn skip_blank_lines(
        &mut self,
        indent: &mut Option<i64>,
        breaks: &mut String,
    ) -> Result<super::Mark, Error> {
        let mut end = self.cursor.mark();
        let mut widest = 0;
        loop {
            let text_column = indent.unwrap_or(i64::MAX);
            self.cursor.skip_spaces_before(text_column);
            widest = widest.max(self.cursor.column());
            if self.cursor.peek(0) == b'\t' && self.cursor.column() < text_column {
                return Err(self.error("found a tab character where an indentation space is expected"));
            }
            let Some(found) = self.cursor.take_break() else {
                break;
            };
            breaks.push_str(found.text());
            end = self.cursor.mark();
        }
        if indent.is_none() {
            *indent = Some(widest.max(self.indent + 1).max(1));
        }
        Ok(end)
    }
}
