//! Repository indexes with null, doubled or endless entries.

use pintle::source::repository::{IndexEntry, IndexError, versions};

fn read(index: &str) -> Result<Vec<IndexEntry>, IndexError> {
    versions("web", index.as_bytes().chunks(1000))
}

#[test]
fn null_entries_are_passed_over() {
    let index = "apiVersion: v1\nentries:\n  web:\n  - null\n  -\n  - version: 1.0.0\n  - [x]\n  other:\n";
    assert_eq!(read(index).unwrap().len(), 1);
    assert_eq!(read(r#"{"apiVersion":"v1","entries":{"web":[null,{"version":"1.0.0"}]}}"#).unwrap().len(), 1);
    assert!(read("apiVersion: v1\nentries:\n  web: null\n").unwrap().is_empty());
    assert!(read("").is_err());
}

#[test]
fn a_chart_listed_twice_is_refused() {
    let index = "apiVersion: v1\nentries:\n  web:\n  - version: 1.0.0\n  a: []\n  web:\n  - version: 6.6.6\n";
    assert_eq!(read(index).unwrap_err().to_string(), "the index lists the chart web twice");
}

#[test]
fn a_million_entries_stream_by() {
    let head = std::iter::once("apiVersion: v1\nentries:\n".to_owned());
    let others = (0..1_000_000).map(|at| format!("  c{at}:\n  - version: 1.0.0\n    urls: [c{at}.tgz]\n"));
    let last = std::iter::once("  web:\n  - version: 1.2.3\n".to_owned());
    let chunks: Vec<String> = head.chain(others).chain(last).collect();
    let found = versions("web", chunks.iter().map(|chunk| chunk.as_bytes())).unwrap();
    assert_eq!(found[0].version, "1.2.3");
}

#[test]
fn an_entry_without_end_is_refused() {
    let head = b"apiVersion: v1\nentries:\n  web:\n  - version: 1.0.0\n    description: ".as_slice();
    let endless = vec![b'x'; 1 << 20];
    let chunks = std::iter::once(head).chain(std::iter::repeat_n(&endless[..], 200));
    assert!(matches!(versions("web", chunks), Err(IndexError::TooLarge(_))));
}
