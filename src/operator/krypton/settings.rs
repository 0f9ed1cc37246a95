//! The settings of the krypton operator's work, of both generations: flag before environment before file.
//!
//! Pure: environment and file come as they were read.

use std::path::PathBuf;
use std::time::Duration;

use crate::api::parse_duration;

/// What was given on the command line; `None` where nothing was.
#[derive(Clone, Debug, Default)]
pub struct Given {
    /// `--namespace`: where the Secrets with kubeconfigs are.
    pub namespace: Option<String>,
    /// `--watch-namespaces`: a list with commas; `*` or nothing for all.
    pub watch_namespaces: Option<String>,
    /// `--watch-context`
    pub watch_context: Option<String>,
    /// `--watch-kubeconfig`
    pub watch_kubeconfig: Option<PathBuf>,
    /// `--watch-kubeconfig-secret`
    pub watch_secret: Option<String>,
    /// `--watch-kubeconfig-secret-namespace`
    pub watch_secret_namespace: Option<String>,
    /// `--watch-kubeconfig-secret-key`
    pub watch_secret_key: Option<String>,
    /// `--ensure-watch-crds`
    pub ensure_watch_crds: bool,
    /// `--kubeconfig-label`
    pub kubeconfig_label: Option<String>,
    /// `--kubeconfig-key`
    pub kubeconfig_key: Option<String>,
    /// `--chart-repo`
    pub chart_repo: Option<String>,
    /// `--chart-name`
    pub chart_name: Option<String>,
    /// `--chart-version`
    pub chart_version: Option<String>,
    /// `--chart-install-crds`
    pub chart_install_crds: Option<bool>,
    /// `--chart-values-file`
    pub chart_values_file: Option<PathBuf>,
    /// `--check-interval`: a duration, or seconds.
    pub check_interval: Option<String>,
    /// `--cluster-concurrency`
    pub cluster_concurrency: Option<u16>,
}

/// How the krypton operator's work is done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Where the Secrets with kubeconfigs are.
    pub namespace: String,
    /// The namespaces of the watch cluster that are watched; all when empty.
    pub watch_namespaces: Vec<String>,
    /// Where the watch cluster is.
    pub watch: WatchCluster,
    /// Whether our definitions are made sure on watched clusters.
    pub ensure_watch_crds: bool,
    /// The label of Secrets that are clusters.
    pub kubeconfig_label: String,
    /// The key in them.
    pub kubeconfig_key: String,
    /// The chart where a resource names none: repository, name, version.
    pub chart: DefaultChart,
    /// Whether Tenants without a chart of their own get `installCRDs: true`.
    pub chart_install_crds: bool,
    /// A file with values for every release.
    pub chart_values_file: Option<PathBuf>,
    /// How often what is ready is looked at again.
    pub check_interval: Duration,
    /// Whether a chart that can't be had leaves an installed tenant Ready.
    pub allow_chart_skip: bool,
    /// How many releases are worked on at once on one cluster.
    pub cluster_concurrency: usize,
}

/// The chart where a resource names none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DefaultChart {
    /// The repository's URL, or a registry's (`oci://…`).
    pub repository: String,
    /// The chart's name.
    pub name: String,
    /// The version; the newest when empty.
    pub version: String,
}

/// Where the watch cluster is: the first that is set.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WatchCluster {
    /// A Secret on the home cluster: namespace, name, key.
    pub secret: Option<(String, String, String)>,
    /// A kubeconfig file.
    pub file: Option<PathBuf>,
    /// The context in it; its current one when empty.
    pub context: Option<String>,
}

impl WatchCluster {
    /// Whether nothing is set, so that the home cluster is the watch cluster.
    pub fn is_home(&self) -> bool {
        *self == Self::default()
    }
}

/// A setting that can't be understood.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("{name} is {value:?}; it must be {wanted}")]
pub struct InvalidSetting {
    name: &'static str,
    value: String,
    wanted: &'static str,
}

/// The file with a pod's namespace.
pub const NAMESPACE_FILE: &str = "/var/run/secrets/kubernetes.io/serviceaccount/namespace";

const LABEL: &str = "sigs.k8s.io/multicluster-runtime-kubeconfig";
const KEY: &str = "kubeconfig";
const CHECK_INTERVAL: Duration = Duration::from_secs(60);
const CLUSTER_CONCURRENCY: usize = 8;

