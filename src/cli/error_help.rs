//! What helps beyond Helm's text of a failed rendering: the lines of the template, how they were reached, and of which
//! type the values are that they read, and from where. No value is shown: it may be secret.

use chart::Chart;
use chart::values::{Layer, UserValues, chart_layers, origins};
use pintle_render::{Frame, RenderError};
use value::{Map, Path, Step, Value};

use super::global::GlobalFlags;
use super::style::Styles;
use super::values::layers;
use super::{CliError, excerpt};
use crate::deploy::DeployError;

/// Entries of a map that are named where another was looked for.
const ENTRIES: usize = 12;

/// Adds help to a failed rendering, where people read it.
pub(super) fn explained(
    error: CliError,
    chart: &Chart,
    values: &Map,
    user: &UserValues,
    global: &GlobalFlags,
) -> CliError {
    let Some(styles) = global.error_help() else { return error };
    let Some(failed) = render_error(&error) else { return error };
    let help = Help::new(chart, values, user, styles, global).of(failed);
    if help.is_empty() {
        error
    } else {
        CliError::Explained { source: Box::new(error), help: format!("\n{help}") }
    }
}

fn render_error(error: &CliError) -> Option<&RenderError> {
    fn of_deploy(error: &DeployError) -> Option<&RenderError> {
        match error {
            DeployError::Render(error) => Some(error),
            DeployError::Step { source, .. } => of_deploy(source),
            _ => None,
        }
    }
    match error {
        CliError::Render(error) => Some(error),
        CliError::Deploy(error) => of_deploy(error),
        CliError::Step { source, .. } => render_error(source),
        _ => None,
    }
}

struct Help {
    chart: Chart,
    /// What templates saw; empty where values could not be put together.
    values: Map,
    layers: Vec<Layer>,
    styles: Styles,
}

impl Help {
    fn new(chart: &Chart, values: &Map, user: &UserValues, styles: Styles, global: &GlobalFlags) -> Self {
        let flavour = global.flavour();
        let processed = chart::process_dependencies(chart, values, flavour);
        let chart = processed.map_or_else(|_| chart.clone(), |processed| processed.chart);
        let coalesced = chart::coalesce_values(&chart, values, flavour);
        let values = coalesced.map(|coalesced| coalesced.values).unwrap_or_default();
        let layers = chart_layers(&chart).into_iter().chain(layers(user, global)).collect();
        Self { chart, values, layers, styles }
    }

    fn of(&self, error: &RenderError) -> String {
        match error {
            RenderError::Schema(error) => self.of_schema(&error.to_string()),
            error => self.of_frames(&error.frames()),
        }
    }

    /// The innermost place with the lines around it, then the places that led there.
    fn of_frames(&self, frames: &[Frame]) -> String {
        let mut help = String::new();
        for (index, frame) in frames.iter().rev().enumerate() {
            let Some(text) =
                frame.text.clone().or_else(|| excerpt::template_text(&self.chart, &frame.location.template))
            else {
                continue;
            };
            let place = self.styles.strong(&match &frame.text {
                Some(_) => format!("the text given to tpl, line {}", frame.location.line),
                None if frame.expression.is_empty() => {
                    format!("{}:{}", frame.location.template, frame.location.line)
                }
                None => frame.location.to_string(),
            });
            if frame.expression.is_empty() {
                help.push_str(&format!("{place}\n{}", excerpt::line(&text, &frame.location, self.styles)));
            } else if index == 0 {
                help.push_str(&format!("{place}\n{}", excerpt::around(&text, &frame.location, self.styles)));
            } else {
                help.push_str(&format!("reached from {place}\n"));
                help.push_str(&excerpt::line(&text, &frame.location, self.styles));
            }
        }
        let Some(outermost) = frames.first() else { return help };
        let at = subchart(&outermost.location.template);
        let mut seen = Vec::new();
        for path in frames.iter().rev().flat_map(|frame| mentioned(&frame.expression)) {
            let path: Path = at.iter().chain(&path).map(|key| Step::Key(key.as_str().into())).collect();
            if !seen.contains(&path) {
                help.push_str(&self.value(&path, at.len()));
                seen.push(path);
            }
        }
        help
    }

    /// Of which type a value is, and where it comes from; of one that is not there, what is in its place.
    fn value(&self, path: &[Step], hidden: usize) -> String {
        let name = |length: usize| {
            self.styles.strong(&format!(".Values{}", dotted(path.get(hidden..length).unwrap_or_default())))
        };
        let mut value = Value::Map(self.values.clone());
        for (index, step) in path.iter().enumerate() {
            let next = match (&value, step) {
                (Value::Map(map), Step::Key(key)) => map.get(key),
                _ => None,
            };
            let Some(next) = next.filter(|next| !next.is_nil()) else {
                let missing = format!("{} is not set", name(index + 1));
                return match &value {
                    Value::Map(_) if index <= hidden => format!("{missing}\n"),
                    Value::Map(map) => {
                        format!(
                            "{missing}; {}{} has {}\n",
                            name(index),
                            self.origin(path.get(..index)),
                            entries(map)
                        )
                    }
                    other => format!(
                        "{} is {}{}, and has no entries\n",
                        name(index),
                        kind(other),
                        self.origin(path.get(..index))
                    ),
                };
            };
            value = next;
        }
        format!("{} is {}{}\n", name(path.len()), kind(&value), self.origin(Some(path)))
    }

