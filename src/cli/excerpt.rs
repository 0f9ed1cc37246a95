//! Lines of a template around a place, with a caret under it.

use chart::Chart;
use gotemplate::Location;

use super::style::Styles;

/// Lines shown before and after the one that is meant.
const AROUND: usize = 2;
/// Lines are cut here: a template may be one line of a megabyte.
const WIDTH: usize = 160;

/// The text of a template by its full name: `chart/charts/sub/templates/a.yaml`.
pub(super) fn template_text(chart: &Chart, name: &str) -> Option<String> {
    let path = chart.full_path();
    let own = name.strip_prefix(path).and_then(|rest| rest.strip_prefix('/'));
    let found = own.and_then(|file| chart.templates().iter().find(|template| template.name == file));
    match found {
        Some(template) => Some(String::from_utf8_lossy(&template.data).into_owned()),
        None => chart.dependencies().iter().find_map(|subchart| template_text(subchart, name)),
    }
}

/// The line of the place alone.
pub(super) fn line(text: &str, place: &Location, styles: Styles) -> String {
    lines(text, place, 0, styles)
}

/// The lines around the place, and a caret under it.
pub(super) fn around(text: &str, place: &Location, styles: Styles) -> String {
    lines(text, place, AROUND, styles)
}

fn lines(text: &str, place: &Location, around: usize, styles: Styles) -> String {
    let last = place.line + around;
    let width = last.to_string().len().max(4);
    let mut shown = String::new();
    for (index, line) in text.lines().enumerate() {
        let number = index + 1;
        if number + around < place.line || number > last {
            continue;
        }
        let gutter = styles.aside(&format!("{number:>width$} |"));
        let cut: String = line.chars().take(WIDTH).collect();
        shown.push_str(format!("{gutter} {cut}").trim_end());
        shown.push('\n');
        if number == place.line && around > 0 && place.column < WIDTH {
            let gutter = styles.aside(&format!("{:>width$} |", ""));
            shown.push_str(&format!("{gutter} {}{}\n", blank(line, place.column), styles.fault("^")));
        }
    }
    shown
}

/// As many columns as the bytes of the line before the caret take; tabs stay tabs.
fn blank(line: &str, bytes: usize) -> String {
    let before = line.char_indices().take_while(|(at, _)| *at < bytes);
    before.map(|(_, letter)| if letter == '\t' { '\t' } else { ' ' }).collect()
}

#[cfg(test)]
mod tests {
    use super::super::style::ColorWord;
    use super::*;

    #[test]
    fn the_caret_stands_under_the_byte_that_is_meant() {
        let place = Location { template: "t".into(), line: 3, column: 5 };
        let shown = around("a\nb\n\tü: {{ x }}\nd\n", &place, Styles::of_errors(ColorWord::Never));
        assert_eq!(shown, "   1 | a\n   2 | b\n   3 | \tü: {{ x }}\n     | \t   ^\n   4 | d\n");
    }
}
