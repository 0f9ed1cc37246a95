//! Rust functions of up to six parameters as template functions.

use super::{Arguments, Parameter, ParameterType, Returned};
use crate::{Call, FunctionError, Reflected};

/// A Rust function whose parameters are [`Parameter`]s and whose result is [`Returned`].
pub trait Callable<Types>: Send + Sync + 'static {
    /// The types of the parameters.
    const PARAMETERS: &'static [ParameterType];
    /// Whether the last parameter takes any number of arguments.
    const VARIADIC: bool;

    /// Converts the arguments and calls the function.
    ///
    /// # Errors
    /// What the function returns.
    fn call(&self, arguments: &mut Arguments<'_>) -> Result<Reflected, FunctionError>;
}

/// As [`Callable`], with the running execution as the first parameter.
pub trait CallableWithCall<Types>: Send + Sync + 'static {
    /// The types of the parameters after the execution.
    const PARAMETERS: &'static [ParameterType];
    /// Whether the last parameter takes any number of arguments.
    const VARIADIC: bool;

    /// Converts the arguments and calls the function.
    ///
    /// # Errors
    /// What the function returns.
    fn call(&self, call: &mut Call<'_>, arguments: &mut Arguments<'_>) -> Result<Reflected, FunctionError>;
}

macro_rules! callable {
    ($($parameter:ident)*) => {
        impl<Function, Result_, $($parameter),*> Callable<(Result_, $($parameter,)*)> for Function
        where
            Function: Fn($($parameter),*) -> Result_ + Send + Sync + 'static,
            Result_: Returned,
            $($parameter: Parameter,)*
        {
            const PARAMETERS: &'static [ParameterType] = &[$($parameter::TYPE),*];
            const VARIADIC: bool = false $(|| $parameter::VARIADIC)*;

            #[allow(unused_variables, reason = "a function without parameters takes no arguments")]
            fn call(&self, arguments: &mut Arguments<'_>) -> Result<Reflected, FunctionError> {
                (self)($($parameter::take(arguments)?),*).reflected()
            }
        }

        impl<Function, Result_, $($parameter),*> CallableWithCall<(Result_, $($parameter,)*)> for Function
        where
            Function: Fn(&mut Call<'_>, $($parameter),*) -> Result_ + Send + Sync + 'static,
            Result_: Returned,
            $($parameter: Parameter,)*
        {
            const PARAMETERS: &'static [ParameterType] = &[$($parameter::TYPE),*];
            const VARIADIC: bool = false $(|| $parameter::VARIADIC)*;

            #[allow(unused_variables, reason = "a function without parameters takes no arguments")]
            fn call(&self, call: &mut Call<'_>, arguments: &mut Arguments<'_>) -> Result<Reflected, FunctionError> {
                (self)(call, $($parameter::take(arguments)?),*).reflected()
            }
        }
    };
}

callable! {}
callable! { A }
callable! { A B }
callable! { A B C }
callable! { A B C D }
callable! { A B C D E }
callable! { A B C D E F }
