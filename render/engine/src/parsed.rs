//! Templates that were parsed before: renders of the same chart share them.

use std::collections::HashMap;
use std::sync::Arc;

use chart::Flavour;
use gotemplate::{ParseError, Parsed, Templates};
use parking_lot::Mutex;

/// The parsed templates of one chart, kept beside its files. Subcharts keep their own.
#[derive(Debug, Default)]
pub(crate) struct ParsedTemplates {
    /// By full name, which an alias changes, and by the Helm whose functions were known.
    texts: Mutex<HashMap<(Flavour, String), Parsed>>,
}

impl ParsedTemplates {
    /// Adds a text to a set, parsed now or before.
    pub(crate) fn add_to(
        &self,
        templates: &mut Templates,
        flavour: Flavour,
        name: &str,
        text: &Arc<[u8]>,
    ) -> Result<(), ParseError> {
        let key = (flavour, name.to_owned());
        let known = self.texts.lock().get(&key).cloned();
        let parsed = match known {
            Some(parsed) => parsed,
            None => {
                let parsed = templates.read(name, Arc::clone(text))?;
                self.texts.lock().insert(key, parsed.clone());
                parsed
            }
        };
        templates.include(&parsed);
        Ok(())
    }
}
