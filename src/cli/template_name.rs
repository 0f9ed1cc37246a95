//! `--name-template`: a release's name made by a template.

use std::sync::Arc;

use gotemplate::Templates;
use value::Value;

use super::CliError;
use crate::host::SystemHost;

/// Executes the template with sprig's functions and no data.
pub(super) fn execute(template: &str) -> Result<String, CliError> {
    let host: Arc<dyn sprig::Host> = Arc::new(SystemHost);
    let mut templates = Templates::new("name-template")
        .with_functions(sprig::functions(&host))
        .with_methods(sprig::methods(&host));
    templates.parse("name-template", template).map_err(|error| CliError::message(error.to_string()))?;
    let name = templates
        .execute("name-template", Value::Nil)
        .map_err(|error| CliError::message(error.to_string()))?;
    Ok(String::from_utf8_lossy(&name).into_owned())
}
