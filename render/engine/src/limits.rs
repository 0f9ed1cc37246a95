//! How much a chart may cost, from its archive to its manifests.

use std::time::Duration;

use thiserror::Error;

/// Executions and parentheses within one another: room for the thousand times that Helm lets a name include itself,
/// each from within parentheses.
const NESTING: usize = 2500;

/// Bounds on one chart and its rendering. No real chart meets the defaults; each can be set by its name, too: see
/// [`Limits::set`].
#[derive(Clone, Debug)]
pub struct Limits {
    /// Loading: archives, YAML, schemas.
    pub chart: chart::Limits,
    /// Executing all templates of one render together. Default: gotemplate's, but for 2500 levels of nesting.
    pub templates: gotemplate::Limits,
    /// How long the templates of one render may run, by the host's clock. Default: 5 minutes.
    pub time: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            chart: chart::Limits::default(),
            templates: gotemplate::Limits { nesting: NESTING, ..gotemplate::Limits::default() },
            time: Duration::from_secs(300),
        }
    }
}

/// Why a limit can't be set.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum LimitSettingError {
    /// The text is no `name=value`.
    #[error("expected NAME=VALUE, found {0:?}")]
    Form(String),
    /// There is no limit of that name.
    #[error("there is no limit {name:?}; there are {}", Limits::NAMES.join(", "))]
    Name {
        /// The name asked for.
        name: String,
    },
    /// The value is no number.
    #[error("{name}: expected a whole number, alone or with Ki, Mi or Gi, found {value:?}")]
    Value {
        /// The limit's name.
        name: String,
        /// What is no number.
        value: String,
    },
}

impl Limits {
    /// The names of all limits, as [`Limits::set`] takes them.
    pub const NAMES: [&'static str; 18] = [
        "archive-bytes",
        "file-bytes",
        "chart-bytes",
        "entries",
        "name-bytes",
        "ratio",
        "chart-depth",
        "yaml-bytes",
        "yaml-nodes",
        "schema-bytes",
        "schema-objects",
        "schema-references",
        "steps",
        "nesting",
        "template-depth",
        "output-bytes",
        "memory-bytes",
        "seconds",
    ];

    /// Sets one limit: `steps=1000000`, `archive-bytes=20Mi`.
    ///
    /// # Errors
    /// Where the name is none of [`Limits::NAMES`], or the value no number.
    pub fn set(&mut self, setting: &str) -> Result<(), LimitSettingError> {
        let (name, value) =
            setting.split_once('=').ok_or_else(|| LimitSettingError::Form(setting.to_owned()))?;
        let unknown = || LimitSettingError::Name { name: name.to_owned() };
        if !Self::NAMES.contains(&name) {
            return Err(unknown());
        }
        let number = number(value)
            .ok_or_else(|| LimitSettingError::Value { name: name.to_owned(), value: value.to_owned() })?;
        let count = usize::try_from(number).unwrap_or(usize::MAX);
        match name {
            "archive-bytes" => self.chart.archive_bytes = number,
            "file-bytes" => self.chart.file_bytes = number,
            "chart-bytes" => self.chart.chart_bytes = number,
            "entries" => self.chart.entries = count,
            "name-bytes" => self.chart.name_bytes = count,
            "ratio" => self.chart.ratio = number,
            "chart-depth" => self.chart.nesting = count.min(chart::Limits::MOST_NESTING),
            "yaml-bytes" => self.chart.yaml_bytes = count,
            "yaml-nodes" => self.chart.yaml_nodes = count,
            "schema-bytes" => self.chart.schema_bytes = count,
            "schema-objects" => self.chart.schema_objects = count,
            "schema-references" => self.chart.schema_references = count,
            "steps" => self.templates.steps = number,
            "nesting" => self.templates.nesting = count.min(Self::MOST_NESTING),
            "template-depth" => self.templates.templates = count,
            "output-bytes" => self.templates.output = count,
            "memory-bytes" => self.templates.memory = number,
            "seconds" => self.time = Duration::from_secs(number),
            _ => return Err(unknown()),
        }
        Ok(())
    }

    /// The deepest nesting that a stack is given for.
    const MOST_NESTING: usize = 20_000;

    /// The bytes of stack that a render needs at most, which is for so much nesting: a level takes 10 KiB at most, a
    /// thousand for what functions take on top. Only what is used is taken from the machine. Where there is less, a
    /// render takes a stack of its own.
    pub fn stack_bytes(&self) -> usize {
        (self.templates.nesting.min(Self::MOST_NESTING) + 1_000) * (80 << 10)
    }
}

fn number(text: &str) -> Option<u64> {
    const UNITS: [(&str, u64); 3] = [("Ki", 1 << 10), ("Mi", 1 << 20), ("Gi", 1 << 30)];
    let with_unit = UNITS.iter().find_map(|(unit, factor)| Some((text.strip_suffix(unit)?, *factor)));
    let (digits, factor) = with_unit.unwrap_or((text, 1));
    digits.parse::<u64>().ok()?.checked_mul(factor)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_limit_can_be_set_by_its_name() {
        for name in Limits::NAMES {
            let (mut limits, usual) = (Limits::default(), Limits::default());
            limits.set(&format!("{name}=7")).unwrap();
            assert_ne!(format!("{limits:?}"), format!("{usual:?}"), "{name}");
        }
    }

    #[test]
    fn sizes_have_units() {
        let mut limits = Limits::default();
        limits.set("output-bytes=3Mi").unwrap();
        assert_eq!(limits.templates.output, 3 << 20);
    }

    #[test]
    fn what_is_wrong_with_a_setting_is_told() {
        let fault = |setting: &str| Limits::default().set(setting).unwrap_err().to_string();
        assert_eq!(fault("steps"), "expected NAME=VALUE, found \"steps\"");
        assert!(fault("stps=1").starts_with("there is no limit \"stps\"; there are archive-bytes, "));
        assert_eq!(
            fault("steps=many"),
            "steps: expected a whole number, alone or with Ki, Mi or Gi, found \"many\""
        );
    }
}
