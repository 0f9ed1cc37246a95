//! `search repo`, `repo index` and `create` beside real Helm.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "helpers of tests fail by panicking, as tests do"
)]

use std::path::{Path, PathBuf};
use std::process::Command;

use pintle_test_support::{Answer, helm3, helm4, scratch};

fn answer(mut command: Command, folder: &Path, arguments: &[&str]) -> Answer {
    command.args(arguments).current_dir(folder);
    command.env("HELM_REPOSITORY_CONFIG", folder.join("repositories.yaml"));
    command.env("HELM_REPOSITORY_CACHE", folder.join("cache")).env("HELM_DATA_HOME", folder.join("data"));
    pintle_test_support::answer(&mut command).unwrap()
}

fn pintle(version: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_pintle"));
    command.args(["--helm-version", version]);
    command
}

fn helm(version: &str) -> Command {
    if version == "3" { helm3().unwrap() } else { helm4().unwrap() }
}

fn write(path: &Path, text: &str) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

/// Two repositories that were added and updated, and one whose index is gone.
fn repositories() -> PathBuf {
    const ONE: &str = r#"apiVersion: v1
entries:
  web:
  - {apiVersion: v2, name: web, version: 1.9.0, appVersion: "1.9", urls: [a]}
  - {apiVersion: v2, name: web, version: 1.10.0, appVersion: "1.10", description: "A web server with a description that is longer than fifty letters", keywords: [http, server], urls: [a]}
  - {apiVersion: v2, name: web, version: 2.0.0-rc.1, urls: [a]}
  - {apiVersion: v2, name: web, version: nope, urls: [a]}
  webhook:
  - {apiVersion: v2, name: webhook, version: v0.1.0, description: "two\nlines\tof web", urls: [a]}
  odd:
  - {apiVersion: v2, name: other, version: 0.1.0, description: "<é> & Ünï", urls: [a]}
  pre:
  - {apiVersion: v2, name: pre, version: 0.1.0-alpha, urls: [a]}
  zero:
  - {apiVersion: v2, name: zero, version: 0.0.0, urls: [a]}
  noname:
  - {apiVersion: v2, version: 1.0.0, urls: [a]}
  twice:
  - {apiVersion: v1, name: twice, version: 1.0.0, urls: [a], dependencies: [{name: d, version: "1", repository: r}, {name: d, version: "1", repository: r}]}
  library:
  - {apiVersion: v2, name: library, version: 1.0.0, type: nonsense, urls: [a]}
  empty: []
"#;
    const TWO: &str = r#"{"apiVersion":"v1","entries":{
        "web":[{"apiVersion":"v2","name":"web","version":"1.10.0","description":"in WEB two","urls":["a"]}],
        "kw":[{"name":"kw","version":"3.0.0","keywords":["web"],"urls":["a"],"deprecated":true}]}}"#;
    let folder = scratch().unwrap();
    let list = "repositories:\n- {name: one, url: 'http://one.example'}\n- {name: two, url: 'http://two.example'}\n\
        - {name: gone, url: 'http://gone.example'}\n";
    write(&folder.join("repositories.yaml"), list);
    write(&folder.join("cache/one-index.yaml"), ONE);
    write(&folder.join("cache/two-index.yaml"), TWO);
    folder
}

#[test]
fn search_repo_finds_and_prints_what_helm_does() {
    let folder = repositories();
    for flags in [
        &[] as &[_],
        &["web"],
        &["WEB", "two"],
        &["web", "-l"],
        &["--versions", "--devel"],
        &["web", "--devel"],
        &["web", "--version", "^1.9"],
        &["web", "--version", "^1.9", "-l"],
        &["web", "-l", "--version", ">0-0"],
        &["--version", "nope"],
        &["-r", "^web"],
        &["--regexp", "SERVER|(?i)ünï"],
        &["-r", "w("],
        &["nothing"],
        &["nothing", "--fail-on-no-result"],
        &["nothing", "-o", "json"],
        &["nothing", "-o", "yaml", "--fail-on-no-result"],
        &["web", "-o", "json", "-l"],
        &["-o", "yaml"],
        &["web", "--max-col-width", "10"],
        &["web", "--max-col-width", "3"],
        &["web", "--max-col-width", "0"],
        &["\u{b}"],
        &[""],
    ] {
        let arguments = [&["search", "repo"], flags].concat();
        for version in ["3", "4"] {
            let (theirs, ours) = (helm(version), pintle(version));
            let (theirs, ours) = (answer(theirs, &folder, &arguments), answer(ours, &folder, &arguments));
            assert_eq!(ours, theirs, "{arguments:?} as Helm {version}");
        }
    }
    let (_, error, _) = answer(pintle("4"), &scratch().unwrap(), &["search", "repo"]);
    assert_eq!(error, "Error: no repositories configured\n");
}

