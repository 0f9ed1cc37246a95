//! The settings of the communication operator: the upstream operator's names, from a file, the environment and flags.
//!
//! Both generations of names are taken. A setting that is malformed stops the start, one that is not known is named.

mod reader;
mod source;

use std::time::Duration;

use url::Url;

use self::reader::Reader;
use self::source::Table;

/// How often sites that are not registered are tried again, unless said otherwise.
const REGISTRATION_RETRY: Duration = Duration::from_secs(30);
/// How long objects of a workload may take to become ready: Helm's default.
const TIMEOUT: Duration = Duration::from_secs(300);
/// The charts that are known to read the secrets that only some charts get.
const CHARTS_WITH_SECRETS: [&str; 1] = ["octo-mesh-adapter"];

/// Why the settings can't be used.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// A file can't be read as YAML.
    #[error("{path}: {problem}")]
    File {
        /// The file.
        path: String,
        /// What is wrong.
        problem: String,
    },
    /// A flag has no `=`.
    #[error("--octo-set {0}: give it as Name=value")]
    Flag(String),
    /// Settings are malformed or contradict each other.
    #[error("settings of the communication operator can't be used:\n{}", .0.join("\n"))]
    Malformed(Vec<String>),
}

/// Where settings are read from, the later over the earlier: file, environment, flags. May hold secrets.
#[derive(Clone, Default)]
pub struct SettingsSources {
    /// A YAML or JSON file: its path, for messages, and content.
    pub file: Option<(String, Vec<u8>)>,
    /// Environment variables.
    pub environment: Vec<(String, String)>,
    /// `Name=value` of flags.
    pub flags: Vec<String>,
}

/// Whether the operator makes resources for the sites that the hub names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// It makes and deletes them, with the broker's login.
    Central,
    /// They are made by others; the operator only registers what there is.
    Edge,
}

/// How the communication operator works. Texts that are secret are not shown by `Debug`.
#[derive(Clone)]
pub struct Settings {
    /// Central or edge.
    pub mode: Mode,
    /// The namespace whose sites are watched; all when `None`.
    pub watch_namespace: Option<String>,
    /// The namespace of resources made here, of broker logins and of releases.
    pub site_namespace: String,
    /// The namespace of adapter pools, where it is another.
    pub platform_namespace: Option<String>,
    /// The hub's base address; without one there is no hub and nothing is registered.
    pub controller: Option<Url>,
    /// The address that workloads are told instead.
    pub workload_controller: Option<String>,
    /// How often unregistered sites are tried again; never when `None`.
    pub registration_retry: Option<Duration>,
    /// The broker's login, for sites' Secrets and workloads.
    pub broker: Broker,
    /// A PEM certificate that workloads, and we, trust.
    pub root_ca: Option<String>,
    /// What every workload's chart is told of the place.
    pub context: ContextSettings,
    /// Secrets for workloads that the hub allows them to.
    pub cluster_secrets: ClusterSecrets,
    /// Secrets for charts that read them.
    pub chart_secrets: ChartSecrets,
    /// Takes fields over that belong to other managers.
    pub force_conflicts: bool,
    /// How long objects of a workload may take to become ready.
    pub timeout: Duration,
    /// Overrides that read as a boolean or number reach charts as such, instead of as text.
    pub typed_overrides: bool,
    /// Who we are to the hub; nobody when `None`.
    pub authentication: Option<Authentication>,
    /// Trusts whoever answers as the hub.
    pub hub_insecure: bool,
    /// Settings that are not known, by their names as written.
    pub unknown: Vec<String>,
}

/// The broker's login.
#[derive(Clone, Default)]
pub struct Broker {
    /// The user.
    pub user: Option<String>,
    /// The password.
    pub password: Option<String>,
}

