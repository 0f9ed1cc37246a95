//! The methods of `.Values`. They come before keys of the same name.

use chart::values::path;
use gotemplate::{Function, FunctionError, FunctionMap, Parameter, ParameterType, Reflected};
use value::{Map, MapType, Str, Value};

/// The methods of the type of `.Values`.
pub(crate) fn methods() -> FunctionMap {
    FunctionMap::from_iter([
        ("AsMap", Function::new(|values: Values| values.0.unnamed())),
        (
            "YAML",
            Function::new(|values: Values| {
                goyaml::to_yaml(&values.0.into()).map_err(|error| error.to_string())
            }),
        ),
        ("Table", Function::new(|values: Values, path: Str| values.table(&path.to_text()).map(Value::Map))),
        ("PathValue", Function::new(|values: Values, path: Str| values.path_value(&path.to_text()))),
    ])
}

struct Values(Map);

impl Parameter for Values {
    const TYPE: ParameterType = ParameterType::Map(MapType::INTERFACE);

    fn convert(argument: Reflected) -> Option<Self> {
        argument.value().as_map().cloned().map(Self)
    }
}

impl Values {
    /// The map at a dotted path.
    fn table(&self, path: &str) -> Result<Map, FunctionError> {
        path::table(&self.0, path).map_err(|error| error.to_string().into())
    }

    /// The value at a dotted path, if it is no map.
    fn path_value(&self, path: &str) -> Result<Value, FunctionError> {
        if path.is_empty() {
            return Err("YAML path cannot be empty".into());
        }
        path::value(&self.0, path).map_err(|error| error.to_string().into())
    }
}
