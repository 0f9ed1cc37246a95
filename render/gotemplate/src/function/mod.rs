//! Template functions: plain typed Rust functions, and tables of them.
//!
//! The types of a function's parameters are Go types, and arguments are checked and converted as Go's reflection
//! does: `upper 1` fails with `expected string; found 1`, a constant becomes the parameter's kind, nil fits only
//! where Go has a nil.
//!
//! ```
//! use gotemplate::{Function, FunctionError, FunctionMap, Variadic};
//! use value::{Str, Value};
//!
//! fn upper(text: Str) -> String {
//!     text.to_text().to_uppercase()
//! }
//!
//! fn first(list: Variadic<Value>) -> Result<Value, FunctionError> {
//!     list.first().cloned().ok_or_else(|| "nothing given".into())
//! }
//!
//! let functions = FunctionMap::from_iter([
//!     ("upper", Function::new(upper)),
//!     ("first", Function::new(first)),
//!     ("repeat", Function::new(|count: isize, text: Str| text.to_text().repeat(count.max(0) as usize))),
//! ]);
//! assert!(functions.contains("upper"));
//! ```
//!
//! | Rust | Go |
//! | --- | --- |
//! | [`Value`](value::Value) | `interface {}` |
//! | [`Reflected`] | `reflect.Value` |
//! | [`Str`](value::Str) (as a result also `String`, `&'static str`) | `string` |
//! | `bool`, `f64`, `isize`, `usize`, `i8`…`i64`, `u8`…`u64` | `bool`, `float64`, `int`, `uint`, `int8`…, `uint8`… |
//! | [`Map`](value::Map) | `map[string]interface {}`, and named types of it |
//! | `Vec<Value>`, `Vec<Str>` | `[]interface {}`, `[]string` |
//! | [`ObjectType`] | a struct; `Option` of it: a pointer |
//! | [`Variadic`] | `...T` |

mod callable;
mod map;
mod parameter;
mod returned;

use std::fmt;
use std::sync::Arc;

pub use callable::{Callable, CallableWithCall};
pub use map::{FunctionMap, MethodMap};
pub(crate) use map::{Name, Names};
pub use parameter::{Arguments, ObjectType, Parameter, ParameterType, Variadic};
pub use returned::Returned;

use crate::{Call, FunctionError, Reflected};

type Body = dyn Fn(&mut Call<'_>, &mut Arguments<'_>) -> Result<Reflected, FunctionError> + Send + Sync;

/// A function that templates can call. Cloning copies a pointer.
#[derive(Clone)]
pub struct Function {
    parameters: &'static [ParameterType],
    variadic: bool,
    body: Arc<Body>,
}

impl Function {
    /// A function of its arguments alone.
    pub fn new<F, Types>(function: F) -> Self
    where
        F: Callable<Types>,
    {
        Self {
            parameters: F::PARAMETERS,
            variadic: F::VARIADIC,
            body: Arc::new(move |_, arguments| function.call(arguments)),
        }
    }

    /// A function that takes the running execution before its arguments.
    pub fn with_call<F, Types>(function: F) -> Self
    where
        F: CallableWithCall<Types>,
    {
        Self {
            parameters: F::PARAMETERS,
            variadic: F::VARIADIC,
            body: Arc::new(move |call, arguments| function.call(call, arguments)),
        }
    }

    /// The types of the parameters in order; of a variadic one, the type of each.
    pub fn parameters(&self) -> &'static [ParameterType] {
        self.parameters
    }

    /// Whether the last parameter takes any number of arguments.
    pub fn is_variadic(&self) -> bool {
        self.variadic
    }

    /// Calls the function with arguments that execution has checked against the parameters.
    pub(crate) fn call(
        &self,
        call: &mut Call<'_>,
        mut arguments: Arguments<'_>,
    ) -> Result<Reflected, FunctionError> {
        (self.body)(call, &mut arguments)
    }
}

impl fmt::Debug for Function {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Function")
            .field("parameters", &self.parameters)
            .field("variadic", &self.variadic)
            .finish_non_exhaustive()
    }
}