/// What every workload's chart is told of the place, below the workload's own values.
#[derive(Clone, Debug, Default)]
pub struct ContextSettings {
    /// `instancePrefix`
    pub instance_prefix: Option<String>,
    /// `reportingServiceUri`
    pub reporting_service_uri: Option<String>,
    /// `authUri`
    pub auth_uri: Option<String>,
    /// `additionalValidIssuers`
    pub additional_valid_issuers: Vec<String>,
    /// `image.privateRegistry`
    pub image_registry: Option<String>,
    /// Members of `clusterDependencies`, under their names there.
    pub cluster_dependencies: Vec<(&'static str, String)>,
    /// Members of `dash0`, under their names there.
    pub dash0: Vec<(&'static str, String)>,
    /// `ingress.className`
    pub ingress_class: Option<String>,
    /// `ingress.tls`
    pub ingress_tls: Option<bool>,
    /// `ingress.annotations`
    pub ingress_annotations: Vec<(String, String)>,
}

/// Secrets that only workloads get whose event says so.
#[derive(Clone, Default)]
pub struct ClusterSecrets {
    /// `secrets.databaseUser`
    pub database_user: Option<String>,
    /// `secrets.databaseAdmin`
    pub database_admin: Option<String>,
    /// `secrets.streamDataPassword`
    pub stream_data: Option<String>,
}

/// Secrets that only some charts read.
#[derive(Clone, Default)]
pub struct ChartSecrets {
    /// `secrets.ironOcrLicenseKey`
    pub iron_ocr_license_key: Option<String>,
    /// `secrets.dash0WebAuthToken`
    pub dash0_web_auth_token: Option<String>,
    /// Names of the charts that get them.
    pub charts: Vec<String>,
}

/// Who we are to the hub: a client of an OpenID Connect issuer.
#[derive(Clone)]
pub struct Authentication {
    /// The issuer.
    pub issuer: Url,
    /// The client's id.
    pub client_id: String,
    /// Its secret.
    pub client_secret: String,
    /// The tenant that the client belongs to.
    pub tenant_id: Option<String>,
}

impl std::fmt::Debug for Settings {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut shown = formatter.debug_struct("Settings");
        shown.field("mode", &self.mode).field("watch_namespace", &self.watch_namespace);
        shown.field("site_namespace", &self.site_namespace);
        shown.field("platform_namespace", &self.platform_namespace).finish_non_exhaustive()
    }
}

impl SettingsSources {
    /// Whether anything is set at all, which alone asks for the communication operator.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        let ours = |name: &str| name.to_ascii_uppercase().starts_with("OPERATOR__");
        self.file.is_none() && self.flags.is_empty() && !self.environment.iter().any(|(name, _)| ours(name))
    }
}

impl Settings {
    /// Reads and checks settings.
    ///
    /// # Errors
    /// When a file is no YAML, or settings are malformed: all of them are named.
    pub fn read(sources: &SettingsSources) -> Result<Self, SettingsError> {
        let mut table = Table::default();
        if let Some((path, text)) = &sources.file {
            table.file(path, text)?;
        }
        table.environment(sources.environment.iter().cloned());
        table.flags(&sources.flags)?;
        let mut reader = Reader::new(table);
        let mut settings = Self::from(&mut reader);
        settings.unknown = reader.unknown();
        match reader.problems.is_empty() {
            true => Ok(settings),
            false => Err(SettingsError::Malformed(reader.problems)),
        }
    }

    fn from(reader: &mut Reader) -> Self {
        retire(reader);
        let central = reader.flag(&["automanagepools", "automanagedeploymentsites"]).unwrap_or(false);
        let retry = ["poolregistrationretryseconds", "deploymentsiteregistrationretryseconds"];
        let namespace = reader.trimmed(&["poolnamespace", "deploymentsitenamespace"]);
        Self {
            mode: if central { Mode::Central } else { Mode::Edge },
            watch_namespace: reader.trimmed(&["watchnamespace"]),
            site_namespace: namespace.unwrap_or_else(|| "octo".to_owned()),
            platform_namespace: reader.trimmed(&["platformnamespace"]),
            controller: reader.url(&["communicationcontrolleruri"]),
            workload_controller: reader.trimmed(&["workloadcommunicationcontrolleruri"]),
            registration_retry: reader.seconds(&retry).unwrap_or(Some(REGISTRATION_RETRY)),
            broker: Broker { user: reader.text(&["brokeruser"]), password: reader.text(&["brokerpassword"]) },
            root_ca: reader.text(&["rootcacertificate"]),
            context: context(reader),
            cluster_secrets: ClusterSecrets {
                database_user: reader.text(&["clustersecrets:mongodbuserpassword"]),
                database_admin: reader.text(&["clustersecrets:mongodbadminpassword"]),
                stream_data: reader.text(&["clustersecrets:streamdatapassword"]),
            },
            chart_secrets: chart_secrets(reader),
            force_conflicts: reader.flag(&["helm:forceconflicts"]).unwrap_or(false),
            timeout: reader.seconds(&["helm:timeoutseconds"]).flatten().unwrap_or(TIMEOUT),
            typed_overrides: reader.flag(&["typedoverrides"]).unwrap_or(false),
            authentication: authentication(reader),
            hub_insecure: reader.flag(&["hubignorecertificatevalidation"]).unwrap_or(false),
            unknown: Vec::new(),
        }
    }

