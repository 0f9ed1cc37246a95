//! Provenance beside real Helm: what either has signed the other verifies, and what is not good both refuse, in the same
//! words.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "helpers of tests fail by panicking, as tests do"
)]

mod provenance_support;

use std::path::{Path, PathBuf};

use pintle_test_support::{Registry, RegistryOptions, run, scratch};

use self::provenance_support::{
    Answer, Files, answer, answer_of, at_home, fixture, helm, owner, pintle, sign,
};

const VERSIONS: [&str; 2] = ["3", "4"];

#[track_caller]
fn assert_as_helm(folder: &Path, arguments: &[&str]) {
    for version in VERSIONS {
        let theirs = answer(helm(version), folder, arguments);
        assert_eq!(answer(pintle(version), folder, arguments), theirs, "{arguments:?} as Helm {version}");
    }
}

/// A folder with the archive of the fixtures, and this provenance beside it.
fn fixture_beside(provenance: &str) -> PathBuf {
    let folder = scratch().unwrap();
    std::fs::write(folder.join("web-1.0.0.tgz"), "archive").unwrap();
    std::fs::copy(fixture(provenance), folder.join("web-1.0.0.tgz.prov")).unwrap();
    folder
}

#[test]
fn what_helm_has_signed_is_verified() {
    for (signer, key) in
        [("3", "rsa"), ("4", "rsa"), ("4", "ed25519"), ("3", "p256"), ("4", "dsa"), ("4", "v6-ed25519")]
    {
        let folder = scratch().unwrap();
        sign(helm(signer), &folder, "shop", key);
        for ring in ["keyring.gpg", "secret.gpg"] {
            assert_as_helm(&folder, &["verify", "shop-1.2.3.tgz", "--keyring", &fixture(ring)]);
        }
        let (text, error, is_good) =
            answer(pintle("4"), &folder, &["verify", "shop-1.2.3.tgz", "--keyring", &fixture("keyring.gpg")]);
        assert!(is_good && text.contains("Chart Hash Verified: sha256:"), "{key}: {text}{error}");
    }
}

#[test]
fn every_signature_is_judged_as_helm_judges_it() {
    let entries = std::fs::read_dir(fixture("")).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let names: Vec<String> = names.filter(|name| name.ends_with(".prov")).collect();
    assert!(names.len() > 20, "{names:?}");
    let sorted = |(text, error, is_good): Answer| {
        // Helm has no order among the identities of a key.
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        lines.sort();
        (lines, error, is_good)
    };
    for name in names {
        let folder = fixture_beside(&name);
        let arguments = ["verify", "web-1.0.0.tgz", "--keyring", &fixture("keyring.gpg")];
        let theirs = sorted(answer(helm("4"), &folder, &arguments));
        assert_eq!(sorted(answer(pintle("4"), &folder, &arguments)), theirs, "{name}");
    }
}

#[test]
fn keyrings_of_all_kinds_are_read_and_refused_as_helm_does() {
    let folder = fixture_beside("rsa.prov");
    let write = |name: &str, bytes: &[u8]| std::fs::write(folder.join(name), bytes).unwrap();
    let ring = std::fs::read(fixture("keyring.gpg")).unwrap();
    write("empty", b"");
    write("text", b"hello world");
    write("cut", &ring[..100]);
    write("message.asc", &std::fs::read(fixture("rsa.prov")).unwrap());
    write("again.gpg", &[&ring[..], &ring[..]].concat());
    std::fs::create_dir(folder.join("folder")).unwrap();
    let here = ["empty", "text", "cut", "again.gpg", "folder", "nope"].map(str::to_owned);
    let fixtures = ["keyring.gpg", "keyring.asc", "keyring.kbx", "legacy.gpg", "secret.gpg", "stranger.gpg"];
    for ring in here.into_iter().chain(fixtures.map(fixture)) {
        assert_as_helm(&folder, &["verify", "web-1.0.0.tgz", "--keyring", &ring]);
    }
    for version in VERSIONS {
        let arguments = ["verify", "web-1.0.0.tgz", "--keyring", "message.asc"];
        let (_, error, is_good) = answer(pintle(version), &folder, &arguments);
        assert!(!is_good && error.starts_with("Error: failed to load keyring: "), "{error}");
    }
}

