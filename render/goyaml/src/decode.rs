//! From nodes to values: tags, aliases, merge keys, duplicate keys, and the way through JSON.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashSet};

use value::{FloatFormat, List, Map, MapType, Str, UintType, Value};

use crate::compose;
use crate::error::Error;
use crate::go_syntax;
use crate::limits::Limits;
use crate::resolve::{Scalar, resolve_plain, resolve_tagged, valid_text};
use crate::tree::{Kind, NONE, NodeData, NodeId, Nodes};

/// What becomes of integers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Numbers {
    /// Every number is a `float64`, as Go's JSON decoder gives it to an `interface{}`.
    #[default]
    Float64,
    /// Integers stay `int64` (or `uint64` where they don't fit): what the YAML library itself gives, and what
    /// `sigs.k8s.io/yaml` goes by when a string is wanted (see [`as_string`](crate::as_string)).
    AsWritten,
}

/// How to read a document.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// Whether a key that occurs twice is an error (Go's `UnmarshalStrict`). Default: the last one wins.
    pub strict: bool,
    /// What becomes of integers.
    pub numbers: Numbers,
    /// How much the document may cost.
    pub limits: Limits,
}

/// Reads the first document of a text as `sigs.k8s.io/yaml.Unmarshal` into an `interface{}` does.
///
/// Maps are `map[string]interface {}`, lists `[]interface {}`, numbers `float64`; no document at all is nil.
///
/// # Errors
/// Where the text is no YAML, or not to be had as JSON (a null key, an infinity), or exceeds the default [`Limits`].
pub fn parse(text: &[u8]) -> Result<Value, Error> {
    parse_with(text, &Options::default())
}

/// As [`parse`], by the options given.
///
/// # Errors
/// As [`parse`]; in strict mode also where a key occurs twice.
pub fn parse_with(text: &[u8], options: &Options) -> Result<Value, Error> {
    let input = compose::input(text, options.limits)?;
    let nodes = compose::compose(&input, options.limits)?;
    let mut decoder = Decoder::new(&nodes, options);
    let value = decoder.run()?;
    decoder.finish(value)
}

/// A collection or alias whose nodes are being read.
enum Frame {
    List {
        items: Vec<Value>,
        next: NodeId,
    },
    /// A mapping that fills the innermost of the maps, which is its own or, under `<<`, that of another mapping.
    Map {
        next: NodeId,
        merges: bool,
    },
    /// The key of a mapping that is no scalar.
    Key {
        key: NodeId,
    },
    /// A list of mappings under `<<`: the last first, as the earlier ones take precedence.
    Merges {
        left: Vec<NodeId>,
    },
    Alias {
        node: NodeId,
    },
}

/// What a frame gives to the one around it.
enum Done {
    Value(Value),
    /// The pairs went into the map around.
    Merged,
}

/// What a frame needs next.
enum Next {
    Node(NodeId),
    Done(Done),
}

/// A map that is being filled.
#[derive(Default)]
struct Filling {
    entries: BTreeMap<Str, Value>,
    key: Option<Key>,
    /// In strict mode, the keys so far by type and text: `1` and `"1"` are two.
    seen: HashSet<(std::mem::Discriminant<Scalar<'static>>, Str)>,
}

/// A key whose value is awaited.
struct Key {
    /// `None` where JSON has no such key.
    text: Option<Str>,
    /// What an error may have to print; not kept where there can be none.
    scalar: Scalar<'static>,
    value: NodeId,
}

struct Decoder<'a, 't> {
    nodes: &'a Nodes<'t>,
    options: &'a Options,
    frames: Vec<Frame>,
    maps: Vec<Filling>,
    collections: usize,
    decoded: usize,
    decoded_in_aliases: usize,
    alias_depth: usize,
    open_aliases: HashSet<NodeId>,
    duplicates: Vec<String>,
    /// The errors for keys that JSON can't have, in case that they are still there at the end: a later duplicate of
    /// the whole mapping makes them good. Bytes, which no document has, stand in for the value and hold the place
    /// in this list.
    unsupported_keys: Vec<Error>,
    has_special_float: bool,
}

impl<'a, 't> Decoder<'a, 't> {
    fn new(nodes: &'a Nodes<'t>, options: &'a Options) -> Self {
        Self {
            nodes,
            options,
            frames: Vec::new(),
            maps: Vec::new(),
            collections: 0,
            decoded: 0,
            decoded_in_aliases: 0,
            alias_depth: 0,
            open_aliases: HashSet::new(),
            duplicates: Vec::new(),
            unsupported_keys: Vec::new(),
            has_special_float: false,
        }
    }

