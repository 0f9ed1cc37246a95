//! Reading a `.tgz` into a list of files, in memory and within limits.
//!
//! Links and devices are empty files, as in Helm: nothing is ever written or followed.

use std::io::{self, Read};
use std::sync::Arc;

use tar::{Archive, Entry, EntryType};

use super::error::ArchiveError;
use super::limits::Limits;
use super::path::path_in_chart;
use super::unpack::Unpacked;
use crate::Flavour;
use crate::chart::File;

/// From here on the ratio of unpacked to packed bytes counts; below, everything is small anyway.
const RATIO_FROM: u64 = 8 << 20;

/// Up to here a file is as large as it claims to be.
const BELIEVED_BYTES: usize = 1 << 20;

/// What archives within archives share.
pub(super) struct Budget<'limits> {
    pub(super) limits: &'limits Limits,
    pub(super) flavour: Flavour,
    bytes: u64,
    entries: usize,
}

impl<'limits> Budget<'limits> {
    pub(super) fn new(limits: &'limits Limits, flavour: Flavour) -> Self {
        Self { limits, flavour, bytes: 0, entries: 0 }
    }

    /// The most bytes of a packed stream that are looked at: headers and padding may take as much as the files.
    pub(super) fn stream_bytes(&self, packed: u64) -> u64 {
        let dense = packed.saturating_mul(self.limits.ratio).max(RATIO_FROM);
        dense.min(self.limits.archive_bytes).saturating_mul(2)
    }

    pub(super) fn too_large(&self) -> ArchiveError {
        ArchiveError::ArchiveSize { v3: self.flavour == Flavour::V3, limit: self.limits.archive_bytes }
    }

    fn entry(&mut self) -> Result<(), ArchiveError> {
        self.entries += 1;
        within(self.entries as u64, self.limits.entries as u64, "entries")
    }
}

fn within(count: u64, limit: u64, what: &'static str) -> Result<(), ArchiveError> {
    if count > limit { Err(ArchiveError::Limit { what, limit }) } else { Ok(()) }
}

/// The files of an archive, in its order.
pub(super) fn read(archive: &[u8], budget: &mut Budget<'_>) -> Result<Vec<File>, ArchiveError> {
    let mut reader = Archive::new(Unpacked::new(archive, budget));
    let mut files = Vec::new();
    let mut unpacked = 0;
    for entry in reader.entries_with_seek().map_err(format_error)? {
        let mut entry = entry.map_err(format_error)?;
        budget.entry()?;
        if is_directory(&entry) || entry.header().entry_type() == EntryType::XGlobalHeader {
            continue;
        }
        let name = entry_name(&entry, budget.limits)?;
        let path = path_in_chart(&name)?;
        check_size(&entry, &name, unpacked, budget)?;
        let data = read_contents(&mut entry, unpacked, budget)?;
        unpacked += data.len() as u64;
        budget.bytes += data.len() as u64;
        within(budget.bytes, budget.limits.chart_bytes, "bytes with its subcharts")?;
        if unpacked > RATIO_FROM {
            within(unpacked / (archive.len() as u64).max(1), budget.limits.ratio, "times its packed size")?;
        }
        files.push(File { name: path, data: without_byte_order_mark(data) });
    }
    if files.is_empty() { Err(ArchiveError::Empty) } else { Ok(files) }
}

/// Go counts as a directory what its type or its mode says is one.
fn is_directory(entry: &Entry<'_, impl Read>) -> bool {
    let header = entry.header();
    let old_style = header.as_bytes()[156] == 0 && entry.path_bytes().ends_with(b"/");
    let by_mode = header.mode().is_ok_and(|mode| mode & !0o7777 == 0o40_000);
    header.entry_type() == EntryType::Directory || old_style || by_mode
}

fn entry_name(entry: &Entry<'_, impl Read>, limits: &Limits) -> Result<String, ArchiveError> {
    let bytes = entry.path_bytes();
    within(bytes.len() as u64, limits.name_bytes as u64, "bytes in a file's name")?;
    match String::from_utf8(bytes.into_owned()) {
        Ok(name) => Ok(name),
        Err(error) => Err(ArchiveError::NameEncoding(String::from_utf8_lossy(error.as_bytes()).into_owned())),
    }
}

/// Refuses an entry by the size it claims, as Helm does, before a byte of it is read.
fn check_size(
    entry: &Entry<'_, impl Read>,
    name: &str,
    unpacked: u64,
    budget: &Budget<'_>,
) -> Result<(), ArchiveError> {
    if entry.size() > budget.limits.archive_bytes - unpacked {
        return Err(budget.too_large());
    }
    match budget.limits.file_bytes(budget.flavour) {
        Some(limit) if entry.size() > limit => Err(ArchiveError::FileSize { name: name.to_owned(), limit }),
        _ => Ok(()),
    }
}

/// Reads a file to where it stays.
fn read_contents(
    entry: &mut Entry<'_, impl Read>,
    unpacked: u64,
    budget: &Budget<'_>,
) -> Result<Arc<[u8]>, ArchiveError> {
    let left = budget.limits.archive_bytes - unpacked;
    let data = match usize::try_from(entry.size()) {
        // Memory for a file that turns out shorter is no loss; and room that grows would be copied again and again.
        Ok(size) if size <= BELIEVED_BYTES => read_believed(entry, size),
        _ => read_to_end(entry.take(left)),
    };
    let data = data.map_err(format_error)?;
    if data.len() as u64 >= left { Err(budget.too_large()) } else { Ok(data) }
}

fn read_believed(entry: &mut impl Read, size: usize) -> io::Result<Arc<[u8]>> {
    let mut data: Arc<[u8]> = std::iter::repeat_n(0, size).collect();
    // Nobody has it yet but us.
    Arc::get_mut(&mut data).map_or(Ok(()), |room| entry.read_exact(room))?;
    Ok(data)
}

fn read_to_end(mut entry: impl Read) -> io::Result<Arc<[u8]>> {
    let mut data = Vec::new();
    entry.read_to_end(&mut data)?;
    Ok(data.into())
}

/// The bytes behind a UTF-8 byte order mark, in place of all.
pub(super) fn without_byte_order_mark(data: Arc<[u8]>) -> Arc<[u8]> {
    data.strip_prefix(b"\xEF\xBB\xBF").map(Arc::from).unwrap_or(data)
}

/// Go's words for what can be wrong with a gzip or tar stream; what crosses a limit says so itself.
fn format_error(error: io::Error) -> ArchiveError {
    let error = match error.downcast::<ArchiveError>() {
        Ok(limit) => return limit,
        Err(error) => error,
    };
    ArchiveError::Format(match error.kind() {
        io::ErrorKind::UnexpectedEof => "unexpected EOF",
        io::ErrorKind::InvalidInput if error.to_string().contains("gzip") => "gzip: invalid header",
        io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData => "gzip: invalid compressed data",
        _ => "archive/tar: invalid tar header",
    })
}
