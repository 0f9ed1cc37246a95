//! Keys and certificates that templates make: openssl reads them, and finds in them what it finds in Helm's.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "helpers of tests fail by panicking, as tests do"
)]

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use pintle_test_support::{helm4, run};

const TEMPLATE: &str = r#"
{{- $ca := genCA "my-ca" 365 }}
{{- $leaf := genSignedCert "leaf" (list "10.0.0.1" "::1") (list "a.example" "*.b.example") 30 $ca }}
{{- $self := genSelfSignedCert "self é" nil (list "self.example") 10 }}
{{- $curve := genCAWithKey "curve" 100 (genPrivateKey "ecdsa") }}
{{- $edwards := genCAWithKey "edwards" 100 (genPrivateKey "ed25519") }}
{{- $mixed := genSignedCertWithKey "mixed" nil (list "m") 5 $curve (genPrivateKey "ed25519") }}
{{- $own := genSelfSignedCertWithKey "own" nil nil 5 (genPrivateKey "ecdsa") }}
{{- $again := genSignedCert "again" nil nil -3 (buildCustomCert (b64enc $ca.Cert) (b64enc $ca.Key)) }}
{{- range $name, $made := dict "ca" $ca "leaf" $leaf "self" $self "curve" $curve "edwards" $edwards "mixed" $mixed "own" $own "again" $again }}
{{ $name }}.cert: {{ $made.Cert | b64enc }}
{{ $name }}.key: {{ $made.Key | b64enc }}
{{- end }}
dsa.key: {{ genPrivateKey "dsa" | b64enc }}
"#;

/// What one program makes, by name.
fn made_by(program: &mut Command, chart: &Path) -> BTreeMap<String, String> {
    let text = run(program.args(["template", "x"]).arg(chart)).unwrap();
    let lines = text.lines().filter_map(|line| line.split_once(": "));
    let decode = |text: &str| {
        use base64::Engine as _;
        String::from_utf8(base64::engine::general_purpose::STANDARD.decode(text).unwrap()).unwrap()
    };
    lines.filter(|(name, _)| name.contains('.')).map(|(name, text)| (name.to_owned(), decode(text))).collect()
}

fn chart() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("Chart.yaml"), "apiVersion: v2\nname: c\nversion: 1.0.0\n").unwrap();
    std::fs::create_dir(folder.path().join("templates")).unwrap();
    std::fs::write(folder.path().join("templates/a.yaml"), TEMPLATE).unwrap();
    folder
}

/// What openssl says of a text; none where there is no openssl.
fn openssl(arguments: &[&str], input: &str) -> Option<String> {
    let child = Command::new("openssl")
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let mut child = child.ok()?;
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    Some(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// A certificate without what is different each time: its serial number, its dates and the identifiers of its keys.
fn shape(certificate: &str) -> Option<String> {
    let text =
        openssl(&["x509", "-noout", "-text", "-certopt", "no_sigdump,no_pubkey,no_serial"], certificate)?;
    let is_identifier = |line: &str| line.trim().len() == 59 && line.trim().split(':').count() == 20;
    let lines = text.lines().map(|line| match line {
        line if line.contains("Not Before") || line.contains("Not After") => "a date",
        line if is_identifier(line) => "an identifier",
        line => line,
    });
    Some(lines.collect::<Vec<_>>().join("\n"))
}

#[test]
fn keys_and_certificates_are_what_helm_makes() {
    let chart = chart();
    let ours = made_by(&mut Command::new(env!("CARGO_BIN_EXE_pintle")), chart.path());
    let helms = made_by(&mut helm4().unwrap(), chart.path());
    assert_eq!(ours.keys().collect::<Vec<_>>(), helms.keys().collect::<Vec<_>>());
    for (name, text) in &ours {
        assert_eq!(text.lines().next(), helms[name].lines().next(), "{name}");
        assert!(text.ends_with("-----\n"), "{name}");
        if name.ends_with(".cert") {
            assert_eq!(shape(text), shape(&helms[name]), "{name}");
        } else {
            openssl(&["pkey", "-noout", "-check"], text);
        }
    }
}

#[test]
fn a_signed_certificate_verifies_against_its_authority() {
    let chart = chart();
    let made = made_by(&mut Command::new(env!("CARGO_BIN_EXE_pintle")), chart.path());
    for (authority, signed) in [("ca", "leaf"), ("curve", "mixed"), ("self", "self"), ("own", "own")] {
        let file = chart.path().join("authority.pem");
        std::fs::write(&file, &made[&format!("{authority}.cert")]).unwrap();
        openssl(&["verify", "-CAfile", file.to_str().unwrap()], &made[&format!("{signed}.cert")]);
        let of_certificate = openssl(&["x509", "-noout", "-pubkey"], &made[&format!("{signed}.cert")]);
        let of_key = openssl(&["pkey", "-pubout"], &made[&format!("{signed}.key")]);
        assert_eq!(of_certificate, of_key, "{signed}");
    }
}
