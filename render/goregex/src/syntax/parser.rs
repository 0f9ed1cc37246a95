//! The parser: one walk over the pattern with a stack of open groups, so that no pattern overflows the call stack.

use regex_syntax::hir::{Dot, Hir, Look};

use super::{
    class::{bracket, escaped, folded, ranges},
    escape::{Scalar, escape},
    flags::Flags,
    piece::{Count, Fold, Piece},
};
use crate::{Error, ErrorKind};

/// Go's largest count in braces, also for the product of nested ones.
const REPEAT_LIMIT: u32 = 1000;

/// A pattern, read.
pub(crate) struct Parsed {
    pub(crate) hir: Hir,
    /// The names of the groups, by index; the whole match is group 0.
    pub(crate) names: Vec<Option<String>>,
}

/// Reads a pattern as Go's `syntax.Parse` with `syntax.Perl`.
pub(crate) fn parse(pattern: &str) -> Result<Parsed, Error> {
    let mut parser =
        Parser { pattern, at: 0, flags: Flags::default(), open: vec![Group::default()], names: vec![None] };
    parser.walk()?;
    let root = match (parser.open.pop(), parser.open.is_empty()) {
        (Some(root), true) => root,
        _ => return Err(ErrorKind::MissingParen.at(pattern)),
    };
    let whole = parser.close(root)?;
    Ok(Parsed { hir: whole.into_hir(), names: parser.names })
}

struct Parser<'p> {
    pattern: &'p str,
    at: usize,
    flags: Flags,
    open: Vec<Group>,
    names: Vec<Option<String>>,
}

/// A group that isn't closed yet.
#[derive(Default)]
struct Group {
    capture: Option<u32>,
    outer_flags: Flags,
    alternatives: Vec<Piece>,
    sequence: Vec<Piece>,
}

impl<'p> Parser<'p> {
    fn walk(&mut self) -> Result<(), Error> {
        let mut last_repeat = None;
        while let Some(letter) = self.peek() {
            let start = self.at;
            last_repeat = if self.step(letter, last_repeat)? { Some(start) } else { None };
        }
        Ok(())
    }

    /// Reads one element and says whether it was a repetition.
    fn step(&mut self, letter: char, last_repeat: Option<usize>) -> Result<bool, Error> {
        match letter {
            '(' if self.rest().starts_with("(?") => self.extended_group()?,
            '(' => {
                self.at += 1;
                self.open_capture(None);
            }
            '|' => {
                self.at += 1;
                self.next_alternative()?;
            }
            ')' => self.close_group()?,
            '^' => self.look(1, if self.flags.multi_line { Look::StartLF } else { Look::Start })?,
            '$' => self.look(1, if self.flags.multi_line { Look::EndLF } else { Look::End })?,
            '.' => self.dot()?,
            '[' => {
                let (class, next) = bracket(self.pattern, self.at, self.flags.fold_case)?;
                self.at = next;
                self.push(Piece::class(class))?;
            }
            '*' | '+' | '?' | '{' => return self.repetition(letter, last_repeat),
            '\\' => self.backslash()?,
            other => {
                self.at += other.len_utf8();
                self.literal(other.into())?;
            }
        }
        Ok(false)
    }

