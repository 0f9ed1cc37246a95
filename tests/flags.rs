//! Every flag of Helm is understood, with Helm's default: what `helm X --help` lists is held against `pintle X`, for
//! both Helms.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "helpers of tests fail by panicking, as tests do"
)]

use std::process::Command;

use pintle_test_support::{helm3, helm4, run};

/// The commands whose flags are compared.
const COMMANDS: [&str; 30] = [
    "install",
    "upgrade",
    "rollback",
    "uninstall",
    "test",
    "list",
    "history",
    "status",
    "get all",
    "get values",
    "get manifest",
    "get hooks",
    "get notes",
    "get metadata",
    "template",
    "pull",
    "verify",
    "show all",
    "show chart",
    "show crds",
    "show readme",
    "show values",
    "version",
    "push",
    "registry login",
    "registry logout",
    "search repo",
    "repo index",
    "create",
    "repo list",
];

/// Defaults that are paths of this machine, or are told in words.
const OTHER_DEFAULTS: [&str; 2] = ["keyring", "dry-run"];

/// A line of Helm's help.
#[derive(Debug)]
struct Flag {
    name: String,
    short: Option<String>,
    takes_value: bool,
    default: Option<String>,
}

impl Flag {
    /// Reads `  -m, --max int   maximum number of releases (default 256)`.
    fn parse(line: &str) -> Option<Self> {
        let line = line.trim();
        let (short, rest) = match line.strip_prefix("--") {
            Some(rest) => (None, rest),
            None => {
                let (short, rest) = line.strip_prefix('-')?.split_once(", --")?;
                (Some(short.to_owned()), rest)
            }
        };
        let (head, help) = rest.split_once("   ").unwrap_or((rest, ""));
        let mut words = head.split_whitespace();
        let name = words.next()?.to_owned();
        let takes_value = words.next().is_some_and(|kind| !kind.contains('['));
        let default = help.trim().strip_suffix(')').and_then(|help| help.rsplit_once("(default "));
        let default = default.map(|(_, default)| default.trim_matches('"').to_owned());
        Some(Self { name, short, takes_value, default })
    }
}

fn flags_of(mut helm: Command, command: &str) -> Vec<Flag> {
    let help = run(helm.args(command.split(' ')).arg("--help")).unwrap();
    let lines = help.lines().skip_while(|line| *line != "Flags:").skip(1);
    lines.take_while(|line| !line.is_empty()).filter_map(Flag::parse).collect()
}

fn pintle(command: &str, arguments: &[&str]) -> (bool, String) {
    let mut pintle = Command::new(env!("CARGO_BIN_EXE_pintle"));
    let output = pintle.args(command.split(' ')).args(arguments).output().unwrap();
    let printed = if output.status.success() { output.stdout } else { output.stderr };
    (output.status.success(), String::from_utf8(printed).unwrap())
}

/// A value that the flag takes.
fn a_value(flag: &Flag) -> String {
    match (&flag.default, flag.name.as_str()) {
        (Some(default), _) if default != "[]" => default.clone(),
        (_, "output") => "json".to_owned(),
        (_, "max" | "offset" | "revision" | "history-max") => "0".to_owned(),
        (_, "timeout") => "1s".to_owned(),
        _ => "a=b".to_owned(),
    }
}

/// What pintle says that it takes for granted.
fn default_in(help: &str, name: &str) -> Option<String> {
    let from = help.find(&format!("--{name} ")).or_else(|| help.find(&format!("--{name}\n")))?;
    let rest = help.get(from..)?;
    let next = ["\n  -", "\n      --"].into_iter().filter_map(|start| rest.find(start)).min();
    let end = next.unwrap_or(rest.len());
    let (_, default) = rest.get(..end)?.split_once("[default: ")?;
    Some(default.split(']').next()?.to_owned())
}

