//! A schema with what its references lead to.

use std::borrow::Cow;

use super::keyword::{Draft, Keyword, Schema};
use super::pointer;
use super::read::{is_plain_pointer, is_usual_address};

/// The most schemas that are looked for in the text once more.
const MOST_ELSEWHERE: usize = 16;

/// A schema that has been read.
pub(super) struct Document<'a> {
    pub(super) root: Schema<'a>,
    pub(super) draft: Draft,
    /// What references lead to where no schemas are expected, by the pointer.
    elsewhere: Vec<(String, Schema<'a>)>,
    /// The address of another document to which it refers, which is sure to be asked for.
    pub(super) outside: Option<String>,
}

/// Where a reference leads to.
pub(super) enum Target<'r> {
    /// To somewhere in the document, by a pointer.
    Inside(&'r str),
    /// To another document, by its address.
    Outside(&'r str),
}

impl<'r> Target<'r> {
    /// The target of a reference of the usual form.
    pub(super) fn of(reference: &'r str) -> Option<Self> {
        let (address, pointer) = reference.split_once('#').unwrap_or((reference, ""));
        if reference.is_empty() || !pointer.is_empty() && !is_plain_pointer(pointer) {
            return None;
        }
        // The drafts' own schemas are known to the exact validator.
        let is_other = || is_usual_address(address) && !address.contains("//json-schema.org/");
        match address {
            "" => Some(Target::Inside(pointer)),
            address => is_other().then_some(Target::Outside(address)),
        }
    }
}

impl<'a> Document<'a> {
    /// Reads a schema each reference of which leads somewhere, or out of the document; `None` where it is no common one.
    pub(super) fn read(text: &'a str) -> Option<Self> {
        let root: Schema<'a> = serde_json::from_str(text).ok()?;
        let draft = root.draft();
        let mut document = Self { root, draft, elsewhere: Vec::new(), outside: None };
        let mut references = Vec::new();
        document.collect(&document.root, true, &mut references);
        while let Some((reference, is_compiled)) = references.pop() {
            match Target::of(&reference)? {
                Target::Outside(address) if is_compiled => document.outside = Some(address.to_owned()),
                Target::Outside(_) => return None,
                Target::Inside(pointer) if document.at(pointer).is_some() => {}
                Target::Inside(_) if document.elsewhere.len() == MOST_ELSEWHERE => return None,
                Target::Inside(pointer) => {
                    let schema = pointer::schema_at(text, pointer)?;
                    document.collect(&schema, is_compiled, &mut references);
                    document.elsewhere.push((pointer.to_owned(), schema));
                }
            }
        }
        Some(document)
    }

    /// What references lead to where no schemas are expected.
    pub(super) fn elsewhere(&self) -> impl Iterator<Item = &Schema<'a>> {
        self.elsewhere.iter().map(|(_, schema)| schema)
    }

    /// The schema that a reference leads to within the document.
    pub(super) fn resolve(&self, reference: &str) -> Option<&Schema<'a>> {
        match Target::of(reference)? {
            Target::Inside(pointer) => self.at(pointer),
            Target::Outside(_) => None,
        }
    }

    fn at(&self, pointer: &str) -> Option<&Schema<'a>> {
        let elsewhere =
            || self.elsewhere.iter().find(|(known, _)| known == pointer).map(|(_, schema)| schema);
        self.root.at(pointer).or_else(elsewhere)
    }

    /// Collects the references in a schema, each with whether it is sure to be compiled.
    fn collect(&self, schema: &Schema<'a>, is_compiled: bool, references: &mut Vec<(Cow<'a, str>, bool)>) {
        let is_alone = self.draft <= Draft::V7 && schema.reference().is_some();
        for keyword in schema.keywords() {
            if let Keyword::Reference(reference) = keyword {
                references.push((reference.clone(), is_compiled));
            }
            let is_passed_over = matches!(
                keyword,
                Keyword::Definitions(_) | Keyword::NewDefinitions(_) | Keyword::Then(_) | Keyword::Else(_)
            );
            for schema in keyword.schemas() {
                self.collect(schema, is_compiled && !is_alone && !is_passed_over, references);
            }
        }
    }
}
