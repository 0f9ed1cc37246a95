//! Columns, indentation and the spaces between signs.

/// Room for what most templates print with one call.
const USUAL_LENGTH: usize = 256;

const SPACES: &str = "                                ";

/// Text that grows, and where its last line stands.
pub(super) struct Layout {
    pub(super) text: String,
    /// Characters on the last line.
    pub(super) column: usize,
    /// Whether the last character separates: a space is not needed before the next sign.
    pub(super) separated: bool,
    /// Whether the last line holds nothing but indentation and the signs `-`, `?` and `:` of block collections.
    pub(super) only_indentation: bool,
}

impl Layout {
    pub(super) fn new() -> Self {
        Self { text: String::with_capacity(USUAL_LENGTH), column: 0, separated: true, only_indentation: true }
    }

    /// Adds characters that are no line breaks.
    pub(super) fn put(&mut self, text: &str) {
        self.column += if text.is_ascii() { text.len() } else { text.chars().count() };
        self.text.push_str(text);
    }

    pub(super) fn put_character(&mut self, character: char) {
        self.column += 1;
        self.text.push(character);
    }

    fn put_spaces(&mut self, mut count: usize) {
        self.column += count;
        while let Some(rest) = count.checked_sub(SPACES.len()) {
            self.text.push_str(SPACES);
            count = rest;
        }
        self.text.push_str(SPACES.get(..count).unwrap_or_default());
    }

    pub(super) fn put_break(&mut self) {
        self.text.push('\n');
        self.column = 0;
    }

    /// Adds a sign of one column for each byte.
    pub(super) fn sign(&mut self, sign: &str, needs_space: bool) {
        if needs_space && !self.separated {
            self.put_character(' ');
        }
        self.column += sign.len();
        self.text.push_str(sign);
        self.separated = false;
    }

    /// A sign of a flow collection or a quote: what follows is not at the line's beginning any more.
    pub(super) fn inline_sign(&mut self, sign: &str, needs_space: bool) {
        self.sign(sign, needs_space);
        self.only_indentation = false;
    }

    /// Goes to the indentation given, on a new line unless this one still has room before it.
    pub(super) fn indent_to(&mut self, indent: usize) {
        let passed = self.column > indent || self.column == indent && !self.separated;
        if !self.only_indentation || passed {
            self.put_break();
        }
        let missing = indent.saturating_sub(self.column);
        self.put_spaces(missing);
        self.separated = true;
        self.only_indentation = true;
    }
}