/// A folder with archives, some of them in another, and files that are none.
fn archives() -> PathBuf {
    let folder = scratch().unwrap();
    for (name, metadata) in [
        ("web", "description: <web> & é\nappVersion: '1.10'\nkeywords: [a]\nannotations: {a: <b>}\n"),
        (
            "jobs",
            "type: library\ndependencies: []\nmaintainers: [{name: m}]\nhome: https://h.example?a=b&c\n",
        ),
    ] {
        let metadata = format!("apiVersion: v2\nname: {name}\nversion: 0.1.0\n{metadata}");
        write(&folder.join(name).join("Chart.yaml"), &metadata);
    }
    let archives = folder.join("archives");
    for (chart, version, place) in [
        ("web", "1.9.0", "archives"),
        ("web", "1.10.0", "archives"),
        ("web", "1.10.0-rc.1+a", "archives/below"),
        ("jobs", "0.1.0", "archives/b (é)"),
        ("jobs", "0.1.0", "archives/below/deeper"),
    ] {
        let package = ["package", chart, "--version", version, "-d", place];
        assert!(answer(helm4().unwrap(), &folder, &package).2);
    }
    write(&archives.join("junk.tgz"), "junk");
    write(&archives.join("readme.txt"), "x");
    folder
}

/// The index without the times at which it was made.
fn index(folder: &Path) -> String {
    let text = std::fs::read_to_string(folder.join("archives/index.yaml")).unwrap();
    let year = format!("{}-", jiff::Timestamp::now().strftime("%Y"));
    let is_now =
        |line: &&str| !line.contains("created") && !line.contains("generated") || !line.contains(&year);
    text.split_inclusive('\n').filter(is_now).collect()
}

#[test]
fn repo_index_writes_what_helm_writes() {
    const OLD: &str = r#"apiVersion: v1
generated: "2020-01-01T00:00:00.123456789+02:00"
annotations: {a: b}
entries:
  web:
  - {apiVersion: v2, name: web, version: 1.9.0, urls: [old]}
  - {apiVersion: v2, name: web, version: 1.2.3, urls: [old], created: "2020-01-01T00:00:00.5+02:00", digest: sha256:abc, removed: true, engine: gotpl, tillerVersion: ">2"}
  - {name: web, version: 1.8.0, urls: [old, "old2?a=<b>&c"], description: "x\ny", dependencies: [{name: d, version: "1", repository: r}, {name: d, version: "1", repository: r}]}
  - {name: web, version: 1.10.0+b, urls: [old]}
  other:
  - {name: other, version: 0.1.0, created: "2019-01-01T00:00:00Z"}
  bad:
  - {name: bad, version: nope}
"#;
    let folder = archives();
    write(&folder.join("old.yaml"), OLD);
    for flags in [
        &[] as &[_],
        &["--json"],
        &["--url", "https://charts.example.com"],
        &["--url", "http://Charts.example.com:80/a%20b/../c//?q=1"],
        &["--url", "charts/x", "--json"],
        &["--merge", "old.yaml"],
        &["--merge", "old.yaml", "--json"],
        &["--merge", "archives/index.yaml", "--url", "https://charts.example.com"],
    ] {
        let arguments = [&["repo", "index", "archives"], flags].concat();
        for version in ["3", "4"] {
            let made = [helm(version), pintle(version)].map(|command| {
                write(&folder.join("archives/index.yaml"), OLD);
                let answer = answer(command, &folder, &arguments);
                (answer, index(&folder))
            });
            assert_eq!(made[1], made[0], "{arguments:?} as Helm {version}");
            assert!(made[1].0.2, "{made:?}");
        }
    }
}

#[test]
fn repo_index_makes_the_index_that_it_is_to_merge_and_fails_as_helm_does() {
    let folder = archives();
    write(&folder.join("noversion.yaml"), "entries: {}\n");
    for version in ["3", "4"] {
        let texts = [helm(version), pintle(version)].map(|command| {
            let _ = std::fs::remove_file(folder.join("new.yaml"));
            let made = answer(command, &folder, &["repo", "index", "archives", "--merge", "new.yaml"]);
            assert!(made.2, "{made:?}");
            let text = std::fs::read_to_string(folder.join("new.yaml")).unwrap();
            text.lines().filter(|line| !line.starts_with("generated")).collect::<String>()
        });
        assert_eq!(texts[1], texts[0]);
        let arguments = ["repo", "index", "archives", "--merge", "noversion.yaml"];
        let theirs = answer(helm(version), &folder, &arguments);
        assert_eq!(answer(pintle(version), &folder, &arguments), theirs);
    }
    let (_, error, success) = answer(pintle("4"), &folder, &["repo", "index", "nowhere"]);
    assert!(!success && error.contains("nowhere/index.yaml: no such file or directory"), "{error}");
    assert!(!folder.join("nowhere").exists());
}

