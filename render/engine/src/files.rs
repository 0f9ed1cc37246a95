//! `.Files`: what a chart holds beside its templates.

use std::sync::Arc;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use gotemplate::{Function, FunctionMap, Parameter, ParameterType, Reflected};
use value::{ElementType, List, Map, MapType, Str, Value};

use crate::glob::Glob;

/// Go's name of the type.
pub(crate) const TYPE_NAME: &str = "engine.files";

const FILES: MapType = MapType { element: ElementType::Bytes, name: Some(TYPE_NAME) };

/// The files of a chart as the templates' `.Files`: a map of path to bytes, with methods.
pub(crate) fn files<'a>(files: impl IntoIterator<Item = (&'a str, Arc<[u8]>)>) -> Value {
    let entries = files.into_iter().map(|(name, data)| (Str::from(name), Value::Bytes(data)));
    Value::Map(Map::from_entries(FILES, entries))
}

/// The methods of `.Files`.
pub(crate) fn methods() -> FunctionMap {
    FunctionMap::from_iter([
        ("Get", Function::new(|files: Files, name: Str| Str::from(&files.data(&name)[..]))),
        ("GetBytes", Function::new(|files: Files, name: Str| Value::Bytes(files.data(&name)))),
        ("Glob", Function::new(|files: Files, pattern: Str| files.glob(&pattern))),
        ("Lines", Function::new(|files: Files, name: Str| files.lines(&name))),
        ("AsConfig", Function::new(|files: Files| files.flat(|data| Value::Str(data.into())))),
        ("AsSecrets", Function::new(|files: Files| files.flat(|data| BASE64_STANDARD.encode(data).into()))),
    ])
}

struct Files(Map);

impl Parameter for Files {
    const TYPE: ParameterType = ParameterType::Map(FILES);

    fn convert(argument: Reflected) -> Option<Self> {
        argument.value().as_map().cloned().map(Self)
    }
}

impl Files {
    /// A file's bytes; of a file that is not there, none.
    fn data(&self, name: &Str) -> Arc<[u8]> {
        match self.0.get(name) {
            Some(Value::Bytes(data)) => data,
            _ => Arc::from([]),
        }
    }

    /// The files whose paths match; all of them where the pattern is broken, as Helm does.
    fn glob(&self, pattern: &Str) -> Value {
        let glob = pattern.as_str().and_then(Glob::new);
        let matching = self.0.entries().into_iter().filter(|(name, _)| match &glob {
            Some(glob) => glob.matches(&name.to_text()),
            None => true,
        });
        Value::Map(Map::from_entries(FILES, matching))
    }

    fn lines(&self, name: &Str) -> Value {
        let data = self.data(name);
        if data.is_empty() {
            return Value::List(List::strings::<Str>([]));
        }
        let text = data.strip_suffix(b"\n").unwrap_or(&data);
        Value::List(List::strings(text.split(|byte| *byte == b'\n')))
    }

    /// A YAML map of each file's base name to its content.
    fn flat(&self, content: impl Fn(&[u8]) -> Value) -> Str {
        let flat = Map::typed(MapType::STRING);
        for (name, data) in self.0.entries() {
            if let Value::Bytes(data) = data {
                let path = name.as_bytes();
                let base = path.rsplit(|byte| *byte == b'/').next().unwrap_or(path);
                flat.insert(base, content(&data));
            }
        }
        crate::functions::to_yaml(flat.into())
    }
}
