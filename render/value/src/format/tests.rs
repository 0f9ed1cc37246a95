//! What Go's `fmt` prints.

use super::*;
use crate::{IntType, List, Map, Object, UintType};

fn printed(format: &str, arguments: &[Value]) -> String {
    String::from_utf8(sprintf(format.as_bytes(), arguments)).unwrap()
}

/// The same argument for as many verbs as there are.
fn repeated(format: &str, argument: impl Into<Value>) -> String {
    let verbs = format.matches('%').count();
    printed(format, &vec![argument.into(); verbs])
}

#[test]
fn integers() {
    for (format, number, text) in [
        (
            "%d|%5d|%-5d|%05d|%+d|% d|%x|%#X|%o|%#o|%O|%b|%#b",
            7,
            "7|    7|7    |00007|+7| 7|7|0X7|7|07|0o7|111|0b111",
        ),
        ("%c %q %U %#U", 233, "é 'é' U+00E9 U+00E9 'é'"),
        ("%.3d|%8.3d|%+.3d", -7, "-007|    -007|-007"),
        ("%.0d|%5.0d|", 0, "|     |"),
    ] {
        assert_eq!(repeated(format, Value::int(number)), text);
    }
    assert_eq!(repeated("%#v %v", Value::Uint(UintType::Uint64, 10)), "0xa 10");
}

#[test]
fn floats() {
    assert_eq!(
        repeated("%v %e %E %f %F %g %G %b %x %X", 1.5),
        "1.5 1.500000e+00 1.500000E+00 1.500000 1.500000 1.5 1.5 6755399441055744p-52 0x1.8p+00 0X1.8P+00"
    );
    assert_eq!(
        repeated("%6.2f|%-8.1f|%+.0f|%08.3f|%#g|%.3g|%#.3x", 2.81828),
        "  2.82|2.8     |+3|0002.818|2.81828|2.82|0x1.68cp+01"
    );
    assert_eq!(repeated("%v %s", 1e6), "1e+06 %!s(float64=1e+06)");
    assert_eq!(repeated("%v %5.1f %+g", f64::NAN), "NaN   NaN +NaN");
    assert_eq!(repeated("%v %06v", f64::INFINITY), "+Inf   +Inf");
    assert_eq!(repeated("%v %#v %8.2f", Value::Complex(1.0, -2.0)), "(1-2i) (1-2i) (    1.00   -2.00i)");
    assert_eq!(repeated("%.70000f", 0.5).len(), 70_002);
}

