//! What a caller of the library relies on beyond Go's own behaviour: limits, overlays, hosts, methods, errors.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use gotemplate::{
    Call, Cause, Execution, Function, FunctionError, FunctionMap, Interruption, LimitError, Limits, Meter,
    MethodMap, Reflected, Templates,
};
use value::{ElementType, Map, MapType, Str, Value};

fn include(call: &mut Call<'_>, name: Str, data: Value) -> Result<Str, FunctionError> {
    Ok(call.execute(&name.to_text(), data)?.into())
}

fn templates(text: &str) -> Templates {
    let functions = FunctionMap::from_iter([("include", Function::with_call(include))]);
    let mut templates = Templates::new("set").with_functions(functions);
    templates.parse("main", text).unwrap();
    templates
}

fn limit_of(text: &str, limits: Limits) -> (LimitError, String) {
    let error = Execution::new(&templates(text)).limits(limits).execute("main", Value::Nil).unwrap_err();
    (error.limit().unwrap(), error.to_string())
}

#[test]
fn an_endless_loop_ends_at_the_step_limit_and_names_its_line() {
    let (limit, text) =
        limit_of("\n{{range 9223372036854775807}}{{end}}", Limits { steps: 10_000, ..Limits::default() });
    assert_eq!(limit, LimitError::Steps(10_000));
    assert!(text.starts_with("template: main:2:8: executing \"main\" at <9223372036854775807>: "), "{text}");
}

#[test]
fn endless_recursion_of_executions_ends_on_a_small_stack() {
    let recursive = r#"{{define "r"}}{{include "r" .}}{{end}}{{include "r" .}}"#;
    let (limit, _) = limit_of(recursive, Limits::default());
    assert_eq!(limit, LimitError::Nesting(200));
}

#[test]
fn the_deepest_parentheses_that_parse_evaluate_on_a_small_stack() {
    let nested = |depth: usize| format!("{{{{print {}1{}}}}}", "(".repeat(depth), ")".repeat(depth));
    assert_eq!(templates(&nested(190)).execute("main", Value::Nil).unwrap(), b"1");
    let (limit, _) = limit_of(&nested(190), Limits { nesting: 100, ..Limits::default() });
    assert_eq!(limit, LimitError::Nesting(100));
    let error = Templates::new("set").parse("main", nested(201)).unwrap_err();
    assert_eq!(error.to_string(), "template: main:1: max expression depth exceeded");
}

#[test]
fn a_limit_is_placed_in_the_text_of_the_expression_that_ran_last() {
    let mut templates = templates("{{template \"other\"}}text");
    templates.parse("other", "\n\n {{print 1}}").unwrap();
    let limits = Limits { output: 6, ..Limits::default() };
    let error = Execution::new(&templates).limits(limits).execute("main", Value::Nil).unwrap_err();
    assert!(
        error.to_string().starts_with("template: other:3:3: executing \"main\" at <print 1>: "),
        "{error}"
    );
}

#[test]
fn actions_nest_to_a_bound() {
    let nested = |depth: usize| "{{if 1}}".repeat(depth) + &"{{end}}".repeat(depth);
    assert_eq!(templates(&nested(500)).execute("main", Value::Nil).unwrap(), b"");
    assert!(Templates::new("set").parse("main", nested(501)).is_err());
    let chain = format!("{{{{if 0}}}}{}{{{{end}}}}", "{{else if 0}}".repeat(10_000));
    assert_eq!(templates(&chain).execute("main", Value::Nil).unwrap(), b"");
}

#[test]
fn output_is_bounded_in_all_executions_together() {
    let text =
        r#"{{define "t"}}{{range 100}}0123456789{{end}}{{end}}{{range 100}}{{$x := include "t" .}}{{end}}"#;
    let (limit, _) = limit_of(text, Limits { output: 5_000, ..Limits::default() });
    assert_eq!(limit, LimitError::Output(5_000));
}

#[test]
fn an_interruption_ends_the_execution() {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    let interrupted = move || (count.fetch_add(1, Ordering::Relaxed) == 3).then_some(Interruption::Cancelled);
    let limits = Limits { interrupted: Some(Arc::new(interrupted)), ..Limits::default() };
    assert_eq!(limit_of("{{range 1000000}}{{end}}", limits).0, LimitError::Cancelled);
    assert_eq!(asked.load(Ordering::Relaxed), 4);
}

#[test]
fn executions_that_share_a_meter_share_the_limits() {
    let set = templates("{{range 100}}{{end}}");
    let mut meter = Meter::new(Limits { steps: 250, ..Limits::default() });
    assert!(Execution::new(&set).metered(&mut meter).execute("main", Value::Nil).is_ok());
    assert!(meter.steps() > 100);
    assert!(Execution::new(&set).metered(&mut meter).execute("main", Value::Nil).is_ok());
    let error = Execution::new(&set).metered(&mut meter).execute("main", Value::Nil).unwrap_err();
    assert_eq!(error.limit(), Some(LimitError::Steps(250)));
}

#[test]
fn what_functions_make_is_bounded_though_it_is_not_kept() {
    let text = r#"{{range 100}}{{$x := print "0123456789" "0123456789"}}{{end}}"#;
    let (limit, _) = limit_of(text, Limits { memory: 1_000, ..Limits::default() });
    assert_eq!(limit, LimitError::Memory(1_000));
}

