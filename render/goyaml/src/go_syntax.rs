//! Values in Go syntax (`%#v`), as some errors show them.

use std::fmt::Write;

use value::{FloatFormat, format_float};

use crate::decode::resolve;
use crate::resolve::Scalar;
use crate::tree::{Kind, NodeId, Nodes};

/// Deeper levels of a value are left out of an error's text.
const MAX_DEPTH: usize = 100;

/// A longer text of a value is cut.
const MAX_LENGTH: usize = 1 << 16;

/// A node as Go's `%#v` prints the value that the YAML library makes of it.
pub(crate) fn of_node(nodes: &Nodes<'_>, id: NodeId) -> String {
    let mut text = String::new();
    write_node(nodes, id, 0, &mut text);
    text
}

/// A scalar by itself.
pub(crate) fn of_scalar(scalar: &Scalar<'_>) -> String {
    match scalar {
        Scalar::Null => "<nil>".to_owned(),
        Scalar::Bool(truth) => truth.to_string(),
        Scalar::Int(int) => int.to_string(),
        Scalar::Uint(uint) => format!("{uint:#x}"),
        Scalar::Float(float) => format_float(*float, FloatFormat::General, None),
        Scalar::Text(text) => value::format::quote(text.as_bytes()),
        Scalar::Binary(bytes) => value::format::quote(bytes),
    }
}

fn write_node(nodes: &Nodes<'_>, id: NodeId, depth: usize, text: &mut String) {
    let Some(node) = nodes.get(id) else {
        return;
    };
    if depth > MAX_DEPTH || text.len() > MAX_LENGTH {
        text.push_str("...");
        return;
    }
    match node.kind {
        Kind::Scalar => match resolve(node) {
            Ok(Scalar::Null) | Err(_) if depth > 0 => text.push_str("interface {}(nil)"),
            Ok(scalar) => text.push_str(&of_scalar(&scalar)),
            Err(_) => {}
        },
        Kind::Alias => write_node(nodes, node.first, depth + 1, text),
        Kind::Sequence => {
            text.push_str("[]interface {}{");
            let mut separator = "";
            let mut child = node.first;
            while let Some(item) = nodes.get(child) {
                text.push_str(separator);
                separator = ", ";
                write_node(nodes, child, depth + 1, text);
                child = item.next;
            }
            text.push('}');
        }
        Kind::Mapping => write_mapping(nodes, node.first, depth, text),
    }
}

/// Keys are sorted as Go's `fmt` sorts them, and the last of equal ones counts.
fn write_mapping(nodes: &Nodes<'_>, first: NodeId, depth: usize, text: &mut String) {
    let mut pairs: Vec<(Scalar<'_>, String, NodeId)> = Vec::new();
    let mut child = first;
    while let Some(key) = nodes.get(child) {
        let scalar = resolve(key).unwrap_or(Scalar::Null);
        let mut shown = String::new();
        write_node(nodes, child, depth + 1, &mut shown);
        pairs.retain(|(_, other, _)| *other != shown);
        pairs.push((scalar, shown, key.next));
        child = nodes.next(key.next);
        if pairs.len() > 1000 {
            break;
        }
    }
    pairs.sort_by(|(a, ..), (b, ..)| by_type_and_value(a, b));
    text.push_str("map[interface {}]interface {}{");
    for (place, (_, key, value)) in pairs.iter().enumerate() {
        let _ = write!(text, "{}{key}:", if place > 0 { ", " } else { "" });
        write_node(nodes, *value, depth + 1, text);
    }
    text.push('}');
}

fn by_type_and_value(a: &Scalar<'_>, b: &Scalar<'_>) -> std::cmp::Ordering {
    match (a, b) {
        (Scalar::Int(a), Scalar::Int(b)) => a.cmp(b),
        (Scalar::Text(a), Scalar::Text(b)) => a.cmp(b),
        (Scalar::Float(a), Scalar::Float(b)) => a.total_cmp(b),
        (Scalar::Bool(a), Scalar::Bool(b)) => a.cmp(b),
        _ => rank(a).cmp(&rank(b)),
    }
}

fn rank(scalar: &Scalar<'_>) -> u8 {
    match scalar {
        Scalar::Null => 0,
        Scalar::Int(_) => 1,
        Scalar::Uint(_) => 2,
        Scalar::Float(_) => 3,
        Scalar::Bool(_) => 4,
        Scalar::Text(_) | Scalar::Binary(_) => 5,
    }
}
