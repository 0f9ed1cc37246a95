//! Go's text/template language, whole: lexer, parser, execution, Go's error texts.
//!
//! Templates are parsed into a [`Templates`] set and executed against a [`value::Value`]; functions are plain Rust
//! functions in a [`FunctionMap`]. Output, error texts, positions and the meaning of types are Go's.
//! What Go leaves to luck is bounded here: see [`Limits`].
//!
//! It knows nothing of Helm: `include`, `tpl` and their like are functions that a caller defines with [`Call`].

mod builtin;
mod call;
mod error;
mod execute;
pub mod function;
mod limits;
mod parse;
mod reflected;
mod templates;
mod trace;

pub use call::Call;
pub use error::{Cause, ExecutionError, Failure, FunctionError, Location, ParseError};
pub use execute::Execution;
pub use function::{
    Function, FunctionMap, MethodMap, ObjectType, Parameter, ParameterType, Returned, Variadic,
};
pub use limits::{Interruption, LimitError, Limits, Meter};
pub use parse::Tree;
pub use reflected::Reflected;
pub use templates::{MissingKey, Parsed, Templates};
pub use trace::{Activity, Executed, Piece};

/// Keeps the example of the README compiled and true.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
