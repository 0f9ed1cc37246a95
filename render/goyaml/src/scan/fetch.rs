//! What stands at the cursor: one function for each kind of token.

use super::simple_key::SimpleKey;
use super::{MAX_DEPTH, Scanner, TokenKind};
use crate::error::Error;
use crate::reader::Input;
use crate::tree::Style;

impl<'t> Scanner<'t> {
    /// Scans one token, or none where a problem behind the text shows first.
    pub(super) fn fetch_token(&mut self) -> Result<(), Error> {
        self.skip_to_token();
        if self.indent > self.cursor.column() {
            self.close_blocks(self.cursor.column());
        }
        if let Some(problem) = self.problem.filter(|_| self.cursor.has_fewer_than(4)) {
            return Err(Input::error(problem));
        }
        let first = self.cursor.peek(0);
        let at_line_start = self.cursor.at_line_start();
        let in_flow = self.flow_level > 0;
        match first {
            0 => self.fetch_stream_end(),
            b'%' if at_line_start => self.fetch_directive(),
            b'-' | b'.' if at_line_start && self.cursor.at_document_indicator() => {
                self.fetch_document_indicator()
            }
            b'[' => self.fetch_flow_start(TokenKind::FlowSequenceStart),
            b'{' => self.fetch_flow_start(TokenKind::FlowMappingStart),
            b']' => self.fetch_flow_end(TokenKind::FlowSequenceEnd),
            b'}' => self.fetch_flow_end(TokenKind::FlowMappingEnd),
            b',' => self.fetch_flow_entry(),
            b'-' if self.cursor.is_blank_or_end(1) => self.fetch_block_entry(),
            b'?' if in_flow || self.cursor.is_blank_or_end(1) => self.fetch_key(),
            b':' if in_flow || self.cursor.is_blank_or_end(1) => self.fetch_value(),
            b'*' | b'&' => self.fetch_anchor(),
            b'!' => self.fetch_tag(),
            b'|' if !in_flow => self.fetch_block_scalar(Style::Literal),
            b'>' if !in_flow => self.fetch_block_scalar(Style::Folded),
            b'\'' => self.fetch_quoted_scalar(Style::SingleQuoted),
            b'"' => self.fetch_quoted_scalar(Style::DoubleQuoted),
            b'#' | b'|' | b'>' | b'%' | b'@' | b'`' | b'\t' => {
                Err(self.error("found character that cannot start any token"))
            }
            _ => self.fetch_plain_scalar(),
        }
    }

    /// Moves over blanks, comments and line breaks. A tab may not stand where a key may: it would be indentation.
    pub(super) fn skip_to_token(&mut self) {
        loop {
            match self.cursor.peek(0) {
                b' ' => self.cursor.skip_spaces(),
                b'\t' if self.flow_level > 0 || !self.key_allowed => self.cursor.skip_blanks(),
                b'#' => self.cursor.skip_line_rest(),
                _ if self.cursor.take_break().is_some() => self.key_allowed |= self.flow_level == 0,
                _ => return,
            }
        }
    }

    fn fetch_stream_end(&mut self) -> Result<(), Error> {
        if !self.cursor.at_line_start() {
            self.cursor.start_line();
        }
        self.close_blocks(-1);
        self.drop_key()?;
        self.key_allowed = false;
        self.ended = true;
        self.push(TokenKind::StreamEnd, self.cursor.mark());
        Ok(())
    }

    fn fetch_directive(&mut self) -> Result<(), Error> {
        self.close_blocks(-1);
        self.drop_key()?;
        self.key_allowed = false;
        self.scan_directive()
    }

    fn fetch_document_indicator(&mut self) -> Result<(), Error> {
        self.close_blocks(-1);
        self.drop_key()?;
        self.key_allowed = false;
        let kind =
            if self.cursor.peek(0) == b'-' { TokenKind::DocumentStart } else { TokenKind::DocumentEnd };
        self.push_indicator(kind, 3);
        Ok(())
    }