    fn rest(&self) -> &'p str {
        self.pattern.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn since(&self, start: usize) -> &'p str {
        self.pattern.get(start..self.at).unwrap_or_default()
    }

    fn push(&mut self, piece: Piece) -> Result<(), Error> {
        let piece = self.within_limits(piece)?;
        if let Some(group) = self.open.last_mut() {
            group.sequence.push(piece);
        }
        Ok(())
    }

    fn within_limits(&self, piece: Piece) -> Result<Piece, Error> {
        if piece.is_too_large() {
            return Err(ErrorKind::Large.at(self.pattern));
        }
        if piece.nests_too_deeply() {
            return Err(ErrorKind::NestingDepth.at(self.pattern));
        }
        Ok(piece)
    }

    fn look(&mut self, width: usize, look: Look) -> Result<(), Error> {
        self.at += width;
        self.push(Piece::leaf(Hir::look(look)))
    }

    fn dot(&mut self) -> Result<(), Error> {
        self.at += 1;
        let dot = if self.flags.dot_matches_newline { Dot::AnyChar } else { Dot::AnyCharExceptLF };
        self.push(Piece::leaf(Hir::dot(dot)))
    }

    fn literal(&mut self, scalar: Scalar) -> Result<(), Error> {
        let exact = char::from_u32(scalar).filter(|_| !self.flags.fold_case);
        let piece = match exact {
            Some(letter) => Piece::literal(Hir::literal(letter.to_string().into_bytes()), Fold::Exact),
            None => {
                let class = folded(ranges(&[(scalar, scalar)]), self.flags.fold_case);
                Piece::literal(Piece::class(class).into_hir(), Fold::IgnoreCase)
            }
        };
        self.push(piece)
    }

    fn backslash(&mut self) -> Result<(), Error> {
        match self.rest().as_bytes().get(1) {
            Some(b'A') => self.look(2, Look::Start),
            Some(b'z') => self.look(2, Look::End),
            Some(b'b') => self.look(2, Look::WordAscii),
            Some(b'B') => self.look(2, Look::WordAsciiNegate),
            Some(b'Q') => self.quoted(),
            _ => self.escape(),
        }
    }

    fn escape(&mut self) -> Result<(), Error> {
        if let Some((class, next)) = escaped(self.pattern, self.at, self.flags.fold_case)? {
            self.at = next;
            return self.push(Piece::class(class));
        }
        let (scalar, next) = escape(self.pattern, self.at)?;
        self.at = next;
        self.literal(scalar)
    }

    /// `\Q…\E`: everything between stands for itself.
    fn quoted(&mut self) -> Result<(), Error> {
        let inner = self.rest().get(2..).unwrap_or_default();
        let (literal, end) = match inner.split_once(r"\E") {
            Some((literal, _)) => (literal, 2 + literal.len() + 2),
            None => (inner, 2 + inner.len()),
        };
        self.at += end;
        literal.chars().try_for_each(|letter| self.literal(letter.into()))
    }

    fn repetition(&mut self, letter: char, last_repeat: Option<usize>) -> Result<bool, Error> {
        let start = self.at;
        let (min, max) = match letter {
            '*' => (0, None),
            '+' => (1, None),
            '?' => (0, Some(1)),
            _ => match braces(self.rest()) {
                Some((min, max, length)) => {
                    self.at += length;
                    checked_counts(min, max)
                        .ok_or_else(|| ErrorKind::InvalidRepeatSize.at(self.since(start)))?
                }
                None => {
                    self.at += 1;
                    return self.literal(letter.into()).map(|()| false);
                }
            },
        };
        let counted = letter == '{';
        self.at += usize::from(!counted);
        let lazy = self.peek() == Some('?');
        self.at += usize::from(lazy);
        if let Some(last_start) = last_repeat {
            return Err(ErrorKind::InvalidRepeatOp.at(self.since(last_start)));
        }
        let count = Count { min, max, greedy: lazy == self.flags.swap_greed, counted };
        self.repeat_last(count, start).map(|()| true)
    }

    fn repeat_last(&mut self, count: Count, start: usize) -> Result<(), Error> {
        let last = self.open.last_mut().and_then(|group| group.sequence.pop());
        let repeated =
            last.ok_or_else(|| ErrorKind::MissingRepeatArgument.at(self.since(start)))?.repeated(count);
        let repeats = repeated.repeats;
        self.push(repeated)?;
        if count.counted && repeats > REPEAT_LIMIT.into() {
            return Err(ErrorKind::InvalidRepeatSize.at(self.since(start)));
        }
        Ok(())
    }

    fn open_capture(&mut self, name: Option<&str>) {
        let index = u32::try_from(self.names.len()).unwrap_or(u32::MAX);
        self.names.push(name.map(str::to_owned));
        self.open_group(Some(index), self.flags);
    }

    fn open_group(&mut self, capture: Option<u32>, inner_flags: Flags) {
        self.open.push(Group { capture, outer_flags: self.flags, ..Group::default() });
        self.flags = inner_flags;
    }

    fn next_alternative(&mut self) -> Result<(), Error> {
        let Some(group) = self.open.last_mut() else {
            return Ok(());
        };
        let piece = Piece::sequence(std::mem::take(&mut group.sequence));
        let piece = self.within_limits(piece)?;
        if let Some(group) = self.open.last_mut() {
            group.alternatives.push(piece);
        }
        Ok(())
    }

    fn close_group(&mut self) -> Result<(), Error> {
        let group = match self.open.pop() {
            Some(group) if !self.open.is_empty() => group,
            _ => return Err(ErrorKind::UnexpectedParen.at(self.pattern)),
        };
        self.at += 1;
        self.flags = group.outer_flags;
        let capture = group.capture;
        let inner = self.close(group)?;
        self.push(match capture {
            Some(index) => inner.captured(index),
            None => inner,
        })
    }

    fn close(&self, mut group: Group) -> Result<Piece, Error> {
        group.alternatives.push(self.within_limits(Piece::sequence(group.sequence))?);
        self.within_limits(Piece::choice(group.alternatives))
    }

    /// `(?P<name>…)`, `(?<name>…)`, `(?i)`, `(?i:…)`.
    fn extended_group(&mut self) -> Result<(), Error> {
        let rest = self.rest();
        let named = [("(?P<", 4), ("(?<", 3)].into_iter();
        match named.into_iter().find(|(opening, length)| rest.starts_with(opening) && rest.len() > *length) {
            Some((_, length)) => self.named_group(length),
            None => self.flag_group(),
        }
    }

    fn named_group(&mut self, opening: usize) -> Result<(), Error> {
        let rest = self.rest();
        let end = rest.find('>').ok_or_else(|| ErrorKind::InvalidNamedCapture.at(rest))?;
        let name = rest.get(opening..end).unwrap_or_default();
        let valid = !name.is_empty() && name.bytes().all(|byte| byte == b'_' || byte.is_ascii_alphanumeric());
        self.at += end + 1;
        if !valid {
            return Err(ErrorKind::InvalidNamedCapture.at(rest.get(..=end).unwrap_or_default()));
        }
        self.open_capture(Some(name));
        Ok(())
    }

    fn flag_group(&mut self) -> Result<(), Error> {
        let start = self.at;
        self.at += 2;
        let (mut flags, mut on, mut seen) = (self.flags, true, false);
        while let Some(letter) = self.peek() {
            self.at += letter.len_utf8();
            match letter {
                '-' if on => (on, seen) = (false, false),
                ':' | ')' if on || seen => {
                    if letter == ':' {
                        self.open_group(None, flags);
                    }
                    self.flags = flags;
                    return Ok(());
                }
                other if flags.switch(other, on).is_some() => seen = true,
                _ => break,
            }
        }
        Err(ErrorKind::InvalidPerlOp.at(self.since(start)))
    }
}