impl Settings {
    /// Puts flags, environment and the content of [`NAMESPACE_FILE`] together.
    ///
    /// # Errors
    /// For a flag that can't be understood. What the environment says wrong is passed over, as the reference does.
    pub fn new(
        given: Given,
        environment: &dyn Fn(&str) -> Option<String>,
        namespace_file: Option<&str>,
    ) -> Result<Self, InvalidSetting> {
        let variable = |name: &str| environment(name).filter(|value| !value.trim().is_empty());
        let namespace = set(given.namespace)
            .or_else(|| variable("WATCH_NAMESPACE"))
            .or_else(|| variable("POD_NAMESPACE"))
            .or_else(|| set(namespace_file.map(|text| text.trim().to_owned())))
            .unwrap_or_else(|| "default".to_owned());
        let secret = set(given.watch_secret).or_else(|| variable("WATCH_KUBECONFIG_SECRET"));
        let secret_namespace = set(given.watch_secret_namespace)
            .or_else(|| variable("WATCH_KUBECONFIG_SECRET_NAMESPACE"))
            .unwrap_or_else(|| namespace.clone());
        let secret_key = set(given.watch_secret_key)
            .or_else(|| variable("WATCH_KUBECONFIG_SECRET_KEY"))
            .unwrap_or_else(|| KEY.to_owned());
        let file = given.watch_kubeconfig.or_else(|| {
            variable("WATCH_KUBECONFIG").or_else(|| variable("WATCH_CLUSTER_KUBECONFIG")).map(PathBuf::from)
        });
        let watch_namespaces = given.watch_namespaces.or_else(|| variable("WATCH_NAMESPACES"));
        let ensure = variable("ENSURE_WATCH_CRDS");
        Ok(Self {
            watch: WatchCluster {
                secret: secret.map(|name| (secret_namespace, name, secret_key)),
                file,
                context: set(given.watch_context).or_else(|| variable("WATCH_CONTEXT")),
            },
            watch_namespaces: namespaces(watch_namespaces.as_deref().unwrap_or_default()),
            ensure_watch_crds: given.ensure_watch_crds
                || ensure.is_some_and(|value| matches!(value.as_str(), "true" | "1" | "yes")),
            kubeconfig_label: set(given.kubeconfig_label)
                .or_else(|| variable("KUBECONFIG_SECRET_LABEL"))
                .unwrap_or_else(|| LABEL.to_owned()),
            kubeconfig_key: set(given.kubeconfig_key)
                .or_else(|| variable("KUBECONFIG_SECRET_KEY"))
                .unwrap_or_else(|| KEY.to_owned()),
            chart: default_chart(given.chart_repo, given.chart_name, given.chart_version),
            chart_install_crds: given.chart_install_crds.unwrap_or(true),
            chart_values_file: given.chart_values_file,
            check_interval: check_interval(given.check_interval, variable("KRYPTON_CHECK_INTERVAL"))?,
            allow_chart_skip: variable("ALLOW_CHART_SKIP").as_deref() == Some("true"),
            cluster_concurrency: given.cluster_concurrency.map_or(CLUSTER_CONCURRENCY, usize::from).max(1),
            namespace,
        })
    }
}

/// An empty text is as good as none.
fn set(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.trim().is_empty())
}

/// The reference's chart, as far as nothing else is said. Another chart than the reference's has no version of its.
fn default_chart(repository: Option<String>, name: Option<String>, version: Option<String>) -> DefaultChart {
    let is_reference = repository.is_none() && name.is_none();
    DefaultChart {
        repository: repository.unwrap_or_else(|| "https://charts.jetstack.io".to_owned()),
        name: name.unwrap_or_else(|| "cert-manager".to_owned()),
        version: version.unwrap_or_else(|| if is_reference { "1.19.1".to_owned() } else { String::new() }),
    }
}

/// A list with commas; `*`, or nothing in it, is all.
fn namespaces(list: &str) -> Vec<String> {
    let mut names: Vec<String> =
        list.split(',').map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect();
    if names.iter().any(|name| name == "*") {
        names.clear();
    }
    names.sort();
    names.dedup();
    names
}

fn check_interval(flag: Option<String>, variable: Option<String>) -> Result<Duration, InvalidSetting> {
    if let Some(text) = set(flag) {
        let wanted = "a duration such as 60s or 5m, or a positive number of seconds";
        return interval(&text).ok_or(InvalidSetting { name: "--check-interval", value: text, wanted });
    }
    Ok(variable.as_deref().and_then(interval).unwrap_or(CHECK_INTERVAL))
}