    /// Reads the whole document.
    fn run(&mut self) -> Result<Value, Error> {
        if self.nodes.root == NONE {
            return Ok(Value::Nil);
        }
        self.count()?;
        let mut next = Next::Node(self.nodes.root);
        loop {
            next = match next {
                Next::Node(node) => self.enter(node)?,
                Next::Done(done) => match (self.frames.pop(), done) {
                    (Some(frame), done) => self.resume(frame, done)?,
                    (None, Done::Value(value)) => return Ok(value),
                    (None, Done::Merged) => return Ok(Value::Nil),
                },
            };
        }
    }

    /// The errors that show only when all nodes are read, in the order in which Go's steps find them.
    fn finish(self, value: Value) -> Result<Value, Error> {
        if !self.duplicates.is_empty() {
            return Err(Error::Duplicates(self.duplicates));
        }
        if self.unsupported_keys.is_empty() && !self.has_special_float {
            return Ok(value);
        }
        let mut leaves = Leaves(vec![value.clone()]);
        if let Some(error) = leaves.find_map(|leaf| self.unsupported_key(&leaf)) {
            return Err(error);
        }
        match Leaves(vec![value.clone()]).find_map(|leaf| special_float(&leaf)) {
            Some(number) => Err(Error::UnsupportedNumber(number)),
            None => Ok(value),
        }
    }

    /// The error that a value stands in for.
    fn unsupported_key(&self, leaf: &Value) -> Option<Error> {
        let Value::Bytes(place) = leaf else {
            return None;
        };
        let place = usize::from_be_bytes(place.as_ref().try_into().ok()?);
        self.unsupported_keys.get(place).cloned()
    }

    /// Counts a node, and keeps the share of copied ones below what Go allows.
    fn count(&mut self) -> Result<(), Error> {
        self.decoded += 1;
        if self.alias_depth > 0 {
            self.decoded_in_aliases += 1;
            let share = self.decoded_in_aliases as f64 / self.decoded as f64;
            if self.decoded_in_aliases > 100 && self.decoded > 1000 && share > allowed_share(self.decoded) {
                return Err(Error::yaml("document contains excessive aliasing"));
            }
        }
        if self.decoded > self.options.limits.nodes {
            return Err(Error::Limit { what: "nodes", limit: self.options.limits.nodes });
        }
        Ok(())
    }

    fn node(&self, id: NodeId) -> Result<&'a NodeData<'t>, Error> {
        self.nodes.get(id).ok_or_else(|| Error::yaml("unknown problem parsing YAML content"))
    }

    /// Starts on a node.
    fn enter(&mut self, id: NodeId) -> Result<Next, Error> {
        self.count()?;
        let node = self.node(id)?;
        match node.kind {
            Kind::Scalar => {
                let scalar = resolve(node)?;
                Ok(Next::Done(Done::Value(self.scalar_value(scalar))))
            }
            Kind::Alias => {
                self.open_alias(id, node)?;
                Ok(Next::Node(node.first))
            }
            Kind::Sequence => {
                self.open_collection()?;
                self.next_item(Vec::new(), node.first)
            }
            Kind::Mapping => {
                self.open_collection()?;
                self.maps.push(Filling::default());
                self.next_pair(node.first, false)
            }
        }
    }

    fn open_collection(&mut self) -> Result<(), Error> {
        self.collections += 1;
        if self.collections > self.options.limits.depth { Err(Error::Depth) } else { Ok(()) }
    }

    fn open_alias(&mut self, id: NodeId, node: &NodeData<'_>) -> Result<(), Error> {
        if !self.open_aliases.insert(id) {
            return Err(Error::yaml(format!("anchor '{}' value contains itself", node.value)));
        }
        self.alias_depth += 1;
        self.frames.push(Frame::Alias { node: id });
        Ok(())
    }

