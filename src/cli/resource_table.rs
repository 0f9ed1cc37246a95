//! Tables that the server printed, as text in kubectl's layout.

use std::collections::BTreeMap;

use serde_json::Value;

const COLUMN_GAP: usize = 3;

/// The tables of each kind under its title.
pub(super) fn text(tables: &BTreeMap<String, Vec<Value>>) -> String {
    tables.iter().map(|(title, tables)| format!("==> {title}\n{}\n", block(tables))).collect()
}

/// Tables below one header, in kubectl's layout: columns of priority 0, three spaces apart.
fn block(tables: &[Value]) -> String {
    let mut rows: Vec<Vec<String>> = Vec::new();
    for table in tables {
        let columns = array(table, "columnDefinitions");
        let shown: Vec<usize> = columns
            .iter()
            .enumerate()
            .filter(|(_, column)| column.get("priority").and_then(Value::as_i64).unwrap_or(0) == 0)
            .map(|(index, _)| index)
            .collect();
        if rows.is_empty() {
            let name = |index: &usize| columns.get(*index).and_then(|column| column.get("name")).map(cell);
            rows.push(shown.iter().filter_map(name).map(|name| name.to_uppercase()).collect());
        }
        for row in array(table, "rows") {
            let cells = array(row, "cells");
            rows.push(shown.iter().map(|index| cells.get(*index).map(cell).unwrap_or_default()).collect());
        }
    }
    aligned(&rows)
}

fn aligned(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width =
        |column: usize| rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max();
    let widths: Vec<usize> = (0..columns).map(|column| width(column).unwrap_or(0) + COLUMN_GAP).collect();
    let mut text = String::new();
    for row in rows {
        let last = row.len().saturating_sub(1);
        for (index, (cell, width)) in row.iter().zip(&widths).enumerate() {
            match index == last {
                true => text.push_str(cell),
                false => text.push_str(&format!("{cell:width$}")),
            }
        }
        text.push('\n');
    }
    text
}

fn array<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    value.get(name).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

fn cell(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => "<none>".to_owned(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn tables_show_the_columns_of_priority_zero() {
        let table = json!({
            "columnDefinitions": [{"name": "Name"}, {"name": "Wide", "priority": 1}, {"name": "Data"}],
            "rows": [{"cells": ["settings", "x", 2]}],
        });
        assert_eq!(block(&[table]), "NAME       DATA\nsettings   2\n");
    }
}
