//! What the scanner gives to the composer.

use std::borrow::Cow;

use crate::tree::Style;

/// A place in the text, counted in characters from zero.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Mark {
    pub(crate) line: u32,
    pub(crate) column: u32,
}

/// A token and the places where it starts and ends.
#[derive(Debug)]
pub(crate) struct Token<'t> {
    pub(crate) kind: TokenKind<'t>,
    pub(crate) start: Mark,
    pub(crate) end: Mark,
}

/// The kinds of tokens of YAML 1.1.
#[derive(Debug)]
pub(crate) enum TokenKind<'t> {
    StreamEnd,
    Version { major: u8, minor: u8 },
    TagHandle(Box<TagName<'t>>),
    DocumentStart,
    DocumentEnd,
    BlockSequenceStart,
    BlockMappingStart,
    BlockEnd,
    FlowSequenceStart,
    FlowSequenceEnd,
    FlowMappingStart,
    FlowMappingEnd,
    BlockEntry,
    FlowEntry,
    Key,
    Value,
    Alias(&'t str),
    Anchor(&'t str),
    Tag(Box<TagName<'t>>),
    Scalar { value: Cow<'t, str>, style: Style },
}

/// The two parts of a tag (`!handle!suffix`) or of a `%TAG` directive (handle and prefix).
#[derive(Debug)]
pub(crate) struct TagName<'t> {
    pub(crate) handle: &'t str,
    pub(crate) suffix: String,
}