#[test]
fn without_a_keyring_gnupgs_is_taken() {
    let folder = fixture_beside("rsa.prov");
    let home = folder.join("gnupg");
    std::fs::create_dir(&home).unwrap();
    let assert_same = || {
        for version in VERSIONS {
            let [theirs, ours] = [helm(version), pintle(version)].map(|mut command| {
                command.env("GNUPGHOME", &home);
                answer(command, &folder, &["verify", "web-1.0.0.tgz"])
            });
            assert_eq!(ours, theirs, "as Helm {version}");
        }
    };
    assert_same();
    std::fs::copy(fixture("keyring.kbx"), home.join("pubring.kbx")).unwrap();
    assert_same();
    std::fs::copy(fixture("legacy.gpg"), home.join("pubring.gpg")).unwrap();
    assert_same();
}

#[test]
fn archives_that_nobody_vouches_for_are_refused_as_helm_refuses_them() {
    let folder = scratch().unwrap();
    let ring = fixture("keyring.gpg");
    sign(helm("4"), &folder, "shop", "rsa");
    let copy = |to: &str, with_provenance: bool| {
        std::fs::create_dir_all(folder.join(to).parent().unwrap()).unwrap();
        std::fs::copy(folder.join("shop-1.2.3.tgz"), folder.join(to)).unwrap();
        if with_provenance {
            std::fs::copy(folder.join("shop-1.2.3.tgz.prov"), folder.join(format!("{to}.prov"))).unwrap();
        }
    };
    copy("unsigned/shop-1.2.3.tgz", false);
    copy("renamed/other-1.2.3.tgz", true);
    copy("renamed/shop-1.2.3.TGZ", true);
    copy("renamed/shop-1.2.3.zip", true);
    copy("changed/shop-1.2.3.tgz", true);
    std::fs::write(folder.join("changed/shop-1.2.3.tgz"), "\u{1f}other").unwrap();
    copy("forged/shop-1.2.3.tgz", true);
    let text = std::fs::read_to_string(folder.join("shop-1.2.3.tgz.prov")).unwrap();
    std::fs::write(folder.join("forged/shop-1.2.3.tgz.prov"), text.replace("name: shop", "name: shep"))
        .unwrap();
    copy("garbage/shop-1.2.3.tgz", false);
    std::fs::write(folder.join("garbage/shop-1.2.3.tgz.prov"), "garbage").unwrap();
    copy("directory/shop-1.2.3.tgz", false);
    std::fs::create_dir(folder.join("directory/shop-1.2.3.tgz.prov")).unwrap();
    for path in [
        "shop-1.2.3.tgz",
        "nope.tgz",
        "unsigned",
        "unsigned/shop-1.2.3.tgz",
        "renamed/./../unsigned/shop-1.2.3.tgz",
        "renamed/other-1.2.3.tgz",
        "renamed/shop-1.2.3.TGZ",
        "renamed/shop-1.2.3.zip",
        "changed/shop-1.2.3.tgz",
        "forged/shop-1.2.3.tgz",
        "garbage/shop-1.2.3.tgz",
        "directory/shop-1.2.3.tgz",
    ] {
        assert_as_helm(&folder, &["verify", path, "--keyring", &ring]);
        for command in [&["show", "chart"][..], &["template", "web"]] {
            assert_as_helm(&folder, &[command, &[path, "--verify", "--keyring", &ring]].concat());
        }
    }
    for path in ["unsigned", "unsigned/shop-1.2.3.tgz", "forged/shop-1.2.3.tgz"] {
        let verify = [path, "--verify", "--keyring", &ring];
        assert_as_helm(&folder, &[&["install", "web"][..], &verify].concat());
    }
    assert_as_helm(
        &folder,
        &["template", "shop-1.2.3.tgz", "--verify", "--keyring", &fixture("stranger.gpg")],
    );
    let (_, error, _) = answer(
        pintle("4"),
        &folder,
        &["explain", "forged/shop-1.2.3.tgz", ".kind", "--verify", "--keyring", &ring],
    );
    assert_eq!(error, "Error: openpgp: invalid signature: RSA verification failure\n");
}

