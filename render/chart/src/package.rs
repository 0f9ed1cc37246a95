//! Writing a chart as an archive that Helm reads.
//!
//! Helm: `Save`. Files come in Helm's order, subcharts as directories; `Chart.yaml` is written anew, without comments.

use std::io::{self, Write};

use flate2::{Compression, GzBuilder};
use tar::{Builder, Header};
use thiserror::Error;
use value::{Value, json};

use crate::Chart;

/// Why a chart can't be written; `Display` is Helm's text.
#[derive(Debug, Error)]
pub enum PackageError {
    /// `values.schema.json` is no JSON.
    #[error("invalid JSON in values.schema.json")]
    Schema,
    /// The metadata can't be written as YAML.
    #[error("cannot write Chart.yaml: {0}")]
    Metadata(String),
    /// A path is too long for an archive.
    #[error("cannot write {name}: {source}")]
    File {
        /// The path in the archive.
        name: String,
        /// Why.
        source: io::Error,
    },
}

impl Chart {
    /// The name that Helm gives the archive: `app-1.2.3.tgz`.
    pub fn archive_name(&self) -> String {
        format!("{}-{}.tgz", self.name(), self.metadata().version)
    }

    /// The chart as the bytes of a `.tgz`; every file was changed at `modified`, in seconds since 1970.
    ///
    /// # Errors
    /// Where the schema is no JSON, or a file's path is too long.
    pub fn package(&self, modified: u64) -> Result<Vec<u8>, PackageError> {
        let packed = GzBuilder::new().comment("Helm").write(Vec::new(), Compression::default());
        let mut package = Package { archive: Builder::new(packed), modified };
        package.chart(self, self.name())?;
        let finished = package.archive.into_inner().and_then(flate2::write::GzEncoder::finish);
        finished.map_err(|source| PackageError::File { name: self.archive_name(), source })
    }
}

struct Package<W: Write> {
    archive: Builder<W>,
    modified: u64,
}

impl<W: Write> Package<W> {
    /// Adds a chart below a directory; recursion is bounded by the depth at which charts load.
    fn chart(&mut self, chart: &Chart, base: &str) -> Result<(), PackageError> {
        let mut metadata = chart.metadata().clone();
        let is_old = metadata.api_version == "v1";
        if is_old {
            metadata.dependencies = None;
        }
        self.file(base, "Chart.yaml", yaml(&metadata.to_json())?.as_bytes())?;
        if let (Some(lock), "v2") = (chart.lock(), metadata.api_version.as_str()) {
            self.file(base, "Chart.lock", yaml(&lock.to_json())?.as_bytes())?;
        }
        for values in chart.raw().iter().filter(|file| file.name == "values.yaml") {
            self.file(base, &values.name, &values.data)?;
        }
        if let Some(schema) = chart.schema() {
            json::from_slice(schema).map_err(|_| PackageError::Schema)?;
            self.file(base, "values.schema.json", schema)?;
        }
        for file in chart.templates().iter().chain(chart.files()) {
            self.file(base, &file.name, &file.data)?;
        }
        for subchart in chart.dependencies() {
            self.chart(subchart, &format!("{base}/charts/{}", subchart.name()))?;
        }
        Ok(())
    }

    fn file(&mut self, base: &str, name: &str, data: &[u8]) -> Result<(), PackageError> {
        let name = format!("{base}/{name}");
        let mut header = Header::new_gnu();
        header.set_size(data.len() as u64);
        header.set_mode(0o644);
        header.set_mtime(self.modified);
        let added = self.archive.append_data(&mut header, &name, data);
        added.map_err(|source| PackageError::File { name, source })
    }
}

/// JSON as the YAML that Helm writes: keys in order.
fn yaml(json: &str) -> Result<String, PackageError> {
    let value: Value =
        json::from_slice(json.as_bytes()).map_err(|error| PackageError::Metadata(error.to_string()))?;
    goyaml::to_yaml(&value).map_err(|error| PackageError::Metadata(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Flavour, Limits};

    #[test]
    fn a_packaged_chart_loads_as_it_was() {
        let files = [
            ("Chart.yaml", "apiVersion: v2\nname: app\nversion: 1.0.0\ndescription: <x>\n"),
            ("Chart.lock", "digest: sha256:0\ngenerated: 2020-01-02T03:04:05Z\ndependencies: []\n"),
            ("values.yaml", "# kept\na: 1\n"),
            ("values.schema.json", "{}"),
            ("templates/a.yaml", "a"),
            ("README.md", "b"),
            ("charts/db/Chart.yaml", "apiVersion: v1\nname: db\nversion: 2.0.0\n"),
        ];
        let files = files.map(|(name, text)| (name.to_owned(), text.as_bytes().to_vec())).to_vec();
        let chart = Chart::load_files(files, &Limits::default(), Flavour::V4).unwrap();
        let archive = chart.package(0).unwrap();
        let again = Chart::load_archive(&archive, &Limits::default(), Flavour::V4).unwrap();
        assert_eq!(again.metadata(), chart.metadata());
        assert_eq!(again.lock(), chart.lock());
        assert_eq!((again.templates(), again.files()), (chart.templates(), chart.files()));
        assert_eq!(again.dependencies()[0].metadata(), chart.dependencies()[0].metadata());
        assert_eq!(again.raw()[2].data, chart.raw()[2].data);
        assert_eq!(chart.archive_name(), "app-1.0.0.tgz");
        assert_eq!(archive, chart.package(0).unwrap());
    }
}