/// Reads `{2}`, `{2,}`, `{2,5}` and its length; `None` where the brace stands for itself.
fn braces(text: &str) -> Option<(u64, Option<u64>, usize)> {
    let inner = text.strip_prefix('{')?;
    let (inner, _) = inner.split_once('}')?;
    let (min, max) = match inner.split_once(',') {
        None => {
            let count = number(inner)?;
            (count, Some(count))
        }
        Some((min, "")) => (number(min)?, None),
        Some((min, max)) => (number(min)?, Some(number(max)?)),
    };
    Some((min, max, inner.len() + 2))
}

/// A number without leading zeros; too large ones saturate.
fn number(digits: &str) -> Option<u64> {
    let well_formed = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    let leading_zero = digits.len() > 1 && digits.starts_with('0');
    (well_formed && !leading_zero).then(|| digits.parse().unwrap_or(u64::MAX))
}

fn checked_counts(min: u64, max: Option<u64>) -> Option<(u32, Option<u32>)> {
    let small = |count: u64| u32::try_from(count).ok().filter(|count| *count <= REPEAT_LIMIT);
    let (min, max) = (small(min)?, max.map(small));
    match max {
        None => Some((min, None)),
        Some(max) => max.filter(|max| min <= *max).map(|max| (min, Some(max))),
    }
}