#[test]
fn what_pintle_has_signed_is_verified_by_helm() {
    let ring = fixture("keyring.gpg");
    for key in ["rsa", "ed25519", "p256", "dsa", "v6-ed25519", "v6-ed448", "v6-rsa"] {
        let folder = scratch().unwrap();
        sign(pintle("4"), &folder, "shop", key);
        let arguments = ["verify", "shop-1.2.3.tgz", "--keyring", &ring];
        assert_as_helm(&folder, &arguments);
        let (text, error, is_good) = answer(helm("4"), &folder, &arguments);
        assert!(is_good && text.starts_with(&format!("Signed by: {}\n", owner(key))), "{key}: {text}{error}");
    }
}

#[test]
fn the_text_that_is_signed_is_helms() {
    let texts = [pintle("3"), pintle("4"), helm("4")].map(|command| {
        let folder = scratch().unwrap();
        sign(command, &folder, "shop", "rsa");
        let text = std::fs::read_to_string(folder.join("shop-1.2.3.tgz.prov")).unwrap();
        // The archives differ, and so do their digests.
        let end = text.find("sha256:").unwrap();
        (text[..end].to_owned(), text[end + 71..].starts_with("\n\n-----BEGIN PGP SIGNATURE-----\n\n"))
    });
    assert_eq!(texts[0], texts[2]);
    assert_eq!(texts[1], texts[2]);
    assert!(texts[2].1);
}

#[test]
fn keys_are_found_and_unlocked_as_helm_does_it() {
    let folder = scratch().unwrap();
    let chart = format!("{}/fixtures/charts/shop", env!("CARGO_MANIFEST_DIR"));
    let (secret, public) = (fixture("secret.gpg"), fixture("keyring.gpg"));
    std::fs::write(folder.join("right"), "canary\nmore").unwrap();
    std::fs::write(folder.join("wrong"), "canard\n").unwrap();
    std::fs::write(folder.join("empty"), "").unwrap();
    let key = owner("rsa");
    for flags in [
        &["--keyring", &secret][..],
        &["--key", "", "--keyring", &secret],
        &["--key", "nobody", "--keyring", &secret],
        &["--key", "example", "--keyring", &secret],
        &["--key", "locked", "--keyring", "nope"],
        &["--key", "locked", "--keyring", "right"],
        &["--key", &key, "--keyring", &public],
        &["--key", &key, "--keyring", &secret],
        &["--key", &key, "--keyring", &secret, "--passphrase-file", "nope"],
        &["--key", "locked", "--keyring", &secret, "--passphrase-file", "nope"],
        &["--key", "locked", "--keyring", &secret, "--passphrase-file", "empty"],
        &["--key", "locked", "--keyring", &secret, "--passphrase-file", "wrong"],
        &["--key", "locked", "--keyring", &secret, "--passphrase-file", "right"],
    ] {
        assert_as_helm(&folder, &[&["package", &chart, "--sign", "--destination", "to"][..], flags].concat());
    }
    let arguments = ["package", &chart, "--sign", "--key", "locked", "--keyring", &secret];
    let (_, error, is_good) = answer(pintle("4"), &scratch().unwrap(), &arguments);
    let expected = "Error: the key \"locked <locked@example.com>\" is locked by a passphrase: give it with --passphrase-file\n";
    assert_eq!((error.as_str(), is_good), (expected, false));
}

