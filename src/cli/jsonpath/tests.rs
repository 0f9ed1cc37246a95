use super::*;

fn text(template: &str) -> Result<String, String> {
    let data = goyaml::parse(
        b"a: 1\nbig: 1e6\nlist: [1, 2, 3]\nobjs: [{name: x, v: 1, f: 1.5}, {name: z, v: 2, f: 2.5}]\nm: {x.y: z, k: {nil: null}}\n",
    );
    let template = Template::parse(template).map_err(|error| error.to_string())?;
    Ok(String::from_utf8(template.text(&data.unwrap())).unwrap())
}

#[test]
fn paths_lead_to_values() {
    for (template, want) in [
        ("{.a} {.big}", "1 1e+06"),
        ("{.list}{.list[-1]}{.list[0,2]}{.list[::2]}", "[1,2,3]31 31 3"),
        (r"{.m.x\.y}", "z"),
        ("{.m.k}", r#"{"nil":null}"#),
        ("{..name}", "x z"),
        ("{.objs[*]['name','f']}", "x z 1.5 2.5"),
        ("{.objs[?(@.name==\"z\")].f}", "2.5"),
        ("{.objs[?(@.f>2.0)].name}", "z"),
        ("{range .objs[*]}{.name}={.v}{\"\\n\"}{end}.", "x=1\nz=2\n."),
    ] {
        assert_eq!(text(template).as_deref(), Ok(want), "{template}");
    }
}

#[test]
fn what_does_not_fit_leaves_nothing() {
    // Of the last, one number is a float, as all of YAML are, and the other an int.
    for template in ["x{.nope}", "{.a.b}", "{.list[9]}", "{.m[0]}", "{end}", "{.objs[?(@.v==1)].name}"] {
        assert_eq!(text(template).as_deref(), Ok(""), "{template}");
    }
}

#[test]
fn what_can_not_be_read_is_told_in_kubernetes_words() {
    for (template, want) in [
        ("{.a", "unclosed action"),
        ("{.list[x]}", "invalid array index x"),
        ("{.a]}", "unrecognized character in action: U+005D ']'"),
        ("{\"a}", "unterminated quoted string"),
        ("{.objs[?(@.v==1)}", "unclosed array expect ]"),
        ("{1.2.3}", "cannot parse number 1.2.3"),
    ] {
        assert_eq!(text(template), Err(want.to_owned()), "{template}");
    }
}