fn differences(helm: fn() -> Result<Command, pintle_test_support::Error>, version: &str) -> Vec<String> {
    let mut found = Vec::new();
    for command in COMMANDS {
        let (_, help) = pintle(command, &["--help"]);
        for flag in flags_of(helm().unwrap(), command) {
            let long = format!("--{}", flag.name);
            let value = a_value(&flag);
            let given = if flag.takes_value { format!("{long}={value}") } else { long.clone() };
            // Help is what is printed, if all that stands before it is understood.
            let (is_known, error) = pintle(command, &["--helm-version", version, &given, "--help"]);
            if !is_known {
                found.push(format!("{command} {given}: {error}"));
            }
            if let Some(short) = flag.short.as_ref().filter(|short| *short != "h") {
                let short = format!("-{short}");
                let mut arguments = vec![short.as_str()];
                arguments.extend(flag.takes_value.then_some(value.as_str()));
                arguments.push("--help");
                if !pintle(command, &arguments).0 {
                    found.push(format!("{command} {short}: not understood"));
                }
            }
            let ours = default_in(&help, &flag.name);
            if let (Some(theirs), Some(ours)) = (&flag.default, &ours)
                && theirs != ours
                && !OTHER_DEFAULTS.contains(&flag.name.as_str())
            {
                found.push(format!("{command} {long}: {ours} instead of {theirs}"));
            }
        }
    }
    found
}

#[test]
fn every_flag_of_helm_4_is_understood_with_its_default() {
    assert_eq!(differences(helm4, "4"), Vec::<String>::new());
}

#[test]
fn every_flag_of_helm_3_is_understood_with_its_default() {
    assert_eq!(differences(helm3, "3"), Vec::<String>::new());
}

/// Ways of writing flags that Go's `pflag` takes.
const AS_GO: [&[&str]; 10] = [
    &["--skip-tests", "--skip-tests"],
    &["--skip-tests=true", "--include-crds=false"],
    &["--skip-tests", "--skip-tests=0", "--is-upgrade=T"],
    &["-n", "first", "--namespace=second", "-n=third"],
    &["--kube-version", "1.20.0", "--kube-version", "v1.31.1"],
    &["--set", "replicas=2", "--set=replicas=3", "--set-string", "-x=3"],
    &["--description", "-", "--timeout", "1s", "--timeout=2s"],
    &["--debug=false", "--create-namespace=true", "--wait-for-jobs=f"],
    &["--api-versions", "a/v1", "-a=b/v1,c/v1", "-ad/v1"],
    &["--skip-tests=yes"],
];

#[test]
fn flags_are_written_in_every_way_that_helm_takes() {
    let chart = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/charts/typical");
    for (version, mut helm) in [("3", helm3().unwrap()), ("4", helm4().unwrap())] {
        helm.args(["template", "web"]).arg(&chart);
        let mut ours = Command::new(env!("CARGO_BIN_EXE_pintle"));
        ours.args(["template", "web", "--helm-version", version]).arg(&chart);
        for flags in AS_GO {
            let [theirs, ours] = [&helm, &ours].map(|program| {
                let mut program = again(program);
                let output = program.args(flags).output().unwrap();
                (output.status.code(), String::from_utf8_lossy(&output.stdout).into_owned())
            });
            assert_eq!(ours, theirs, "{flags:?}");
        }
    }
}

/// The same program with the same arguments and variables.
fn again(program: &Command) -> Command {
    let mut copy = Command::new(program.get_program());
    copy.args(program.get_args());
    copy.envs(program.get_envs().filter_map(|(name, value)| Some((name, value?))));
    copy
}

#[test]
fn a_line_of_helms_help_is_read() {
    let flag = Flag::parse("  -m, --max int              maximum number (default 256)").unwrap();
    assert_eq!((flag.name.as_str(), flag.short.as_deref()), ("max", Some("m")));
    assert!(flag.takes_value && flag.default.as_deref() == Some("256"));
    let wait = Flag::parse("      --wait WaitStrategy[=watcher]   wait (default hookOnly)").unwrap();
    assert!(!wait.takes_value);
}