#[test]
fn one_passphrase_on_standard_input_does_for_several_charts() {
    let folder = scratch().unwrap();
    let charts =
        ["shop", "adapter"].map(|name| format!("{}/fixtures/charts/{name}", env!("CARGO_MANIFEST_DIR")));
    let mut command = pintle("4");
    command.args(["package", &charts[0], &charts[1], "--sign", "--key", "locked", "--passphrase-file", "-"]);
    command.args(["--keyring", &fixture("secret.gpg"), "--destination"]).arg(&folder);
    let mut running = command.stdin(std::process::Stdio::piped()).spawn().unwrap();
    std::io::Write::write_all(&mut running.stdin.take().unwrap(), b"canary\n").unwrap();
    assert!(running.wait().unwrap().success());
    let signed = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path());
    assert_eq!(
        signed.filter(|path| path.extension().is_some_and(|extension| extension == "prov")).count(),
        2
    );
}

/// A folder to be served, with a chart that is signed, one that is not, one whose provenance was changed, and one that
/// has a build in its version.
fn published() -> PathBuf {
    let folder = scratch().unwrap();
    for chart in ["shop", "bare", "forged"] {
        sign(helm("4"), &folder, chart, "rsa");
    }
    std::fs::remove_file(folder.join("bare-1.2.3.tgz.prov")).unwrap();
    let forged = folder.join("forged-1.2.3.tgz.prov");
    let text = std::fs::read_to_string(&forged).unwrap();
    std::fs::write(&forged, text.replace("name: forged", "name: farged")).unwrap();
    sign(helm("4"), &folder, "built", "rsa");
    let (_, error, is_good) = answer(helm("4"), &folder, &["repo", "index", "."]);
    assert!(is_good, "{error}");
    folder
}

/// Pulls as both do, and compares what is written too, unless Helm has written what it refuses.
#[track_caller]
fn assert_pulls_as_helm(arguments: &[&str]) {
    for version in VERSIONS {
        let [(theirs, theirs_in), (ours, ours_in)] = [helm(version), pintle(version)].map(|command| {
            let folder = scratch().unwrap();
            (answer(command, &folder, &[&["pull"], arguments].concat()), folder)
        });
        assert_eq!(ours, theirs, "{arguments:?} as Helm {version}");
        let files = |folder: &Path| {
            let mut files: Vec<(String, Vec<u8>)> = std::fs::read_dir(folder)
                .unwrap()
                .map(|entry| entry.unwrap())
                .filter(|entry| entry.path().is_file())
                .map(|entry| (entry.file_name().into_string().unwrap(), std::fs::read(entry.path()).unwrap()))
                .collect();
            files.sort();
            files
        };
        match theirs.2 {
            true => assert_eq!(files(&ours_in), files(&theirs_in), "{arguments:?} as Helm {version}"),
            false => assert_eq!(files(&ours_in), [], "{arguments:?} as Helm {version}"),
        }
    }
}

#[test]
fn charts_of_a_repository_are_verified() {
    let server = Files::serve(published());
    let (url, ring) = (server.url(), fixture("keyring.gpg"));
    let verify = ["--verify", "--keyring", ring.as_str()];
    for chart in ["shop", "bare", "forged", "built"] {
        assert_pulls_as_helm(&[chart, "--repo", url, "--prov"]);
        assert_pulls_as_helm(&[&[chart, "--repo", url][..], &verify].concat());
        let address = format!("{url}/{chart}-1.2.3{}.tgz", if chart == "built" { "+b1" } else { "" });
        assert_pulls_as_helm(&[&address, "--prov"]);
        assert_pulls_as_helm(&[&[address.as_str()][..], &verify].concat());
        let folder = scratch().unwrap();
        for command in [&["template", "web"][..], &["show", "values"]] {
            assert_as_helm(&folder, &[command, &[chart, "--repo", url], &verify].concat());
            assert_as_helm(&folder, &[command, &[address.as_str()], &verify].concat());
        }
    }
    let stranger = fixture("stranger.gpg");
    assert_pulls_as_helm(&["shop", "--repo", url, "--verify", "--keyring", &stranger]);
    assert_pulls_as_helm(&["shop", "--repo", url, "--verify", "--keyring", "nope"]);
    assert_pulls_as_helm(&[&["shop", "--repo", url, "--untar"][..], &verify].concat());
}

