//! The methods of `.Values`. They come before keys of the same name.

use gotemplate::{Function, FunctionError, FunctionMap, Parameter, ParameterType, Reflected};
use value::{Map, MapType, Str, Value, format};

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
        let mut table = self.0.clone();
        for key in path.split('.') {
            table = match table.get(key) {
                Some(Value::Map(next)) => next,
                _ => return Err(format!("{} is not a table", format::quote(key)).into()),
            };
        }
        Ok(table)
    }

    /// The value at a dotted path, if it is no map.
    fn path_value(&self, path: &str) -> Result<Value, FunctionError> {
        if path.is_empty() {
            return Err("YAML path cannot be empty".into());
        }
        let (table, key) = match path.rsplit_once('.') {
            Some((table, key)) => (self.table(table).ok(), key),
            None => (Some(self.0.clone()), path),
        };
        match table.and_then(|table| table.get(key)) {
            Some(value) if value.as_map().is_none() => Ok(value),
            _ => Err(format!("{} is not a value", format::quote(key)).into()),
        }
    }
}
