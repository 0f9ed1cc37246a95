//! Tables of functions.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hash, Hasher};
use std::sync::Arc;

use crate::Function;

/// Something by name.
pub(crate) type Names<T> = HashMap<Name, T, BuildHasherDefault<NameHasher>>;

/// A name that the program gives, looked up by the bytes of a template.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Name(pub(crate) &'static str);

impl Borrow<[u8]> for Name {
    fn borrow(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl Hash for Name {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.as_bytes().hash(state);
    }
}

/// FNV-1a: a few instructions for a short name. The names in a table are the program's own, so nobody can choose
/// them to collide.
pub(crate) struct NameHasher(u64);

impl Default for NameHasher {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Hasher for NameHasher {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3);
        }
    }

    /// The length of the name, which its bytes settle too.
    fn write_usize(&mut self, _: usize) {}

    fn finish(&self) -> u64 {
        self.0
    }
}

/// Functions by name. Cloning copies a pointer, so build a table once and share it.
#[derive(Clone, Debug, Default)]
pub struct FunctionMap(Arc<Names<Function>>);

impl FunctionMap {
    /// An empty table with room for so many functions.
    pub fn with_capacity(functions: usize) -> Self {
        Self(Arc::new(Names::with_capacity_and_hasher(functions, BuildHasherDefault::default())))
    }

    /// The function of that name.
    pub fn get(&self, name: impl AsRef<[u8]>) -> Option<&Function> {
        self.0.get(name.as_ref())
    }

    /// Whether there is a function of that name.
    pub fn contains(&self, name: impl AsRef<[u8]>) -> bool {
        self.0.contains_key(name.as_ref())
    }

    /// The names, in no order.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        self.0.keys().map(|name| name.0)
    }

    /// Sets a function.
    pub fn insert(&mut self, name: &'static str, function: Function) {
        Arc::make_mut(&mut self.0).insert(Name(name), function);
    }

    /// Takes a function out.
    pub fn remove(&mut self, name: &str) -> Option<Function> {
        Arc::make_mut(&mut self.0).remove(name.as_bytes())
    }
}

impl FromIterator<(&'static str, Function)> for FunctionMap {
    fn from_iter<I: IntoIterator<Item = (&'static str, Function)>>(functions: I) -> Self {
        Self(Arc::new(functions.into_iter().map(named).collect()))
    }
}

impl Extend<(&'static str, Function)> for FunctionMap {
    fn extend<I: IntoIterator<Item = (&'static str, Function)>>(&mut self, functions: I) {
        let table = Arc::make_mut(&mut self.0);
        for (name, function) in functions {
            table.insert(Name(name), function);
        }
    }
}

/// Methods by Go type name and method name: of named map types (`chartutil.Values`), or of objects that don't
/// answer [`value::Object::call`] themselves. A method's first parameter is its receiver.
#[derive(Clone, Debug, Default)]
pub struct MethodMap(Arc<Vec<Methods>>);

/// The methods of one type.
#[derive(Clone, Debug)]
struct Methods {
    type_name: &'static str,
    /// Marks of the first letters of the names: keys of a map are looked up as methods first, and few are any.
    initials: u64,
    functions: FunctionMap,
}

impl MethodMap {
    /// The method of a type.
    pub fn get(&self, type_name: &str, method: impl AsRef<[u8]>) -> Option<&Function> {
        let method = method.as_ref();
        // Mostly a name is the one that the type was given here, which its place in memory tells.
        let same = self.0.iter().find(|methods| std::ptr::eq(methods.type_name, type_name));
        let methods = same.or_else(|| self.0.iter().find(|methods| methods.type_name == type_name))?;
        if initial(method) & methods.initials == 0 { None } else { methods.functions.get(method) }
    }

    /// Whether no type has methods here.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Sets the methods of a type.
    pub fn insert(&mut self, type_name: &'static str, methods: FunctionMap) {
        let types = Arc::make_mut(&mut self.0);
        types.retain(|methods| methods.type_name != type_name);
        let initials = methods.names().fold(0, |marks, name| marks | initial(name.as_bytes()));
        types.push(Methods { type_name, initials, functions: methods });
    }
}

impl FromIterator<(&'static str, FunctionMap)> for MethodMap {
    fn from_iter<I: IntoIterator<Item = (&'static str, FunctionMap)>>(types: I) -> Self {
        let mut map = Self::default();
        for (type_name, methods) in types {
            map.insert(type_name, methods);
        }
        map
    }
}

/// The mark of a name's first letter, shared by four of the bytes that it could be.
fn initial(name: &[u8]) -> u64 {
    name.first().map_or(0, |letter| 1 << (letter % 64))
}

fn named<T>((name, named): (&'static str, T)) -> (Name, T) {
    (Name(name), named)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_method_is_found_by_its_type_and_whole_name() {
        let methods = || FunctionMap::from_iter([("Table", Function::new(|| true))]);
        let mut map = MethodMap::from_iter([("common.Values", methods()), ("time.Time", methods())]);
        map.insert("time.Time", FunctionMap::default());
        assert!(map.get("common.Values", "Table").is_some());
        for (type_name, name) in [("Values", "Table"), ("common.Values", "Tables"), ("common.Values", "")] {
            assert!(map.get(type_name, name).is_none(), "{type_name} {name}");
        }
        // Shares its mark with `T`.
        assert!(map.get("common.Values", b"\x94").is_none());
        assert!(map.get("time.Time", "Table").is_none());
    }
}
