//! Directives, anchors, aliases and tags.

use super::{Scanner, TagName, TokenKind};
use crate::error::Error;

/// A UTF-8 sequence that is written as `%xx` escapes.
struct Escaped {
    missing: usize,
    bytes: Vec<u8>,
}

impl<'t> Scanner<'t> {
    /// Scans a `%YAML` or `%TAG` line; the cursor stands on `%`.
    pub(super) fn scan_directive(&mut self) -> Result<(), Error> {
        let start = self.cursor.mark();
        self.cursor.skip(1);
        let name = self.scan_word();
        if name.is_empty() {
            return Err(self.error("could not find expected directive name"));
        }
        if !self.cursor.is_blank_or_end(0) {
            return Err(self.error("found unexpected non-alphabetical character"));
        }
        let kind = match name {
            "YAML" => self.scan_version()?,
            "TAG" => self.scan_tag_directive()?,
            _ => return Err(self.error("found unknown directive name")),
        };
        self.push(kind, start);
        self.cursor.skip_blanks();
        self.cursor.skip_comment();
        if !self.cursor.is_break_or_end(0) {
            return Err(self.error("did not find expected comment or line break"));
        }
        self.cursor.take_break();
        Ok(())
    }

    /// Takes the letters, digits, `_` and `-` here.
    fn scan_word(&mut self) -> &'t str {
        let start = self.cursor.position;
        while self.cursor.is_word() {
            self.cursor.skip(1);
        }
        self.cursor.slice(start, self.cursor.position)
    }

    fn scan_version(&mut self) -> Result<TokenKind<'t>, Error> {
        self.cursor.skip_blanks();
        let major = self.scan_version_number()?;
        if self.cursor.peek(0) != b'.' {
            return Err(self.error("did not find expected digit or '.' character"));
        }
        self.cursor.skip(1);
        let minor = self.scan_version_number()?;
        Ok(TokenKind::Version { major, minor })
    }

    fn scan_version_number(&mut self) -> Result<u8, Error> {
        let mut number = 0;
        let mut digits = 0;
        while let digit @ b'0'..=b'9' = self.cursor.peek(0) {
            digits += 1;
            if digits > 2 {
                return Err(self.error("found extremely long version number"));
            }
            number = number * 10 + (digit - b'0');
            self.cursor.skip(1);
        }
        if digits == 0 {
            return Err(self.error("did not find expected version number"));
        }
        Ok(number)
    }

    fn scan_tag_directive(&mut self) -> Result<TokenKind<'t>, Error> {
        self.cursor.skip_blanks();
        let handle = self.scan_tag_handle()?;
        if handle != "!" && (handle.len() == 1 || !handle.ends_with('!')) {
            return Err(self.error("did not find expected '!'"));
        }
        if !self.cursor.is_blank(0) {
            return Err(self.error("did not find expected whitespace"));
        }
        self.cursor.skip_blanks();
        let suffix = self.scan_tag_uri("")?;
        if !self.cursor.is_blank_or_end(0) {
            return Err(self.error("did not find expected whitespace or line break"));
        }
        Ok(TokenKind::TagHandle(Box::new(TagName { handle, suffix })))
    }

    /// Scans `&name` or `*name`.
    pub(super) fn scan_anchor(&mut self) -> Result<(), Error> {
        let start = self.cursor.mark();
        let is_alias = self.cursor.peek(0) == b'*';
        self.cursor.skip(1);
        let name = self.scan_word();
        let ends = self.cursor.is_blank_or_end(0)
            || matches!(self.cursor.peek(0), b'?' | b':' | b',' | b']' | b'}' | b'%' | b'@' | b'`');
        if name.is_empty() || !ends {
            return Err(self.error("did not find expected alphabetic or numeric character"));
        }
        self.push(if is_alias { TokenKind::Alias(name) } else { TokenKind::Anchor(name) }, start);
        Ok(())
    }

    /// Scans `!<uri>`, `!suffix` or `!handle!suffix`.
    pub(super) fn scan_tag(&mut self) -> Result<(), Error> {
        let start = self.cursor.mark();
        let name =
            if self.cursor.peek(1) == b'<' { self.scan_verbatim_tag()? } else { self.scan_short_tag()? };
        if !self.cursor.is_blank_or_end(0) {
            return Err(self.error("did not find expected whitespace or line break"));
        }
        self.push(TokenKind::Tag(Box::new(name)), start);
        Ok(())
    }

    fn scan_verbatim_tag(&mut self) -> Result<TagName<'t>, Error> {
        self.cursor.skip(2);
        let suffix = self.scan_tag_uri("")?;
        if self.cursor.peek(0) != b'>' {
            return Err(self.error("did not find the expected '>'"));
        }
        self.cursor.skip(1);
        Ok(TagName { handle: "", suffix })
    }

    fn scan_short_tag(&mut self) -> Result<TagName<'t>, Error> {
        let handle = self.scan_tag_handle()?;
        if handle.len() > 1 && handle.ends_with('!') {
            return Ok(TagName { handle, suffix: self.scan_tag_uri("")? });
        }
        let suffix = self.scan_tag_uri(handle)?;
        if suffix.is_empty() {
            // The tag `!` alone: it says that there is no tag.
            return Ok(TagName { handle: "", suffix: "!".to_owned() });
        }
        Ok(TagName { handle: "!", suffix })
    }

    /// `!`, `!!`, `!name!`, or `!name` where that turns out to be a suffix.
    fn scan_tag_handle(&mut self) -> Result<&'t str, Error> {
        if self.cursor.peek(0) != b'!' {
            return Err(self.error("did not find expected '!'"));
        }
        let start = self.cursor.position;
        self.cursor.skip(1);
        self.scan_word();
        if self.cursor.peek(0) == b'!' {
            self.cursor.skip(1);
        }
        Ok(self.cursor.slice(start, self.cursor.position))
    }

    /// Scans the characters of a URI; `head` is a handle that turned out to be the suffix's beginning.
    fn scan_tag_uri(&mut self, head: &str) -> Result<String, Error> {
        let mut uri = head.get(1..).unwrap_or_default().as_bytes().to_vec();
        let mut found = !head.is_empty();
        loop {
            match self.cursor.peek(0) {
                b'%' => self.scan_uri_escapes(&mut uri)?,
                byte if self.cursor.is_word() || b";/?:@&=+$,.!~*'()[]".contains(&byte) => {
                    uri.push(byte);
                    self.cursor.skip(1);
                }
                _ => break,
            }
            found = true;
        }
        if !found {
            return Err(self.error("did not find expected tag URI"));
        }
        Ok(String::from_utf8_lossy(&uri).into_owned())
    }

    /// One character, written as a run of `%xx`.
    fn scan_uri_escapes(&mut self, uri: &mut Vec<u8>) -> Result<(), Error> {
        let mut escaped = Escaped { missing: 1, bytes: Vec::new() };
        while escaped.missing > 0 {
            let digits =
                [self.cursor.peek(1), self.cursor.peek(2)].map(|digit| char::from(digit).to_digit(16));
            let (b'%', [Some(high), Some(low)]) = (self.cursor.peek(0), digits) else {
                return Err(self.error("did not find URI escaped octet"));
            };
            let octet = (high << 4 | low) as u8;
            if escaped.bytes.is_empty() {
                escaped.missing = match octet {
                    0x00..=0x7f => 1,
                    0xc0..=0xdf => 2,
                    0xe0..=0xef => 3,
                    0xf0..=0xf7 => 4,
                    _ => return Err(self.error("found an incorrect leading UTF-8 octet")),
                };
            } else if octet & 0xc0 != 0x80 {
                return Err(self.error("found an incorrect trailing UTF-8 octet"));
            }
            escaped.bytes.push(octet);
            escaped.missing -= 1;
            self.cursor.skip(3);
        }
        uri.append(&mut escaped.bytes);
        Ok(())
    }
}