    /// Where the hub is.
    #[must_use]
    pub fn hub_url(&self) -> Option<Url> {
        let mut url = self.controller.clone()?;
        url.set_query(None);
        url.set_fragment(None);
        let path = format!("{}/operatorHub", url.path().trim_end_matches('/'));
        url.set_path(&path);
        Some(url)
    }
}

/// Settings that upstream's charts still set and that have no effect there or here.
fn retire(reader: &mut Reader) {
    reader.retired(&[
        "brokerhost",
        "brokervirtualhost",
        "defaultpoolname",
        "defaultdeploymentsitename",
        "imagepullsecretname",
        "devwebhookhost",
    ]);
    reader.port(&["brokerport"]);
    reader.port(&["devwebhookport"]);
    reader.flag(&["adapterignorecertificatevalidation"]);
}

fn context(reader: &mut Reader) -> ContextSettings {
    let dependencies = [
        ("clusterdependencies:mongodbhost", "mongodbHost"),
        ("clusterdependencies:mongodbreplicaset", "mongodbReplicaSet"),
        ("clusterdependencies:rabbitmqhost", "rabbitMqHost"),
        ("clusterdependencies:rabbitmquser", "rabbitMqUser"),
        ("clusterdependencies:streamdatahost", "streamDataHost"),
        ("clusterdependencies:streamdatauser", "streamDataUser"),
        ("clusterdependencies:systemdatabasename", "systemDatabaseName"),
        ("clusterdependencies:streamdataschemainstanceprefix", "streamDataSchemaInstancePrefix"),
    ];
    let dash0 =
        [("dash0:endpoint", "endpoint"), ("dash0:dataset", "dataset"), ("dash0:environment", "environment")];
    ContextSettings {
        instance_prefix: reader.trimmed(&["instanceprefix"]),
        reporting_service_uri: reader.trimmed(&["reportingserviceuri"]),
        auth_uri: reader.trimmed(&["authuri"]),
        additional_valid_issuers: reader.list("additionalvalidissuers"),
        image_registry: reader.trimmed(&["imageregistry"]),
        cluster_dependencies: members(reader, &dependencies),
        dash0: members(reader, &dash0),
        ingress_class: reader.trimmed(&["ingress:classname"]),
        ingress_tls: reader.flag(&["ingress:tls"]),
        ingress_annotations: annotations(reader),
    }
}

fn members(reader: &mut Reader, keys: &[(&str, &'static str)]) -> Vec<(&'static str, String)> {
    keys.iter().filter_map(|(key, member)| Some((*member, reader.trimmed(&[key])?))).collect()
}

/// The issuer's annotation, and whatever is given by name, which wins.
fn annotations(reader: &mut Reader) -> Vec<(String, String)> {
    let issuer = reader.trimmed(&["ingress:clusterissuer"]);
    let issuer = issuer.map(|issuer| ("cert-manager.io/cluster-issuer".to_owned(), issuer));
    issuer.into_iter().chain(reader.pairs("ingress:annotations", "name", "value")).collect()
}

fn chart_secrets(reader: &mut Reader) -> ChartSecrets {
    let charts = reader.list("chartswithsecrets");
    ChartSecrets {
        iron_ocr_license_key: reader.text(&["ironocrlicensekey"]),
        dash0_web_auth_token: reader.text(&["dash0webauthtoken"]),
        charts: match charts.is_empty() {
            true => CHARTS_WITH_SECRETS.map(str::to_owned).into(),
            false => charts,
        },
    }
}

fn authentication(reader: &mut Reader) -> Option<Authentication> {
    let issuer = reader.url(&["authentication:issueruri"]);
    let client_id = reader.trimmed(&["authentication:clientid"]);
    let client_secret = reader.text(&["authentication:clientsecret"]).unwrap_or_default();
    let tenant_id = reader.trimmed(&["authentication:tenantid"]);
    Some(Authentication { issuer: issuer?, client_id: client_id?, client_secret, tenant_id })
}

#[cfg(test)]
mod tests;
