//! Go's kinds and the named types that templates meet.

use std::borrow::Cow;

/// What `reflect.Kind` says of a value; `Display` prints Go's word (`kindOf`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "the names are Go's own kinds")]
pub enum Kind {
    Invalid,
    Bool,
    Int(IntType),
    Uint(UintType),
    Float64,
    Complex128,
    String,
    Slice,
    Map,
    Struct,
    Pointer,
    Func,
}

impl Kind {
    /// Go's word for the kind: `int64`, `slice`, `ptr`.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Invalid => "invalid",
            Kind::Bool => "bool",
            Kind::Int(IntType::Duration | IntType::Int64) => "int64",
            Kind::Int(IntType::Month | IntType::Weekday) => "int",
            Kind::Int(int) => int.name(),
            Kind::Uint(uint) => uint.name(),
            Kind::Float64 => "float64",
            Kind::Complex128 => "complex128",
            Kind::String => "string",
            Kind::Slice => "slice",
            Kind::Map => "map",
            Kind::Struct => "struct",
            Kind::Pointer => "ptr",
            Kind::Func => "func",
        }
    }
}

impl std::fmt::Display for Kind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

/// The signed integer types, named ones of package `time` included: they print by their own `String` method.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "the names are Go's own types")]
pub enum IntType {
    Int,
    Int8,
    Int16,
    Int32,
    Int64,
    Duration,
    Month,
    Weekday,
}

impl IntType {
    /// Go's name of the type: `int`, `time.Duration`.
    pub fn name(self) -> &'static str {
        match self {
            IntType::Int => "int",
            IntType::Int8 => "int8",
            IntType::Int16 => "int16",
            IntType::Int32 => "int32",
            IntType::Int64 => "int64",
            IntType::Duration => "time.Duration",
            IntType::Month => "time.Month",
            IntType::Weekday => "time.Weekday",
        }
    }
}

/// The unsigned integer types.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "the names are Go's own types")]
pub enum UintType {
    Uint,
    Uint8,
    Uint16,
    Uint32,
    Uint64,
    Uintptr,
}

impl UintType {
    /// Go's name of the type: `uint8`.
    pub fn name(self) -> &'static str {
        match self {
            UintType::Uint => "uint",
            UintType::Uint8 => "uint8",
            UintType::Uint16 => "uint16",
            UintType::Uint32 => "uint32",
            UintType::Uint64 => "uint64",
            UintType::Uintptr => "uintptr",
        }
    }
}

/// The static element type of a slice or a map: what a missing entry is, and what error texts name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "the names are Go's own types")]
pub enum ElementType {
    /// `interface {}`: the usual one, anything goes.
    Interface,
    Bool,
    String,
    /// `string`, in a slice type of that name (`chartutil.VersionSet`).
    StringOf(&'static str),
    Int(IntType),
    Uint(UintType),
    Float64,
    /// `[]uint8`
    Bytes,
    /// `[]interface {}`, as `chunk` gives
    InterfaceSlice,
    /// `[]string`
    StringSlice,
    /// `map[string]interface {}`
    InterfaceMap,
    /// A struct or pointer type, by its Go name (`*chart.Maintainer`).
    Named(&'static str),
}

impl ElementType {
    /// Go's name of the type.
    pub fn name(self) -> &'static str {
        match self {
            ElementType::Interface => "interface {}",
            ElementType::Bool => "bool",
            ElementType::String | ElementType::StringOf(_) => "string",
            ElementType::Int(int) => int.name(),
            ElementType::Uint(uint) => uint.name(),
            ElementType::Float64 => "float64",
            ElementType::Bytes => "[]uint8",
            ElementType::InterfaceSlice => "[]interface {}",
            ElementType::StringSlice => "[]string",
            ElementType::InterfaceMap => "map[string]interface {}",
            ElementType::Named(name) => name,
        }
    }
}

/// The type of a map with string keys: an element type, and a name where the type has one of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct MapType {
    /// What the entries are.
    pub element: ElementType,
    /// The name of a defined type (`chartutil.Values`, `engine.files`), else `None`.
    pub name: Option<&'static str>,
}

impl MapType {
    /// `map[string]interface {}`
    pub const INTERFACE: MapType = MapType { element: ElementType::Interface, name: None };
    /// `map[string]string`
    pub const STRING: MapType = MapType { element: ElementType::String, name: None };

    /// Go's name of the type.
    pub fn name(self) -> Cow<'static, str> {
        match (self.name, self.element) {
            (Some(name), _) => Cow::Borrowed(name),
            (None, ElementType::Interface) => Cow::Borrowed("map[string]interface {}"),
            (None, element) => Cow::Owned(format!("map[string]{}", element.name())),
        }
    }
}
