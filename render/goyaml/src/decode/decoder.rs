//! The walk over the nodes, with a stack of open collections in place of recursion.

use value::{List, Map, MapType, Value};

use super::aliases::Aliases;
use super::entries::{DoubtfulKey, Filling, Key, KeyProblems, special_float};
use super::frames::{Done, Frame, KeyRead, Mapping, Next};
use super::scalars::{Scalars, has_text, is_merge, is_word, resolve};
use super::{Options, Wanted};
use crate::error::{Error, Problem};
use crate::go_syntax;
use crate::resolve::Scalar;
use crate::tree::{Kind, NONE, NodeData, NodeId, Nodes};

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
    /// Whether something was left out that is an error unless a duplicate replaces it.
    left_out_problem: bool,
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
            left_out_problem: false,
        }
    }

    /// Reads the whole document, of which only a part may be wanted. `None` where all of it has to be read to tell
    /// whether it is sound.
    pub(super) fn document(mut self, wanted: Wanted) -> Result<Option<Value>, Error> {
        if self.nodes.root == NONE {
            return Ok(Some(Value::Nil));
        }
        self.aliases.count()?;
        let value = self.root(wanted)?;
        if self.left_out_problem {
            return Ok(None);
        }
        self.problems.check(&value, self.nodes)?;
        if self.scalars.has_special_float
            && let Some(number) = special_float(&value)
        {
            return Err(Problem::UnsupportedNumber(number).into());
        }
        Ok(Some(value))
    }

    fn root(&mut self, wanted: Wanted) -> Result<Value, Error> {
        let mut next = Next::Node(self.nodes.root, Some(wanted));
        loop {
            next = match next {
                Next::Node(node, wanted) => self.enter(node, wanted)?,
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
    fn enter(&mut self, id: NodeId, wanted: Option<Wanted>) -> Result<Next, Error> {
        let node = self.node(id)?;
        match node.kind {
            Kind::Scalar => Ok(Next::Done(Done::Value(self.scalar(id, node, wanted.is_some())?))),
            Kind::Alias => {
                self.aliases.count()?;
                self.open_alias(id, node)?;
                Ok(Next::Node(node.first, wanted))
            }
            Kind::Sequence => {
                self.aliases.count()?;
                self.open_collection()?;
                let room = if wanted.is_some() { node.children as usize } else { 0 };
                self.next_item(Vec::with_capacity(room), node.first, wanted.map(|_| Wanted::All))
            }
            Kind::Mapping => {
                self.aliases.count()?;
                self.open_collection()?;
                match wanted {
                    Some(Wanted::All) => self.maps.push(Filling::with_capacity(node.children as usize / 2)),
                    Some(Wanted::Fields(_)) => self.maps.push(Filling::default()),
                    None => {}
                }
                self.next_pair(node.first, Mapping { wanted, merges: false })
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
            (Frame::List { mut items, next, wanted }, Done::Value(value)) => {
                if wanted.is_some() {
                    items.push(value);
                }
                self.next_item(items, next, wanted)
            }
            (Frame::Map { next, map, key }, Done::Value(value)) => {
                if let Some(key) = key {
                    self.set_entry(key, value);
                }
                self.next_pair(next, map)
            }
            (Frame::Map { next, map, .. }, Done::Merged) => self.next_pair(next, map),
            (Frame::Merges { left, wanted }, Done::Merged) => self.next_merge(left, wanted),
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
    fn next_item(
        &mut self,
        mut items: Vec<Value>,
        mut next: NodeId,
        wanted: Option<Wanted>,
    ) -> Result<Next, Error> {
        while let Some(node) = self.nodes.get(next) {
            if node.kind != Kind::Scalar {
                self.frames.push(Frame::List { items, next: node.next, wanted });
                return Ok(Next::Node(next, wanted));
            }
            let item = self.scalar(next, node, wanted.is_some())?;
            if wanted.is_some() {
                items.push(item);
            }
            next = node.next;
        }
        self.depth -= 1;
        let list = wanted.map(|_| Value::List(List::new(items).grown()));
        Ok(Next::Done(Done::Value(list.unwrap_or_default())))
    }

    /// Goes on with a mapping at that key; keys and values that are scalars are read on the spot.
    fn next_pair(&mut self, mut next: NodeId, map: Mapping) -> Result<Next, Error> {
        while let Some(key) = self.nodes.get(next) {
            let value_id = key.next;
            let value = self.node(value_id)?;
            if is_merge(key) {
                self.frames.push(Frame::Map { next: value.next, map, key: None });
                return self.merge(value_id, map.wanted);
            }
            let (key, wanted) = match self.key(next, key, map.wanted)? {
                KeyRead::Wanted(key, wanted) => (Some(key), Some(wanted)),
                KeyRead::LeftOut => (None, None),
                KeyRead::NoScalar => {
                    self.frames.push(Frame::Map { next: value.next, map, key: None });
                    self.frames.push(Frame::Key { key: next });
                    return Ok(Next::Node(next, None));
                }
            };
            if value.kind != Kind::Scalar {
                self.frames.push(Frame::Map { next: value.next, map, key });
                return Ok(Next::Node(value_id, wanted));
            }
            let value_read = self.scalar(value_id, value, key.is_some())?;
            if let Some(key) = key {
                self.set_entry(key, value_read);
            }
            next = value.next;
        }
        self.depth -= 1;
        Ok(Next::Done(self.close(map)))
    }

    /// What a mapping gives when it has no more pairs.
    fn close(&mut self, map: Mapping) -> Done {
        if map.merges {
            return Done::Merged;
        }
        let filled = map.wanted.and_then(|_| self.maps.pop());
        let value = filled.map(|map| Value::Map(Map::from_entries(MapType::INTERFACE, map.entries)));
        Done::Value(value.unwrap_or_default())
    }

    /// Reads a key, if it is a scalar or an alias of one.
    fn key(&mut self, id: NodeId, key: &'a NodeData<'t>, wanted: Option<Wanted>) -> Result<KeyRead, Error> {
        let is_alias = key.kind == Kind::Alias;
        let (id, target) = if is_alias { (key.first, self.node(key.first)?) } else { (id, key) };
        if target.kind != Kind::Scalar {
            return Ok(KeyRead::NoScalar);
        }
        self.aliases.count()?;
        if is_alias {
            self.aliases.count_as(true)?;
        }
        if wanted.is_none() && is_word(target) {
            return Ok(KeyRead::LeftOut);
        }
        let scalar = resolve(target)?;
        let Some(wanted) = wanted.and_then(|wanted| wanted.below(&scalar)) else {
            self.left_out_problem |= !has_text(&scalar);
            return Ok(KeyRead::LeftOut);
        };
        let text = self.scalars.key(&scalar, id, is_alias || self.aliases.is_copying());
        let key = match text {
            Some(text) if !self.options.strict => Key::Sound(text),
            text => {
                Key::Doubtful(Box::new(DoubtfulKey { text, scalar: scalar.into_owned(), value: key.next }))
            }
        };
        Ok(KeyRead::Wanted(key, wanted))
    }

    fn set_entry(&mut self, key: Key, value: Value) {
        if let Some(filling) = self.maps.last_mut() {
            self.problems.set(filling, key, value, self.nodes, self.options.strict);
        }
    }

    /// Takes the pairs of the mapping (or list of mappings) under `<<` into the map at hand.
    fn merge(&mut self, id: NodeId, wanted: Option<Wanted>) -> Result<Next, Error> {
        let node = self.node(id)?;
        if node.kind != Kind::Sequence {
            return self.merge_one(id, wanted);
        }
        let mut left = Vec::new();
        let mut child = node.first;
        while let Some(node) = self.nodes.get(child) {
            left.push(child);
            child = node.next;
        }
        self.next_merge(left, wanted)
    }

    fn next_merge(&mut self, mut left: Vec<NodeId>, wanted: Option<Wanted>) -> Result<Next, Error> {
        match left.pop() {
            None => Ok(Next::Done(Done::Merged)),
            Some(id) => {
                self.frames.push(Frame::Merges { left, wanted });
                self.merge_one(id, wanted)
            }
        }
    }

    fn merge_one(&mut self, id: NodeId, wanted: Option<Wanted>) -> Result<Next, Error> {
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
        self.next_pair(target.first, Mapping { wanted, merges: true })
    }

    /// A scalar as a value; nil where it is not wanted.
    fn scalar(&mut self, id: NodeId, node: &NodeData<'_>, is_wanted: bool) -> Result<Value, Error> {
        self.aliases.count()?;
        if is_wanted {
            return Ok(self.scalars.value(resolve(node)?, id, self.aliases.is_copying()));
        }
        // Nothing can be wrong with it but a tag that does not fit, or an infinity.
        if node.tag().is_some() || node.implicit && node.value.starts_with(['.', '+', '-']) {
            self.left_out_problem |= matches!(resolve(node)?, Scalar::Float(float) if !float.is_finite());
        }
        Ok(Value::Nil)
    }
}
