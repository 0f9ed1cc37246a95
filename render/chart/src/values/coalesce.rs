//! A chart's values with those of its subcharts and the user's: who wins, and what null means.
//!
//! Helm: `CoalesceValues` (null removes a default) and `MergeValues` (null stays). The user's values win over the
//! chart's, a parent's over its subcharts'; maps are merged, all else is replaced. The steps and their order are
//! Helm's, since what becomes of a null depends on them. Maps are changed in place, on copies made beforehand.

use thiserror::Error;
use value::{Map, Str, Value};

use super::DEPTH;
use crate::dependencies::{ChartId, Tree};
use crate::{Chart, Flavour};

/// The key whose values all charts share.
const GLOBAL: &str = "global";

/// Why values can't be put together.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum ValuesError {
    /// A subchart's values are no map.
    #[error("type mismatch on {chart}: {found}")]
    TypeMismatch {
        /// The subchart.
        chart: String,
        /// What Go's `%t` prints of its values.
        found: String,
    },
    /// Values nest deeper than [`DEPTH`].
    #[error("values nest deeper than {DEPTH} levels")]
    Nesting,
}

/// Values that a chart's templates can see.
#[derive(Clone, Debug)]
pub struct Coalesced {
    /// The values; no other map shares them.
    pub values: Map,
    /// What Helm would have logged, without the values themselves.
    pub warnings: Vec<String>,
}

/// The values of a chart and its subcharts under those that the user gives, nulls done with.
///
/// `chart` has its dependencies processed. Helm: `CoalesceValues`.
///
/// # Errors
/// Where a subchart's values are no map, or values nest too deep.
pub fn coalesce_values(chart: &Chart, user: &Map, flavour: Flavour) -> Result<Coalesced, ValuesError> {
    let (mut warnings, tree) = (Vec::new(), Tree::new(chart));
    let values = deep_copy(user)?;
    Coalescing { tree: &tree, merge: false, flavour, warnings: &mut warnings }.chart(
        Tree::ROOT,
        &values,
        "",
    )?;
    Ok(Coalesced { values, warnings })
}

/// As [`coalesce_values`], of a chart that is being processed, and for values that are only looked at: maps that come
/// from the user alone stay shared with it.
pub(crate) fn coalesce_to_look_at(
    tree: &Tree,
    chart: ChartId,
    user: &Map,
    flavour: Flavour,
    warnings: &mut Vec<String>,
) -> Result<Map, ValuesError> {
    let values = user.shallow_copy();
    let node = tree.node(chart);
    let subcharts = node.subcharts.iter().map(|&subchart| Str::from(tree.name(subchart)));
    for key in node.chart.values.keys().into_iter().chain(subcharts).chain([Str::from(GLOBAL)]) {
        if let Some(value @ Value::Map(_)) = values.get(&key) {
            values.insert(key, value.deep_copy(DEPTH).ok_or(ValuesError::Nesting)?);
        }
    }
    Coalescing { tree, merge: false, flavour, warnings }.chart(chart, &values, "")?;
    Ok(values)
}

/// The values of a chart and its subcharts with nulls kept. Helm: `MergeValues`.
pub(crate) fn merge_tree(
    tree: &Tree,
    chart: ChartId,
    flavour: Flavour,
    warnings: &mut Vec<String>,
) -> Result<Map, ValuesError> {
    let values = Map::new();
    Coalescing { tree, merge: true, flavour, warnings }.chart(chart, &values, "")?;
    Ok(values)
}

/// Values over older ones: what `values` doesn't have comes from `under`; null there removes. Helm: `CoalesceTables`.
///
/// # Errors
/// Where values nest too deep.
pub fn coalesce_maps(values: &Map, under: &Map) -> Result<Map, ValuesError> {
    let target = deep_copy(values)?;
    coalesce_tables(&target, &deep_copy(under)?, &Trail::default(), false, &mut Vec::new());
    Ok(target)
}