#[test]
fn charts_of_a_registry_are_verified() {
    let folder = published();
    let registry = Registry::start(&RegistryOptions::default()).unwrap();
    let base = format!("oci://{}/charts", registry.address());
    for archive in ["shop-1.2.3.tgz", "bare-1.2.3.tgz", "forged-1.2.3.tgz", "built-1.2.3+b1.tgz"] {
        let (_, error, is_good) = answer(helm("4"), &folder, &["push", archive, &base, "--plain-http"]);
        assert!(is_good, "{error}");
    }
    let ring = fixture("keyring.gpg");
    let verify = ["--plain-http", "--verify", "--keyring", ring.as_str()];
    for chart in ["shop", "bare", "forged", "built"] {
        let reference = format!("{base}/{chart}");
        assert_pulls_as_helm(&[&reference, "--plain-http"]);
        assert_pulls_as_helm(&[&reference, "--plain-http", "--prov"]);
        assert_pulls_as_helm(&[&[reference.as_str()][..], &verify].concat());
        let version = if chart == "built" { "1.2.3+b1" } else { "1.2.3" };
        assert_pulls_as_helm(&[&[reference.as_str(), "--version", version][..], &verify].concat());
        let (told, error, _) =
            answer(pintle("4"), &scratch().unwrap(), &["pull", &reference, "--plain-http"]);
        let digest = told.lines().find_map(|line| line.strip_prefix("Digest: ")).expect(&error);
        let pinned = format!("{reference}@{digest}");
        assert_pulls_as_helm(&[&pinned, "--plain-http", "--prov"]);
        assert_pulls_as_helm(&[&[pinned.as_str()][..], &verify].concat());
        let here = scratch().unwrap();
        for command in [&["template", "web"][..], &["show", "values"]] {
            assert_as_helm(&here, &[command, &[reference.as_str()], &verify].concat());
        }
    }
}

#[test]
fn dependencies_are_verified() {
    let server = Files::serve(published());
    let (url, ring) = (server.url(), fixture("keyring.gpg"));
    let verify = ["--verify", "--keyring", ring.as_str()];
    for (chart, has_lock) in [
        ("shop", false),
        ("bare", false),
        ("forged", false),
        ("shop", true),
        ("bare", true),
        ("forged", true),
    ] {
        for version in VERSIONS {
            let answers = [helm(version), pintle(version)].map(|command| {
                let (home, folder) = (scratch().unwrap(), scratch().unwrap());
                let metadata = format!(
                    "apiVersion: v2\nname: of\nversion: 1.0.0\ndependencies:\n- name: {chart}\n  version: 1.2.3\n  \
                     repository: {url}\n"
                );
                std::fs::write(folder.join("Chart.yaml"), metadata).unwrap();
                run(at_home(helm(version), &home).args(["repo", "add", "published", url])).unwrap();
                let action = if has_lock { "build" } else { "update" };
                if has_lock {
                    run(at_home(helm(version), &home).args(["dependency", "update"]).arg(&folder)).unwrap();
                    std::fs::remove_dir_all(folder.join("charts")).unwrap();
                }
                let arguments = [&["dependency", action][..], &verify].concat();
                let (text, error, is_good) = answer_of(at_home(command, &home), &folder, &arguments);
                let archive = folder.join(format!("charts/{chart}-1.2.3.tgz"));
                (without_skipped(&text), error, is_good, archive.exists())
            });
            let [theirs, ours] = answers;
            assert_eq!(ours, theirs, "{chart} as Helm {version}, with a lock: {has_lock}");
        }
    }
}

/// Helm tells that it does not take the provenance for a chart, with the name of a folder of its own in it.
fn without_skipped(text: &str) -> String {
    let lines = text.lines().map(|line| line.rsplit_once("(Skipping)").map_or(line, |(_, rest)| rest));
    lines.map(|line| format!("{line}\n")).collect()
}
