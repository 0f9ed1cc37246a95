//! A schema as it is read: its keywords with what they ask for.

use std::borrow::Cow;
use std::slice;

use serde_json::Number;

use super::pattern::Pattern;
use super::scalar::Scalar;

/// A schema: a boolean, or keywords, each at most once.
pub(super) enum Schema<'a> {
    Bool(bool),
    Keywords(Vec<Keyword<'a>>),
}

/// Schemas by name, in the order of the names.
pub(super) struct Members<'a>(pub(super) Vec<(Cow<'a, str>, Schema<'a>)>);

/// A keyword that says something of values, or of where schemas are.
pub(super) enum Keyword<'a> {
    Draft(Draft),
    /// `$id`: a usual address of a document.
    Address,
    /// `$id` that only repeats where in the document the schema is.
    Place,
    Definitions(Members<'a>),
    /// `$defs`
    NewDefinitions(Members<'a>),
    Reference(Cow<'a, str>),
    Types(Types),
    Constant(Scalar<'a>),
    Enumeration(Vec<Scalar<'a>>),
    Format(Cow<'a, str>),
    Not(Box<Schema<'a>>),
    AllOf(Vec<Schema<'a>>),
    AnyOf(Vec<Schema<'a>>),
    OneOf(Vec<Schema<'a>>),
    If(Box<Schema<'a>>),
    Then(Box<Schema<'a>>),
    Else(Box<Schema<'a>>),
    Properties(Members<'a>),
    /// Each pattern with the schema of the same place.
    PatternProperties(Vec<Pattern>, Vec<Schema<'a>>),
    AdditionalProperties(Box<Schema<'a>>),
    PropertyNames(Box<Schema<'a>>),
    Required(Vec<Cow<'a, str>>),
    MinProperties(u64),
    MaxProperties(u64),
    Items(Items<'a>),
    MinItems(u64),
    MaxItems(u64),
    UniqueItems(bool),
    MinLength(u64),
    MaxLength(u64),
    Pattern(Pattern),
    Minimum(Number),
    Maximum(Number),
    ExclusiveMinimum(Number),
    ExclusiveMaximum(Number),
    MultipleOf(Number),
}

/// What `items` asks: the same of all, or of each of the first its own.
pub(super) enum Items<'a> {
    All(Box<Schema<'a>>),
    /// Up to draft 2019-09.
    First(Vec<Schema<'a>>),
}

/// The drafts.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Draft {
    V4,
    V6,
    V7,
    V2019,
    V2020,
}

/// The types that a value may have; one bit for each.
#[derive(Clone, Copy)]
pub(super) struct Types(pub(super) u8);

impl Types {
    pub(super) const NULL: u8 = 1;
    pub(super) const BOOLEAN: u8 = 2;
    pub(super) const NUMBER: u8 = 4;
    pub(super) const INTEGER: u8 = 8;
    pub(super) const STRING: u8 = 16;
    pub(super) const ARRAY: u8 = 32;
    pub(super) const OBJECT: u8 = 64;

    pub(super) fn has(self, kind: u8) -> bool {
        self.0 & kind != 0
    }
}

impl<'a> Schema<'a> {
    pub(super) fn is_bool(&self) -> bool {
        matches!(self, Schema::Bool(_))
    }

    pub(super) fn keywords(&self) -> &[Keyword<'a>] {
        match self {
            Schema::Bool(_) => &[],
            Schema::Keywords(keywords) => keywords,
        }
    }

    /// The draft of a document of this root: the newest, where none is named.
    pub(super) fn draft(&self) -> Draft {
        let named = self.keywords().iter().find_map(|keyword| match keyword {
            Keyword::Draft(draft) => Some(*draft),
            _ => None,
        });
        named.unwrap_or(Draft::V2020)
    }

    /// Where the schema refers to.
    pub(super) fn reference(&self) -> Option<&Keyword<'a>> {
        self.keywords().iter().find(|keyword| matches!(keyword, Keyword::Reference(_)))
    }

    /// The schema that a pointer into a document of this root leads to, by the usual ways.
    pub(super) fn at(&self, pointer: &str) -> Option<&Self> {
        if pointer.is_empty() {
            return Some(self);
        }
        let mut tokens = pointer.strip_prefix('/')?.split('/');
        let mut schema = self;
        while let Some(token) = tokens.next() {
            schema = schema.keywords().iter().find_map(|keyword| match (token, keyword) {
                ("definitions", Keyword::Definitions(members))
                | ("$defs", Keyword::NewDefinitions(members))
                | ("properties", Keyword::Properties(members)) => members.get(tokens.next()?),
                ("items", Keyword::Items(Items::All(schema))) => Some(&**schema),
                _ => None,
            })?;
        }
        Some(schema)
    }
}

impl<'a> Members<'a> {
    pub(super) fn get(&self, name: &str) -> Option<&Schema<'a>> {
        let place = self.0.binary_search_by(|(known, _)| (**known).cmp(name)).ok()?;
        self.0.get(place).map(|(_, schema)| schema)
    }
}

impl<'a> Keyword<'a> {
    /// The schemas within.
    pub(super) fn schemas(&self) -> impl Iterator<Item = &Schema<'a>> {
        let (unnamed, named): (&[Schema<'a>], &[(Cow<'a, str>, Schema<'a>)]) = match self {
            Keyword::Definitions(members)
            | Keyword::NewDefinitions(members)
            | Keyword::Properties(members) => (&[], &members.0),
            Keyword::PatternProperties(_, schemas)
            | Keyword::AllOf(schemas)
            | Keyword::AnyOf(schemas)
            | Keyword::OneOf(schemas)
            | Keyword::Items(Items::First(schemas)) => (schemas, &[]),
            Keyword::Not(schema)
            | Keyword::If(schema)
            | Keyword::Then(schema)
            | Keyword::Else(schema)
            | Keyword::AdditionalProperties(schema)
            | Keyword::PropertyNames(schema)
            | Keyword::Items(Items::All(schema)) => (slice::from_ref(&**schema), &[]),
            _ => (&[], &[]),
        };
        unnamed.iter().chain(named.iter().map(|(_, schema)| schema))
    }
}
