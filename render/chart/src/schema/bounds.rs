//! Bounds for schemas: a validator recurses into them.

use serde_json::Value as Json;

/// Levels of a schema, beyond any real one.
const MAX_DEPTH: usize = 200;
/// Objects, arrays and scalars of a schema: five times the largest known one.
const MAX_NODES: usize = 1_000_000;

/// Refuses what is too large or too deep to be a schema of values.
pub(super) fn check(schema: &Json) -> Result<(), String> {
    let mut nodes = 0;
    let mut open = vec![(schema, 0)];
    while let Some((node, depth)) = open.pop() {
        nodes += 1;
        if depth > MAX_DEPTH {
            return Err(format!("the schema is nested more than {MAX_DEPTH} levels deep"));
        }
        if nodes > MAX_NODES {
            return Err(format!("the schema has more than {MAX_NODES} nodes"));
        }
        match node {
            Json::Array(items) => open.extend(items.iter().map(|item| (item, depth + 1))),
            Json::Object(members) => open.extend(members.values().map(|member| (member, depth + 1))),
            _ => {}
        }
    }
    Ok(())
}
