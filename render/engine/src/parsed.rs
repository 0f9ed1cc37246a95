//! Templates that were parsed before: renders of the same chart share them.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use chart::Flavour;
use gotemplate::{ParseError, Parsed, Templates};
use parking_lot::Mutex;

use crate::scope::{Scopes, Template};

/// From this many bytes of templates on, a second thread saves more than its start costs.
const WORTH_A_THREAD: usize = 96 << 10;
/// The parser recurses as deep as it lets parentheses nest. Only what is used is taken from the machine.
const STACK_BYTES: usize = 16 << 20;

/// The parsed templates of one chart, kept beside its files. Subcharts keep their own.
#[derive(Debug, Default)]
pub(crate) struct ParsedTemplates {
    /// By full name, which an alias changes, and by the Helm whose functions were known.
    texts: Mutex<HashMap<(Flavour, String), Parsed>>,
}

impl ParsedTemplates {
    /// A text, parsed now or before.
    fn parse(
        &self,
        templates: &Templates,
        flavour: Flavour,
        name: &str,
        text: &Arc<[u8]>,
    ) -> Result<Parsed, ParseError> {
        let key = (flavour, name.to_owned());
        let known = self.texts.lock().get(&key).cloned();
        if let Some(parsed) = known {
            return Ok(parsed);
        }
        let parsed = templates.read(name, Arc::clone(text))?;
        self.texts.lock().insert(key, parsed.clone());
        Ok(parsed)
    }

    fn knows(&self, flavour: Flavour, name: &str) -> bool {
        self.texts.lock().contains_key(&(flavour, name.to_owned()))
    }
}

/// Adds the templates of these names to a set, in this order.
///
/// # Errors
/// The first text in this order that is no template.
pub(crate) fn add(
    templates: &mut Templates,
    flavour: Flavour,
    scopes: &Scopes,
    order: &[&str],
) -> Result<(), ParseError> {
    let texts: Vec<(&str, &Template)> = order.iter().map(|name| (*name, &scopes[*name])).collect();
    parse_ahead(templates, flavour, &texts);
    for (name, template) in texts {
        let parsed = template.parsed.parse(templates, flavour, name, &template.text)?;
        templates.include(&parsed);
    }
    Ok(())
}

/// Parses with a second thread what was not parsed before, where it is much. What is wrong with a text shows later, when
/// it is its turn.
fn parse_ahead(templates: &Templates, flavour: Flavour, texts: &[(&str, &Template)]) {
    let is_new = |(name, template): &&(&str, &Template)| !template.parsed.knows(flavour, name);
    let texts: Vec<_> = texts.iter().filter(is_new).collect();
    if texts.iter().map(|(_, template)| template.text.len()).sum::<usize>() < WORTH_A_THREAD {
        return;
    }
    let next = AtomicUsize::new(0);
    let parse = || {
        while let Some((name, template)) = texts.get(next.fetch_add(1, Ordering::Relaxed)) {
            // OK because a text with a fault is parsed again.
            let _ = template.parsed.parse(templates, flavour, name, &template.text);
        }
    };
    thread::scope(|scope| {
        // OK because without a second thread this one does it all.
        let _ = thread::Builder::new().stack_size(STACK_BYTES).spawn_scoped(scope, parse);
        parse();
    });
}

#[cfg(test)]
mod tests {
    use super::WORTH_A_THREAD;
    use crate::{Options, testing};

    /// Many templates, so large that two threads parse them.
    fn templates(text: impl Fn(usize) -> String) -> Vec<(String, String)> {
        let padding = format!("{{{{/* {} */}}}}", "x".repeat(WORTH_A_THREAD / 20));
        (10..50).map(|n| (format!("templates/{n}.yaml"), text(n) + &padding)).collect()
    }

    fn render(templates: &[(String, String)]) -> Result<Vec<String>, String> {
        let templates: Vec<_> = templates.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
        let rendered = testing::render_all(&templates, &Options::default());
        let texts = |all: std::collections::BTreeMap<_, value::Str>| {
            all.into_values().map(|text| text.to_string()).collect()
        };
        rendered.map(texts).map_err(|error| error.to_string())
    }

    #[test]
    fn what_two_threads_parse_is_rendered_in_full() {
        let templates =
            templates(|n| format!(r#"{{{{ define "t{n}" }}}}{n}{{{{ end }}}}{{{{ include "t{n}" . }}}}"#));
        let expected: Vec<_> = (10..50).map(|n| n.to_string()).collect();
        assert_eq!(render(&templates), Ok(expected));
    }

    #[test]
    fn of_several_faults_the_one_that_helm_reads_first_is_told() {
        let templates = templates(|n| if n % 10 == 7 { "{{ if }}".to_owned() } else { n.to_string() });
        let error = render(&templates).unwrap_err();
        assert!(error.contains("(c/templates/47.yaml:1): missing value for if"), "{error}");
    }
}
