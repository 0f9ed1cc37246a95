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
use std::marker::PhantomData;
use std::sync::Arc;

pub use callable::{Callable, CallableWithCall};
pub use map::{FunctionMap, MethodMap};
pub(crate) use map::{Name, Names};
pub use parameter::{Arguments, ObjectType, Parameter, ParameterType, Variadic};
pub use returned::Returned;

use crate::{Call, FunctionError, Reflected};

/// A function that templates can call. Cloning copies a pointer.
#[derive(Clone)]
pub struct Function(Held);

#[derive(Clone)]
enum Held {
    /// A plain function, or a closure that holds nothing: nearly all are.
    Static(&'static dyn Body),
    Shared(Arc<dyn Body>),
}

/// What a function is behind the pointer, so that tables of them stay small.
trait Body: Send + Sync {
    fn parameters(&self) -> &'static [ParameterType];
    fn is_variadic(&self) -> bool;
    fn call(&self, call: &mut Call<'_>, arguments: &mut Arguments<'_>) -> Result<Reflected, FunctionError>;
}

struct Plain<F, Types>(F, PhantomData<fn() -> Types>);
struct WithCall<F, Types>(F, PhantomData<fn() -> Types>);

impl<F: Callable<Types>, Types> Body for Plain<F, Types> {
    fn parameters(&self) -> &'static [ParameterType] {
        F::PARAMETERS
    }

    fn is_variadic(&self) -> bool {
        F::VARIADIC
    }

    fn call(&self, _: &mut Call<'_>, arguments: &mut Arguments<'_>) -> Result<Reflected, FunctionError> {
        self.0.call(arguments)
    }
}

impl<F: CallableWithCall<Types>, Types> Body for WithCall<F, Types> {
    fn parameters(&self) -> &'static [ParameterType] {
        F::PARAMETERS
    }

    fn is_variadic(&self) -> bool {
        F::VARIADIC
    }

    fn call(&self, call: &mut Call<'_>, arguments: &mut Arguments<'_>) -> Result<Reflected, FunctionError> {
        self.0.call(call, arguments)
    }
}

impl Function {
    /// A function of its arguments alone.
    pub fn new<F, Types: 'static>(function: F) -> Self
    where
        F: Callable<Types>,
    {
        Self::of(Plain(function, PhantomData))
    }

    /// A function that takes the running execution before its arguments.
    pub fn with_call<F, Types: 'static>(function: F) -> Self
    where
        F: CallableWithCall<Types>,
    {
        Self::of(WithCall(function, PhantomData))
    }

    fn of(body: impl Body + 'static) -> Self {
        // What has no size takes no memory, so there is nothing to count references to, and nothing to give back.
        if size_of_val(&body) == 0 {
            Self(Held::Static(Box::leak(Box::new(body))))
        } else {
            Self(Held::Shared(Arc::new(body)))
        }
    }

    fn body(&self) -> &dyn Body {
        match &self.0 {
            Held::Static(body) => *body,
            Held::Shared(body) => body.as_ref(),
        }
    }

    /// The types of the parameters in order; of a variadic one, the type of each.
    pub fn parameters(&self) -> &'static [ParameterType] {
        self.body().parameters()
    }

    /// Whether the last parameter takes any number of arguments.
    pub fn is_variadic(&self) -> bool {
        self.body().is_variadic()
    }

    /// Calls the function with arguments that execution has checked against the parameters.
    pub(crate) fn call(
        &self,
        call: &mut Call<'_>,
        mut arguments: Arguments<'_>,
    ) -> Result<Reflected, FunctionError> {
        self.body().call(call, &mut arguments)
    }
}

impl fmt::Debug for Function {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Function")
            .field("parameters", &self.parameters())
            .field("variadic", &self.is_variadic())
            .finish_non_exhaustive()
    }
}
