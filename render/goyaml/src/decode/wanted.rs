//! Which part of a document is to be had.

use crate::resolve::Scalar;

/// What somebody wants to have of a value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Wanted {
    /// All of it.
    #[default]
    All,
    /// Of a map the entries of these keys, which stand here in lower case and match in any, as the fields of a Go
    /// struct do in JSON; and what is wanted of each. Anything else than a map: all of it.
    Fields(&'static [(&'static str, Wanted)]),
}

impl Wanted {
    /// What is wanted of the value under a key, if anything.
    pub(crate) fn below(self, key: &Scalar<'_>) -> Option<Wanted> {
        let fields = match self {
            Wanted::All => return Some(Wanted::All),
            Wanted::Fields(fields) => fields,
        };
        let Scalar::Text(name) = key else {
            return None;
        };
        let is_ascii = name.is_ascii();
        let is_name = |field: &str| match is_ascii {
            true => name.eq_ignore_ascii_case(field),
            false => name.to_lowercase() == field,
        };
        fields.iter().find(|(field, _)| is_name(field)).map(|(_, wanted)| *wanted)
    }
}
