//! Documents on their way to a program and back.

use std::collections::BTreeMap;

use super::{Program, stream};

const SERVICE: &str =
    "# A comment.\napiVersion: v1\nkind: Service\nmetadata:\n  name: web # here too\nspec: {}\n";

fn files(files: &[(&str, &str)]) -> BTreeMap<String, Vec<u8>> {
    files.iter().map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec())).collect()
}

fn text<'f>(files: &'f BTreeMap<String, Vec<u8>>, name: &str) -> &'f str {
    std::str::from_utf8(&files[name]).unwrap()
}

#[test]
fn what_a_program_leaves_alone_comes_back_byte_for_byte() {
    let documents = [
        SERVICE,
        "kind: A\nmetadata:\n  annotations:\n    a: b\n  name: x\n",
        "kind: B\n",
        "kind: D\nmetadata:\n  name: x\n  labels: {a: b}\n\n\n",
    ];
    for document in documents {
        let before = files(&[("c/templates/it's.yaml", document)]);
        let stream = stream::annotated(&before).unwrap();
        assert!(String::from_utf8_lossy(&stream).contains("postrender-filename: 'c/templates/it''s.yaml'"));
        let after = stream::by_file(&stream).unwrap();
        assert_eq!(text(&after, "c/templates/it's.yaml").trim(), document.trim(), "{document}");
    }
}

#[test]
fn documents_in_flow_style_are_printed_anew() {
    for document in [
        "{kind: A, metadata: {name: x}}\n",
        "kind: A\nmetadata: {name: x, annotations: {}}\n",
        "kind: A\nmetadata: {annotations: }\n",
    ] {
        let stream = stream::annotated(&files(&[("f.yaml", document)])).unwrap();
        let after = stream::by_file(&stream).unwrap();
        assert!(text(&after, "f.yaml").starts_with("kind: A\n"), "{after:?}");
        assert!(!text(&after, "f.yaml").contains("postrender"));
    }
}

#[test]
fn documents_go_back_to_their_files_and_new_ones_get_a_name() {
    let stream =
        stream::annotated(&files(&[("b.yaml", "kind: B\n---\nkind: C\n"), ("a.yaml", "kind: A")])).unwrap();
    let stream = [&stream[..], b"---\nkind: New\n"].concat();
    let after = stream::by_file(&stream).unwrap();
    let names: Vec<_> = after.keys().map(String::as_str).collect();
    assert_eq!(names, ["a.yaml", "b.yaml", "generated-by-postrender-3.yaml"]);
    assert_eq!(text(&after, "b.yaml"), "kind: B\n---\nkind: C\n");
}

#[cfg(unix)]
#[test]
fn a_program_gets_its_arguments_and_its_errors_are_told() {
    let shell = |script: &str| Program::find("sh", vec!["-c".into(), script.into()]).unwrap();
    assert_eq!(shell("cat; echo end").run(b"in\n").unwrap(), b"in\nend\n");
    assert_eq!(shell("exec <&-; echo end").run(&vec![b'x'; 1 << 20]).unwrap(), b"end\n");
    let error = shell("echo why >&2; exit 3").run(b"").unwrap_err().to_string();
    assert!(error.ends_with(". error output:\nwhy\n: exit status 3"), "{error}");
    let error = Program::find("no-such-program", Vec::new()).unwrap_err().to_string();
    assert!(error.starts_with("unable to find binary at no-such-program: exec: "), "{error}");
}
