//! The walk over the nodes, with a stack of open collections in place of recursion.

use value::{List, Map, MapType, Value};

use super::Options;
use super::aliases::Aliases;
use super::entries::{Filling, Key, KeyProblems, special_float};
use super::scalars::{Scalars, is_merge, resolve};
use crate::error::{Error, Problem};
use crate::go_syntax;
use crate::resolve::Scalar;
use crate::tree::{Kind, NONE, NodeData, NodeId, Nodes};

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

pub(super) struct Decoder<'a, 't> {
    nodes: &'a Nodes<'t>,
    options: &'a Options,
    frames: Vec<Frame>,
    maps: Vec<Filling>,
    /// How many collections are open.
    depth: usize,
    aliases: Aliases,
    scalars: Scalars,
    problems: KeyProblems,
}

impl<'a, 't> Decoder<'a, 't> {
    pub(super) fn new(nodes: &'a Nodes<'t>, options: &'a Options) -> Self {
        Self {
            nodes,
            options,
            frames: Vec::new(),
            maps: Vec::new(),
            depth: 0,
            aliases: Aliases::new(options.limits.nodes),
            scalars: Scalars::new(options.numbers),
            problems: KeyProblems::default(),
        }
    }

    /// Reads the whole document.
    pub(super) fn document(mut self) -> Result<Value, Error> {
        if self.nodes.root == NONE {
            return Ok(Value::Nil);
        }
        self.aliases.count()?;
        let value = self.root()?;
        self.problems.check(&value, self.nodes)?;
        if self.scalars.has_special_float
            && let Some(number) = special_float(&value)
        {
            return Err(Problem::UnsupportedNumber(number).into());
        }
        Ok(value)
    }

    fn root(&mut self) -> Result<Value, Error> {
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

    fn node(&self, id: NodeId) -> Result<&'a NodeData<'t>, Error> {
        self.nodes.get(id).ok_or_else(|| Error::yaml("unknown problem parsing YAML content"))
    }

    /// Starts on a node.
    fn enter(&mut self, id: NodeId) -> Result<Next, Error> {
        let node = self.node(id)?;
        match node.kind {
            Kind::Scalar => Ok(Next::Done(Done::Value(self.scalar(id, node)?))),
            Kind::Alias => {
                self.aliases.count()?;
                self.open_alias(id, node)?;
                Ok(Next::Node(node.first))
            }
            Kind::Sequence => {
                self.aliases.count()?;
                self.open_collection()?;
                self.next_item(Vec::with_capacity(node.children as usize), node.first)
            }
            Kind::Mapping => {
                self.aliases.count()?;
                self.open_collection()?;
                self.maps.push(Filling::with_capacity(node.children as usize / 2));
                self.next_pair(node.first, false)
            }
        }
    }

    fn open_collection(&mut self) -> Result<(), Error> {
        self.depth += 1;
        if self.depth > self.options.limits.depth { Err(Problem::Depth.into()) } else { Ok(()) }
    }

    fn open_alias(&mut self, id: NodeId, alias: &NodeData<'_>) -> Result<(), Error> {
        self.aliases.open(id, alias)?;
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
                self.set_entry(value);
                self.next_pair(next, merges)
            }
            (Frame::Map { next, merges }, Done::Merged) => self.next_pair(next, merges),
            (Frame::Merges { left }, Done::Merged) => self.next_merge(left),
            (Frame::Key { key }, Done::Value(_)) => {
                Err(Error::yaml(format!("invalid map key: {}", go_syntax::of_node(self.nodes, key))))
            }
            (Frame::Alias { node }, done) => {
                self.aliases.close(node);
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
            items.push(self.scalar(next, node)?);
            next = node.next;
        }
        self.depth -= 1;
        Ok(Next::Done(Done::Value(Value::List(List::new(items).grown()))))
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
            if !self.scalar_key(next, key)? {
                self.frames.push(Frame::Map { next: value.next, merges });
                self.frames.push(Frame::Key { key: next });
                return Ok(Next::Node(next));
            }
            if value.kind != Kind::Scalar {
                self.frames.push(Frame::Map { next: value.next, merges });
                return Ok(Next::Node(value_id));
            }
            let value_read = self.scalar(value_id, value)?;
            self.set_entry(value_read);
            next = value.next;
        }
        self.depth -= 1;
        if merges {
            return Ok(Next::Done(Done::Merged));
        }
        let entries = self.maps.pop().unwrap_or_default().entries;
        Ok(Next::Done(Done::Value(Value::Map(Map::from_entries(MapType::INTERFACE, entries)))))
    }

    /// Takes the key, if it is a scalar or an alias of one.
    fn scalar_key(&mut self, id: NodeId, key: &'a NodeData<'t>) -> Result<bool, Error> {
        let is_alias = key.kind == Kind::Alias;
        let (id, target) = if is_alias { (key.first, self.node(key.first)?) } else { (id, key) };
        if target.kind != Kind::Scalar {
            return Ok(false);
        }
        self.aliases.count()?;
        if is_alias {
            self.aliases.count_as(true)?;
        }
        let scalar = resolve(target)?;
        let text = self.scalars.key(&scalar, id, is_alias || self.aliases.is_copying());
        if let Some(filling) = self.maps.last_mut() {
            let is_shown = self.options.strict || text.is_none();
            let scalar = if is_shown { scalar.into_owned() } else { Scalar::Null };
            filling.key = Some(Key { text, scalar, value: key.next });
        }
        Ok(true)
    }

    fn set_entry(&mut self, value: Value) {
        if let Some(filling) = self.maps.last_mut() {
            self.problems.set(filling, value, self.nodes, self.options.strict);
        }
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
        self.aliases.count()?;
        if node.kind == Kind::Alias {
            self.open_alias(id, node)?;
            self.aliases.count()?;
        }
        self.open_collection()?;
        self.next_pair(target.first, true)
    }

    /// A scalar as a value.
    fn scalar(&mut self, id: NodeId, node: &NodeData<'_>) -> Result<Value, Error> {
        self.aliases.count()?;
        Ok(self.scalars.value(resolve(node)?, id, self.aliases.is_copying()))
    }
}
