//! Charts as attackers make them, and the program that gets them.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use flate2::Compression;
use flate2::write::GzEncoder;
use tar::{Builder, EntryType, Header};
use tempfile::TempDir;

/// Address space of an attempt, in KiB: stacks are reserved, not used, so this is far above what is taken.
const MEMORY: u64 = 6 << 20;
/// Seconds until an attempt counts as one that never ends.
const DEADLINE: u64 = 120;

pub(crate) const METADATA: &str = "apiVersion: v2\nname: c\nversion: 1.0.0\n";

/// A folder that an attack is made in.
pub(crate) struct Attempt {
    folder: TempDir,
}

impl Attempt {
    /// A chart folder `c` with these files beside a `Chart.yaml` that is in order, unless one is given.
    pub(crate) fn with(files: &[(&str, &str)]) -> Self {
        let attempt = Self { folder: tempfile::tempdir().unwrap() };
        attempt.write("c/Chart.yaml", METADATA);
        for (name, text) in files {
            attempt.write(&format!("c/{name}"), text);
        }
        attempt
    }

    /// A chart whose one template is this.
    pub(crate) fn template(text: &str) -> Self {
        Self::with(&[("templates/a.yaml", text)])
    }

    /// An archive of these entries, `c.tgz`, instead of a folder.
    pub(crate) fn archive(entries: &[(&str, EntryType, &[u8])]) -> Self {
        let attempt = Self { folder: tempfile::tempdir().unwrap() };
        fs::write(attempt.path("c.tgz"), archive(entries)).unwrap();
        attempt
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn chart(&self) -> PathBuf {
        let archive = self.path("c.tgz");
        if archive.exists() { archive } else { self.path("c") }
    }

    /// `pintle template` with more arguments.
    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        let limits = format!("ulimit -v {MEMORY}; exec timeout {DEADLINE} \"$@\"");
        let mut command = Command::new("sh");
        command.args(["-c", &limits, "sh", env!("CARGO_BIN_EXE_pintle"), "template", "x"]);
        command.arg(self.chart()).args(arguments).current_dir(self.folder.path());
        command.env("KUBECONFIG", "/nonexistent").env("TZ", "UTC");
        command.output().unwrap()
    }

    /// The reason why the program refuses.
    pub(crate) fn refused(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(1), "no refusal: {:?}: {text}", output.status);
        assert!(text.starts_with("Error: ") || text.contains("\nError: "), "{text}");
        text
    }

    /// What the program prints.
    pub(crate) fn printed(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).into_owned()
    }
}

/// A `.tgz` of entries by hand: builders refuse the names that are of interest here.
pub(crate) fn archive(entries: &[(&str, EntryType, &[u8])]) -> Vec<u8> {
    let mut builder = Builder::new(GzEncoder::new(Vec::new(), Compression::best()));
    for (name, kind, data) in entries {
        let mut header = Header::new_gnu();
        header.as_mut_bytes()[..name.len()].copy_from_slice(name.as_bytes());
        header.set_entry_type(*kind);
        header.set_mode(0o644);
        if matches!(kind, EntryType::Symlink | EntryType::Link) {
            header.set_link_name_literal(data).unwrap();
        }
        let data: &[u8] = if *kind == EntryType::Regular { data } else { &[] };
        header.set_size(data.len() as u64);
        header.set_cksum();
        builder.append(&header, data).unwrap();
    }
    let mut encoder = builder.into_inner().unwrap();
    encoder.flush().unwrap();
    encoder.finish().unwrap()
}

/// A link in a chart folder.
#[cfg(unix)]
pub(crate) fn link(to: impl AsRef<Path>, at: &Path) {
    fs::create_dir_all(at.parent().unwrap()).unwrap();
    std::os::unix::fs::symlink(to, at).unwrap();
}
