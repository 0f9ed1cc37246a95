//! `push` and `registry` beside real Helm, with a registry: what they print, what the registry holds then, and that
//! each uses the logins that the others keep.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "helpers of tests fail by panicking, as tests do"
)]

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use pintle_test_support::{Auth, Registry, RegistryOptions, error_in, helm3, helm4, scratch};

/// Who plays: Helm, or pintle as that Helm.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Player {
    Helm(u8),
    Pintle(u8),
}

const PLAYERS: [Player; 4] = [Player::Helm(3), Player::Helm(4), Player::Pintle(3), Player::Pintle(4)];

/// Standard output, standard error, and whether the command succeeded.
type Answer = (String, String, bool);

impl Player {
    /// A command that works in a folder of its own, with the logins there.
    fn command(self, folder: &Path) -> Command {
        let mut command = match self {
            Self::Helm(3) => helm3().unwrap(),
            Self::Helm(_) => helm4().unwrap(),
            Self::Pintle(version) => {
                let mut command = Command::new(env!("CARGO_BIN_EXE_pintle"));
                command.args(["--helm-version", &version.to_string()]);
                command
            }
        };
        command.current_dir(folder).env("HELM_REGISTRY_CONFIG", folder.join("registry.json"));
        command.env("DOCKER_CONFIG", folder).env("TZ", "Asia/Kolkata");
        command
    }

    fn run(self, folder: &Path, arguments: &[&str], input: &str) -> Answer {
        let mut command = self.command(folder);
        command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        // One that fails early does not read.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        let output = child.wait_with_output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (text(&output.stdout), text(&output.stderr), output.status.success())
    }

    #[track_caller]
    fn must(self, folder: &Path, arguments: &[&str], input: &str) {
        let answer = self.run(folder, arguments, input);
        assert!(answer.2, "{self:?} {arguments:?}: {answer:?}");
    }
}

