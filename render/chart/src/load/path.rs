//! The path of a file in an archive, as Helm takes it apart: no file may lie outside its chart.

use std::borrow::Cow;

use thiserror::Error;

/// Why Helm refuses the name of a file; `Display` is Helm's text.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum PathError {
    /// `app//etc/passwd`
    #[error("chart illegally contains absolute paths")]
    Absolute,
    /// A name of one part, or one that comes back to the chart's directory.
    #[error("chart illegally contains content outside the base directory: {}", value::format::quote(.0))]
    OutsideBase(String),
    /// `app/../../etc/passwd`
    #[error("chart illegally references parent directory")]
    Parent,
    /// `app/c:/windows`
    #[error("chart contains illegally named files")]
    Drive,
    /// A `Chart.yaml` without a directory around it.
    #[error("chart yaml not in base directory")]
    MetadataOutsideBase,
}

/// The path in the chart: without the first directory, with `/` between parts.
pub(super) fn path_in_chart(name: &str) -> Result<String, PathError> {
    // A name with a backslash comes from Windows, and has no other separator.
    let separator = if name.contains('\\') { '\\' } else { '/' };
    let (base, rest) = name.split_once(separator).unwrap_or((name, ""));
    let rest = if separator == '/' { Cow::Borrowed(rest) } else { Cow::Owned(rest.replace(separator, "/")) };
    if rest.starts_with('/') {
        return Err(PathError::Absolute);
    }
    let path = clean(&rest);
    if path == "." {
        return Err(PathError::OutsideBase(name.to_owned()));
    }
    if path.starts_with("..") {
        return Err(PathError::Parent);
    }
    let bytes = path.as_bytes();
    if bytes.first().is_some_and(u8::is_ascii_alphabetic) && bytes.get(1..3) == Some(b":/") {
        return Err(PathError::Drive);
    }
    if base == "Chart.yaml" {
        return Err(PathError::MetadataOutsideBase);
    }
    Ok(path)
}

/// Go's `path.Clean` of a path that doesn't start with `/`.
fn clean(path: &str) -> String {
    if path.as_bytes().split(|byte| *byte == b'/').all(|part| !matches!(part, b"" | b"." | b"..")) {
        return path.to_owned();
    }
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    if parts.is_empty() { ".".to_owned() } else { parts.join("/") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_directory_goes() {
        assert_eq!(path_in_chart("app/templates/a.yaml").unwrap(), "templates/a.yaml");
        assert_eq!(path_in_chart("app\\templates\\a.yaml").unwrap(), "templates/a.yaml");
        assert_eq!(path_in_chart("./Chart.yaml").unwrap(), "Chart.yaml");
        assert_eq!(path_in_chart("app/./x/../Chart.yaml").unwrap(), "Chart.yaml");
    }

    #[test]
    fn what_leads_out_of_the_chart_is_refused() {
        assert_eq!(path_in_chart("app//etc/passwd").unwrap_err(), PathError::Absolute);
        assert_eq!(path_in_chart("README").unwrap_err(), PathError::OutsideBase("README".to_owned()));
        assert_eq!(path_in_chart("app/../../x").unwrap_err(), PathError::Parent);
        assert_eq!(path_in_chart("app/..x").unwrap_err(), PathError::Parent);
        assert_eq!(path_in_chart("app\\c:\\x").unwrap_err(), PathError::Drive);
        assert_eq!(path_in_chart("Chart.yaml/x").unwrap_err(), PathError::MetadataOutsideBase);
    }
}
