//! Values in Go syntax (`%#v`), as some errors show them.

use std::fmt::Write;

use value::{FloatFormat, format_float};

use crate::decode::{is_merge, resolve};
use crate::resolve::Scalar;
use crate::tree::{Kind, NodeId, Nodes};

/// Deeper levels of a value are left out of an error's text.
const MAX_DEPTH: usize = 100;

/// More pairs of a mapping are left out of an error's text.
const MAX_PAIRS: usize = 1000;

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
        Kind::Alias => write_node(nodes, node.first, depth, text),
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
    let mut pairs = Vec::new();
    collect_pairs(nodes, first, depth, &mut pairs);
    pairs.sort_by(|a, b| by_type_and_value(&a.scalar, &b.scalar));
    text.push_str("map[interface {}]interface {}{");
    for (place, pair) in pairs.iter().enumerate() {
        let _ = write!(text, "{}{}:", if place > 0 { ", " } else { "" }, pair.key);
        write_node(nodes, pair.value, depth + 1, text);
    }
    text.push('}');
}

/// A key with its text, and its value.
struct Pair<'a> {
    scalar: Scalar<'a>,
    key: String,
    value: NodeId,
}

/// The pairs from that key on, those under `<<` among them.
fn collect_pairs<'a>(nodes: &'a Nodes<'_>, first: NodeId, depth: usize, pairs: &mut Vec<Pair<'a>>) {
    let mut child = first;
    while let Some(key) = nodes.get(child).filter(|_| depth <= MAX_DEPTH && pairs.len() <= MAX_PAIRS) {
        if is_merge(key) {
            collect_merged(nodes, key.next, depth + 1, pairs);
        } else {
            let scalar = resolve(key).unwrap_or(Scalar::Null);
            let mut shown = String::new();
            write_node(nodes, child, depth + 1, &mut shown);
            pairs.retain(|other| other.key != shown || rank(&other.scalar) != rank(&scalar));
            pairs.push(Pair { scalar, key: shown, value: key.next });
        }
        child = nodes.next(key.next);
    }
}

fn collect_merged<'a>(nodes: &'a Nodes<'_>, id: NodeId, depth: usize, pairs: &mut Vec<Pair<'a>>) {
    let Some(node) = nodes.get(id) else {
        return;
    };
    match node.kind {
        Kind::Alias if depth <= MAX_DEPTH => collect_merged(nodes, node.first, depth + 1, pairs),
        Kind::Mapping => collect_pairs(nodes, node.first, depth, pairs),
        Kind::Sequence => {
            let items = std::iter::successors(Some(node.first), |&item| Some(nodes.next(item)));
            let items: Vec<NodeId> = items.take_while(|&item| nodes.get(item).is_some()).collect();
            for item in items.into_iter().rev().filter(|_| depth <= MAX_DEPTH) {
                collect_merged(nodes, item, depth + 1, pairs);
            }
        }
        _ => {}
    }
}

fn by_type_and_value(a: &Scalar<'_>, b: &Scalar<'_>) -> std::cmp::Ordering {
    match (a, b) {
        (Scalar::Int(a), Scalar::Int(b)) => a.cmp(b),
        (Scalar::Text(a), Scalar::Text(b)) => a.cmp(b),
        (Scalar::Float(a), Scalar::Float(b)) => b.is_nan().cmp(&a.is_nan()).then(a.total_cmp(b)),
        (Scalar::Bool(a), Scalar::Bool(b)) => a.cmp(b),
        _ => rank(a).cmp(&rank(b)),
    }
}

/// Go sorts keys of different types by where the linker has put the types: this is their order in Helm's binaries.
fn rank(scalar: &Scalar<'_>) -> u8 {
    match scalar {
        Scalar::Null => 0,
        Scalar::Text(_) | Scalar::Binary(_) => 1,
        Scalar::Uint(_) => 2,
        Scalar::Int(_) => 3,
        Scalar::Float(_) => 4,
        Scalar::Bool(_) => 5,
    }
}