#[test]
fn an_overlay_keeps_its_definitions_to_itself() {
    let outer = templates(r#"{{define "a"}}outer a{{end}}{{define "b"}}b sees {{template "a"}}{{end}}"#);
    let mut inner = outer.overlay();
    inner.parse("text", r#"{{define "a"}}inner a{{end}}{{template "b"}}"#).unwrap();
    assert_eq!(inner.execute("text", Value::Nil).unwrap(), b"b sees inner a");
    assert_eq!(outer.execute("b", Value::Nil).unwrap(), b"b sees outer a");
    assert!(outer.get("text").is_none());
    let mut third = inner.overlay();
    third.parse("b", "third").unwrap();
    third.parse("a", " ").unwrap();
    assert_eq!(third.execute("b", Value::Nil).unwrap(), b"third");
    assert_eq!(third.execute("a", Value::Nil).unwrap(), b"inner a", "an empty text replaces nothing");
    assert_eq!(third.names(), ["a", "b", "main", "text"]);
}

#[test]
fn an_empty_text_executes_as_itself_within_a_text_of_the_same_name() {
    fn evaluate(call: &mut Call<'_>, text: Str) -> Result<Str, FunctionError> {
        let mut overlay = call.templates().overlay();
        let tree = overlay.parse("text", text.as_bytes()).map_err(FunctionError::other)?;
        Ok(call.execute_in(&overlay, &tree, Value::Nil)?.into())
    }
    let functions = FunctionMap::from_iter([("evaluate", Function::with_call(evaluate))]);
    let mut templates = Templates::new("set").with_functions(functions);
    templates.parse("main", r#"{{evaluate "<{{evaluate ``}}|{{evaluate ` `}}|{{evaluate `x`}}>"}}"#).unwrap();
    assert_eq!(templates.execute("main", Value::Nil).unwrap(), b"<| |x>");
}

#[test]
fn a_function_of_plain_maps_forgets_their_defined_type() {
    let same = Function::new(|map: Map| map);
    let functions = FunctionMap::from_iter([("same", same)]);
    let mut templates = Templates::new("set").with_functions(functions);
    templates.parse("main", r#"{{printf "%T %T" . (same .)}}"#).unwrap();
    let data = Map::new().named("common.Values");
    let output = templates.execute("main", data.into()).unwrap();
    assert_eq!(output, b"common.Values map[string]interface {}");
}

#[test]
fn functions_reach_the_host_in_nested_executions_too() {
    fn count(call: &mut Call<'_>) -> Result<isize, FunctionError> {
        let counter: &mut isize = call.host().ok_or("no counter")?;
        *counter += 1;
        Ok(*counter)
    }
    let functions = FunctionMap::from_iter([
        ("count", Function::with_call(count)),
        ("include", Function::with_call(include)),
    ]);
    let mut templates = Templates::new("set").with_functions(functions);
    templates
        .parse("main", r#"{{count}} {{include "t" .}} {{count}}{{define "t"}}{{count}}{{end}}"#)
        .unwrap();
    let mut counter = 10isize;
    let output = Execution::new(&templates).host(&mut counter).execute("main", Value::Nil).unwrap();
    assert_eq!(output, b"11 12 13");
    assert_eq!(counter, 13);
    let error = templates.execute("main", Value::Nil).unwrap_err();
    assert_eq!(
        error.to_string(),
        "template: main:1:2: executing \"main\" at <count>: error calling count: no counter"
    );
}

#[test]
fn methods_of_named_maps_come_before_their_keys() {
    const VALUES: MapType = MapType { element: ElementType::Interface, name: Some("chart.Values") };
    let table = Function::new(|receiver: Reflected, name: Str| {
        receiver.value().as_map().and_then(|map| map.get(&name)).unwrap_or_default()
    });
    let methods = MethodMap::from_iter([("chart.Values", FunctionMap::from_iter([("Table", table)]))]);
    let values = Map::typed(VALUES);
    values.insert("Table", "hidden");
    values.insert("key", "found");
    let run = |text: &str| {
        let mut templates = Templates::new("set").with_methods(methods.clone());
        templates.parse("main", text).unwrap();
        let output = templates.execute("main", values.clone().into());
        output.map(|output| String::from_utf8(output).unwrap()).map_err(|error| error.to_string())
    };
    assert_eq!(run(r#"{{.Table "key"}} {{"key" | .Table}} {{.key}}"#).unwrap(), "found found found");
    assert_eq!(
        run("{{.Table}}").unwrap_err(),
        "template: main:1:2: executing \"main\" at <.Table>: wrong number of args for Table: want 1 got 0"
    );
}

#[test]
fn errors_keep_the_chain_of_templates() {
    let templates = templates("a\n{{include \"t\" .}}{{define \"t\"}}\n\n {{.x.y}}{{end}}");
    let data = Map::from_iter([("x", Value::int(1))]);
    let error = templates.execute("main", data.into()).unwrap_err();
    let outer = error.failure().unwrap();
    assert_eq!(
        (outer.location.line, outer.location.column, outer.context.as_str()),
        (2, 2, "include \"t\" .")
    );
    let Cause::Function { function, source: FunctionError::Template(inner) } = &outer.cause else {
        unreachable!("include failed by executing a template")
    };
    let inner = inner.failure().unwrap();
    assert_eq!(function, "include");
    assert_eq!((inner.location.line, inner.location.column, inner.executing.as_str()), (4, 5, "t"));
    assert_eq!(inner.cause.to_string(), "can't evaluate field y in type interface {}");
}

#[test]
fn other_delimiters_can_be_set() {
    let mut templates = Templates::new("set").with_delimiters("<<", ">>");
    templates.parse("main", "{{x}} <<- 1 >> <</* c */>>|").unwrap();
    assert_eq!(templates.execute("main", Value::Nil).unwrap(), b"{{x}}1 |");
}
