//! The second pass: `import-values`.
//!
//! Every chart with entries gets new default values: its own with all its subcharts' in them, over what it imports.

use value::{ElementType, Map, MapType, Value};

use super::Processing;
use super::tree::ChartId;
use crate::values::{self, DEPTH, ValuesError, path};

/// Imports into the subcharts, then into the chart.
pub(super) fn run(processing: &mut Processing, chart: ChartId) -> Result<(), ValuesError> {
    for subchart in processing.tree.node(chart).subcharts.clone() {
        run(processing, subchart)?;
    }
    let Some(entries) = processing.tree.entries(chart).map(<[_]>::to_vec) else { return Ok(()) };
    let Processing { tree, flavour, warnings } = processing;
    let values = values::merge_tree(tree, chart, *flavour, warnings)?;
    // The maps in `imported` are those in `values`: what one import writes, the next one reads. So Helm has it.
    let imported = Map::new();
    for id in entries {
        let entry = processing.tree.entry(id).clone();
        let mut resolved = Vec::new();
        for import in &entry.import_values {
            let Some(import) = Import::read(import) else { continue };
            resolved.push(import.to_value());
            match path::table(&values, &format!("{}.{}", entry.name, import.child)) {
                Ok(table) => {
                    // Of an empty table Go takes another empty one, which no later import changes.
                    let table = if table.is_empty() { Map::new() } else { table };
                    let table = table_at(&import.parent, table)?;
                    values::merge_tables(&imported, &table, &mut processing.warnings);
                }
                Err(missing) => processing.warnings.push(import.warning(&entry.name, &missing)),
            }
        }
        processing.tree.entry_mut(id).import_values = resolved;
    }
    let values = if imported.is_empty() {
        values
    } else {
        let values = values::deep_copy(&values)?;
        values::merge_tables(&values, &imported, &mut processing.warnings);
        values
    };
    processing.tree.node_mut(chart).chart.values = values;
    Ok(())
}

/// One entry of `import-values`.
struct Import {
    /// The path of the table in the subchart.
    child: String,
    /// The path that it gets in the chart; `.` for the root.
    parent: String,
    is_export: bool,
}

impl Import {
    /// Reads an entry; others than texts and maps mean nothing, nor does one that an earlier pass has resolved:
    /// entries that several charts share are met again.
    fn read(entry: &Value) -> Option<Self> {
        let text =
            |value: Option<Value>| value::format::to_text(&value.unwrap_or_default()).to_text().into_owned();
        match entry {
            Value::Str(export) => {
                Some(Self { child: format!("exports.{export}"), parent: ".".to_owned(), is_export: true })
            }
            Value::Map(map) if map.element() == ElementType::Interface => Some(Self {
                child: text(map.get("child")),
                parent: text(map.get("parent")),
                is_export: false,
            }),
            _ => None,
        }
    }

    /// Go's `map[string]string` that Helm puts in the entry's place.
    fn to_value(&self) -> Value {
        let entries = [("child", &self.child), ("parent", &self.parent)];
        let entries = entries.into_iter().map(|(key, path)| (key.into(), path.as_str().into()));
        Map::from_entries(MapType::STRING, entries).into()
    }

    fn warning(&self, chart: &str, missing: &path::NoTable) -> String {
        if self.is_export {
            format!("Warning: ImportValues missing table: {missing}")
        } else {
            format!("Warning: ImportValues missing table from chart {chart}: {missing}")
        }
    }
}

/// The table under a dotted path.
fn table_at(path: &str, table: Map) -> Result<Map, ValuesError> {
    if path == "." {
        return Ok(table);
    }
    if path.split('.').count() > DEPTH {
        return Err(ValuesError::Nesting);
    }
    Ok(path.rsplit('.').fold(table, |inner, part| {
        let outer = Map::new();
        outer.insert(part, inner);
        outer
    }))
}
