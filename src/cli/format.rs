//! `--output`: tables for people, JSON and YAML for programs.

use clap::ValueEnum;
use value::Value;
use value::json::Style;

use super::CliError;

/// How an answer is printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// Aligned columns or labelled lines
    #[default]
    Table,
    /// One line of JSON
    Json,
    /// YAML
    Yaml,
}

/// Prints JSON text as Helm prints a struct in that format.
pub(super) fn structured(json: &str, format: Format) -> Result<String, CliError> {
    match format {
        Format::Yaml => yaml(json),
        Format::Json | Format::Table => Ok(format!("{json}\n")),
    }
}

/// A value in that format.
pub(super) fn value(value: &Value, format: Format) -> Result<String, CliError> {
    let json = value::json::to_string_with(value, Style::MARSHAL);
    structured(&json.map_err(|error| CliError::message(error.to_string()))?, format)
}

/// JSON as `sigs.k8s.io/yaml` prints what was a struct: through maps, so keys are sorted.
fn yaml(json: &str) -> Result<String, CliError> {
    let value =
        value::json::from_slice(json.as_bytes()).map_err(|error| CliError::message(error.to_string()))?;
    goyaml::to_yaml(&value).map_err(|error| CliError::message(error.to_string()))
}

/// Rows of cells with aligned columns, tab between them, as Helm's tables have it.
pub(super) fn table(rows: &[Vec<String>]) -> String {
    table_within(rows, usize::MAX)
}

/// As [`table`], with columns that are at most so wide.
pub(super) fn table_within(rows: &[Vec<String>], maximum: usize) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        let lines = rows.iter().filter_map(|row| row.get(column)).flat_map(|cell| cell.split('\n'));
        lines.map(|line| line.chars().count()).max().unwrap_or(0).min(maximum)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    rows.iter().map(|row| lines(row, &widths)).collect()
}

/// A row, which has as many lines as its longest cell.
fn lines(row: &[String], widths: &[usize]) -> String {
    let cells: Vec<String> = row.iter().zip(widths).map(|(cell, width)| resized(cell, *width)).collect();
    let cells: Vec<Vec<&str>> = cells.iter().map(|cell| cell.split('\n').collect()).collect();
    let count = cells.iter().map(Vec::len).max().unwrap_or(0);
    let line = |index: usize| {
        let parts = cells.iter().zip(widths).map(|(cell, width)| match cell.get(index) {
            Some(part) => resized(part, *width),
            None => format!("{:width$}", " "),
        });
        parts.collect::<Vec<_>>().join("\t") + "\n"
    };
    (0..count).map(line).collect()
}

/// A cell as wide as its column. One of several lines is wider than its widest line, and so is cut: as in Helm.
fn resized(cell: &str, width: usize) -> String {
    let is_visible = |letter: &char| *letter != '\n';
    if cell.chars().filter(is_visible).count() <= width {
        return format!("{cell:width$}");
    }
    let kept = width.saturating_sub(3).max(1);
    let mut visible = 0;
    let end = cell.char_indices().find(|(_, letter)| {
        visible += usize::from(is_visible(letter));
        visible > kept
    });
    let end = end.map_or(cell.len(), |(index, _)| index);
    format!("{}...", cell.get(..end).unwrap_or(cell))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let rows = [vec!["A".to_owned(), "B".into()], vec!["long".into(), "x".into()]];
        assert_eq!(table(&rows), "A   \tB\nlong\tx\n");
    }

    #[test]
    fn yaml_sorts_what_json_has_in_order() {
        assert_eq!(structured(r#"{"b":1,"a":"x"}"#, Format::Yaml).unwrap(), "a: x\nb: 1\n");
    }
}