    /// Gives a frame what the one inside it has read.
    fn resume(&mut self, frame: Frame, done: Done) -> Result<Next, Error> {
        match (frame, done) {
            (Frame::List { mut items, next }, Done::Value(value)) => {
                items.push(value);
                self.next_item(items, next)
            }
            (Frame::Map { next, merges }, Done::Value(value)) => {
                self.set_entry(value)?;
                self.next_pair(next, merges)
            }
            (Frame::Map { next, merges }, Done::Merged) => self.next_pair(next, merges),
            (Frame::Merges { left }, Done::Merged) => self.next_merge(left),
            (Frame::Key { key }, Done::Value(_)) => {
                Err(Error::yaml(format!("invalid map key: {}", go_syntax::of_node(self.nodes, key))))
            }
            (Frame::Alias { node }, done) => {
                self.open_aliases.remove(&node);
                self.alias_depth -= 1;
                Ok(Next::Done(done))
            }
            (Frame::List { .. } | Frame::Key { .. }, Done::Merged)
            | (Frame::Merges { .. }, Done::Value(_)) => {
                Err(Error::yaml("unknown problem parsing YAML content"))
            }
        }
    }

    /// Goes on with a list at that item; scalars are read on the spot.
    fn next_item(&mut self, mut items: Vec<Value>, mut next: NodeId) -> Result<Next, Error> {
        while let Some(node) = self.nodes.get(next) {
            if node.kind != Kind::Scalar {
                self.frames.push(Frame::List { items, next: node.next });
                return Ok(Next::Node(next));
            }
            self.count()?;
            items.push(self.scalar_value(resolve(node)?));
            next = node.next;
        }
        self.collections -= 1;
        Ok(Next::Done(Done::Value(Value::List(List::new(items)))))
    }

    /// Goes on with a mapping at that key; keys and values that are scalars are read on the spot.
    fn next_pair(&mut self, mut next: NodeId, merges: bool) -> Result<Next, Error> {
        while let Some(key) = self.nodes.get(next) {
            let value_id = key.next;
            let value = self.node(value_id)?;
            if is_merge(key) {
                self.frames.push(Frame::Map { next: value.next, merges });
                return self.merge(value_id);
            }
            let Some(scalar) = self.scalar_key(key)? else {
                self.frames.push(Frame::Map { next: value.next, merges });
                self.frames.push(Frame::Key { key: next });
                return Ok(Next::Node(next));
            };
            self.set_key(scalar, value_id);
            if value.kind != Kind::Scalar {
                self.frames.push(Frame::Map { next: value.next, merges });
                return Ok(Next::Node(value_id));
            }
            self.count()?;
            let value_read = self.scalar_value(resolve(value)?);
            self.set_entry(value_read)?;
            next = value.next;
        }
        self.collections -= 1;
        if merges {
            return Ok(Next::Done(Done::Merged));
        }
        let entries = self.maps.pop().unwrap_or_default().entries;
        Ok(Next::Done(Done::Value(Value::Map(Map::from_entries(MapType::INTERFACE, entries)))))
    }

    /// The key, if it is a scalar or an alias of one.
    fn scalar_key(&mut self, key: &'a NodeData<'t>) -> Result<Option<Scalar<'a>>, Error> {
        let target = if key.kind == Kind::Alias { self.node(key.first)? } else { key };
        if target.kind != Kind::Scalar {
            return Ok(None);
        }
        self.count()?;
        if key.kind == Kind::Alias {
            self.alias_depth += 1;
            self.count()?;
            self.alias_depth -= 1;
        }
        resolve(target).map(Some)
    }

    fn set_key(&mut self, scalar: Scalar<'a>, value: NodeId) {
        if let Some(filling) = self.maps.last_mut() {
            let text = key_text(&scalar);
            let scalar = if self.options.strict || text.is_none() { owned(scalar) } else { Scalar::Null };
            filling.key = Some(Key { text, scalar, value });
        }
    }

    /// Sets the entry of the key that was read last.
    fn set_entry(&mut self, value: Value) -> Result<(), Error> {
        let Some(filling) = self.maps.last_mut() else {
            return Ok(());
        };
        let Some(key) = filling.key.take() else {
            return Ok(());
        };
        if self.options.strict {
            let text = key.text.clone().unwrap_or_default();
            let equals_none = matches!(key.scalar, Scalar::Float(float) if float.is_nan());
            if !filling.seen.insert((std::mem::discriminant(&key.scalar), text)) && !equals_none {
                let line = self.nodes.get(key.value).map_or(0, |node| node.line as usize + 1);
                let key = go_syntax::of_scalar(&key.scalar);
                self.duplicates.push(format!("line {line}: key {key} already set in map"));
                return Ok(());
            }
        }
        match key.text {
            Some(text) => filling.entries.insert(text, value),
            None => {
                let place = self.unsupported_keys.len().to_be_bytes();
                let shown = go_syntax::of_scalar(&key.scalar);
                self.unsupported_keys.push(Error::UnsupportedKey {
                    key_type: if key.scalar == Scalar::Null { "%!s(<nil>)" } else { "uint64" },
                    key: shown.clone(),
                    value: go_syntax::of_node(self.nodes, key.value),
                });
                let invalid = [b"\xff", shown.as_bytes()].concat();
                filling.entries.insert(Str::from(invalid), Value::Bytes(place.as_slice().into()))
            }
        };
        Ok(())
    }