fn interval(text: &str) -> Option<Duration> {
    let duration = match text.trim().parse::<u64>() {
        Ok(seconds) => Some(Duration::from_secs(seconds)),
        Err(_) => parse_duration(text.trim()).ok(),
    };
    duration.filter(|duration| !duration.is_zero() && *duration <= Duration::from_secs(365 * 24 * 3600))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(given: Given, variables: &[(&str, &str)], file: Option<&str>) -> Settings {
        let environment = |name: &str| {
            variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
        };
        Settings::new(given, &environment, file).unwrap()
    }

    fn from(variables: &[(&str, &str)]) -> Settings {
        settings(Given::default(), variables, None)
    }

    /// KRY-7: the flag is heeded in a cluster too.
    #[test]
    fn a_flag_comes_before_the_environment_and_that_before_the_file() {
        let flag = || Given { namespace: Some("flag".into()), ..Given::default() };
        let all: &[_] = &[("WATCH_NAMESPACE", "watch"), ("POD_NAMESPACE", "pod")];
        assert_eq!(settings(flag(), all, Some("file")).namespace, "flag");
        assert_eq!(settings(Given::default(), all, Some("file")).namespace, "watch");
        let pod: &[_] = &[("POD_NAMESPACE", "pod"), ("WATCH_NAMESPACE", " ")];
        assert_eq!(settings(Given::default(), pod, Some("file")).namespace, "pod");
        assert_eq!(settings(Given::default(), &[], Some("file\n")).namespace, "file");
        assert_eq!(from(&[]).namespace, "default");
    }

    /// KRY-6, KRY-61: defaults of both generations.
    #[test]
    fn the_defaults_are_the_references() {
        let settings = from(&[]);
        assert_eq!(settings.kubeconfig_label, "sigs.k8s.io/multicluster-runtime-kubeconfig");
        assert_eq!(settings.kubeconfig_key, "kubeconfig");
        let chart = DefaultChart {
            repository: "https://charts.jetstack.io".into(),
            name: "cert-manager".into(),
            version: "1.19.1".into(),
        };
        assert_eq!(settings.chart, chart);
        assert!(settings.chart_install_crds && !settings.ensure_watch_crds && settings.watch.is_home());
        let other = Given { chart_name: Some("web".into()), ..Given::default() };
        assert_eq!(super::tests::settings(other, &[], None).chart.version, "");
    }

    /// KRY-8, KRY-15
    #[test]
    fn the_watch_cluster_is_chosen_by_the_references_variables() {
        let settings = from(&[
            ("WATCH_KUBECONFIG_SECRET", "mesh"),
            ("WATCH_CLUSTER_KUBECONFIG", "/f"),
            ("WATCH_CONTEXT", "c"),
            ("POD_NAMESPACE", "ops"),
            ("ENSURE_WATCH_CRDS", "yes"),
        ]);
        assert_eq!(settings.watch.secret, Some(("ops".into(), "mesh".into(), "kubeconfig".into())));
        assert_eq!(settings.watch.file, Some("/f".into()));
        assert_eq!(settings.watch.context, Some("c".into()));
        assert!(settings.ensure_watch_crds && !from(&[("ENSURE_WATCH_CRDS", "TRUE")]).ensure_watch_crds);
    }

    /// KRY-8: the label and the key of the environment are heeded, not only logged.
    #[test]
    fn the_label_and_the_key_of_the_environment_are_heeded() {
        let settings = from(&[("KUBECONFIG_SECRET_LABEL", "l"), ("KUBECONFIG_SECRET_KEY", "k")]);
        assert_eq!((settings.kubeconfig_label.as_str(), settings.kubeconfig_key.as_str()), ("l", "k"));
    }

    /// KRY-9
    #[test]
    fn the_check_interval_is_a_duration_or_seconds() {
        let interval = |text| from(&[("KRYPTON_CHECK_INTERVAL", text)]).check_interval.as_secs();
        assert_eq!(["90s", "5m", "15", "0", "-1", "x", ""].map(interval), [90, 300, 15, 60, 60, 60, 60]);
        let wrong = Given { check_interval: Some("soon".into()), ..Given::default() };
        let error = Settings::new(wrong, &|_| None, None).unwrap_err();
        assert!(error.to_string().starts_with("--check-interval is \"soon\""), "{error}");
    }

    /// KRY-11
    #[test]
    fn a_star_and_an_empty_list_are_all_namespaces() {
        let watched = |list| from(&[("WATCH_NAMESPACES", list)]).watch_namespaces;
        assert_eq!(watched(" b, a ,,a"), ["a", "b"]);
        assert!(watched("*").is_empty() && watched(",,").is_empty() && watched("a,*").is_empty());
    }

    /// KRY-71
    #[test]
    fn skipping_charts_is_allowed_by_the_word_true_alone() {
        assert!(from(&[("ALLOW_CHART_SKIP", "true")]).allow_chart_skip);
        assert!(!from(&[("ALLOW_CHART_SKIP", "1")]).allow_chart_skip);
    }
}