/// Merges `source` into `target`, whose values win, with nulls kept. Helm: `MergeTables`.
pub(crate) fn merge_tables(target: &Map, source: &Map, warnings: &mut Vec<String>) {
    coalesce_tables(target, source, &Trail::default(), true, warnings);
}

/// A copy that shares no map; the nil map becomes an empty one.
pub(crate) fn deep_copy(values: &Map) -> Result<Map, ValuesError> {
    match Value::Map(values.clone()).deep_copy(DEPTH) {
        Some(Value::Map(copy)) if !copy.is_nil() => Ok(copy),
        Some(_) => Ok(Map::new()),
        None => Err(ValuesError::Nesting),
    }
}

struct Coalescing<'a> {
    tree: &'a Tree,
    /// Whether nulls are kept.
    merge: bool,
    flavour: Flavour,
    warnings: &'a mut Vec<String>,
}

impl Coalescing<'_> {
    /// Fills `values`, which win, from the chart and then from its subcharts.
    fn chart(&mut self, chart: ChartId, values: &Map, prefix: &str) -> Result<(), ValuesError> {
        let prefix = join(prefix, self.tree.name(chart));
        self.own_values(chart, values, &prefix)?;
        for &subchart in &self.tree.node(chart).subcharts {
            let name = self.tree.name(subchart);
            let inner = match values.get(name) {
                None => {
                    let inner = Map::new();
                    values.insert(name, inner.clone());
                    inner
                }
                Some(Value::Map(inner)) => inner,
                Some(other) => return Err(type_mismatch(name, other)),
            };
            self.globals(&inner, values, &prefix);
            self.chart(subchart, &inner, &prefix)?;
        }
        Ok(())
    }

    /// Fills `values` from the chart's defaults.
    fn own_values(&mut self, chart: ChartId, values: &Map, prefix: &str) -> Result<(), ValuesError> {
        let removes_nulls = self.flavour == Flavour::V4;
        for (key, default) in deep_copy(&self.tree.node(chart).chart.values)?.entries() {
            match (values.get(&key), default) {
                (None, default) => {
                    if removes_nulls && !self.merge {
                        if default.is_nil() {
                            continue;
                        }
                        remove_nulls(&default);
                    }
                    values.insert(key, default);
                }
                (Some(Value::Nil), _) if !self.merge => {
                    values.remove(&key);
                }
                (Some(Value::Map(inner)), Value::Map(default)) => {
                    // A subchart's nulls have to last until its own turn.
                    let merge = self.merge || self.is_subchart(chart, &key);
                    if removes_nulls && !merge {
                        remove_nulls(&default.clone().into());
                    }
                    let prefix = Trail { above: Some(&Trail::of(prefix)), part: key.as_bytes() };
                    coalesce_tables(&inner, &default, &prefix, merge, self.warnings);
                }
                (Some(Value::Map(_)), Value::Nil) => {}
                (Some(Value::Map(_)), _) => {
                    self.warnings.push(format!("warning: skipped value for {prefix}.{key}: Not a table."));
                }
                (Some(_), _) => {}
            }
        }
        Ok(())
    }

    fn is_subchart(&self, chart: ChartId, key: &Str) -> bool {
        self.tree.node(chart).subcharts.iter().any(|&subchart| *key == self.tree.name(subchart))
    }

    /// Hands a chart's globals down to a subchart; the chart's win.
    fn globals(&mut self, target: &Map, source: &Map, prefix: &str) {
        let (target_globals, globals) = match (target.get(GLOBAL), source.get(GLOBAL)) {
            (None, globals) => (Map::new(), globals),
            (Some(Value::Map(own)), globals) => (own, globals),
            (Some(_), _) => return self.skip_globals("destination"),
        };
        let globals = match globals {
            None => Map::new(),
            Some(Value::Map(globals)) => globals,
            Some(_) => return self.skip_globals("source"),
        };
        for (key, value) in globals.entries() {
            let Some(value) = self.global(&target_globals, &key, value, prefix) else { continue };
            target_globals.insert(key, value);
        }
        target.insert(GLOBAL, target_globals);
    }

    fn skip_globals(&mut self, side: &str) {
        self.warnings.push(format!("warning: skipping globals because {side} global is not a table."));
    }

    /// What a subchart gets for one global; `None` where it keeps its own.
    fn global(&mut self, target: &Map, key: &Str, value: Value, prefix: &str) -> Option<Value> {
        match (value, target.get(key)) {
            (Value::Map(table), None) => Some(table.shallow_copy().into()),
            (Value::Map(table), Some(Value::Map(own))) => {
                let table = table.shallow_copy();
                let prefix = Trail { above: Some(&Trail::of(prefix)), part: key.as_bytes() };
                coalesce_tables(&table, &own, &prefix, true, self.warnings);
                Some(table.into())
            }
            (Value::Map(_), Some(_)) => {
                let key = value::format::quote(key);
                self.warnings.push(format!("Conflict: cannot merge map onto non-map for {key}. Skipping."));
                None
            }
            (_, Some(Value::Map(_))) => {
                self.warnings.push(format!("key {key} is table. Skipping"));
                None
            }
            (value, _) => Some(value),
        }
    }
}

