//! Archives and file lists: what loads, and what is refused.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use tar::{Builder, EntryType, Header};

use super::*;

fn archive(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut builder = Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
    for (name, data) in files {
        let mut header = Header::new_gnu();
        // Written by hand: the builder refuses the names that are of interest here.
        header.as_mut_bytes()[..name.len()].copy_from_slice(name.as_bytes());
        header.set_size(data.len() as u64);
        header.set_cksum();
        builder.append(&header, *data).unwrap();
    }
    builder.into_inner().unwrap().finish().unwrap()
}

fn refusal(files: &[(&str, &[u8])], limits: Limits, flavour: Flavour) -> String {
    Chart::load_archive(&archive(files), &limits, flavour).unwrap_err().to_string()
}

const APP: (&str, &[u8]) = ("app/Chart.yaml", b"\xEF\xBB\xBFapiVersion: v2\nname: app\nversion: 1.0.0\n");

#[test]
fn files_are_sorted_by_what_they_are() {
    let sub = archive(&[
        ("sub/Chart.yaml", b"{apiVersion: v1, name: sub, version: 2}"),
        ("sub/values.yaml", b"a: 1"),
    ]);
    let chart = Chart::load_archive(
        &archive(&[
            ("app/templates/a.yaml", b"a"),
            ("app/crds/c.yaml", b"c"),
            ("app/charts/sub-2.tgz", &sub),
            ("app/charts/sub.tgz.prov", b"signature"),
            ("app/charts/_off/Chart.yaml", b"["),
            ("app/values.schema.json", b"{}"),
            APP,
        ]),
        &Limits::default(),
        Flavour::V4,
    )
    .unwrap();
    let names = |files: &[File]| files.iter().map(|file| file.name.clone()).collect::<Vec<_>>();
    assert_eq!(names(chart.templates()), ["templates/a.yaml"]);
    assert_eq!(names(chart.files()), ["crds/c.yaml", "charts/sub.tgz.prov"]);
    assert_eq!(chart.raw().len(), 7);
    assert!(chart.schema().is_some() && chart.values().is_nil() && chart.is_root());
    let [sub] = chart.dependencies() else { panic!("one subchart") };
    assert_eq!((sub.full_path(), sub.metadata().version.as_str()), ("app/charts/sub", "2"));
    assert_eq!(chart.custom_resource_definitions()[0].path, "app/crds/c.yaml");
}

#[test]
fn names_that_lead_out_of_the_chart_are_refused() {
    for (name, problem) in [
        ("app/../../x", "chart illegally references parent directory"),
        ("app//etc/passwd", "chart illegally contains absolute paths"),
        ("x", "chart illegally contains content outside the base directory: \"x\""),
        ("app/c:/x", "chart contains illegally named files"),
    ] {
        let text = refusal(&[APP, (name, b"x")], Limits::default(), Flavour::V3);
        assert_eq!(text, problem, "{name}");
    }
}

#[test]
fn two_of_the_same_metadata_are_refused() {
    let text = refusal(&[APP, ("other/Chart.yaml", b"name: x")], Limits::default(), Flavour::V4);
    assert!(text.contains("more than one Chart.yaml"), "{text}");
}

#[test]
fn sizes_are_bounded_by_what_is_read() {
    let limits = Limits { archive_bytes: 1000, file_bytes: 100, ..Limits::default() };
    let text = refusal(&[APP, ("app/x", &[b'x'; 200])], limits, Flavour::V3);
    assert_eq!(text, "decompressed chart file \"app/x\" is larger than the maximum file size 100");
    let text = refusal(&[APP, ("app/x", &[b'x'; 1200])], limits, Flavour::V4);
    assert_eq!(text, "unable to load chart archive: decompressed chart is larger than the maximum size 1000");
    let many = Limits { entries: 1, ..Limits::default() };
    assert!(refusal(&[APP, ("app/x", b"x")], many, Flavour::V4).contains("exceeds 1 entries"));
    let bomb = vec![0; 9 << 20];
    let dense = Limits { ratio: 100, ..Limits::default() };
    assert!(
        refusal(&[APP, ("app/x", &bomb)], dense, Flavour::V4).contains("exceeds 100 times its packed size")
    );
}

#[test]
fn links_are_empty_files() {
    let mut builder = Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
    let mut header = Header::new_gnu();
    header.set_entry_type(EntryType::Symlink);
    header.set_size(0);
    builder.append_link(&mut header, "app/link", "/etc/passwd").unwrap();
    let mut header = Header::new_gnu();
    header.set_size(APP.1.len() as u64);
    builder.append_data(&mut header, APP.0, APP.1).unwrap();
    let bytes = builder.into_inner().unwrap().finish().unwrap();
    let chart = Chart::load_archive(&bytes, &Limits::default(), Flavour::V4).unwrap();
    assert!(chart.files()[0].data.is_empty());
}

#[test]
fn what_is_no_archive_says_so() {
    let load = |bytes: &[u8], flavour| {
        Chart::load_archive(bytes, &Limits::default(), flavour).unwrap_err().to_string()
    };
    assert_eq!(load(b"apiVersion: v2", Flavour::V3), "gzip: invalid header");
    let whole = archive(&[APP]);
    assert_eq!(load(&whole[..whole.len() / 2], Flavour::V3), "unexpected EOF");
    let mut empty = GzEncoder::new(Vec::new(), Compression::fast());
    empty.write_all(&[0; 1024]).unwrap();
    let text = load(&empty.finish().unwrap(), Flavour::V4);
    assert_eq!(text, "unable to load chart archive: no files in chart archive");
}

#[test]
fn subcharts_nest_to_a_limit() {
    let mut files = vec![("Chart.yaml".to_owned(), APP.1.to_vec())];
    for level in 1..40 {
        files.push((format!("{}Chart.yaml", "charts/a/".repeat(level)), APP.1.to_vec()));
    }
    let error = Chart::load_files(files, &Limits::default(), Flavour::V4).unwrap_err();
    assert!(error.to_string().ends_with("subcharts nest deeper than 32 levels"), "{error}");
}

#[test]
fn old_dependency_files_belong_to_old_charts() {
    let load = |version: &str| {
        let files = vec![
            (
                "Chart.yaml".to_owned(),
                format!("apiVersion: {version}\nname: app\nversion: 1.0.0\n").into_bytes(),
            ),
            ("requirements.yaml".to_owned(), b"dependencies: [{name: db, version: 1.x}]".to_vec()),
        ];
        Chart::load_files(files, &Limits::default(), Flavour::V4).unwrap()
    };
    assert_eq!((load("v1").files().len(), load("v1").warnings().len()), (1, 0));
    assert_eq!((load("v2").files().len(), load("v2").warnings().len()), (0, 1));
    assert_eq!(load("v2").metadata().dependencies.as_ref().unwrap()[0].name, "db");
    let missing = crate::check_dependencies(&load("v2"), Flavour::V4).unwrap_err();
    assert!(missing.to_string().ends_with("missing in charts/ directory: db"), "{missing}");
}
