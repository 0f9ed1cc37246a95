//! A plan for people: what would become of each object, as differences of its YAML.

use std::fmt::Write as _;

use serde_json::Value;
use similar::TextDiff;

use super::deploy_format::DeployFormat;
use super::format::{Format, structured};
use super::{CliError, output};
use crate::deploy::{Effect, Planned, PlannedChange};

/// Lines shown around each difference.
const CONTEXT: usize = 3;

/// The plan in that format.
pub(super) fn print(planned: &Planned, format: DeployFormat) -> Result<String, CliError> {
    match format {
        DeployFormat::Table => text(planned, Colours::for_output()),
        DeployFormat::Yaml => structured(&planned.to_json().to_string(), Format::Yaml),
        DeployFormat::Json | DeployFormat::Ndjson => structured(&planned.to_json().to_string(), Format::Json),
    }
}

/// How a terminal is told of colours; without one, nothing is said.
#[derive(Clone, Copy)]
struct Colours(bool);

impl Colours {
    fn for_output() -> Self {
        Self(output::shows_colours())
    }

    fn paint(self, sign: char, line: &str) -> String {
        let colour = match sign {
            '+' => "32",
            '-' => "31",
            '~' => "33",
            '@' => "36",
            _ => return line.to_owned(),
        };
        if self.0 { format!("\x1b[{colour}m{line}\x1b[0m") } else { line.to_owned() }
    }
}

fn text(planned: &Planned, colours: Colours) -> Result<String, CliError> {
    let Planned { action, release, namespace, revision, .. } = planned;
    let mut text = format!("Plan to {action} release {release:?} in namespace {namespace:?}");
    let _ = match planned.from {
        Some(from) => writeln!(text, ": revision {from} to {revision}"),
        None => writeln!(text, ": revision {revision}"),
    };
    for change in planned.changes.iter().filter(|change| change.effect != Effect::Unchanged) {
        text.push_str(&entry(change, colours)?);
    }
    if !planned.hooks.is_empty() {
        text.push_str("\nHooks that would run:\n");
        for (event, kind, name) in &planned.hooks {
            let _ = writeln!(text, "  {}: {kind} {name}", event.name());
        }
    }
    let count = |effect| planned.count(effect);
    let _ = writeln!(
        text,
        "\n{} to create, {} to change, {} to recreate, {} to delete, {} to take over; {} kept, {} unchanged.",
        count(Effect::Create),
        count(Effect::Change),
        count(Effect::Recreate),
        count(Effect::Delete),
        count(Effect::TakeOver),
        count(Effect::Keep),
        count(Effect::Unchanged)
    );
    Ok(text)
}

fn entry(change: &PlannedChange, colours: Colours) -> Result<String, CliError> {
    let (sign, words) = match change.effect {
        Effect::Create => ('+', "is created"),
        Effect::Change => ('~', "is changed"),
        Effect::Recreate => ('~', "is deleted and created anew: a field of it can't change"),
        Effect::Delete => ('-', "is deleted"),
        Effect::TakeOver => ('~', "is taken over"),
        Effect::Keep => (' ', "leaves the release and stays"),
        Effect::Unchanged => (' ', "stays as it is"),
    };
    let mut text = format!("\n{}\n", colours.paint(sign, &format!("{sign} {} {words}", change.object)));
    if matches!(change.effect, Effect::Delete | Effect::Keep | Effect::Unchanged) {
        return Ok(text);
    }
    let (before, after) = (yaml(change.before.as_ref())?, yaml(change.after.as_ref())?);
    let difference = TextDiff::from_lines(before.as_str(), after.as_str());
    let unified = difference.unified_diff().context_radius(CONTEXT).to_string();
    for line in unified.lines() {
        let sign = line.chars().next().unwrap_or(' ');
        let _ = writeln!(text, "    {}", colours.paint(sign, line));
    }
    Ok(text)
}

fn yaml(object: Option<&Value>) -> Result<String, CliError> {
    match object {
        Some(object) => structured(&object.to_string(), Format::Yaml),
        None => Ok(String::new()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::cluster::ObjectKey;

    fn change(effect: Effect, before: Option<Value>, after: Option<Value>) -> PlannedChange {
        let object = ObjectKey {
            group: String::new(),
            kind: "ConfigMap".into(),
            namespace: "n".into(),
            name: "a".into(),
        };
        PlannedChange { object, effect, before, after }
    }

    #[test]
    fn a_change_is_a_difference_of_yaml() {
        let changed = change(
            Effect::Change,
            Some(json!({"data": {"a": "1", "b": "2"}})),
            Some(json!({"data": {"a": "1", "b": "3"}})),
        );
        let text = entry(&changed, Colours(false)).unwrap();
        assert!(text.starts_with("\n~ ConfigMap/n/a is changed\n    @@ "), "{text}");
        assert!(text.contains("\n    -  b: \"2\"\n    +  b: \"3\"\n"), "{text}");
    }

    #[test]
    fn what_goes_is_only_named() {
        let text = entry(&change(Effect::Delete, Some(json!({"data": {}})), None), Colours(false)).unwrap();
        assert_eq!(text, "\n- ConfigMap/n/a is deleted\n");
    }

    #[test]
    fn colours_are_for_terminals() {
        assert_eq!(Colours(true).paint('+', "+ a"), "\x1b[32m+ a\x1b[0m");
        assert_eq!(Colours(false).paint('+', "+ a"), "+ a");
    }
}
