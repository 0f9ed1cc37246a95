//! Bundles: archives with the values files and recorded outputs of one chart.

use std::collections::{BTreeMap, HashMap};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

/// Opens bundles, and keeps them open: all of a corpus are small enough for memory only one by one, so the last few.
pub(super) struct Bundles {
    corpus: PathBuf,
    unpacked: PathBuf,
    open: Mutex<HashMap<String, Arc<Bundle>>>,
}

/// Bundles kept in memory.
const KEPT: usize = 8;

/// The members of one bundle; values files also lie on disk.
pub(super) struct Bundle {
    folder: PathBuf,
    members: BTreeMap<String, Vec<u8>>,
}

impl Bundles {
    pub(super) fn new(corpus: &Path, unpacked: &Path) -> Self {
        Self { corpus: corpus.to_owned(), unpacked: unpacked.to_owned(), open: Mutex::default() }
    }

    pub(super) fn open(&self, name: &str) -> Result<Arc<Bundle>, String> {
        let mut open = self.open.lock().map_err(|_| "a thread that unpacks bundles panicked".to_owned())?;
        if let Some(bundle) = open.get(name) {
            return Ok(Arc::clone(bundle));
        }
        if open.len() >= KEPT {
            open.clear();
        }
        let folder = self.unpacked.join(name.trim_end_matches(".tar.xz"));
        let bundle =
            Bundle::read(&self.corpus.join(name), folder).map_err(|error| format!("{name}: {error}"))?;
        let bundle = Arc::new(bundle);
        open.insert(name.to_owned(), Arc::clone(&bundle));
        Ok(bundle)
    }
}

impl Bundle {
    fn read(archive: &Path, folder: PathBuf) -> std::io::Result<Self> {
        let file = std::io::BufReader::new(std::fs::File::open(archive)?);
        let mut archive = tar::Archive::new(lzma_rust2::XzReader::new(file, true));
        let mut members = BTreeMap::new();
        for entry in archive.entries()? {
            let mut entry = entry?;
            let name = entry.path()?.to_string_lossy().into_owned();
            let mut data = Vec::new();
            entry.read_to_end(&mut data)?;
            if name.starts_with("values/") {
                let path = folder.join(&name);
                std::fs::create_dir_all(path.parent().unwrap_or(&folder))?;
                std::fs::write(path, &data)?;
            }
            members.insert(name, data);
        }
        Ok(Self { folder, members })
    }

    /// Where a values file lies.
    pub(super) fn path(&self, member: &str) -> PathBuf {
        self.folder.join(member)
    }

    /// A recorded output; none where no member is named.
    pub(super) fn text(&self, member: Option<&str>) -> Result<Vec<u8>, String> {
        let Some(member) = member else { return Ok(Vec::new()) };
        self.members.get(member).cloned().ok_or_else(|| format!("the bundle has no {member}"))
    }
}
