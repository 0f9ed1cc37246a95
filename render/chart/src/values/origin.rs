//! Where a value comes from: the layer, and in a file the line.

use value::{List, Map, Path, Step, Str, Value};

use crate::Chart;

/// Values from one source.
#[derive(Clone, Debug)]
pub struct Layer {
    /// What the source is called: `values.yaml`, `--set`.
    pub name: String,
    /// Where its values lie in those of the root chart: nowhere, or under the names of subcharts.
    pub at: Vec<String>,
    /// Its values alone.
    pub values: Map,
    /// The YAML text, where the source is a file.
    pub text: Option<Vec<u8>>,
}

/// The source of a value.
#[derive(Clone, Debug, PartialEq)]
pub struct Origin<'layers> {
    /// The layer's name.
    pub layer: &'layers str,
    /// The line, from 1, where the layer is a file.
    pub line: Option<usize>,
    /// What that layer says; of what lies inside a value that is no map, that value.
    pub value: Value,
}

/// The values that charts bring themselves, the root chart's last: a parent has the word over its subcharts.
///
/// `chart` has its dependencies processed, so that subcharts have the names that values know them by.
pub fn chart_layers(chart: &Chart) -> Vec<Layer> {
    let mut layers = Vec::new();
    collect(chart, &mut Vec::new(), &mut layers);
    layers
}

fn collect(chart: &Chart, at: &mut Vec<String>, layers: &mut Vec<Layer>) {
    for subchart in chart.dependencies() {
        at.push(subchart.name().to_owned());
        collect(subchart, at, layers);
        at.pop();
    }
    let Some(file) = chart.raw().iter().find(|file| file.name == "values.yaml") else { return };
    let Ok(values) = super::read(&file.data, crate::Flavour::V4) else { return };
    let name = format!("{}/values.yaml", chart.full_path());
    layers.push(Layer { name, at: at.clone(), values, text: Some(file.data.to_vec()) });
}

/// The layers that have a word on a value, the one with the last word first; later layers win.
///
/// What replaces a whole map by something else, null included, has the word on everything in it. Globals of a chart
/// are those of its subcharts.
pub fn origins<'layers>(layers: &'layers [Layer], path: &[Step]) -> Vec<Origin<'layers>> {
    let mut found = Vec::new();
    for path in handed_down(layers, path) {
        found.extend(layers.iter().rev().filter_map(|layer| origin(layer, &path)));
    }
    found
}

/// The path, and before it those of the globals of the charts around that are handed down to it.
fn handed_down(layers: &[Layer], path: &[Step]) -> Vec<Path> {
    let keys: Vec<&Str> =
        path.iter().map_while(|step| if let Step::Key(key) = step { Some(key) } else { None }).collect();
    let Some(global) = keys.iter().position(|key| **key == "global") else { return vec![path.to_vec()] };
    let is_chart = |depth: usize| {
        let charts = keys.iter().take(depth);
        layers.iter().any(|layer| {
            layer.at.len() == depth && charts.clone().zip(&layer.at).all(|(key, name)| **key == name.as_str())
        })
    };
    let around = (0..global).filter(|depth| (*depth + 1..=global).all(is_chart));
    let around =
        around.map(|depth| path.iter().take(depth).chain(path.iter().skip(global)).cloned().collect());
    around.chain([path.to_vec()]).collect()
}

fn origin<'layers>(layer: &'layers Layer, path: &[Step]) -> Option<Origin<'layers>> {
    let mut rest = path;
    for name in &layer.at {
        match rest.split_first()? {
            (Step::Key(key), after) if *key == name.as_str() => rest = after,
            _ => return None,
        }
    }
    let value = word(Value::Map(layer.values.clone()), rest)?;
    let line = layer.text.as_deref().and_then(|text| line_of(text, rest));
    Some(Origin { layer: &layer.name, line, value })
}

fn word(value: Value, path: &[Step]) -> Option<Value> {
    let Some((step, rest)) = path.split_first() else { return Some(value) };
    match (value, step) {
        (Value::Map(map), Step::Key(key)) => word(map.get(key)?, rest),
        (Value::List(list), Step::Item(index)) => word(item(&list, *index)?, rest),
        (Value::Map(_), Step::Item(_)) => None,
        (other, _) => Some(other),
    }
}

fn item(list: &List, index: usize) -> Option<Value> {
    list.get(index).cloned()
}

/// The line of the deepest node of the path that the first document has.
fn line_of(text: &[u8], path: &[Step]) -> Option<usize> {
    let tree = goyaml::parse_node(text, goyaml::Limits::default()).ok()?;
    let mut node = tree.root()?;
    let mut line = None;
    for step in path {
        let found = match step {
            Step::Key(key) => node.pairs().filter(|(found, _)| *key == found.value()).last(),
            Step::Item(index) => node.children().nth(*index).map(|item| (item, item)),
        };
        let Some((key, value)) = found else { break };
        line = Some(key.line());
        node = value.target();
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(name: &str, text: &str) -> Layer {
        let values = goyaml::unmarshal_map(text.as_bytes()).unwrap();
        Layer { name: name.into(), at: Vec::new(), values, text: Some(text.into()) }
    }

    fn path(text: &str) -> Path {
        text.split('.').map(|part| part.parse().map_or_else(|_| Step::Key(part.into()), Step::Item)).collect()
    }

    fn found(layers: &[Layer], at: &str) -> Vec<String> {
        let origins = origins(layers, &path(at)).into_iter();
        origins.map(|origin| format!("{}:{}", origin.layer, origin.line.unwrap_or(0))).collect()
    }

    #[test]
    fn the_last_layer_that_has_the_path_comes_first_with_its_line() {
        let layers = [file("base", "a:\n  b: 1\n  c: 2\n"), file("over", "# over\na:\n  b: 3\n")];
        assert_eq!(found(&layers, "a.b"), ["over:3", "base:2"]);
        assert_eq!(found(&layers, "a.c"), ["base:3"]);
        assert_eq!(found(&layers, "a.d"), [""; 0]);
    }

    #[test]
    fn what_replaces_a_map_decides_on_all_in_it() {
        let layers = [file("base", "a: {b: 1}\n"), file("over", "a: null\n")];
        assert_eq!(found(&layers, "a.b"), ["over:1", "base:1"]);
    }

    #[test]
    fn items_of_lists_have_lines_too() {
        let layers = [file("base", "hosts:\n- name: a\n- name: b\n  x: 1\n")];
        assert_eq!(found(&layers, "hosts.1.x"), ["base:4"]);
    }

    #[test]
    fn a_subcharts_globals_are_those_of_the_charts_around_it() {
        let sub = Layer { at: vec!["sub".into()], ..file("sub", "global: {x: 1}\nb: 1\n") };
        let layers = [sub, file("root", "global: {x: 2}\nsub: {b: 2}\n")];
        assert_eq!(found(&layers, "sub.global.x"), ["root:1", "sub:1"]);
        assert_eq!(found(&layers, "sub.b"), ["root:2", "sub:2"]);
    }
}
