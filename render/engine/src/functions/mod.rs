//! Helm's own template functions; all others are crate `sprig`'s.

mod conversions;
mod lookup;
mod messages;
mod names;
mod nested;

use std::sync::Arc;

use chart::Flavour;
use gotemplate::{Call, Function, FunctionMap};
use value::Str;

pub(crate) use conversions::to_yaml;
pub use lookup::{Lookup, LookupError};
pub(crate) use nested::TplError;

/// All functions that templates of that Helm version can call.
pub(crate) fn table(flavour: Flavour, host: &Arc<dyn sprig::Host>) -> FunctionMap {
    let mut functions = sprig::functions(host);
    add_helm_3(&mut functions);
    let name_host = Arc::clone(host);
    let address = move |call: &mut Call<'_>, name: Str| names::get_host_by_name(&*name_host, call, &name);
    functions.extend([("getHostByName", Function::with_call(address))]);
    let toml_host = Arc::clone(host);
    let from_toml = move |text: Str| conversions::from_toml(&*toml_host, &text);
    functions.extend([("fromToml", Function::new(from_toml))]);
    if flavour == Flavour::V4 {
        add_helm_4(&mut functions);
    }
    functions
}

fn add_helm_3(functions: &mut FunctionMap) {
    functions.extend([
        ("include", Function::with_call(nested::include)),
        ("tpl", Function::with_call(nested::tpl)),
        ("required", Function::with_call(messages::required)),
        ("fail", Function::with_call(messages::fail)),
        ("lookup", Function::with_call(lookup::lookup)),
        ("toYaml", Function::new(conversions::to_yaml)),
        ("toYamlPretty", Function::new(conversions::to_yaml_pretty)),
        ("fromYaml", conversions::reader(conversions::from_yaml)),
        ("fromYamlArray", conversions::reader(conversions::from_yaml_array)),
        ("toJson", Function::new(conversions::to_json)),
        ("fromJson", conversions::reader(conversions::from_json)),
        ("fromJsonArray", conversions::reader(conversions::from_json_array)),
        ("toToml", Function::new(conversions::to_toml)),
    ]);
}

fn add_helm_4(functions: &mut FunctionMap) {
    let durations = sprig::helm4_functions();
    functions.extend(durations.names().filter_map(|name| Some((name, durations.get(name)?.clone()))));
    functions.extend([
        ("mustToYaml", Function::new(conversions::must_to_yaml)),
        ("mustToJson", Function::new(conversions::must_to_json)),
        ("mustToToml", Function::new(conversions::must_to_toml)),
    ]);
}