    /// Takes the pairs of the mapping (or list of mappings) under `<<` into the map at hand.
    fn merge(&mut self, id: NodeId) -> Result<Next, Error> {
        let node = self.node(id)?;
        if node.kind != Kind::Sequence {
            return self.merge_one(id);
        }
        let mut left = Vec::new();
        let mut child = node.first;
        while let Some(node) = self.nodes.get(child) {
            left.push(child);
            child = node.next;
        }
        self.next_merge(left)
    }

    fn next_merge(&mut self, mut left: Vec<NodeId>) -> Result<Next, Error> {
        match left.pop() {
            None => Ok(Next::Done(Done::Merged)),
            Some(id) => {
                self.frames.push(Frame::Merges { left });
                self.merge_one(id)
            }
        }
    }

    fn merge_one(&mut self, id: NodeId) -> Result<Next, Error> {
        let node = self.node(id)?;
        let target = if node.kind == Kind::Alias { self.node(node.first)? } else { node };
        if target.kind != Kind::Mapping {
            return Err(Error::yaml("map merge requires map or sequence of maps as the value"));
        }
        self.count()?;
        if node.kind == Kind::Alias {
            self.open_alias(id, node)?;
            self.count()?;
        }
        self.open_collection()?;
        self.next_pair(target.first, true)
    }

    fn scalar_value(&mut self, scalar: Scalar<'_>) -> Value {
        let as_written = self.options.numbers == Numbers::AsWritten;
        match scalar {
            Scalar::Null => Value::Nil,
            Scalar::Bool(truth) => Value::Bool(truth),
            Scalar::Int(int) if as_written => Value::int64(int),
            Scalar::Int(int) => Value::Float(int as f64),
            Scalar::Uint(uint) if as_written => Value::Uint(UintType::Uint64, uint),
            Scalar::Uint(uint) => Value::Float(uint as f64),
            Scalar::Float(float) => {
                self.has_special_float |= !float.is_finite();
                Value::Float(float)
            }
            Scalar::Text(text) => Value::Str(Str::from(text)),
            Scalar::Binary(bytes) => Value::Str(Str::from(valid_text(&bytes).into_owned())),
        }
    }
}

/// The share of nodes that may come from aliases: 99 % in small documents, 10 % in very large ones.
fn allowed_share(decoded: usize) -> f64 {
    const SMALL: f64 = 400_000.0;
    const LARGE: f64 = 4_000_000.0;
    let beyond = ((decoded as f64 - SMALL) / (LARGE - SMALL)).clamp(0.0, 1.0);
    0.99 - 0.89 * beyond
}

/// What a scalar node is.
pub(crate) fn resolve<'a>(node: &'a NodeData<'_>) -> Result<Scalar<'a>, Error> {
    match node.tag.as_deref() {
        Some(tag) => resolve_tagged(tag, &node.value),
        None if node.implicit => Ok(resolve_plain(&node.value)),
        None => Ok(Scalar::Text(Cow::Borrowed(&node.value))),
    }
}

/// Whether a key is `<<`, and not in quotes.
pub(crate) fn is_merge(key: &NodeData<'_>) -> bool {
    key.kind == Kind::Scalar
        && key.value == "<<"
        && (key.implicit || key.tag.as_deref() == Some("tag:yaml.org,2002:merge"))
}

/// The key as JSON has it; `None` where `sigs.k8s.io/yaml` knows no text for it.
fn key_text(key: &Scalar<'_>) -> Option<Str> {
    Some(match key {
        Scalar::Null | Scalar::Uint(_) => return None,
        Scalar::Bool(true) => Str::from("true"),
        Scalar::Bool(false) => Str::from("false"),
        Scalar::Int(int) => Str::from(int.to_string()),
        Scalar::Float(float) => Str::from(float_key(*float)),
        Scalar::Text(text) => Str::from(&**text),
        Scalar::Binary(bytes) => Str::from(valid_text(bytes).into_owned()),
    })
}