    fn fetch_flow_start(&mut self, kind: TokenKind<'t>) -> Result<(), Error> {
        self.save_key()?;
        self.keys.open_flow(self.taken + self.queue.len());
        self.flow_level += 1;
        if self.flow_level > MAX_DEPTH {
            return Err(self.error(format!("exceeded max depth of {MAX_DEPTH}")));
        }
        self.key_allowed = true;
        self.push_indicator(kind, 1);
        Ok(())
    }

    fn fetch_flow_end(&mut self, kind: TokenKind<'t>) -> Result<(), Error> {
        self.drop_key()?;
        if self.flow_level > 0 {
            self.flow_level -= 1;
            self.keys.close_flow();
        }
        self.key_allowed = false;
        self.push_indicator(kind, 1);
        Ok(())
    }

    fn fetch_flow_entry(&mut self) -> Result<(), Error> {
        self.drop_key()?;
        self.key_allowed = true;
        self.push_indicator(TokenKind::FlowEntry, 1);
        Ok(())
    }

    fn fetch_block_entry(&mut self) -> Result<(), Error> {
        if self.flow_level == 0 {
            if !self.key_allowed {
                return Err(self.error("block sequence entries are not allowed in this context"));
            }
            self.open_block(TokenKind::BlockSequenceStart, self.cursor.mark(), None)?;
        }
        self.drop_key()?;
        self.key_allowed = true;
        self.push_indicator(TokenKind::BlockEntry, 1);
        Ok(())
    }

    fn fetch_key(&mut self) -> Result<(), Error> {
        if self.flow_level == 0 {
            if !self.key_allowed {
                return Err(self.error("mapping keys are not allowed in this context"));
            }
            self.open_block(TokenKind::BlockMappingStart, self.cursor.mark(), None)?;
        }
        self.drop_key()?;
        self.key_allowed = self.flow_level == 0;
        self.push_indicator(TokenKind::Key, 1);
        Ok(())
    }

    fn fetch_value(&mut self) -> Result<(), Error> {
        match self.take_live_key()? {
            Some(key) => {
                self.insert(TokenKind::Key, key.mark, Some(key.token));
                self.open_block(TokenKind::BlockMappingStart, key.mark, Some(key.token))?;
                self.key_allowed = false;
            }
            None => {
                if self.flow_level == 0 {
                    if !self.key_allowed {
                        return Err(self.error("mapping values are not allowed in this context"));
                    }
                    self.open_block(TokenKind::BlockMappingStart, self.cursor.mark(), None)?;
                }
                self.key_allowed = self.flow_level == 0;
            }
        }
        self.push_indicator(TokenKind::Value, 1);
        Ok(())
    }

    /// The simple key of this level, if its `:` has come in time.
    fn take_live_key(&mut self) -> Result<Option<SimpleKey>, Error> {
        let Some(key) = self.keys.pop(self.flow_level) else {
            return Ok(None);
        };
        if key.is_alive(&self.cursor) {
            return Ok(Some(key));
        }
        if key.required {
            return Err(self.error("could not find expected ':'"));
        }
        Ok(None)
    }

    fn fetch_anchor(&mut self) -> Result<(), Error> {
        self.save_key()?;
        self.key_allowed = false;
        self.scan_anchor()
    }

    fn fetch_tag(&mut self) -> Result<(), Error> {
        self.save_key()?;
        self.key_allowed = false;
        self.scan_tag()
    }

    fn fetch_block_scalar(&mut self, style: Style) -> Result<(), Error> {
        self.drop_key()?;
        self.key_allowed = true;
        self.scan_block_scalar(style)
    }

    fn fetch_quoted_scalar(&mut self, style: Style) -> Result<(), Error> {
        self.save_key()?;
        self.key_allowed = false;
        self.scan_quoted_scalar(style)
    }

    fn fetch_plain_scalar(&mut self) -> Result<(), Error> {
        self.save_key()?;
        self.key_allowed = false;
        let token = self.scan_plain_scalar()?;
        self.queue.push_back(token);
        Ok(())
    }
}
