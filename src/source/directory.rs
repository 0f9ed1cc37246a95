//! Charts in a directory: all files below it, in lexical order.
//!
//! Links are followed inside the chart only. Helm follows them anywhere, which lets a chart read the files of whoever
//! renders it. What `.helmignore` leaves out is decided by the chart crate, not here.

use std::fs;
use std::path::{Path, PathBuf};

use super::SourceError;

/// The most bytes a chart may have, decompressed. Helm: `MaxDecompressedChartSize`.
pub const MAX_CHART_BYTES: u64 = 100 * 1024 * 1024;
/// The most files and directories a chart may have; none of the public charts we know has a tenth.
const MAX_ENTRIES: usize = 50_000;
/// How deep directories may nest.
const MAX_DEPTH: usize = 64;

/// A file of a chart: its path from the chart's root, with `/`, and its bytes.
pub type ChartFile = (String, Vec<u8>);

/// Reads every file below `root` for which `keep(relative path, is a directory)` says so; a directory that is not
/// kept is not entered.
///
/// # Errors
/// Fails for links that lead outside or nowhere, for pipes and devices, and for more than 100 MiB.
pub fn read(root: &Path, keep: impl Fn(&str, bool) -> bool) -> Result<Vec<ChartFile>, SourceError> {
    let real_root = root.canonicalize().map_err(|source| SourceError::Read { path: root.into(), source })?;
    let mut walk =
        Walk { keep: &keep, root: real_root.clone(), files: Vec::new(), left: MAX_CHART_BYTES, entries: 0 };
    walk.directory(&real_root, "", 0)?;
    Ok(walk.files)
}

struct Walk<'a> {
    keep: &'a dyn Fn(&str, bool) -> bool,
    root: PathBuf,
    files: Vec<ChartFile>,
    left: u64,
    entries: usize,
}

impl Walk<'_> {
    fn directory(&mut self, directory: &Path, prefix: &str, depth: usize) -> Result<(), SourceError> {
        let failed = |source| SourceError::Read { path: directory.into(), source };
        let mut names = fs::read_dir(directory)
            .map_err(failed)?
            .map(|entry| entry.map(|entry| entry.file_name()))
            .collect::<Result<Vec<_>, _>>()
            .map_err(failed)?;
        names.sort();
        self.entries += names.len();
        if self.entries > MAX_ENTRIES || depth > MAX_DEPTH {
            let problem = format!("more than {MAX_ENTRIES} files, or {MAX_DEPTH} directories deep");
            return Err(failed(std::io::Error::other(problem)));
        }
        for name in names {
            let path = directory.join(&name);
            let Some(name) = name.to_str() else {
                let source = std::io::Error::other("the name is not UTF-8");
                return Err(SourceError::Read { path, source });
            };
            let relative = if prefix.is_empty() { name.to_owned() } else { format!("{prefix}/{name}") };
            self.entry(&path, relative, depth)?;
        }
        Ok(())
    }

    fn entry(&mut self, path: &Path, relative: String, depth: usize) -> Result<(), SourceError> {
        let real = self.resolve(path)?;
        let metadata =
            fs::metadata(&real).map_err(|source| SourceError::Read { path: path.into(), source })?;
        if !(self.keep)(&relative, metadata.is_dir()) {
            return Ok(());
        }
        if metadata.is_dir() {
            return self.directory(&real, &relative, depth + 1);
        }
        if !metadata.is_file() {
            return Err(SourceError::IrregularFile(path.into()));
        }
        let bytes = fs::read(&real).map_err(|source| SourceError::Read { path: path.into(), source })?;
        let too_large = || SourceError::TooLarge {
            what: format!("the chart in {}", self.root.display()),
            limit: MAX_CHART_BYTES,
        };
        self.left = self.left.checked_sub(bytes.len() as u64).ok_or_else(too_large)?;
        self.files.push((relative, bytes));
        Ok(())
    }

    fn resolve(&self, path: &Path) -> Result<PathBuf, SourceError> {
        let real = path.canonicalize().map_err(|source| SourceError::Read { path: path.into(), source })?;
        if !real.starts_with(&self.root) {
            return Err(SourceError::LinkLeavesChart { link: path.into(), target: real });
        }
        Ok(real)
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    fn chart(files: &[&str]) -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        for file in files {
            let path = root.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, file).unwrap();
        }
        root
    }

    fn names(root: &Path) -> Result<Vec<String>, SourceError> {
        Ok(read(root, |_, _| true)?.into_iter().map(|(name, _)| name).collect())
    }

    #[test]
    fn files_come_in_lexical_order() {
        let root = chart(&["values.yaml", "templates/b.yaml", "templates/a.yaml", "Chart.yaml"]);
        let expected = ["Chart.yaml", "templates/a.yaml", "templates/b.yaml", "values.yaml"];
        assert_eq!(names(root.path()).unwrap(), expected);
    }

    #[test]
    fn a_directory_that_is_not_kept_is_not_entered() {
        let root = chart(&["Chart.yaml", "big/file"]);
        let files = read(root.path(), |name, directory| !(directory && name == "big")).unwrap();
        assert_eq!(files, [("Chart.yaml".to_owned(), b"Chart.yaml".to_vec())]);
    }

    #[test]
    fn links_are_followed_inside_the_chart_only() {
        let root = chart(&["Chart.yaml"]);
        symlink("Chart.yaml", root.path().join("inside")).unwrap();
        assert_eq!(names(root.path()).unwrap(), ["Chart.yaml", "inside"]);
        symlink("/etc/passwd", root.path().join("outside")).unwrap();
        assert!(matches!(names(root.path()), Err(SourceError::LinkLeavesChart { .. })));
    }

    #[test]
    fn a_link_to_the_directory_above_ends() {
        let root = chart(&["Chart.yaml"]);
        symlink(".", root.path().join("again")).unwrap();
        assert!(names(root.path()).is_err());
    }

    #[test]
    fn sockets_and_pipes_are_refused() {
        let root = chart(&["Chart.yaml"]);
        let _socket = std::os::unix::net::UnixListener::bind(root.path().join("socket")).unwrap();
        assert!(matches!(names(root.path()), Err(SourceError::IrregularFile(_))));
    }
}
