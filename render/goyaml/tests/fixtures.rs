//! The facts of `fixtures/yaml`: documents and what Go's libraries answer.

#![expect(clippy::unwrap_used, reason = "a test that can't read its cases has to fail")]

use goyaml::Options;
use value::Value;

/// One fact: its name, the document, the answer.
struct Fact {
    name: String,
    document: String,
    answer: String,
}

fn facts(file: &str) -> Vec<Fact> {
    let path = format!("{}/../../fixtures/yaml/{file}", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).unwrap();
    let parts = text.split("\n>>> ").skip(1);
    parts
        .map(|part| {
            let (name, rest) = part.split_once('\n').unwrap();
            let (document, answer) = rest.split_once("\n=>\n").unwrap();
            Fact { name: name.to_owned(), document: document.replace('␍', "\r"), answer: answer.to_owned() }
        })
        .collect()
}

fn check(file: &str, answer: impl Fn(&str) -> Result<String, String>) {
    for fact in facts(file) {
        let answer = answer(&fact.document).unwrap_or_else(|error| format!("! {error}"));
        // The blank line between two facts is no part of an answer.
        assert_eq!(
            answer.trim_end_matches('\n'),
            fact.answer.trim_end_matches('\n'),
            "{file}: {}",
            fact.name
        );
    }
}

fn read(document: &str, strict: bool) -> Result<String, String> {
    let options = Options { strict, ..Options::default() };
    let text = format!("{document}\n");
    let value = goyaml::parse_with(text.as_bytes(), &options).map_err(|error| error.to_string())?;
    value::json::to_string(&value).map_err(|error| error.to_string())
}

fn json(document: &str) -> Value {
    value::json::from_slice(document.as_bytes()).unwrap()
}

#[test]
fn documents_read_as_go_reads_them() {
    check("read.txt", |document| read(document, false));
}

#[test]
fn strict_reading_refuses_what_go_refuses() {
    check("strict.txt", |document| read(document, true));
}

#[test]
fn values_print_as_sigs_yaml_prints_them() {
    check("print.txt", |document| goyaml::to_yaml(&json(document)).map_err(|error| error.to_string()));
}

#[test]
fn values_print_as_yaml_v3_prints_them() {
    check("pretty.txt", |document| {
        goyaml::to_yaml_pretty(&json(document)).map_err(|error| error.to_string())
    });
}

#[test]
fn what_is_printed_reads_back_as_it_was() {
    for file in ["print.txt", "pretty.txt"] {
        for fact in facts(file) {
            let value = json(&fact.document);
            for text in [goyaml::to_yaml(&value), goyaml::to_yaml_pretty(&value)] {
                let text = text.unwrap();
                assert_eq!(goyaml::parse(text.as_bytes()).as_ref(), Ok(&value), "{}: {text}", fact.name);
            }
        }
    }
}
