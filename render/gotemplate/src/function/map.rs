//! Tables of functions.

use std::collections::HashMap;
use std::sync::Arc;

use crate::Function;

/// Functions by name. Cloning copies a pointer, so build a table once and share it.
#[derive(Clone, Debug, Default)]
pub struct FunctionMap(Arc<HashMap<&'static str, Function>>);

impl FunctionMap {
    /// The function of that name.
    pub fn get(&self, name: &str) -> Option<&Function> {
        self.0.get(name)
    }

    /// Whether there is a function of that name.
    pub fn contains(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// The names, in no order.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        self.0.keys().copied()
    }

    /// Sets a function.
    pub fn insert(&mut self, name: &'static str, function: Function) {
        Arc::make_mut(&mut self.0).insert(name, function);
    }

    /// Takes a function out.
    pub fn remove(&mut self, name: &str) -> Option<Function> {
        Arc::make_mut(&mut self.0).remove(name)
    }
}

impl FromIterator<(&'static str, Function)> for FunctionMap {
    fn from_iter<I: IntoIterator<Item = (&'static str, Function)>>(functions: I) -> Self {
        Self(Arc::new(functions.into_iter().collect()))
    }
}

impl Extend<(&'static str, Function)> for FunctionMap {
    fn extend<I: IntoIterator<Item = (&'static str, Function)>>(&mut self, functions: I) {
        Arc::make_mut(&mut self.0).extend(functions);
    }
}

/// Methods by Go type name and method name: of named map types (`chartutil.Values`), or of objects that don't
/// answer [`value::Object::call`] themselves. A method's first parameter is its receiver.
#[derive(Clone, Debug, Default)]
pub struct MethodMap(Arc<HashMap<&'static str, FunctionMap>>);

impl MethodMap {
    /// The method of a type.
    pub fn get(&self, type_name: &str, method: &str) -> Option<&Function> {
        self.0.get(type_name)?.get(method)
    }

    /// Whether no type has methods here.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Sets the methods of a type.
    pub fn insert(&mut self, type_name: &'static str, methods: FunctionMap) {
        Arc::make_mut(&mut self.0).insert(type_name, methods);
    }
}

impl FromIterator<(&'static str, FunctionMap)> for MethodMap {
    fn from_iter<I: IntoIterator<Item = (&'static str, FunctionMap)>>(types: I) -> Self {
        Self(Arc::new(types.into_iter().collect()))
    }
}