    fn origin(&self, path: Option<&[Step]>) -> String {
        let found = path.and_then(|path| origins(&self.layers, path).into_iter().next());
        match found {
            Some(origin) => match origin.line {
                Some(line) => format!(", from {}:{line}", origin.layer),
                None => format!(", from {}", origin.layer),
            },
            None => String::new(),
        }
    }

    /// Where the values come from that a schema refuses: lines such as `- at '/image/tag': got number, want string`.
    fn of_schema(&self, text: &str) -> String {
        let mut at = Vec::new();
        let mut help = String::new();
        for line in text.lines() {
            if let Some(name) = line.strip_suffix(':').filter(|name| !name.contains(' ')) {
                at = path_of_chart(&self.chart, name).unwrap_or_default();
            }
            let Some(pointer) =
                line.trim_start().strip_prefix("- at '").and_then(|rest| rest.split('\'').next())
            else {
                continue;
            };
            let steps = pointer.split('/').skip(1).map(|part| part.replace("~1", "/").replace("~0", "~"));
            let own =
                steps.map(|part| part.parse().map_or_else(|_| Step::Key(part.as_str().into()), Step::Item));
            let path: Path =
                at.iter().map(|key: &String| Step::Key(key.as_str().into())).chain(own).collect();
            let origin = self.origin(Some(&path));
            if let Some(place) = origin.strip_prefix(", from ").filter(|_| path.len() > at.len()) {
                help.push_str(&format!(
                    "{} is set at {place}\n",
                    self.styles.strong(&format!(".Values{}", dotted(&path)))
                ));
            }
        }
        help
    }
}

fn dotted(path: &[Step]) -> String {
    let text = Step::join(path);
    if text.is_empty() { text } else { format!(".{text}") }
}

/// The names of the subcharts on the way to a template: `root/charts/a/templates/x` is in `a`.
fn subchart(template: &str) -> Vec<String> {
    let mut parts = template.split('/').skip(1);
    let mut names = Vec::new();
    while parts.next() == Some("charts") {
        names.extend(parts.next().map(str::to_owned));
    }
    names
}

fn path_of_chart(chart: &Chart, name: &str) -> Option<Vec<String>> {
    if chart.name() == name {
        return Some(Vec::new());
    }
    chart.dependencies().iter().find_map(|subchart| {
        let inner = path_of_chart(subchart, name)?;
        Some([vec![subchart.name().to_owned()], inner].concat())
    })
}

/// The chains of fields behind `.Values` in an expression.
fn mentioned(expression: &str) -> Vec<Vec<String>> {
    let chains = expression.match_indices(".Values.").map(|(at, found)| {
        let rest = &expression[at + found.len()..];
        let end = rest.find(|letter: char| !letter.is_alphanumeric() && letter != '_' && letter != '.');
        let chain = rest[..end.unwrap_or(rest.len())].split('.').filter(|part| !part.is_empty());
        chain.map(str::to_owned).collect::<Vec<_>>()
    });
    chains.filter(|chain| !chain.is_empty()).collect()
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Nil => "null",
        Value::Bool(_) => "a boolean",
        Value::Int(..) | Value::Uint(..) | Value::Float(_) | Value::Complex(..) => "a number",
        Value::Str(_) | Value::Bytes(_) => "a string",
        Value::List(_) => "a list",
        Value::Map(_) => "a map",
        Value::Object(_) => "an object",
    }
}

fn entries(map: &Map) -> String {
    let keys = map.keys();
    let named: Vec<String> = keys.iter().take(ENTRIES).map(ToString::to_string).collect();
    match (named.is_empty(), keys.len() > ENTRIES) {
        (true, _) => "no entries".to_owned(),
        (_, false) => named.join(", "),
        (_, true) => format!("{}, …", named.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_found_in_expressions() {
        assert_eq!(mentioned("eq .Values.a.b $.Values.c_d"), [vec!["a", "b"], vec!["c_d"]]);
        assert_eq!(mentioned("include \"x\" ."), Vec::<Vec<String>>::new());
    }

    #[test]
    fn a_templates_name_tells_its_subchart() {
        assert_eq!(subchart("root/charts/a/charts/b/templates/x.yaml"), ["a", "b"]);
        assert_eq!(subchart("root/templates/charts/x.yaml"), Vec::<String>::new());
    }
}
