//! Where a value comes from: the layer, and in a file the line.

use value::{Map, Value};

/// Values from one source, in the order in which they are merged.
#[derive(Clone, Debug)]
pub struct Layer {
    /// What the source is called: `values.yaml`, `--set a.b=1`.
    pub name: String,
    /// Its values alone.
    pub values: Map,
    /// The YAML text, where the source is a file.
    pub text: Option<Vec<u8>>,
}

/// The source of a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin<'layers> {
    /// The layer's name.
    pub layer: &'layers str,
    /// The line, from 1, where the layer is a file.
    pub line: Option<usize>,
}

/// The layer that has the last word on a dotted path; later layers win. `None` where none of them has it.
///
/// What replaces a whole map by something else, null included, has the last word on everything in it.
pub fn origin<'layers>(layers: &'layers [Layer], path: &str) -> Option<Origin<'layers>> {
    let keys: Vec<&str> = path.split('.').collect();
    let layer = layers.iter().rev().find(|layer| decides(&layer.values, &keys))?;
    let line = layer.text.as_deref().and_then(|text| line_of(text, &keys));
    Some(Origin { layer: &layer.name, line })
}

fn decides(values: &Map, keys: &[&str]) -> bool {
    let Some((key, rest)) = keys.split_first() else { return true };
    match values.get(key) {
        None => false,
        Some(Value::Map(inner)) => decides(&inner, rest),
        Some(_) => true,
    }
}

/// The line of the deepest key of the path that the first document has.
fn line_of(text: &[u8], keys: &[&str]) -> Option<usize> {
    let tree = goyaml::parse_node(text, goyaml::Limits::default()).ok()?;
    let mut node = tree.root()?;
    let mut line = None;
    for key in keys {
        let Some((found, value)) = node.pairs().filter(|(found, _)| found.value() == *key).last() else {
            break;
        };
        line = Some(found.line());
        node = value;
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(name: &str, text: &str) -> Layer {
        let values = goyaml::unmarshal_map(text.as_bytes()).unwrap();
        Layer { name: name.into(), values, text: Some(text.into()) }
    }

    #[test]
    fn the_last_layer_that_has_the_path_is_named_with_its_line() {
        let layers = [file("base", "a:\n  b: 1\n  c: 2\n"), file("over", "# over\na:\n  b: 3\n")];
        assert_eq!(origin(&layers, "a.b"), Some(Origin { layer: "over", line: Some(3) }));
        assert_eq!(origin(&layers, "a.c"), Some(Origin { layer: "base", line: Some(3) }));
        assert_eq!(origin(&layers, "a.d"), None);
    }

    #[test]
    fn what_replaces_a_map_decides_on_all_in_it() {
        let layers = [file("base", "a: {b: 1}\n"), file("over", "a: null\n")];
        assert_eq!(origin(&layers, "a.b").unwrap().layer, "over");
    }
}
