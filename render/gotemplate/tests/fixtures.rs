//! Runs the cases of `fixtures/template`, which hold what Go's text/template answers.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::fs;
use std::path::Path;

use gotemplate::{Call, Function, FunctionError, FunctionMap, MissingKey, Templates, Variadic};
use value::{ElementType, List, Map, MapType, Str, Value};

/// One case of a file.
struct Case {
    name: String,
    missing_key: MissingKey,
    template: String,
    answer: Result<String, String>,
}

#[test]
fn all_cases_are_answered_as_go_answers_them() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/template");
    let mut failures = Vec::new();
    let mut count = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "txt") {
            for case in cases(&fs::read_to_string(&path).unwrap()) {
                count += 1;
                let answer = run(&case);
                if answer != case.answer {
                    failures.push(format!(
                        "{} in {}\n  expected {:?}\n  got      {answer:?}",
                        case.name,
                        path.display(),
                        case.answer
                    ));
                }
            }
        }
    }
    assert!(count > 100, "only {count} cases found");
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

fn cases(text: &str) -> Vec<Case> {
    text.split("=== ").skip(1).map(parse).collect()
}

fn parse(text: &str) -> Case {
    let (name, rest) = text.split_once('\n').unwrap();
    let (missing_key, rest) = match rest.strip_prefix("missingkey=") {
        Some(rest) => match rest.split_once('\n').unwrap() {
            ("zero", rest) => (MissingKey::Zero, rest),
            ("error", rest) => (MissingKey::Error, rest),
            (other, _) => panic!("unknown option missingkey={other}"),
        },
        None => (MissingKey::Invalid, rest),
    };
    let (template, answer) = rest.split_once("\n---").unwrap();
    let answer = answer.strip_suffix('\n').unwrap();
    let answer = match answer.strip_prefix(" error\n") {
        Some(error) => Err(error.to_owned()),
        None => Ok(answer.strip_prefix('\n').unwrap().to_owned()),
    };
    Case { name: name.to_owned(), missing_key, template: template.to_owned(), answer }
}

fn run(case: &Case) -> Result<String, String> {
    let mut templates = Templates::new("set").with_functions(functions()).with_missing_key(case.missing_key);
    templates.parse("case", &case.template).map_err(|error| error.to_string())?;
    let output = templates.execute("case", data()).map_err(|error| error.to_string())?;
    Ok(String::from_utf8(output).unwrap())
}

fn functions() -> FunctionMap {
    FunctionMap::from_iter([
        ("add", Function::new(|a: isize, b: isize| a + b)),
        ("fail", Function::new(|text: Str| Err::<Str, _>(FunctionError::new(text.to_string())))),
        ("half", Function::new(|number: f64| number / 2.0)),
        ("include", Function::with_call(include)),
        ("list", Function::new(|items: Variadic<Value>| items.0)),
        ("size", Function::new(|map: Map| map.len() as isize)),
        ("upper", Function::new(|text: Str| text.to_text().to_uppercase())),
        ("word", Function::new(|| "word")),
    ])
}

fn include(call: &mut Call<'_>, name: Str, data: Value) -> Result<Str, FunctionError> {
    Ok(call.execute(&name.to_text(), data)?.into())
}

fn data() -> Value {
    let labels = Map::typed(MapType { element: ElementType::String, name: None });
    labels.insert("app", "web");
    labels.insert("tier", "front");
    let deep = Map::from_iter([("a", Map::from_iter([("b", "c")]))]);
    let data = Map::new();
    data.insert("name", "hello");
    data.insert("count", Value::int(7));
    data.insert("ratio", 1.5);
    data.insert("null", Value::Nil);
    data.insert("empty", List::new(Vec::new()));
    data.insert("list", List::new(vec![Value::int(1), "two".into(), Value::Nil]));
    data.insert("labels", labels);
    data.insert("deep", deep);
    data.insert("bytes", Value::Bytes(b"hi".as_slice().into()));
    data.into()
}
