//! Archives and folders that lead out of themselves, are larger than they look, or are two charts in one.

use std::process::Command;

use tar::EntryType::{self, Regular};

use crate::attempt::{Attempt, METADATA, link};

const CHART: (&str, EntryType, &[u8]) = ("c/Chart.yaml", Regular, METADATA.as_bytes());

#[test]
fn members_that_lead_out_of_the_archive_refuse_the_whole_of_it() {
    for (name, reason) in [
        ("c/../../x", "illegally references parent directory"),
        ("c//etc/x", "illegally contains absolute paths"),
        ("c\\..\\..\\x", "illegally references parent directory"),
        ("c/c:/x", "contains illegally named files"),
        ("x", "outside the base directory"),
        ("c/.", "outside the base directory"),
    ] {
        let refusal = Attempt::archive(&[CHART, (name, Regular, b"x")]).refused(&[]);
        assert!(refusal.contains(reason), "{name}: {refusal}");
    }
}

#[test]
fn links_and_devices_in_an_archive_are_empty_files() {
    for kind in [EntryType::Symlink, EntryType::Link, EntryType::Fifo, EntryType::Char] {
        let attempt = Attempt::archive(&[
            CHART,
            ("c/link", kind, b"/etc/passwd"),
            ("c/templates/a.yaml", Regular, b"a: {{ .Files.Get \"link\" | len }}"),
        ]);
        assert!(attempt.printed(&[]).ends_with("a: 0\n"), "{kind:?}");
    }
}

#[cfg(unix)]
#[test]
fn links_out_of_a_chart_folder_are_refused() {
    let attempt = Attempt::template("a: {{ .Files.Get \"files/passwd\" | b64enc }}");
    link("/etc/passwd", &attempt.path("c/files/passwd"));
    let refusal = attempt.refused(&[]);
    assert!(refusal.contains("outside"), "{refusal}");
}

#[cfg(unix)]
#[test]
fn loops_and_pipes_in_a_chart_folder_are_refused() {
    let attempt = Attempt::template("a: 1");
    link("loop", &attempt.path("c/files/loop"));
    attempt.refused(&[]);
    let attempt = Attempt::template("a: 1");
    let made = Command::new("mkfifo").arg(attempt.path("c/pipe")).status().unwrap();
    assert!(made.success());
    attempt.refused(&[]);
}

#[test]
fn what_is_larger_than_it_looks_is_refused() {
    let zeros = vec![0; 12 << 20];
    let bomb = Attempt::archive(&[CHART, ("c/zeros", Regular, &zeros)]);
    let refusal = bomb.refused(&[]);
    assert!(refusal.contains("exceeds 400 times its packed size"), "{refusal}");
    let refusal = bomb.refused(&["--limit", "ratio=100000,archive-bytes=8Mi"]);
    assert!(refusal.contains("larger than the maximum size 8388608"), "{refusal}");
}

#[test]
fn a_host_of_empty_files_is_refused() {
    let names: Vec<String> = (0..60_000).map(|at| format!("c/files/{at}")).collect();
    let mut entries = vec![CHART];
    entries.extend(names.iter().map(|name| (name.as_str(), Regular, b"".as_slice())));
    let refusal = Attempt::archive(&entries).refused(&[]);
    assert!(refusal.contains("exceeds 50000 entries"), "{refusal}");
}

#[test]
fn two_charts_in_one_archive_are_refused() {
    let other = METADATA.replace("1.0.0", "6.6.6");
    let refusal = Attempt::archive(&[CHART, ("c/Chart.yaml", Regular, other.as_bytes())]).refused(&[]);
    assert!(refusal.contains("more than one Chart.yaml"), "{refusal}");
}

#[test]
fn charts_within_charts_end() {
    let deep: Vec<(String, &str)> =
        (1..6).map(|level| (format!("{}Chart.yaml", "charts/c/".repeat(level)), METADATA)).collect();
    let files: Vec<(&str, &str)> = deep.iter().map(|(name, text)| (name.as_str(), *text)).collect();
    let refusal = Attempt::with(&files).refused(&["--limit", "chart-depth=4"]);
    assert!(refusal.contains("subcharts nest deeper than 4 levels"), "{refusal}");
}
