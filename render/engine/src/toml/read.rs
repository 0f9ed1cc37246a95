//! The grammar of documents.

use value::{Map, Value, unicode};

use super::{
    MAX_DEPTH,
    document::{Document, Node},
    scalars::{self, Zones},
    scan::{ReadError, Scanner, Trouble, is_line_break, is_space, quoted_character},
    strings,
};

/// Byte order marks of UTF-16, which some tools write even before UTF-8, and of UTF-8.
const BYTE_ORDER_MARKS: [&[u8]; 3] = [b"\xFF\xFE", b"\xFE\xFF", b"\xEF\xBB\xBF"];

/// Reads a document. The host's zone is that of dates without an offset.
pub(crate) fn from_toml(text: &[u8], host: &dyn sprig::Host) -> Result<Map, ReadError> {
    let text = BYTE_ORDER_MARKS.iter().find_map(|mark| text.strip_prefix(*mark)).unwrap_or(text);
    if text.iter().take(6).any(|byte| *byte == 0) {
        let message = "files cannot contain NULL bytes; probably using UTF-16; TOML files must be UTF-8";
        return Err(Trouble::new(1, message).after(String::new()));
    }
    let scanner = Scanner::new(text);
    let mut reader = Reader { scanner, document: Document::new(), zones: Zones::new(host), depth: 0 };
    match reader.lines() {
        Ok(()) => Ok(reader.document.into_map()),
        Err(trouble) => Err(trouble.after(reader.document.last_key())),
    }
}

struct Reader<'text> {
    scanner: Scanner<'text>,
    document: Document,
    zones: Zones,
    /// How many arrays and inline tables are open.
    depth: usize,
}

