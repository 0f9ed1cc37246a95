//! The tables read so far, and which keys may still be set.
//!
//! Tables stand in one list and name each other by index: an array of tables grows in place, and a table that a dotted
//! key or a header only implies can be defined later.

use std::collections::{BTreeMap, HashSet};

use value::{ElementType, List, Map, Value, format};

use super::{MAX_DEPTH, key_text, scan::Trouble};

/// A table's index in its document.
pub(super) type TableId = usize;

const ROOT: TableId = 0;

/// A value within a table or array.
#[derive(Clone)]
pub(super) enum Node {
    Scalar(Value),
    Array(Vec<Node>),
    Table(TableId),
    /// An array of tables, built by `[[headers]]`.
    Tables(Vec<TableId>),
}

/// All that has been read.
pub(super) struct Document {
    tables: Vec<BTreeMap<String, Node>>,
    /// The key of the table that keys go into.
    pub(super) context: Vec<String>,
    /// The key whose value is read, empty between values.
    pub(super) key: String,
    /// Where the key stands.
    pub(super) line: usize,
    /// Tables that exist only because a longer key goes through them.
    implicit: HashSet<Vec<u8>>,
    /// Keys of arrays within brackets.
    arrays: HashSet<Vec<u8>>,
}

impl Document {
    pub(super) fn new() -> Self {
        Self {
            tables: vec![BTreeMap::new()],
            context: Vec::new(),
            key: String::new(),
            line: 1,
            implicit: HashSet::new(),
            arrays: HashSet::new(),
        }
    }

    /// The key that an error names.
    pub(super) fn last_key(&self) -> String {
        let context = String::from_utf8_lossy(&key_text(&self.context)).into_owned();
        match (self.context.is_empty(), self.key.is_empty()) {
            (_, true) => context,
            (true, false) => self.key.clone(),
            (false, false) => format!("{context}.{}", self.key),
        }
    }

    pub(super) fn new_table(&mut self) -> TableId {
        self.tables.push(BTreeMap::new());
        self.tables.len() - 1
    }

    /// The table or the last table of an array of tables under a key.
    fn table_under(&self, table: TableId, key: &str) -> Option<TableId> {
        match self.tables.get(table)?.get(key)? {
            Node::Table(id) => Some(*id),
            Node::Tables(ids) => ids.last().copied(),
            _ => None,
        }
    }

    fn has(&self, table: TableId, key: &str) -> bool {
        self.tables.get(table).is_some_and(|entries| entries.contains_key(key))
    }

    fn put(&mut self, table: TableId, key: &str, node: Node) {
        if let Some(entries) = self.tables.get_mut(table) {
            entries.insert(key.to_owned(), node);
        }
    }

    fn trouble(&self, message: impl Into<String>) -> Trouble {
        Trouble::new(self.line, message)
    }

    fn defined(&self, key: &[String]) -> Trouble {
        self.trouble(format!("Key '{}' has already been defined.", shown(key)))
    }

    /// Enters the table of a header, or a new one at the end of an array of tables.
    pub(super) fn enter(&mut self, key: &[String], in_array: bool) -> Result<(), Trouble> {
        if key.len() > MAX_DEPTH {
            return Err(self.trouble(format!("tables nest more than {MAX_DEPTH} deep")));
        }
        let Some((last, parents)) = key.split_last() else { return Ok(()) };
        let mut table = ROOT;
        for (index, part) in parents.iter().enumerate() {
            let path = &key[..=index];
            if !self.has(table, part) {
                self.implicit.insert(key_text(path));
                let new = self.new_table();
                self.put(table, part, Node::Table(new));
            }
            table = self.table_under(table, part).ok_or_else(|| {
                self.trouble(format!("Key '{}' was already created as a hash.", shown(path)))
            })?;
        }
        self.context = parents.to_vec();
        let new = self.new_table();
        if in_array {
            self.append(table, last, new, key)?;
        } else {
            self.set(last, Node::Table(new))?;
        }
        self.context.push(last.clone());
        Ok(())
    }

