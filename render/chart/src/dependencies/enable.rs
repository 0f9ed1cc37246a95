//! The first pass: which subcharts take part, and under which names.

use std::collections::HashSet;

use value::{Map, Value};

use super::Processing;
use super::tree::{ChartId, EntryId, Node};
use crate::Flavour;
use crate::values::{self, ValuesError, path};

/// Chooses the subcharts of one chart, then those of each chosen one. `prefix` is what conditions' paths start with.
pub(super) fn run(
    processing: &mut Processing,
    chart: ChartId,
    user: &Map,
    prefix: &str,
) -> Result<(), ValuesError> {
    let Some(entries) = processing.tree.entries(chart).map(<[EntryId]>::to_vec) else { return Ok(()) };
    let subcharts = resolve(processing, chart, &entries);
    processing.tree.set_subcharts(chart, subcharts.clone());
    for &entry in &entries {
        processing.tree.entry_mut(entry).enabled = true;
    }
    let Processing { tree, flavour, warnings } = processing;
    let values = values::coalesce_to_look_at(tree, chart, user, *flavour, warnings)?;
    apply_tags(processing, &entries, &values);
    apply_conditions(processing, &entries, &values, prefix);

    let is_enabled = |processing: &Processing, entry: EntryId| processing.tree.entry(entry).enabled;
    let disabled = entries.iter().filter(|&&entry| !is_enabled(processing, entry));
    let disabled: HashSet<String> =
        disabled.map(|&entry| processing.tree.entry(entry).name.clone()).collect();
    let kept = subcharts.into_iter().filter(|&subchart| !disabled.contains(processing.tree.name(subchart)));
    let kept: Vec<ChartId> = kept.collect();
    let left = entries.into_iter().filter(|&entry| !disabled.contains(&processing.tree.entry(entry).name));
    let left: Vec<EntryId> = left.collect();

    for &subchart in &kept {
        let prefix = format!("{prefix}{}.", processing.tree.name(subchart));
        run(processing, subchart, &values, &prefix)?;
    }
    // Without an entry left, the list is gone, and with it the second pass for this chart.
    processing.tree.set_entries(chart, (!left.is_empty()).then_some(left));
    processing.tree.set_subcharts(chart, kept);
    Ok(())
}

/// The subcharts that no entry names, and then a copy for each entry of the first that it names.
fn resolve(processing: &mut Processing, chart: ChartId, entries: &[EntryId]) -> Vec<ChartId> {
    let present = processing.tree.node(chart).subcharts.clone();
    let is_named = |&subchart: &ChartId| entries.iter().any(|&entry| is_meant(processing, entry, subchart));
    let mut subcharts: Vec<ChartId> =
        present.iter().copied().filter(|subchart| !is_named(subchart)).collect();
    for &entry in entries {
        let named = present.iter().copied().find(|&subchart| is_meant(processing, entry, subchart));
        if let Some(subchart) = named {
            subcharts.push(copy_for_entry(processing, entry, subchart));
        }
        let entry = processing.tree.entry_mut(entry);
        if !entry.alias.is_empty() {
            entry.name = entry.alias.clone();
        }
    }
    subcharts
}

fn is_meant(processing: &Processing, entry: EntryId, subchart: ChartId) -> bool {
    let entry = processing.tree.entry(entry);
    let metadata = &processing.tree.node(subchart).chart.metadata;
    entry.name == metadata.name && semver::is_compatible(&entry.version, &metadata.version)
}

/// A copy of the chart under the entry's alias. How deep it goes differs: see [`super::tree`].
fn copy_for_entry(processing: &mut Processing, entry: EntryId, original: ChartId) -> ChartId {
    let tree = &mut processing.tree;
    let mut copy: Node = tree.node(original).clone();
    let alias = &tree.entry(entry).alias;
    if !alias.is_empty() {
        copy.chart.metadata.name = alias.clone();
    }
    let entries = tree.entries(original).map(<[EntryId]>::to_vec);
    if processing.flavour == Flavour::V3 {
        copy.declared = tree.insert_declared(entries);
        return tree.insert_node(copy);
    }
    let entries = entries.map(|entries| {
        entries.into_iter().map(|entry| tree.insert_entry(tree.entry(entry).clone())).collect()
    });
    copy.declared = tree.insert_declared(entries);
    let subcharts = std::mem::take(&mut copy.subcharts);
    let subcharts =
        subcharts.into_iter().map(|subchart| tree.insert_node(tree.node(subchart).clone())).collect();
    let copy = tree.insert_node(copy);
    tree.set_subcharts(copy, subcharts);
    copy
}

/// Switches by `tags`: one that is true switches on, else one that is false switches off.
fn apply_tags(processing: &mut Processing, entries: &[EntryId], values: &Map) {
    let Ok(tags) = path::table(values, "tags") else { return };
    for &id in entries {
        let entry = processing.tree.entry_mut(id);
        let (mut has_true, mut has_false) = (false, false);
        for tag in &entry.tags {
            match tags.get(tag) {
                Some(Value::Bool(true)) => has_true = true,
                Some(Value::Bool(false)) => has_false = true,
                Some(_) => {
                    let warning =
                        format!("Warning: Tag '{tag}' for chart {} returned non-bool value", entry.name);
                    processing.warnings.push(warning);
                }
                None => {}
            }
        }
        entry.enabled = has_true || !has_false;
    }
}

/// Switches by conditions, which override tags: the first path that holds a boolean decides.
fn apply_conditions(processing: &mut Processing, entries: &[EntryId], values: &Map, prefix: &str) {
    for &id in entries {
        let entry = processing.tree.entry_mut(id);
        let paths: Vec<&str> = entry.condition.trim().split(',').filter(|path| !path.is_empty()).collect();
        let mut decision = None;
        for path in paths {
            match path::value(values, &format!("{prefix}{path}")) {
                Ok(Value::Bool(enabled)) => {
                    decision = Some(enabled);
                    break;
                }
                Ok(_) => processing.warnings.push(format!(
                    "Warning: Condition path '{path}' for chart {} returned non-bool value",
                    entry.name
                )),
                Err(_) => {}
            }
        }
        entry.enabled = decision.unwrap_or(entry.enabled);
    }
}
