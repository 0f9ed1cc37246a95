//! Parts of an expression with the measures that Go limits: nesting, repetition, size.

use regex_syntax::hir::{Capture, ClassUnicode, Hir, Repetition};

use super::letters;

/// Go's `maxHeight`: how deep expressions may nest.
const NESTING_LIMIT: usize = 1000;
/// Go's `maxSize`: how many instructions an expression may become.
const SIZE_LIMIT: u64 = (128 << 20) / 40;

/// One part of an expression.
#[derive(Debug)]
pub(crate) struct Piece {
    hir: Hir,
    /// Go's height of the tree.
    pub(crate) height: usize,
    /// Go's estimate of the instructions.
    pub(crate) size: u64,
    /// The largest product of counted repetitions on one path.
    pub(crate) repeats: u64,
    literal: Option<Fold>,
}

/// Whether a literal ignores case: Go joins neighbours of one sort.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fold {
    Exact,
    IgnoreCase,
}

/// How often a part may come.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Count {
    pub(crate) min: u32,
    pub(crate) max: Option<u32>,
    pub(crate) greedy: bool,
    /// Written with braces: these count towards Go's limit of 1000.
    pub(crate) counted: bool,
}

impl Piece {
    pub(crate) fn leaf(hir: Hir) -> Self {
        Self { hir, height: 1, size: 1, repeats: 1, literal: None }
    }

    pub(crate) fn empty() -> Self {
        Self::leaf(Hir::empty())
    }

    pub(crate) fn class(class: ClassUnicode) -> Self {
        Self::leaf(letters::expression(class))
    }

    pub(crate) fn literal(hir: Hir, fold: Fold) -> Self {
        Self { literal: Some(fold), ..Self::leaf(hir) }
    }

    pub(crate) fn into_hir(self) -> Hir {
        self.hir
    }

    pub(crate) fn captured(self, index: u32) -> Self {
        let hir = Hir::capture(Capture { index, name: None, sub: Box::new(self.hir) });
        Self { hir, height: self.height + 1, size: self.size + 2, repeats: self.repeats, literal: None }
    }

    pub(crate) fn repeated(self, count: Count) -> Self {
        let Count { min, max, greedy, counted } = count;
        let size = match (min, max) {
            (0, None) => self.size.saturating_add(2),
            (1, None) | (0, Some(1)) if !counted => self.size.saturating_add(1),
            (min, None) => self.size.saturating_mul(min.into()).saturating_add(1),
            (min, Some(max)) => {
                self.size.saturating_mul(max.into()).saturating_add((max - min).into()).max(1)
            }
        };
        let repeats = match max.unwrap_or(min) {
            0 if counted && max.is_some() => 1,
            times if counted => self.repeats.saturating_mul(times.max(1).into()),
            _ => self.repeats,
        };
        let hir = Hir::repetition(Repetition { min, max, greedy, sub: Box::new(self.hir) });
        Self { hir, height: self.height + 1, size, repeats, literal: None }
    }

    /// One after the other.
    pub(crate) fn sequence(pieces: Vec<Piece>) -> Self {
        let parts = pieces.windows(2).filter(|pair| !joined(pair)).count() + 1;
        let extra = 0;
        Self::joined(pieces, parts, extra, Hir::concat)
    }

    /// One or the other, the first preferred.
    pub(crate) fn choice(pieces: Vec<Piece>) -> Self {
        let (parts, extra) = (pieces.len(), pieces.len().saturating_sub(1));
        Self::joined(pieces, parts, extra, Hir::alternation)
    }

    fn joined(mut pieces: Vec<Piece>, parts: usize, extra: usize, join: fn(Vec<Hir>) -> Hir) -> Self {
        if pieces.len() <= 1 {
            return pieces.pop().unwrap_or_else(Self::empty);
        }
        let below = pieces.iter().map(|piece| piece.height).max().unwrap_or(0);
        let size = pieces.iter().fold(extra as u64, |sum, piece| sum.saturating_add(piece.size));
        let repeats = pieces.iter().map(|piece| piece.repeats).max().unwrap_or(1);
        let hir = join(pieces.into_iter().map(|piece| piece.hir).collect());
        Self { hir, height: below + usize::from(parts > 1), size, repeats, literal: None }
    }

    pub(crate) fn nests_too_deeply(&self) -> bool {
        self.height > NESTING_LIMIT
    }

    pub(crate) fn is_too_large(&self) -> bool {
        self.size > SIZE_LIMIT
    }
}

fn joined(pair: &[Piece]) -> bool {
    matches!(pair, [left, right] if left.literal.is_some() && left.literal == right.literal)
}