    fn append(&mut self, table: TableId, name: &str, new: TableId, key: &[String]) -> Result<(), Trouble> {
        let entry = self
            .tables
            .get_mut(table)
            .map(|entries| entries.entry(name.to_owned()).or_insert_with(|| Node::Tables(Vec::new())));
        if let Some(Node::Tables(ids)) = entry {
            ids.push(new);
            return Ok(());
        }
        let message = format!("Key '{}' was already created and cannot be used as an array.", shown(key));
        Err(self.trouble(message))
    }

    /// Enters the tables that the first parts of a dotted key go through.
    pub(super) fn enter_parents(&mut self, parents: &[String]) -> Result<(), Trouble> {
        for part in parents {
            let key = self.path_to(part);
            self.imply(&key);
            self.enter(&key, false)?;
        }
        Ok(())
    }

    /// Lets a table be defined again.
    pub(super) fn imply(&mut self, key: &[String]) {
        self.implicit.insert(key_text(key));
    }

    /// A key's full path in the table that keys go into.
    pub(super) fn path_to(&self, key: &str) -> Vec<String> {
        self.context.iter().cloned().chain([key.to_owned()]).collect()
    }

    /// Sets a key in the table that keys go into.
    pub(super) fn set(&mut self, key: &str, node: Node) -> Result<(), Trouble> {
        let path = self.path_to(key);
        let mut table = ROOT;
        for (index, part) in self.context.iter().enumerate() {
            table = self.table_under(table, part).ok_or_else(|| self.defined(&path[..=index]))?;
        }
        if !self.has(table, key) {
            self.put(table, key, node);
            return Ok(());
        }
        let text = key_text(&path);
        if !self.implicit.remove(&text) {
            return Err(self.defined(&path));
        }
        // An implied table already holds what was set in it; within an array, tables were only tried out.
        if self.arrays.contains(&text) {
            self.put(table, key, node);
        }
        Ok(())
    }

    /// Notes whether a key, or with an empty one the table that keys go into, is an array within brackets.
    pub(super) fn note_kind(&mut self, key: &str, is_array: bool) {
        let path =
            if key.is_empty() && !self.context.is_empty() { self.context.clone() } else { self.path_to(key) };
        let text = key_text(&path);
        if is_array {
            self.arrays.insert(text);
        } else {
            self.arrays.remove(&text);
        }
    }

    /// Sets a dotted key of an inline table.
    pub(super) fn set_inline(
        &mut self,
        inline: TableId,
        parents: &[String],
        node: Node,
    ) -> Result<(), Trouble> {
        let mut table = inline;
        for part in parents {
            if !self.has(table, part) {
                let new = self.new_table();
                self.put(table, part, Node::Table(new));
            }
            table = match self.tables.get(table).and_then(|entries| entries.get(part)) {
                Some(Node::Table(id)) => *id,
                _ => {
                    let context = format::quote(key_text(&self.context));
                    return Err(self.trouble(format!("{context} is not a table")));
                }
            };
        }
        let key = self.key.clone();
        self.put(table, &key, node);
        Ok(())
    }

    /// The whole document as a value.
    pub(super) fn into_map(self) -> Map {
        self.map(ROOT)
    }

    fn map(&self, table: TableId) -> Map {
        let entries = self.tables.get(table).into_iter().flatten();
        entries.map(|(key, node)| (key.as_str(), self.value(node))).collect()
    }

    fn value(&self, node: &Node) -> Value {
        match node {
            Node::Scalar(value) => value.clone(),
            Node::Table(id) => self.map(*id).into(),
            Node::Array(items) => {
                let items = items.iter().map(|item| self.value(item)).collect();
                with_room(List::new(items), 2).into()
            }
            Node::Tables(ids) => {
                let tables = ids.iter().map(|id| self.map(*id).into()).collect();
                with_room(List::typed(ElementType::InterfaceMap, tables), 4).into()
            }
        }
    }
}

/// Go's library begins arrays with room for a few items.
fn with_room(list: List, room: usize) -> List {
    if list.len() <= room { list.with_capacity(room) } else { list.grown() }
}

fn shown(key: &[String]) -> String {
    String::from_utf8_lossy(&key_text(key)).into_owned()
}
