//! Slash-separated paths, by package `path`; `filepath` is the same where Helm runs.

use value::Str;

/// `path.Clean`: the shortest path that means the same.
pub(crate) fn clean(path: Str) -> Str {
    Str::from(cleaned(path.as_bytes()))
}

fn cleaned(path: &[u8]) -> Vec<u8> {
    let rooted = path.starts_with(b"/");
    let mut parts: Vec<&[u8]> = Vec::new();
    for part in path.split(|byte| *byte == b'/') {
        match part {
            b"" | b"." => {}
            b".." if parts.last().is_some_and(|last| *last != b"..") => {
                parts.pop();
            }
            b".." if rooted => {}
            part => parts.push(part),
        }
    }
    let joined = parts.join(&b'/');
    match (rooted, joined.is_empty()) {
        (true, _) => [b"/", joined.as_slice()].concat(),
        (false, true) => b".".to_vec(),
        (false, false) => joined,
    }
}

/// `path.Base`: the last element.
pub(crate) fn base(path: Str) -> Str {
    let bytes = path.as_bytes();
    let end = bytes.iter().rposition(|byte| *byte != b'/').map_or(0, |last| last + 1);
    match (bytes, bytes.get(..end).unwrap_or_default()) {
        ([], _) => Str::from("."),
        (_, []) => Str::from("/"),
        (_, trimmed) => Str::from(trimmed.rsplit(|byte| *byte == b'/').next().unwrap_or_default()),
    }
}

/// `path.Dir`: all but the last element, cleaned.
pub(crate) fn dir(path: Str) -> Str {
    let bytes = path.as_bytes();
    let end = bytes.iter().rposition(|byte| *byte == b'/').map_or(0, |slash| slash + 1);
    Str::from(cleaned(bytes.get(..end).unwrap_or_default()))
}

/// `path.Ext`: from the last dot of the last element on.
pub(crate) fn ext(path: Str) -> Str {
    let last = path.as_bytes().rsplit(|byte| *byte == b'/').next().unwrap_or_default();
    let dot = last.iter().rposition(|byte| *byte == b'.');
    Str::from(dot.and_then(|dot| last.get(dot..)).unwrap_or_default())
}

/// `path.IsAbs`.
pub(crate) fn is_abs(path: Str) -> bool {
    path.as_bytes().starts_with(b"/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_cleaned() {
        let cases =
            [("", "."), ("/..", "/"), ("a/../..", ".."), ("../../a/./b//", "../../a/b"), ("//a", "/a")];
        for (path, want) in cases {
            assert_eq!(clean(Str::from(path)), want);
        }
    }

    #[test]
    fn elements_are_found() {
        assert_eq!(
            (base(Str::from("")), base(Str::from("///")), base(Str::from("a/b/"))),
            (".".into(), "/".into(), "b".into())
        );
        assert_eq!(
            (dir(Str::from("a")), dir(Str::from("/a")), dir(Str::from("a/b/"))),
            (".".into(), "/".into(), "a/b".into())
        );
        assert_eq!((ext(Str::from("a.b/c")), ext(Str::from("x.tar.gz"))), ("".into(), ".gz".into()));
    }
}
