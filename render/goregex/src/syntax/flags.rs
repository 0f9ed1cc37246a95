//! The flags that `(?i)` and its like switch.

/// What holds at one place of an expression. All are off at its start.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Flags {
    /// `i`: letters match in either case.
    pub(crate) fold_case: bool,
    /// `m`: `^` and `$` match at every line.
    pub(crate) multi_line: bool,
    /// `s`: the dot matches line breaks.
    pub(crate) dot_matches_newline: bool,
    /// `U`: `*` prefers few, `*?` many.
    pub(crate) swap_greed: bool,
}

impl Flags {
    /// Switches one flag; `None` where there is none of that letter.
    pub(crate) fn switch(&mut self, letter: char, on: bool) -> Option<()> {
        let flag = match letter {
            'i' => &mut self.fold_case,
            'm' => &mut self.multi_line,
            's' => &mut self.dot_matches_newline,
            'U' => &mut self.swap_greed,
            _ => return None,
        };
        *flag = on;
        Some(())
    }
}
