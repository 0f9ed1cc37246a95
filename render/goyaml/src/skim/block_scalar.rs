//! Literal and folded scalars.

use super::place::Place;

/// A literal or folded scalar.
pub(super) struct BlockScalar<'t> {
    is_folded: bool,
    chomping: u8,
    /// The column where its text begins.
    column: usize,
    /// Its lines, blank ones at the end included.
    lines: &'t [u8],
}

impl<'t> Place<'t> {
    /// Takes a block scalar in a collection of that column, up to the head of the line behind it.
    pub(super) fn block_scalar(&mut self, outer: usize) -> Option<BlockScalar<'t>> {
        let is_folded = self.peek(0) == b'>';
        self.position += 1;
        let chomping = self.peek(0);
        if matches!(chomping, b'+' | b'-') {
            self.position += 1;
        }
        if !self.take_line_end() {
            return None;
        }
        let start = self.position;
        let column = self.first_text()?;
        // What is not further in than the collection around belongs to that: the scalar is empty.
        if column > outer {
            self.skip_lines_of(column);
        }
        Some(BlockScalar { is_folded, chomping, column, lines: self.since(start) })
    }

    /// Moves to the head of the first line that is not blank, and gives the column of its text. A blank line with more
    /// spaces than that would have told the indentation.
    fn first_text(&mut self) -> Option<usize> {
        let mut widest = 0;
        loop {
            let start = self.position;
            let spaces = self.skip_spaces();
            match self.peek(0) {
                b'\n' => self.position += 1,
                b'\t' => return None,
                _ => {
                    self.position = start;
                    return (widest <= spaces).then_some(spaces);
                }
            }
            widest = widest.max(spaces);
        }
    }

    /// Moves over the lines that are blank or begin at that column or further in.
    fn skip_lines_of(&mut self, column: usize) {
        loop {
            self.skip_line();
            let start = self.position;
            let spaces = self.skip_spaces();
            if spaces < column && self.peek(0) != b'\n' {
                self.position = start;
                return;
            }
            if self.peek(0) == 0 {
                return;
            }
        }
    }
}

impl BlockScalar<'_> {
    /// What it means: the lines without their indentation. In a folded scalar a line break between two lines that are
    /// not indented further becomes a space, and goes where blank lines follow.
    pub(super) fn text(&self) -> Vec<u8> {
        let mut text = Vec::with_capacity(self.lines.len());
        let mut blank_lines = 0;
        let mut is_after_break = false;
        let mut is_after_indented = false;
        for line in self.lines.split_inclusive(|&byte| byte == b'\n') {
            let (line, has_break) = line.strip_suffix(b"\n").map_or((line, false), |line| (line, true));
            let line = without_indentation(line, self.column);
            if line.is_empty() {
                blank_lines += usize::from(has_break);
                continue;
            }
            let is_indented = matches!(line.first(), Some(b' ' | b'\t'));
            let folds = self.is_folded && !is_indented && !is_after_indented;
            match (is_after_break, folds) {
                (true, false) => text.push(b'\n'),
                (true, true) if blank_lines == 0 => text.push(b' '),
                _ => {}
            }
            push_breaks(&mut text, std::mem::take(&mut blank_lines));
            text.extend_from_slice(line);
            (is_after_break, is_after_indented) = (has_break, is_indented);
        }
        if is_after_break && self.chomping != b'-' {
            text.push(b'\n');
        }
        if self.chomping == b'+' {
            push_breaks(&mut text, blank_lines);
        }
        text
    }
}

/// The line without at most that many spaces at its head.
fn without_indentation(line: &[u8], column: usize) -> &[u8] {
    let spaces = line.iter().take(column).take_while(|&&byte| byte == b' ').count();
    line.get(spaces..).unwrap_or_default()
}

fn push_breaks(text: &mut Vec<u8>, count: usize) {
    text.resize(text.len() + count, b'\n');
}
