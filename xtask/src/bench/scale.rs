//! `cargo xtask bench scale`: does the cost grow linearly with the output and the number of templates?

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;

use super::measure::{contenders, mebibytes, median, milliseconds};

/// Arguments of `cargo xtask bench scale`.
#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// Rounds, in each of which the three programs take turns
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// The pintle to measure; a release build when absent
    #[arg(long)]
    program: Option<PathBuf>,
}

/// A generated chart.
enum Shape {
    /// One template that ranges over as many objects.
    Objects(u32),
    /// As many templates of one object.
    Templates(u32),
    /// As many subcharts of one object.
    Subcharts(u32),
}

impl Shape {
    fn name(&self) -> String {
        match self {
            Shape::Objects(count) => format!("{count} objects"),
            Shape::Templates(count) => format!("{count} templates"),
            Shape::Subcharts(count) => format!("{count} subcharts"),
        }
    }

    /// How many of them there are.
    fn count(&self) -> u32 {
        match self {
            Shape::Objects(count) | Shape::Templates(count) | Shape::Subcharts(count) => *count,
        }
    }
}

const SHAPES: [Shape; 9] = [
    Shape::Objects(10),
    Shape::Objects(100),
    Shape::Objects(1_000),
    Shape::Objects(10_000),
    Shape::Templates(10),
    Shape::Templates(100),
    Shape::Templates(1_000),
    Shape::Subcharts(20),
    Shape::Subcharts(200),
];

/// Measures and prints a line per shape.
pub(super) fn run(arguments: &Arguments) -> Result<(), String> {
    let contenders = contenders(arguments.program.as_deref())?;
    println!(
        "{:>10} {:>10} {:>10} {:>10} {:>10} {:>10}  chart",
        "helm3 ms", "helm4 ms", "pintle ms", "µs each", "helm4 MiB", "pintle MiB"
    );
    for shape in &SHAPES {
        let folder = std::env::temp_dir().join(format!("pintle-scale-{}", std::process::id()));
        write_chart(&folder, shape).map_err(|error| format!("{}: {error}", folder.display()))?;
        let chart = folder.to_string_lossy().into_owned();
        let mut costs: [Vec<_>; 3] = Default::default();
        for _ in 0..arguments.rounds.max(1) {
            for (contender, costs) in contenders.iter().zip(&mut costs) {
                costs.push(contender.run(&["template", "r", &chart])?);
            }
        }
        let [helm3, helm4, pintle] = costs.map(|costs| median(&costs));
        println!(
            "{:>10} {:>10} {:>10} {:>10} {:>10} {:>10}  {}",
            milliseconds(helm3.wall),
            milliseconds(helm4.wall),
            milliseconds(pintle.wall),
            (pintle.wall / shape.count()).as_micros(),
            mebibytes(helm4.memory),
            mebibytes(pintle.memory),
            shape.name()
        );
        fs::remove_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    }
    Ok(())
}

const OBJECT: &str = "apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ .Release.Name }}-{{ include \"labels\" . | sha256sum | trunc 8 }}
  labels:
    {{- include \"labels\" . | nindent 4 }}
data:
  settings: |
    {{- toYaml .Values.settings | nindent 4 }}
";

const LABELS: &str =
    "{{ define \"labels\" }}app: web\nrelease: {{ .Release.Name }}\nchart: {{ .Chart.Name }}{{ end }}\n";

const VALUES: &str = "settings:\n  level: info\n  replicas: 3\n  hosts: [a.example, b.example]\n  limits: {cpu: 1, memory: 2Gi}\n";

fn write_chart(folder: &Path, shape: &Shape) -> std::io::Result<()> {
    match shape {
        Shape::Objects(count) => {
            let mut text = format!("{{{{- range $i := until {count} }}}}{{{{ with $ }}}}\n---\n");
            text.push_str(OBJECT);
            text.push_str("{{- end }}{{ end }}\n");
            chart(folder, "scale", &[("objects.yaml".to_owned(), text)])
        }
        Shape::Templates(count) => {
            let templates: Vec<_> = (0..*count).map(|n| (format!("t{n}.yaml"), OBJECT.to_owned())).collect();
            chart(folder, "scale", &templates)
        }
        Shape::Subcharts(count) => {
            chart(folder, "scale", &[])?;
            let mut dependencies = String::from("dependencies:\n");
            for n in 0..*count {
                let name = format!("sub{n}");
                // OK because writing to a String never fails.
                let _ = writeln!(dependencies, "  - {{name: {name}, version: 0.1.0, repository: \"\"}}");
                chart(
                    &folder.join("charts").join(&name),
                    &name,
                    &[("a.yaml".to_owned(), OBJECT.to_owned())],
                )?;
            }
            let metadata = folder.join("Chart.yaml");
            let head = fs::read_to_string(&metadata)?;
            fs::write(metadata, head + &dependencies)
        }
    }
}

fn chart(folder: &Path, name: &str, templates: &[(String, String)]) -> std::io::Result<()> {
    fs::create_dir_all(folder.join("templates"))?;
    fs::write(folder.join("Chart.yaml"), format!("apiVersion: v2\nname: {name}\nversion: 0.1.0\n"))?;
    fs::write(folder.join("values.yaml"), VALUES)?;
    fs::write(folder.join("templates/_labels.tpl"), LABELS)?;
    for (file, text) in templates {
        fs::write(folder.join("templates").join(file), text)?;
    }
    Ok(())
}