/// With the digits that a `float32` needs.
fn float_key(float: f64) -> String {
    match value::format_float32(float as f32, FloatFormat::General).as_str() {
        "+Inf" => ".inf".to_owned(),
        "-Inf" => "-.inf".to_owned(),
        "NaN" => ".nan".to_owned(),
        text => text.to_owned(),
    }
}

fn owned(scalar: Scalar<'_>) -> Scalar<'static> {
    match scalar {
        Scalar::Text(text) => Scalar::Text(Cow::Owned(text.into_owned())),
        Scalar::Null => Scalar::Null,
        Scalar::Bool(truth) => Scalar::Bool(truth),
        Scalar::Int(int) => Scalar::Int(int),
        Scalar::Uint(uint) => Scalar::Uint(uint),
        Scalar::Float(float) => Scalar::Float(float),
        Scalar::Binary(bytes) => Scalar::Binary(bytes),
    }
}

/// An infinity or NaN, by Go's name.
fn special_float(leaf: &Value) -> Option<&'static str> {
    match leaf {
        Value::Float(float) if float.is_nan() => Some("NaN"),
        Value::Float(float) if float.is_infinite() => Some(if *float > 0.0 { "+Inf" } else { "-Inf" }),
        _ => None,
    }
}

/// The leaves of a value in the order in which Go's JSON encoder goes.
struct Leaves(Vec<Value>);

impl Iterator for Leaves {
    type Item = Value;

    fn next(&mut self) -> Option<Value> {
        loop {
            match self.0.pop()? {
                Value::List(list) => self.0.extend(list.iter().rev().cloned()),
                Value::Map(map) => self.0.extend(map.entries().into_iter().rev().map(|(_, value)| value)),
                leaf => return Some(leaf),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(text: &str) -> String {
        match parse(text.as_bytes()) {
            Ok(value) => value::json::to_string(&value).unwrap(),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn keys_become_strings_and_the_last_of_two_wins() {
        assert_eq!(json("1: a\ny: b\n1.50: c\n"), r#"{"1":"a","1.5":"c","true":"b"}"#);
        assert_eq!(json("a: 1\na: 2\n"), r#"{"a":2}"#);
        assert_eq!(json("~: x\n"), "unsupported map key of type: %!s(<nil>), key: <nil>, value: \"x\"");
    }

    #[test]
    fn a_template_left_in_a_document_is_an_invalid_key() {
        assert_eq!(
            json("a: {{ b }}\n"),
            "yaml: invalid map key: map[interface {}]interface {}{\"b\":interface {}(nil)}"
        );
    }

    #[test]
    fn merges_keep_the_order_of_the_document() {
        assert_eq!(json("a: 1\n<<: {a: 2, b: 3}\nb: 4\n"), r#"{"a":2,"b":4}"#);
        assert_eq!(json("<<: [{a: 1}, {a: 2, b: 2}]\n"), r#"{"a":1,"b":2}"#);
        assert_eq!(json("<<: x\n"), "yaml: map merge requires map or sequence of maps as the value");
    }

    #[test]
    fn strict_reading_names_the_line_of_the_second_value() {
        let strict = Options { strict: true, ..Options::default() };
        let error = parse_with(b"a: 1\nb: 2\na: 3\n1: x\n'1': y\n", &strict).unwrap_err();
        assert_eq!(error.to_string(), "yaml: unmarshal errors:\n  line 3: key \"a\" already set in map");
    }

    #[test]
    fn a_billion_laughs_are_refused() {
        let mut text = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for level in 1..10 {
            let below = format!("*a{}, ", level - 1).repeat(10);
            text.push_str(&format!("a{level}: &a{level} [{below}]\n"));
        }
        assert_eq!(json(&text), "yaml: document contains excessive aliasing");
        assert_eq!(json("a: &a [*a]\n"), "yaml: anchor 'a' value contains itself");
    }

    #[test]
    fn nesting_ends_at_ten_thousand_levels() {
        assert_eq!(json(&"[".repeat(10_001)), "yaml: exceeded max depth of 10000");
        assert!(parse(format!("{}{}", "[".repeat(10_000), "]".repeat(10_000)).as_bytes()).is_ok());
    }

    #[test]
    fn infinities_are_no_json() {
        assert_eq!(json("a: .inf\n"), "json: unsupported value: +Inf");
        assert_eq!(json("a: .inf\na: 1\n"), r#"{"a":1}"#);
    }
}