impl Reader<'_> {
    fn lines(&mut self) -> Result<(), Trouble> {
        loop {
            self.skip_space_and_comments()?;
            match self.scanner.peek()? {
                None => return Ok(()),
                Some('[') => self.header()?,
                Some(_) => self.assignment()?,
            }
            self.end_of_line()?;
        }
    }

    fn skip_space_and_comments(&mut self) -> Result<(), Trouble> {
        self.scanner.take_while(is_space)?;
        while self.scanner.peek()? == Some('#') {
            self.scanner.take_while(|letter| !is_line_break(letter))?;
            self.scanner.take_while(is_space)?;
        }
        Ok(())
    }

    fn end_of_line(&mut self) -> Result<(), Trouble> {
        self.scanner.skip_blanks()?;
        match self.scanner.peek()? {
            None | Some('#') => return Ok(()),
            Some(letter) if is_line_break(letter) => return Ok(()),
            Some(_) => {}
        }
        let found = self.scanner.next()?;
        let got = quoted_character(found);
        Err(self.scanner.trouble(format!(
            "expected a top-level item to end with a newline, comment, or EOF, but got {got} instead"
        )))
    }

    /// `[a.b]` or `[[a.b]]`
    fn header(&mut self) -> Result<(), Trouble> {
        self.scanner.next()?;
        let in_array = self.scanner.accept('[')?;
        let mut key = Vec::new();
        loop {
            self.scanner.skip_blanks()?;
            let part = match self.scanner.peek()? {
                None | Some(']') => {
                    let message = "unexpected end of table name (table names cannot be empty)";
                    return Err(self.scanner.trouble(message));
                }
                Some('.') => {
                    let message = "unexpected table separator (table names cannot be empty)";
                    return Err(self.scanner.trouble(message));
                }
                Some(first) => self.key_part(first, key.is_empty())?,
            };
            key.push(part);
            self.scanner.skip_blanks()?;
            match self.scanner.next()? {
                Some('.') => {}
                Some(']') => break,
                other => {
                    let got = quoted_character(other);
                    let message = format!("expected '.' or ']' to end table name, but got {got} instead");
                    return Err(self.scanner.unexpected(other, message));
                }
            }
        }
        if in_array {
            self.second_bracket()?;
        }
        self.document.enter(&key, in_array)?;
        self.document.note_kind("", false);
        Ok(())
    }

    fn second_bracket(&mut self) -> Result<(), Trouble> {
        let found = self.scanner.next()?;
        if found == Some(']') {
            return Ok(());
        }
        let got = quoted_character(found);
        let message = format!("expected end of table array name delimiter ']', but got {got} instead");
        Err(self.scanner.unexpected(found, message))
    }

    /// One part of a key, which may be empty before a character that no key has.
    fn key_part(&mut self, first: char, is_first: bool) -> Result<String, Trouble> {
        if is_first {
            self.document.line = self.scanner.line();
        }
        if matches!(first, '"' | '\'') {
            self.scanner.next()?;
            return strings::single_line(&mut self.scanner, first);
        }
        let start = self.scanner.position();
        self.scanner.take_while(|letter| u8::try_from(letter).is_ok_and(super::is_bare))?;
        Ok(self.scanner.text_since(start))
    }

    /// A key and its equals sign: the last part, and those before.
    fn key(&mut self) -> Result<(String, Vec<String>), Trouble> {
        let mut parents = Vec::new();
        loop {
            self.scanner.skip_blanks()?;
            let is_first = parents.is_empty();
            let part = match self.scanner.peek()? {
                None | Some('=') => {
                    let why = if is_first { ": key name appears blank" } else { "" };
                    return Err(self.scanner.trouble(format!("unexpected '='{why}")));
                }
                Some('.') => {
                    let why = if is_first { ": keys cannot start with a '.'" } else { "" };
                    return Err(self.scanner.trouble(format!("unexpected '.'{why}")));
                }
                Some(first) => self.key_part(first, is_first)?,
            };
            self.scanner.skip_blanks()?;
            let found = self.scanner.next()?;
            let message = format!("expected '.' or '=', but got {} instead", quoted_character(found));
            match found {
                Some('=') => return Ok((part, parents)),
                Some('.') => parents.push(part),
                Some('\n') => return Err(self.scanner.trouble_before(message)),
                Some(_) => return Err(self.scanner.trouble(message)),
                None => {
                    let message = "unexpected EOF; expected key separator '='";
                    return Err(self.scanner.unexpected(None, message));
                }
            }
        }
    }

    fn assignment(&mut self) -> Result<(), Trouble> {
        let outer = self.document.context.clone();
        let (key, parents) = self.key()?;
        self.document.key = key.clone();
        self.document.enter_parents(&parents)?;
        let node = self.value(false)?;
        let is_array = matches!(node, Node::Array(_));
        self.document.set(&key, node)?;
        self.document.note_kind(&key, is_array);
        self.document.context = outer;
        self.document.key.clear();
        Ok(())
    }

    fn value(&mut self, in_array: bool) -> Result<Node, Trouble> {
        self.scanner.skip_blanks()?;
        match self.scanner.peek()? {
            Some('[') => return self.nested(Self::array),
            Some('{') => return self.nested(|reader| reader.inline_table(in_array)),
            _ => {}
        }
        self.scalar().map(Node::Scalar)
    }

    fn nested(&mut self, read: impl FnOnce(&mut Self) -> Result<Node, Trouble>) -> Result<Node, Trouble> {
        if self.depth >= MAX_DEPTH {
            return Err(self.scanner.trouble(format!("arrays nest more than {MAX_DEPTH} deep")));
        }
        self.scanner.next()?;
        self.depth += 1;
        let node = read(self)?;
        self.depth -= 1;
        Ok(node)
    }

    fn scalar(&mut self) -> Result<Value, Trouble> {
        if self.scanner.peek()?.is_some_and(|letter| letter.is_ascii_digit()) {
            return scalars::number_or_date(&mut self.scanner, &self.zones);
        }
        let start = self.scanner.position();
        let found = self.scanner.next()?;
        match found {
            Some(quote @ ('"' | '\'')) => return self.string(quote).map(Value::from),
            Some('.') => return Err(self.scanner.trouble("floats must start with a digit, not '.'")),
            Some('+' | '-') => return scalars::signed(&mut self.scanner),
            Some('i' | 'n') => {
                if self.ends_named_float()? {
                    return scalars::float(&self.scanner, start);
                }
                self.scanner.back(1);
                return scalars::truth(&mut self.scanner);
            }
            None => return Err(self.scanner.unexpected(None, "unexpected EOF; expected value")),
            Some(_) => {}
        }
        let message = format!("expected value but found {} instead", quoted_character(found));
        match found {
            Some(letter) if unicode::is_letter(letter) => {
                self.scanner.back(letter.len_utf8());
                scalars::truth(&mut self.scanner)
            }
            Some('\n') => Err(self.scanner.trouble_before(message)),
            _ => Err(self.scanner.trouble(message)),
        }
    }

    /// Whether the rest of `inf` or `nan` follows; letters that fit are taken even where the whole doesn't.
    fn ends_named_float(&mut self) -> Result<bool, Trouble> {
        let scanner = &mut self.scanner;
        Ok(scanner.accept('n')? && scanner.accept('f')? || scanner.accept('a')? && scanner.accept('n')?)
    }

    fn string(&mut self, quote: char) -> Result<String, Trouble> {
        if self.scanner.accept(quote)? {
            if self.scanner.accept(quote)? {
                return strings::multi_line(&mut self.scanner, quote);
            }
            self.scanner.back(1);
        }
        strings::single_line(&mut self.scanner, quote)
    }

    fn array(&mut self) -> Result<Node, Trouble> {
        let key = self.document.key.clone();
        self.document.note_kind(&key, true);
        let mut items = Vec::new();
        loop {
            self.skip_space_and_comments()?;
            if self.scanner.accept(']')? {
                break;
            }
            self.refuse_comma()?;
            items.push(self.value(true)?);
            if self.closes(']', "expected a comma (',') or array terminator (']'), but got ", "")? {
                break;
            }
        }
        Ok(Node::Array(items))
    }

    fn refuse_comma(&mut self) -> Result<(), Trouble> {
        if self.scanner.accept(',')? { Err(self.scanner.trouble("unexpected comma")) } else { Ok(()) }
    }

    /// Takes the comma or the closing bracket behind an item: whether it was the bracket.
    fn closes(&mut self, bracket: char, before: &str, after: &str) -> Result<bool, Trouble> {
        self.skip_space_and_comments()?;
        let found = self.scanner.next()?;
        if found == Some(bracket) || found == Some(',') {
            return Ok(found == Some(bracket));
        }
        let got = found.map_or("end of file".to_owned(), |letter| format!("'{letter}'"));
        Err(self.scanner.unexpected(found, format!("{before}{got}{after}")))
    }

    /// Keys are set twice: in the table that is the value, and in one within the document that finds duplicates.
    fn inline_table(&mut self, in_array: bool) -> Result<Node, Trouble> {
        let outer = self.document.context.clone();
        let outer_key = std::mem::take(&mut self.document.key);
        let path = self.document.path_to(&outer_key);
        self.document.context.clone_from(&path);
        self.document.imply(&path);
        self.document.enter(&path, in_array)?;
        let table = self.document.new_table();
        loop {
            self.skip_space_and_comments()?;
            if self.scanner.accept('}')? {
                break;
            }
            self.refuse_comma()?;
            let (key, parents) = self.key()?;
            self.document.key = key.clone();
            self.document.enter_parents(&parents)?;
            let node = self.value(false)?;
            let is_array = matches!(node, Node::Array(_));
            self.document.set(&key, node.clone())?;
            self.document.note_kind(&key, is_array);
            self.document.set_inline(table, &parents, node)?;
            self.document.context.clone_from(&path);
            let after = " instead";
            if self.closes('}', "expected a comma or an inline table terminator '}', but got ", after)? {
                break;
            }
        }
        self.document.context = outer;
        self.document.key = outer_key;
        Ok(Node::Table(table))
    }
}