/// What a registry answers, without the headers.
fn get(registry: &Registry, path: &str) -> Vec<u8> {
    let mut stream = TcpStream::connect(registry.address()).unwrap();
    let accept = "Accept: application/vnd.oci.image.manifest.v1+json";
    let host = registry.address();
    write!(stream, "GET {path} HTTP/1.1\r\nHost: {host}\r\n{accept}\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    let end = answer.windows(4).position(|bytes| bytes == b"\r\n\r\n").unwrap();
    answer.split_off(end + 4)
}

/// A folder with a chart's archive, written at a moment that has a fraction.
fn archive(version: &str) -> (PathBuf, String) {
    const METADATA: &str = "apiVersion: v2\nname: web\ndescription: A <web> & \"é\"\nappVersion: '1.10'\n\
        home: https://home.example/?a=b&c\nsources: [https://a.example, https://b.example]\nkeywords: [a]\n\
        maintainers: [{name: Ann, email: ann@example.com, url: https://a.example}, {name: Bob}]\n\
        annotations: {org.opencontainers.image.title: other, org.opencontainers.image.url: mine, z: <z>}\n\
        dependencies: []\nicon: https://i.example\nkubeVersion: '>1'\n";
    let folder = scratch().unwrap();
    let chart = folder.join("chart");
    std::fs::create_dir_all(chart.join("templates")).unwrap();
    std::fs::write(chart.join("Chart.yaml"), format!("{METADATA}version: {version}\n")).unwrap();
    std::fs::write(chart.join("templates/a.yaml"), "a: {{ .Values.a }}\n").unwrap();
    Player::Helm(4).must(&folder, &["package", "chart"], "");
    let name = format!("web-{version}.tgz");
    let written = std::time::UNIX_EPOCH + std::time::Duration::from_millis(1_700_000_000_700);
    std::fs::File::options().append(true).open(folder.join(&name)).unwrap().set_modified(written).unwrap();
    (folder, name)
}

#[test]
fn push_prints_and_makes_what_helm_does() {
    let registry = Registry::start(&RegistryOptions::default()).unwrap();
    for version in ["1.2.3", "1.2.3-rc.1+build.2"] {
        let (folder, archive) = archive(version);
        for with_provenance in [false, true] {
            if with_provenance {
                std::fs::write(folder.join(format!("{archive}.prov")), "signed").unwrap();
            }
            let pushed = PLAYERS.map(|player| {
                let place = format!("{player:?}").to_lowercase().replace(['(', ')'], "-") + "x";
                let remote = format!("oci://{}/{place}/charts/", registry.address());
                let (out, error, success) =
                    player.run(&folder, &["push", &archive, &remote, "--plain-http"], "");
                assert!(success, "{player:?}: {error}");
                let tag = version.replace('+', "_");
                let manifest = get(&registry, &format!("/v2/{place}/charts/web/manifests/{tag}"));
                let manifest = String::from_utf8(manifest).unwrap();
                assert_eq!(manifest.contains("provenance"), with_provenance, "{manifest}");
                (out.replace(&place, "PLACE"), error.replace(&place, "PLACE"), manifest)
            });
            assert_eq!(pushed[2], pushed[0], "as Helm 3");
            assert_eq!(pushed[3], pushed[1], "as Helm 4");
        }
    }
}

#[test]
fn push_fails_as_helm_does() {
    let registry = Registry::start(&RegistryOptions { auth: Auth::Basic, ..RegistryOptions::default() });
    let registry = registry.unwrap();
    let (folder, archive) = archive("1.2.3");
    let (host, upper) = (registry.address(), format!("oci://{}/UPPER", registry.address()));
    let remote = format!("oci://{host}/charts");
    for arguments in [
        &["push", &archive, "https://r.example/charts"] as &[_],
        &["push", &archive, host],
        &["push", &archive, "localhost:80/charts"],
        &["push", &archive, "charts"],
        &["push", &archive, "./charts:1"],
        &["push", &archive, &upper, "--plain-http"],
        &["push", "nope.tgz", &remote],
        &["push", "chart", &remote],
        &["push", "chart/Chart.yaml", &remote],
        &["push", "chart/templates/a.yaml", &remote],
        &["push", &archive, &remote, "--plain-http", "--username", "user", "--password", "wrong"],
    ] {
        for version in [3, 4] {
            let theirs = Player::Helm(version).run(&folder, arguments, "");
            let ours = Player::Pintle(version).run(&folder, arguments, "");
            assert_eq!(ours, theirs, "{arguments:?} as Helm {version}");
        }
    }
    let arguments = ["push", &archive, &remote, "--plain-http"];
    let (_, theirs, _) = Player::Helm(4).run(&folder, &arguments, "");
    let (_, ours, success) = Player::Pintle(4).run(&folder, &arguments, "");
    assert!(ours.starts_with(theirs.trim_end()) && !success, "{ours} instead of {theirs}");
}

/// Logs in, pushes and pulls, each time as another, so that every pair of them meets.
fn take_turns(auth: Auth) {
    let registry = Registry::start(&RegistryOptions { auth, ..RegistryOptions::default() }).unwrap();
    let host = registry.address();
    let (folder, archive) = archive("1.2.3");
    for (turn, player) in PLAYERS.iter().enumerate() {
        let [second, third] = [1, 2].map(|more| PLAYERS[(turn + more) % PLAYERS.len()]);
        let remote = format!("oci://{host}/private/{turn}");
        let login = ["registry", "login", host, "-u", Registry::USER, "--password-stdin", "--plain-http"];
        player.must(&folder, &login, &format!("{}\n", Registry::PASSWORD));
        second.must(&folder, &["push", &archive, &remote, "--plain-http"], "");
        let chart = format!("{remote}/web");
        std::fs::create_dir(folder.join(turn.to_string())).unwrap();
        third.must(&folder, &["pull", &chart, "--plain-http", "-d", &turn.to_string()], "");
        let pulled = std::fs::read(folder.join(turn.to_string()).join(&archive)).unwrap();
        assert_eq!(pulled, std::fs::read(folder.join(&archive)).unwrap(), "{player:?}");
        second.must(&folder, &["registry", "logout", host], "");
        let (_, error, success) = player.run(&folder, &["push", &archive, &remote, "--plain-http"], "");
        assert!(!success, "{player:?} after {second:?} logged out: {error}");
    }
}

#[test]
fn logins_with_a_password_are_shared_with_helm() {
    take_turns(Auth::Basic);
}

#[test]
fn logins_for_tokens_are_shared_with_helm() {
    take_turns(Auth::Token);
}

#[test]
fn logins_are_kept_as_helm_keeps_them() {
    let registry = Registry::start(&RegistryOptions::default()).unwrap();
    let host = registry.address();
    let files = PLAYERS.map(|player| {
        let folder = scratch().unwrap();
        let file = folder.join("registry.json");
        std::fs::write(&file, r#"{"z":[1],"auths":{"b.example":{"auth":"eDp5"}},"credHelpers":{"a":"b"}}"#)
            .unwrap();
        let login = ["registry", "login", host, "-u", "me", "--password-stdin", "--plain-http"];
        let answers = [
            player.run(&folder, &login, "secret\r\n"),
            player.run(&folder, &["registry", "logout", "nowhere.example"], ""),
            player.run(&folder, &["registry", "logout", "b.example"], ""),
        ];
        let mode = std::fs::metadata(&file).unwrap().permissions().mode() & 0o777;
        (answers, std::fs::read_to_string(&file).unwrap(), mode)
    });
    assert_eq!(files[2], files[0], "as Helm 3");
    assert_eq!(files[3], files[1], "as Helm 4");
    assert_eq!(files[3].2, 0o600);
}

#[test]
fn logins_fail_as_helms_do_and_leave_the_file_alone() {
    let options = RegistryOptions { auth: Auth::Basic, ..RegistryOptions::default() };
    let registry = Registry::start(&options).unwrap();
    let host = registry.address();
    let path = format!("{host}/charts");
    for (version, arguments) in [
        (3, &["login", host, "-u", "user", "--password-stdin", "--plain-http"] as &[_]),
        (4, &["login", host, "-u", "user", "--password-stdin", "--plain-http"]),
        (4, &["login", host, "--password-stdin", "--plain-http"]),
        (3, &["login", "a b", "-u", "user", "--password-stdin", "--plain-http"]),
        (4, &["login", &path, "-u", "user", "--password-stdin", "--plain-http"]),
        (4, &["login", host, "-u", "user", "--plain-http"]),
        (4, &["login", host, "--plain-http"]),
    ] {
        let arguments = [&["registry"], arguments].concat();
        let answers = [Player::Helm(version), Player::Pintle(version)].map(|player| {
            let folder = scratch().unwrap();
            let (out, error, success) = player.run(&folder, &arguments, "");
            assert!(!folder.join("registry.json").exists());
            (out, error_in(&error).to_owned(), success)
        });
        assert_eq!(answers[1], answers[0], "{arguments:?} as Helm {version}");
    }
    let folder = scratch().unwrap();
    let login =
        ["registry", "login", &format!("http://{path}"), "-u", "user", "-p", "password", "--plain-http"];
    let theirs = Player::Helm(3).run(&folder, &login, "");
    assert_eq!(Player::Pintle(3).run(&folder, &login, ""), theirs);
}

#[test]
fn a_registry_that_nobody_vouches_for_is_reached_on_demand_only() {
    let options = RegistryOptions { auth: Auth::Basic, tls: true };
    let registry = Registry::start(&options).unwrap();
    let (folder, archive) = archive("1.2.3");
    let (host, remote) = (registry.address(), format!("oci://{}/charts", registry.address()));
    let login = ["registry", "login", host, "-u", Registry::USER, "--password-stdin"];
    let (_, error, success) = Player::Pintle(4).run(&folder, &login, Registry::PASSWORD);
    assert!(!success && error.starts_with(&format!("Error: authenticating to \"{host}\": ")), "{error}");
    assert!(!folder.join("registry.json").exists());
    Player::Pintle(4).must(&folder, &[&login as &[_], &["--insecure"]].concat(), Registry::PASSWORD);
    let push = ["push", &archive, &remote];
    assert!(!Player::Pintle(4).run(&folder, &push, "").2);
    Player::Pintle(4).must(&folder, &[&push as &[_], &["--insecure-skip-tls-verify"]].concat(), "");
    std::fs::create_dir(folder.join("x")).unwrap();
    let pull = ["pull", &format!("{remote}/web"), "--insecure-skip-tls-verify", "-d", "x"];
    Player::Helm(4).must(&folder, &pull, "");
}

#[test]
fn a_token_server_is_asked_with_the_login_that_is_tried() {
    let options = RegistryOptions { auth: Auth::Token, ..RegistryOptions::default() };
    let registry = Registry::start(&options).unwrap();
    let (host, folder) = (registry.address(), scratch().unwrap());
    let login = ["registry", "login", host, "-u", Registry::USER, "--password-stdin", "--plain-http"];
    let (_, error, success) = Player::Pintle(4).run(&folder, &login, "wrong");
    let want = format!(
        "Error: authenticating to \"{host}\": GET \"http://{host}/v2/\": GET \"http://{host}/token?service=registry\": \
         response status code 401: unauthorized: wrong user or password\n"
    );
    assert_eq!((error, success), (want, false));
    assert!(!folder.join("registry.json").exists());
    Player::Pintle(4).must(&folder, &login, Registry::PASSWORD);
}
