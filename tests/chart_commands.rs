//! The commands that need no cluster, beside real Helm: what they print, where they fail, and how they end.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "helpers of tests fail by panicking, as tests do"
)]

use std::path::{Path, PathBuf};
use std::process::Command;

use pintle_test_support::{Answer, helm3, helm4};

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")
}

fn answer(mut command: Command, arguments: &[&str]) -> Answer {
    pintle_test_support::answer(command.args(arguments).current_dir(fixtures())).unwrap()
}

fn pintle(version: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_pintle"));
    command.args(["--helm-version", version]);
    command
}

fn helm(version: &str) -> Command {
    if version == "3" { helm3().unwrap() } else { helm4().unwrap() }
}

#[track_caller]
fn assert_as_helm(arguments: &[&str]) {
    for version in ["3", "4"] {
        let (theirs, ours) = (answer(helm(version), arguments), answer(pintle(version), arguments));
        assert_eq!(ours, theirs, "{arguments:?} as Helm {version}");
    }
}

/// The charts of `fixtures/lint`, each with a fault of its own.
fn faulty_charts() -> Vec<String> {
    let entries = std::fs::read_dir(fixtures().join("lint")).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names.into_iter().map(|name| format!("lint/{name}")).collect()
}

#[test]
fn lint_finds_what_helm_finds() {
    let charts = faulty_charts();
    assert!(charts.len() > 20, "{charts:?}");
    for chart in &charts {
        for flags in
            [&[][..], &["--strict"], &["--quiet"], &["--with-subcharts"], &["--kube-version", "1.20"]]
        {
            assert_as_helm(&[&["lint", chart.as_str()], flags].concat());
        }
    }
    let all: Vec<&str> = ["lint"].into_iter().chain(charts.iter().map(String::as_str)).collect();
    assert_as_helm(&all);
}

#[test]
fn show_prints_what_helm_prints() {
    for part in ["all", "chart", "crds", "readme", "values"] {
        for chart in ["charts/shop", "lint/crds", "charts/shop/charts/cache"] {
            assert_as_helm(&["show", part, chart]);
        }
    }
}

/// Templates whose answer does not hang on the order of Go's maps. The helms have the code for them in common.
#[test]
fn a_jsonpath_template_shows_of_the_values_what_helm_shows() {
    let templates = std::fs::read_to_string(fixtures().join("jsonpath/templates.txt")).unwrap();
    for (index, template) in templates.lines().enumerate() {
        let version = if index % 8 == 0 { "3" } else { "4" };
        let arguments = ["show", "values", "jsonpath/chart", "--jsonpath", template];
        assert_eq!(answer(pintle(version), &arguments), answer(helm(version), &arguments), "{template}");
    }
}

#[test]
fn version_tells_a_template_what_helm_tells() {
    let template = "{{.Version}} {{.GoVersion}} [{{.GitCommit}}{{.GitTreeState}}] {{. | printf \"%v %T\"}}";
    assert_as_helm(&["version", "--template", template]);
    assert_as_helm(&["version", "--template", "{{.Nope}}"]);
    assert_as_helm(&["version", "--template", "{{"]);
    let arguments = ["version", "-c", "--template", "{{.Version}}"];
    assert_eq!(answer(pintle("3"), &arguments), answer(helm("3"), &arguments));
    let newer = ["version", "--template", "{{.KubeClientVersion}}"];
    assert_eq!(answer(pintle("4"), &newer), answer(helm("4"), &newer));
}

#[test]
fn a_typical_chart_becomes_what_helm_makes_of_it() {
    const TYPICAL: &str = "charts/typical";
    for flags in [
        &["--kube-version", "1.33.0", "--namespace", "here"] as &[_],
        &["--include-crds", "--no-hooks", "--kube-version", "1.25.3"],
        &["--set", "store.enabled=false,autoscaling.enabled=false,replicaCount=3", "--is-upgrade"],
        &["--set", "ingress.tls[0].secretName=web,ingress.tls[0].hosts={a,b}", "--set-string", "image.tag=1"],
        &["--set", "service.type=Balancer"],
        &["--set", "credentials.user=null"],
        &["--set", "image.pullSecrets={one,two}", "--show-only", "templates/deployment.yaml"],
    ] {
        assert_as_helm(&[&["template", "web", TYPICAL], flags].concat());
    }
    assert_as_helm(&["lint", TYPICAL, "--strict"]);
    assert_as_helm(&["show", "all", TYPICAL]);
}

