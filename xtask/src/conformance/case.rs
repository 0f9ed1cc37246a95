//! The cases of a corpus.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;

/// One call of `helm template`.
#[derive(Debug)]
pub(crate) struct Case {
    pub(crate) id: String,
    pub(crate) chart: String,
    pub(crate) bundle: String,
    pub(crate) release: String,
    pub(crate) namespace: String,
    pub(crate) kube_version: String,
    pub(crate) values: Vec<String>,
    pub(crate) flags: Vec<String>,
    v3: Expected,
    v4: Expected,
}

/// What one version of Helm did.
#[derive(Clone, Debug)]
pub(crate) struct Expected {
    pub(crate) exit: i64,
    /// The member of the bundle that holds standard output.
    pub(crate) output: Option<String>,
    /// The member of the bundle that holds standard error.
    pub(crate) error: Option<String>,
    pub(crate) mode: Mode,
    /// Line numbers, from 1, that change from run to run, with the prefix that does not.
    pub(crate) varying: BTreeMap<usize, String>,
}

/// How output is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    Exact,
    /// Varying lines by their prefix.
    Masked,
    /// The same lines in any order.
    Unordered,
    ExitOnly,
}

/// Reads the cases whose id contains the filter.
pub(crate) fn read(corpus: &Path, filter: Option<&str>) -> Result<Vec<Case>, String> {
    let path = corpus.join("cases.jsonl");
    let text = std::fs::read_to_string(&path).map_err(|error| {
        format!("no corpus: {}: {error}; give the folder with cases.jsonl", path.display())
    })?;
    let cases = text.lines().map(|line| {
        let case: Value =
            serde_json::from_str(line).map_err(|error| format!("{}: {error}", path.display()))?;
        Ok(Case::from_json(&case))
    });
    let wanted = |case: &Case| filter.is_none_or(|filter| case.id.contains(filter));
    cases.filter(|case| case.as_ref().map_or(true, wanted)).collect()
}

impl Case {
    fn from_json(case: &Value) -> Self {
        let v3 = Expected::from_json(case, "expected_v3", "stderr_v3");
        Self {
            id: text(case, "id").unwrap_or_default(),
            chart: text(case, "chart").unwrap_or_default(),
            bundle: text(case, "bundle").unwrap_or_default(),
            release: text(case, "release").unwrap_or_else(|| "demo-release".to_owned()),
            namespace: text(case, "namespace").unwrap_or_else(|| "demo-ns".to_owned()),
            kube_version: text(case, "kube_version").unwrap_or_else(|| "1.33.0".to_owned()),
            values: texts(case, "values"),
            flags: texts(case, "flags"),
            v4: v3.with(&case["v4"]),
            v3,
        }
    }

    pub(crate) fn expected(&self, helm_version: u8) -> Expected {
        if helm_version == 3 { self.v3.clone() } else { self.v4.clone() }
    }
}

impl Expected {
    fn from_json(case: &Value, output: &str, error: &str) -> Self {
        let varying = case["varying"].as_object().into_iter().flatten();
        Self {
            exit: case["exit"].as_i64().unwrap_or(0),
            output: text(case, output),
            error: text(case, error),
            mode: match case["compare"].as_str() {
                Some("masked") => Mode::Masked,
                Some("unordered") => Mode::Unordered,
                Some("exit-only") => Mode::ExitOnly,
                _ => Mode::Exact,
            },
            varying: varying
                .filter_map(|(line, prefix)| Some((line.parse().ok()?, prefix.as_str()?.to_owned())))
                .collect(),
        }
    }

    /// Helm 4's record holds only what differs from Helm 3's.
    fn with(&self, v4: &Value) -> Self {
        if v4.is_null() {
            return self.clone();
        }
        let own = Expected::from_json(v4, "expected", "stderr");
        if own.output.is_some() || own.exit != self.exit {
            return own;
        }
        Expected { error: own.error.or_else(|| self.error.clone()), ..self.clone() }
    }
}

fn text(case: &Value, key: &str) -> Option<String> {
    case[key].as_str().map(str::to_owned)
}

fn texts(case: &Value, key: &str) -> Vec<String> {
    case[key].as_array().into_iter().flatten().filter_map(|item| item.as_str().map(str::to_owned)).collect()
}
