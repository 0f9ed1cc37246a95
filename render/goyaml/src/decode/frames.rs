//! What the decoder keeps on its stack, and what its steps hand to each other.

use value::Value;

use super::entries::Key;
use super::wanted::Wanted;
use crate::tree::NodeId;

/// A collection or alias whose nodes are being read.
pub(super) enum Frame {
    List {
        items: Vec<Value>,
        next: NodeId,
        wanted: Option<Wanted>,
    },
    /// A mapping at the value of that key, which is `None` where the entry is left out.
    Map {
        next: NodeId,
        map: Mapping,
        key: Option<Key>,
    },
    /// The key of a mapping that is no scalar.
    Key {
        key: NodeId,
    },
    /// A list of mappings under `<<`: the last first, as the earlier ones take precedence.
    Merges {
        left: Vec<NodeId>,
        wanted: Option<Wanted>,
    },
    Alias {
        node: NodeId,
    },
}

/// A mapping whose pairs are being read.
#[derive(Clone, Copy)]
pub(super) struct Mapping {
    /// What is to be had of it; `None`: it is only looked through for errors, and no map is filled.
    pub(super) wanted: Option<Wanted>,
    /// Whether the innermost of the maps that it fills is that of another mapping, which it stands under as `<<`.
    pub(super) merges: bool,
}

/// What a key of a mapping is.
pub(super) enum KeyRead {
    NoScalar,
    /// The entry is not wanted.
    LeftOut,
    Wanted(Key, Wanted),
}

/// What a frame gives to the one around it.
pub(super) enum Done {
    /// Nil where the value is not wanted.
    Value(Value),
    /// The pairs went into the map around.
    Merged,
}

/// What a frame needs next.
pub(super) enum Next {
    Node(NodeId, Option<Wanted>),
    Done(Done),
}