/// The files below a folder, with what they hold.
fn files(folder: &Path) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.push((path.clone(), String::new()));
            found.extend(files(&path));
        } else {
            let is_archive = path.extension().is_some_and(|extension| extension == "tgz");
            let text = if is_archive { String::new() } else { std::fs::read_to_string(&path).unwrap() };
            found.push((path, text));
        }
    }
    found.sort();
    found
}

#[test]
fn what_create_makes_is_fine_for_both_helms_and_renders_the_same() {
    let folder = scratch().unwrap();
    let (out, error, success) = answer(pintle("4"), &folder, &["create", "shop"]);
    assert!(success && out == "Creating shop\n", "{out}{error}");
    assert!(files(&folder).iter().all(|(_, text)| !text.contains("<CHARTNAME>")));
    for version in ["3", "4"] {
        let lint = ["lint", "shop", "--strict"];
        let theirs = answer(helm(version), &folder, &lint);
        assert!(theirs.2 && !theirs.0.contains("WARNING"), "{theirs:?}");
        assert_eq!(answer(pintle(version), &folder, &lint), theirs);
        for flags in [
            &[] as &[_],
            &["--set", "ingress.enabled=true,ingress.className=c,ingress.tlsSecret=t"],
            &["--set", "autoscaling.enabled=true,autoscaling.memory=70,serviceAccount.create=false"],
            &["--set", "fullnameOverride=x,image.tag=1,image.pullSecrets={a,b},env.A=1,podLabels.a=b"],
            &["--set", "nodeSelector.a=b,podAnnotations.a=b,serviceAccount.annotations.a=b,affinity.a=b"],
        ] {
            let arguments = [&["template", "web", "shop"], flags].concat();
            let theirs = answer(helm(version), &folder, &arguments);
            assert!(theirs.2, "{theirs:?}");
            assert_eq!(answer(pintle(version), &folder, &arguments), theirs);
        }
    }
}

#[test]
fn create_takes_a_starter_as_helm_does() {
    let folder = scratch().unwrap();
    let starter = folder.join("data/starters/mine");
    for (file, text) in [
        ("Chart.yaml", "apiVersion: v2\nname: mine\nversion: 9.9.9\nicon: http://x\n"),
        ("values.yaml", "# <CHARTNAME>\na: <CHARTNAME>\n"),
        ("values.schema.json", "{\"title\":\"<CHARTNAME>\"}"),
        ("templates/a.yaml", "a: <CHARTNAME>\n"),
        ("templates/NOTES.txt", "<CHARTNAME>\n"),
        ("README.md", "<CHARTNAME>\n"),
        ("crds/a.yaml", "a: <CHARTNAME>\n"),
        (".helmignore", "*.bak\n"),
        ("a.bak", "a"),
        ("charts/dep/Chart.yaml", "apiVersion: v2\nname: dep\nversion: 0.1.0\n"),
    ] {
        write(&starter.join(file), text);
    }
    let path = starter.to_str().unwrap();
    for arguments in [
        &["create", "one", "--starter", "mine"] as &[_],
        &["create", "new/below/one", "-p", path],
        &["create", "one", "-p", "nope"],
        &["create", "data", "-p", "mine"],
    ] {
        for version in ["3", "4"] {
            let made = [helm(version), pintle(version)].map(|command| {
                for place in ["one", "new"] {
                    let _ = std::fs::remove_dir_all(folder.join(place));
                }
                let answer = answer(command, &folder, arguments);
                (answer, files(&folder))
            });
            assert_eq!(made[1], made[0], "{arguments:?} as Helm {version}");
        }
    }
}

#[test]
fn create_refuses_what_helm_refuses_and_warns_of_what_it_overwrites() {
    let folder = scratch().unwrap();
    write(&folder.join("file"), "x");
    let long = "a".repeat(251);
    for name in ["we b", "é", "nope/web", "file", "file/web", &long] {
        for version in ["3", "4"] {
            let theirs = answer(helm(version), &folder, &["create", name]);
            assert_eq!(answer(pintle(version), &folder, &["create", name]), theirs, "{name}");
        }
    }
    write(&folder.join("web/values.yaml"), "x");
    write(&folder.join("web/mine.txt"), "x");
    let (out, _, success) = answer(pintle("4"), &folder, &["create", "web"]);
    let place = folder.join("web/values.yaml").display().to_string();
    let warning = format!("Creating web\nWARNING: File \"{place}\" already exists. Overwriting.\n");
    assert!(success && out == warning, "{out}");
    assert!(folder.join("web/mine.txt").exists() && folder.join("web/charts").is_dir());
}
