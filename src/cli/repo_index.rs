//! `pintle repo index`: an index of the archives in a folder.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use chart::{Chart, Limits};
use clap::Args;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, percent_encode};

use super::CliError;
use super::global::GlobalFlags;
use super::index_file::{Index, IndexedVersion};
use crate::release::Time;
use crate::source::repository::read_entries;
use crate::source::{self, Digest, Replacement};

/// The folder, and how the index is written.
#[derive(Args, Debug)]
pub(super) struct Indexed {
    /// The folder; its archives and those of its folders are listed in its index.yaml
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// URL of the chart repository; the archives' names alone when absent
    #[arg(long, value_name = "URL", default_value = "", hide_default_value = true)]
    url: String,
    /// Add what this index lists and the folder lacks
    #[arg(long, value_name = "FILE", default_value = "", hide_default_value = true)]
    merge: String,
    /// Write JSON
    #[arg(long)]
    json: bool,
}

const NAME: &str = "index.yaml";

/// Writes the index.
pub(super) fn run(indexed: &Indexed, global: &GlobalFlags) -> Result<(), CliError> {
    let mut index = Index::default();
    for (folder, archive) in archives(&indexed.folder) {
        index.extend(indexed_archive(&archive, &folder, &indexed.url, global));
    }
    if !indexed.merge.is_empty() {
        let file = Path::new(&indexed.merge);
        match file.exists() {
            true => merge(&mut index, file, global)?,
            false => write(file, &Index::default(), indexed.json)?,
        }
    }
    let folder = std::path::absolute(&indexed.folder).unwrap_or_else(|_| indexed.folder.clone());
    write(&folder.join(NAME), &index, indexed.json)
}

/// The archives of a folder, then those of its folders, each with its folder's name.
fn archives(folder: &Path) -> Vec<(String, PathBuf)> {
    let own = listed(folder);
    let below = own.iter().filter(|path| path.is_dir()).flat_map(|folder| {
        let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        listed(folder).into_iter().map(move |path| (name.clone(), path))
    });
    let all = own.iter().map(|path| (String::new(), path.clone())).chain(below);
    all.filter(|(_, path)| path.extension() == Some(OsStr::new("tgz"))).collect()
}

/// What a folder holds, by name; nothing where it can't be read, as in Helm.
fn listed(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten();
    let mut paths: Vec<_> = entries.filter_map(|entry| entry.ok().map(|entry| entry.path())).collect();
    paths.sort();
    paths
}

/// What the index says of an archive; nothing of a file that is no chart.
fn indexed_archive(archive: &Path, folder: &str, url: &str, global: &GlobalFlags) -> Option<IndexedVersion> {
    let bytes = source::read_archive(archive).ok()?;
    let limits: Limits = global.limits().chart;
    let chart = Chart::load_archive(&bytes, &limits, global.flavour()).ok()?;
    let name = archive.file_name().unwrap_or_default().to_string_lossy();
    let url = match joined(url, folder).as_str() {
        "" => name.into_owned(),
        folder => joined(folder, &name),
    };
    IndexedVersion::of_chart(chart.metadata(), url, &Digest::of(&bytes), Time::now())
}

/// What Go escapes in the path of a URL.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~')
    .remove(b'$')
    .remove(b'&')
    .remove(b'+')
    .remove(b',')
    .remove(b'/')
    .remove(b':')
    .remove(b';')
    .remove(b'=')
    .remove(b'@');

/// A URL with more of a path. Helm: `urlutil.URLJoin`.
fn joined(url: &str, below: &str) -> String {
    let start = url.find("://").map_or(0, |at| at + 3);
    let (authority, rest) = match start {
        0 => ("", url),
        start => url.split_at(url[start..].find(['/', '?', '#']).map_or(url.len(), |at| start + at)),
    };
    let (path, tail) = rest.split_at(rest.find(['?', '#']).unwrap_or(rest.len()));
    let decoded: Vec<u8> = percent_decode_str(path).collect();
    let mut parts: Vec<&[u8]> = Vec::new();
    for part in decoded.split(|byte| *byte == b'/').chain([below.as_bytes()]) {
        match part {
            b"" | b"." => {}
            b".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    let is_rooted = path.starts_with('/') || start > 0 && !parts.is_empty();
    let root = if is_rooted { "/" } else { "" };
    format!("{authority}{root}{}{tail}", percent_encode(&parts.join(&b'/'), ESCAPED))
}

/// Adds what an index lists and this one lacks.
fn merge(index: &mut Index, file: &Path, global: &GlobalFlags) -> Result<(), CliError> {
    let mut listed = Vec::new();
    let read = read_entries(file, |_, entries| {
        listed.extend(entries.iter().filter_map(|entry| IndexedVersion::of_entry(entry, global.flavour())));
    });
    read.map_err(|error| {
        CliError::message(format!("merge failed: error loading {}: {error}", file.display()))
    })?;
    index.merge(listed);
    Ok(())
}

fn write(path: &Path, index: &Index, json: bool) -> Result<(), CliError> {
    let text = index.text(Time::now(), json)?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    if let Some(Err(source)) = folder.map(std::fs::metadata) {
        return Err(CliError::Read { path: path.to_owned(), source });
    }
    let mut file = Replacement::of(path)?;
    file.write(text.as_bytes())?;
    Ok(file.finish()?)
}

#[cfg(test)]
mod tests {
    use super::joined;

    #[test]
    fn urls_are_joined_as_helm_joins_them() {
        for (url, below, want) in [
            ("", "a.tgz", "a.tgz"),
            ("", "", ""),
            ("sub", "a.tgz", "sub/a.tgz"),
            ("http://h", "a.tgz", "http://h/a.tgz"),
            ("http://h:80/charts//", "a.tgz", "http://h:80/charts/a.tgz"),
            ("http://h/x/../y?q=/1", "a.tgz", "http://h/y/a.tgz?q=/1"),
            ("http://h", "", "http://h"),
            ("/abs/x", "a.tgz", "/abs/x/a.tgz"),
            ("http://H/a%20b", "c d(é).tgz", "http://H/a%20b/c%20d%28%C3%A9%29.tgz"),
        ] {
            assert_eq!(joined(url, below), want, "{url}");
        }
    }
}
