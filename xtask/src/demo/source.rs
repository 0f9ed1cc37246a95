//! Where the chart of the demonstration comes from.

use std::fs;
use std::path::Path;

use super::stage::Stage;
use crate::error::Error;
use crate::repository::Repository;
use crate::workspace;

const SHOP: &str = "fixtures/charts/shop";

/// A chart in a repository.
pub(super) struct Source {
    /// The repository's URL.
    pub(super) url: String,
    /// The chart's name.
    pub(super) name: String,
    /// A version or a range of versions; empty for the newest.
    pub(super) version: String,
    /// It is our shop, whose values are known.
    pub(super) is_shop: bool,
}

impl Source {
    /// A chart in somebody's repository.
    pub(super) fn remote(url: &str, name: &str, version: Option<&str>) -> Self {
        let version = version.unwrap_or_default().to_owned();
        Self { url: url.to_owned(), name: name.to_owned(), version, is_shop: false }
    }

    /// A chart on this machine, our shop when none is given, in a repository that is served until the process ends.
    pub(super) fn local(stage: &Stage, chart: Option<&str>) -> Result<Self, Error> {
        let path = chart.map_or_else(|| workspace::root().join(SHOP), |chart| Path::new(chart).to_owned());
        let about = workspace::output(stage.helm()?.args(["show", "chart"]).arg(&path))?;
        let directory = stage.directory.join("repository");
        let failed = |source| Error::Read { path: directory.clone(), source };
        fs::create_dir_all(&directory).map_err(failed)?;
        if path.is_dir() {
            stage.show(stage.helm()?.args(["package", "--destination"]).arg(&directory).arg(&path))?;
        } else {
            fs::copy(&path, directory.join(path.file_name().unwrap_or_default())).map_err(failed)?;
        }
        let repository = Repository::serve(&directory)?;
        stage.show(stage.helm()?.args(["repo", "index", "--url", &repository.url]).arg(&directory))?;
        Ok(Self {
            url: repository.url,
            name: field(&about, "name"),
            version: field(&about, "version"),
            is_shop: chart.is_none(),
        })
    }
}

/// A field of `Chart.yaml` as Helm prints it: one line each for what is no list or map.
fn field(about: &str, name: &str) -> String {
    let value = about.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
    value.unwrap_or_default().trim_matches(['"', '\'']).to_owned()
}

#[cfg(test)]
mod tests {
    use super::field;

    #[test]
    fn a_field_is_that_of_the_chart_and_without_quotes() {
        let about =
            "apiVersion: v2\ndependencies:\n- name: cache\n  version: 0.1.x\nname: shop\nversion: \"1.0\"\n";
        assert_eq!(field(about, "name"), "shop");
        assert_eq!(field(about, "version"), "1.0");
        assert_eq!(field(about, "home"), "");
    }
}
