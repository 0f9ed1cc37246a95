//! Literal and folded scalars, which are only passed over.

use super::place::Place;

impl Place<'_> {
    /// Moves over a block scalar in a collection of that column, to the head of the line behind it.
    pub(super) fn block_scalar(&mut self, outer: usize) -> Option<()> {
        self.position += 1;
        if matches!(self.peek(0), b'+' | b'-') {
            self.position += 1;
        }
        if !self.take_line_end() {
            return None;
        }
        let column = self.first_text()?;
        // What is not further in than the collection around belongs to that: the scalar is empty.
        if column > outer {
            self.skip_lines_of(column);
        }
        Some(())
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
