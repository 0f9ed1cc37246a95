//! Go structs and pointers to them, with the fields and methods that templates can reach.

use std::any::Any;
use std::fmt::Debug;
use std::sync::Arc;

use thiserror::Error;

use crate::{Kind, Str, Value};

/// A shared struct or pointer.
pub type ObjectRef = Arc<dyn Object>;

/// A Go struct, a pointer to one, or another value with methods.
pub trait Object: Debug + Send + Sync {
    /// Go's name of the type as `%T` prints it: `*chartutil.Capabilities`, `time.Time`.
    fn type_name(&self) -> &str;

    /// [`Kind::Pointer`] or [`Kind::Struct`] for most.
    fn kind(&self) -> Kind {
        Kind::Pointer
    }

    /// The exported fields in order of declaration, by Go name; for `%v`, `%+v` and `toYaml`-like walks.
    fn fields(&self) -> Vec<(&'static str, Value)> {
        Vec::new()
    }

    /// One exported field, or `None` where the struct has none of that name.
    fn field(&self, name: &str) -> Option<Value> {
        self.fields().into_iter().find(|(field, _)| *field == name).map(|(_, value)| value)
    }

    /// Calls a method: `None` where the type has none of that name.
    fn call(&self, name: &str, arguments: &[Value]) -> Option<Result<Value, CallError>> {
        let _ = (name, arguments);
        None
    }

    /// What `String()` or `Error()` gives, where the type has one of them: `fmt` prints that.
    fn to_text(&self) -> Option<Str> {
        None
    }

    /// Whether the type is an `error`.
    fn is_error(&self) -> bool {
        false
    }

    /// The members that `encoding/json` prints for a struct, in order of declaration (json names, `omitempty` done);
    /// `None` where [`Object::to_json`] says what to print.
    fn json_members(&self) -> Option<Vec<(&'static str, Value)>> {
        None
    }

    /// The value that `encoding/json` would encode in its place;
    /// by default a map of the members, or of the fields under their Go names.
    fn to_json(&self) -> Value {
        let members = self.json_members().unwrap_or_else(|| self.fields());
        Value::from(members.into_iter().collect::<crate::Map>())
    }

    /// For functions that take one certain type (`dateModify`, `genSignedCert`).
    fn as_any(&self) -> &dyn Any;
}

/// Why a method call failed.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum CallError {
    /// Go's `wrong number of args for NAME: want N got M`.
    #[error("wrong number of args for {name}: want {want} got {got}")]
    ArgumentCount {
        /// The method.
        name: String,
        /// How many it takes.
        want: usize,
        /// How many were given.
        got: usize,
    },
    /// Go's `wrong type for value; expected WANT; got GOT`.
    #[error("wrong type for value; expected {want}; got {got}")]
    ArgumentType {
        /// The parameter's Go type.
        want: String,
        /// The argument's Go type.
        got: String,
    },
    /// The method returned an error.
    #[error("{0}")]
    Failed(String),
}
