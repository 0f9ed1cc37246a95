//! The functions that every template has.

mod collection;
mod compare;
mod escape;
mod print;

use std::sync::OnceLock;

use crate::function::{Name, Names};
use crate::{Function, Reflected};

/// A function that every template has.
#[derive(Debug)]
pub(crate) enum Builtin {
    /// `and`, which stops at the first argument that is not true
    And,
    /// `or`, which stops at the first argument that is true
    Or,
    /// `call`, which names its callee in errors
    Call,
    Function(Function),
}

/// The function of that name.
pub(crate) fn find(name: &[u8]) -> Option<&'static Builtin> {
    static BUILTINS: OnceLock<Names<Builtin>> = OnceLock::new();
    BUILTINS.get_or_init(table).get(name)
}

fn table() -> Names<Builtin> {
    let functions = [
        ("eq", Function::new(compare::equal)),
        ("ge", Function::new(compare::greater_or_equal)),
        ("gt", Function::new(compare::greater)),
        ("html", Function::new(escape::html)),
        ("index", Function::new(collection::index)),
        ("js", Function::new(escape::javascript)),
        ("le", Function::new(compare::less_or_equal)),
        ("len", Function::new(collection::length)),
        ("lt", Function::new(compare::less)),
        ("ne", Function::new(compare::not_equal)),
        ("not", Function::new(not)),
        ("print", Function::new(print::print)),
        ("printf", Function::new(print::printf)),
        ("println", Function::new(print::println)),
        ("slice", Function::new(collection::slice)),
        ("urlquery", Function::new(escape::url_query)),
    ];
    let functions = functions.into_iter().map(|(name, function)| (name, Builtin::Function(function)));
    let own = [("and", Builtin::And), ("or", Builtin::Or), ("call", Builtin::Call)];
    functions.chain(own).map(|(name, builtin)| (Name(name), builtin)).collect()
}

fn not(value: Reflected) -> bool {
    !value.value().is_true()
}