#[test]
fn template_takes_helms_flags_and_fails_as_helm_does() {
    let shop = "charts/shop";
    for arguments in [
        &["template", "web", shop][..],
        &["template", shop, "--generate-name"],
        &["template", "web", shop, "--name-template", "x"],
        &["template", shop, "--name-template", "a-{{ \"B\" | lower }}"],
        &["template", "UPPER", shop],
        &["template", &"a".repeat(54), shop],
        &["template", shop, "--skip-tests", "--no-hooks", "--include-crds", "--is-upgrade", "--replace"],
        &["template", shop, "--create-namespace", "--labels", "a=b", "--wait", "--atomic", "--timeout", "3s"],
        &["template", shop, "--show-only", "templates/nope.yaml"],
        &["template", shop, "--show-only", "templates/*.yaml"],
        &["template", shop, "--dry-run"],
        &["template", shop, "--kube-version", "1"],
        &["template", shop, "--values", "nope.yaml"],
        &["template", shop, "--set", "a"],
        &["template", "./nope"],
        &["template", "lint/good/values.yaml"],
        &["template", "lint/good/values.yaml", shop],
        &["template", "hub/README.md"],
        &["template", "lint/./../hub/README.md"],
        &["template", "nope"],
        &["template", "nope/x"],
        &["template", "web", "lint/broken"],
        &["template", "web", "lint/unparsed"],
        &["template", "web", "lint/notyaml"],
        &["template", "web", "lint/schema"],
        &["template", "web", "lint/gives-up"],
        &["template", "web", "lint/dependencies"],
        &["template", "web", "lint/kubeversion"],
        &["template", "web", "lint/library"],
        &["template", "web", "lint/brokenmetadata"],
        &["template", "web", "lint/nometadata"],
        &["template", "web", "lint/badvalues"],
    ] {
        assert_as_helm(arguments);
    }
}

#[test]
fn templates_ask_for_addresses_only_with_leave() {
    const ADDRESSES: &str = "charts/addresses";
    for flags in [&[] as &[_], &["--enable-dns"], &["--enable-dns", "--set", "host=nowhere.invalid"]] {
        assert_as_helm(&[&["template", "web", ADDRESSES], flags].concat());
    }
}

#[test]
fn values_that_no_template_reads_are_reported_beside_the_manifests() {
    let plain = answer(pintle("4"), &["template", "web", "charts/shop", "--set", "replica=3"]);
    let mut command = pintle("4");
    command.args(["template", "web", "charts/shop", "--set", "replica=3", "--report-unused"]);
    let output = command.current_dir(fixtures()).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout), plain.0);
    let report = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(report, "1 given value that no template read:\n  replica (--set): did you mean replicas?\n");
}

#[test]
fn a_field_is_explained_with_its_line_and_every_word_on_its_value() {
    let arguments = [
        "explain",
        "web",
        "charts/shop",
        ".spec.replicas",
        "--object",
        "Deployment/web",
        "--set",
        "replicas=5,autoscaling.enabled=false",
    ];
    let (shown, error, _) = answer(pintle("4"), &arguments);
    assert_eq!(error, "");
    let want = "Deployment/web .spec.replicas = 5\n\nshop/templates/deployment.yaml:9:15\n   9 |   replicas: {{ \
                .Values.replicas }}\n.Values.replicas\n  --set: 5\n  shop/values.yaml:1: 2 (replaced)\n";
    assert_eq!(shown, want);
}

#[test]
fn a_failed_template_is_shown_where_people_read_it_and_helms_text_comes_first() {
    let arguments = ["template", "web", "lint/broken", "--set", "a.b=1"];
    let (_, plain, _) = answer(pintle("4"), &arguments);
    assert!(!plain.contains(".Values.a.b is"), "{plain}");
    let (_, shown, _) = answer(pintle("4"), &[&arguments[..], &["--debug"]].concat());
    let helms = plain.split("\n\nUse --debug").next().unwrap();
    assert!(shown.starts_with(helms), "{shown}");
    assert!(shown.contains("1 | a: {{ .Values.a.b.c }}\n     |              ^\n"), "{shown}");
    assert!(shown.contains(".Values.a.b is a number, from --set, and has no entries\n"), "{shown}");
}

#[test]
fn a_post_renderer_of_helm_3_changes_the_manifests() {
    for script in ["cat", "sed 's/replicas: .*/replicas: 77/'", "echo why >&2; exit 3"] {
        let arguments = ["template", "web", "charts/shop", "--include-crds", "--post-renderer", "sh"];
        let arguments: Vec<&str> = arguments
            .into_iter()
            .chain(["--post-renderer-args", "-c", "--post-renderer-args", script])
            .collect();
        assert_eq!(answer(pintle("3"), &arguments), answer(helm("3"), &arguments), "{script}");
    }
}

#[test]
fn what_a_post_renderer_leaves_alone_stays_to_the_byte() {
    let plain = answer(pintle("4"), &["template", "web", "charts/shop"]);
    let rendered = answer(pintle("4"), &["template", "web", "charts/shop", "--post-renderer", "cat"]);
    assert_eq!(rendered, plain);
}