fn type_mismatch(chart: &str, found: Value) -> ValuesError {
    let found = value::format::sprintf(b"%t", &[found]);
    ValuesError::TypeMismatch { chart: chart.to_owned(), found: String::from_utf8_lossy(&found).into_owned() }
}

/// Merges `source` into `target`, whose values win; `source` is changed too. Without `merge`, null in the target
/// removes what the source has.
fn coalesce_tables(target: &Map, source: &Map, prefix: &Trail<'_>, merge: bool, warnings: &mut Vec<String>) {
    if target.same(source) {
        return;
    }
    let mut removed = Vec::new();
    for (key, _) in target.entries().into_iter().filter(|(_, value)| value.is_nil()) {
        let before = source.insert(key.clone(), Value::Nil);
        if !merge && before.is_some_and(|value| !value.is_nil()) {
            removed.push(key);
        }
    }
    for (key, value) in source.entries() {
        let path = Trail { above: Some(prefix), part: key.as_bytes() };
        match (target.get(&key), value) {
            (None, value) => {
                target.insert(key, value);
            }
            (Some(Value::Map(inner)), Value::Map(table)) => {
                coalesce_tables(&inner, &table, &path, merge, warnings);
            }
            (Some(_), Value::Map(_)) => {
                warnings.push(format!("warning: cannot overwrite table with non table for {}", path.text()));
            }
            (Some(Value::Map(_)), value) if !value.is_nil() => {
                let path = path.text();
                warnings
                    .push(format!("warning: destination for {path} is a table. Ignoring non-table value"));
            }
            _ => {}
        }
    }
    for key in removed {
        target.remove(key);
    }
}

/// A dotted path, put together for warnings only: there are many more paths than warnings.
#[derive(Default)]
struct Trail<'a> {
    above: Option<&'a Trail<'a>>,
    part: &'a [u8],
}

impl<'a> Trail<'a> {
    fn of(path: &'a str) -> Self {
        Self { above: None, part: path.as_bytes() }
    }

    fn text(&self) -> String {
        let above = self.above.map(Trail::text).unwrap_or_default();
        join(&above, &String::from_utf8_lossy(self.part))
    }
}

/// Removes nulls from a map and the maps in it, not from lists.
fn remove_nulls(value: &Value) {
    let Value::Map(map) = value else { return };
    map.retain(|value| {
        remove_nulls(value);
        !value.is_nil()
    });
}

fn join(prefix: &str, key: &str) -> String {
    if prefix.is_empty() { key.to_owned() } else { format!("{prefix}.{key}") }
}