#[test]
fn strings() {
    assert_eq!(
        repeated("%s|%5s|%-5s|%.1s|%q|%+q|%#q|%x|% X|%#x", "aé"),
        "aé|   aé|aé   |a|\"aé\"|\"a\\u00e9\"|`aé`|61c3a9|61 C3 A9|0x61c3a9"
    );
    let invalid = Value::Str(Str::from(b"\xff".as_slice()));
    assert_eq!(sprintf(b"%s", std::slice::from_ref(&invalid)), b"\xff");
    assert_eq!(repeated("%#v %q", invalid), r#""\xff" "\xff""#);
}

#[test]
fn wrong_formats_show() {
    assert_eq!(repeated("%t|%5t|%d", true), "true| true|%!d(bool=true)");
    assert_eq!(repeated("%v %s %d %T %p", Value::Nil), "<nil> %!s(<nil>) %!d(<nil>) <nil> %!p(<nil>)");
    assert_eq!(repeated("%z %d", "a"), "%!z(string=a) %!d(string=a)");
    let one = Value::int(1);
    let two = Value::int(2);
    assert_eq!(printed("%d %d", std::slice::from_ref(&one)), "1 %!d(MISSING)");
    assert_eq!(printed("%d", &vec![one.clone(); 3]), "1%!(EXTRA int=1, int=1)");
    assert_eq!(
        printed("%[2]d %[1]d %[3]d %[x]d", &[one.clone(), two.clone()]),
        "2 1 %!d(BADINDEX) %!d(BADINDEX)"
    );
    let stars = [Value::int(5), one.clone(), Value::int(5), one, two, 1.5.into()];
    assert_eq!(printed("%*d|%-*d|%.*f", &stars), "    1|1    |1.50");
    assert_eq!(printed("%*d", &["a".into(), Value::int(1)]), "%!(BADWIDTH)1");
    assert_eq!(printed("%!|%", &[]), "%!!(MISSING)|%!(NOVERB)");
    assert_eq!(printed("100%% %z", &[]), "100% %!z(MISSING)");
}

#[test]
fn collections() {
    let list = List::new(vec![Value::Nil, "x".into(), 2.5.into()]);
    let map = Map::from_iter([("b", Value::int(1)), ("a", list.into()), ("c", Value::Nil)]);
    for (format, text) in [
        ("%v", "map[a:[<nil> x 2.5] b:1 c:<nil>]"),
        (
            "%#v",
            r#"map[string]interface {}{"a":[]interface {}{interface {}(nil), "x", 2.5}, "b":1, "c":interface {}(nil)}"#,
        ),
        (
            "%d",
            "map[%!d(string=a):[<nil> %!d(string=x) %!d(float64=2.5)] %!d(string=b):1 %!d(string=c):<nil>]",
        ),
        ("%q", r#"map["a":[<nil> "x" %!q(float64=2.5)] "b":'\x01' "c":<nil>]"#),
    ] {
        assert_eq!(printed(format, &[map.clone().into()]), text);
    }
    let bytes = Value::Bytes(b"hi".as_slice().into());
    assert_eq!(repeated("%v %s %x %#v", bytes), "[104 105] hi 6869 []byte{0x68, 0x69}");
    assert_eq!(repeated("%v %#v", Value::List(List::nil(crate::ElementType::String))), "[] []string(nil)");
}

#[test]
fn print_puts_spaces_where_no_string_is() {
    let arguments = [Value::int(1), Value::int(2), "a".into(), "b".into(), Value::int(3), Value::Nil];
    assert_eq!(sprint(&arguments), b"1 2ab3 <nil>");
    assert_eq!(sprintln(&arguments), b"1 2 a b 3 <nil>\n");
}

#[test]
fn a_map_that_contains_itself_is_cut_off() {
    let map = Map::new();
    map.insert("self", map.clone());
    map.insert("twin", map.clone());
    assert_eq!(to_text(&map.clone().into()), "map[self:... twin:...]");
    // Else the two would keep each other alive.
    map.remove("self");
    map.remove("twin");
}

#[test]
fn a_list_of_exponential_size_is_cut_off() {
    let mut list = List::new(vec!["leaf".into()]);
    for _ in 0..100 {
        list = List::new(vec![list.clone().into(), list.into()]);
    }
    let mut output = Vec::new();
    let mut printer = Printer::new(&mut output);
    printer.limit = 1000;
    printer.argument(&list.into(), 'v');
    assert!(output.len() >= 1000 && output.ends_with(b"..."));
    assert!(output.len() < 1100);
}

#[test]
fn named_integers_print_by_their_methods() {
    let second = Value::Int(IntType::Duration, 1_000_000_000);
    assert_eq!(
        repeated("%v %s %q %d %#v %t", second),
        "1s 1s \"1s\" 1000000000 1000000000 %!t(time.Duration=1000000000)"
    );
}

#[derive(Debug)]
struct Version {
    text: Option<&'static str>,
}

impl Object for Version {
    fn type_name(&self) -> &str {
        "*chart.Version"
    }

    fn fields(&self) -> Vec<(&'static str, Value)> {
        vec![("Major", "1".into()), ("Minor", Value::Nil)]
    }

    fn to_text(&self) -> Option<Str> {
        self.text.map(Str::from)
    }

    fn as_any(&self) -> &dyn std::any::Any {
        self
    }
}

#[test]
fn pointers_print_what_they_point_to() {
    let plain = Value::object(Version { text: None });
    assert_eq!(
        repeated("%v %+v %#v %T", plain.clone()),
        r#"&{1 <nil>} &{Major:1 Minor:<nil>} &chart.Version{Major:"1", Minor:interface {}(nil)} *chart.Version"#
    );
    assert_eq!(printed("%v", &[List::new(vec![plain.clone()]).into()]), "[0xc000000000]");
    let mut output = Vec::new();
    write_indirect(&mut output, &plain);
    assert_eq!(output, b"{1 <nil>}");
    assert_eq!(repeated("%v %d", Value::object(Version { text: Some("v1") })), "v1 &{%!d(string=1) <nil>}");
}
