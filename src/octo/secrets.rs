//! Which secrets of the operator a workload is given, before its own overrides.

use super::event::{ValueOverride, WorkloadDeployed, WorkloadType};
use super::settings::Settings;

/// The operator's own values followed by the workload's, which win on equal paths.
///
/// The broker's password and the root certificate (no secret: charts take it as text only) go to every workload,
/// licences to the charts that read them, passwords of databases to those the hub allows them, never to adapter pools.
pub(super) fn with_injected(settings: &Settings, event: &WorkloadDeployed) -> Vec<ValueOverride> {
    let mut injected = Vec::new();
    let mut inject = |path: &str, value: &Option<String>, is_secret: bool| {
        injected.extend(value.as_ref().map(|value| ValueOverride {
            path: path.to_owned(),
            value: value.clone(),
            is_secret,
        }));
    };
    inject("secrets.rabbitmq", &settings.broker.password, true);
    inject("secrets.rootCa", &settings.root_ca, false);
    if settings.chart_secrets.charts.iter().any(|chart| chart == event.chart_name.trim()) {
        inject("secrets.ironOcrLicenseKey", &settings.chart_secrets.iron_ocr_license_key, true);
        inject("secrets.dash0WebAuthToken", &settings.chart_secrets.dash0_web_auth_token, true);
    }
    if event.receives_cluster_secrets && event.subject.workload_type != WorkloadType::ADAPTER_POOL {
        inject("secrets.databaseUser", &settings.cluster_secrets.database_user, true);
        inject("secrets.databaseAdmin", &settings.cluster_secrets.database_admin, true);
        inject("secrets.streamDataPassword", &settings.cluster_secrets.stream_data, true);
    }
    injected.extend(event.values.iter().cloned());
    injected
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::layers::overrides;
    use super::super::settings::SettingsSources;
    use super::*;

    fn settings(variables: &[(&str, &str)]) -> Settings {
        let named = |(name, text): &(&str, &str)| (format!("OPERATOR__{name}"), (*text).to_owned());
        let environment = variables.iter().map(named).collect();
        Settings::read(&SettingsSources { environment, ..SettingsSources::default() }).unwrap()
    }

    fn everything() -> Settings {
        settings(&[
            ("BROKERPASSWORD", "r"),
            ("ROOTCACERTIFICATE", "PEM"),
            ("IRONOCRLICENSEKEY", "i"),
            ("DASH0WEBAUTHTOKEN", "d"),
            ("CLUSTERSECRETS__MONGODBUSERPASSWORD", "u"),
            ("CLUSTERSECRETS__MONGODBADMINPASSWORD", "a"),
            ("CLUSTERSECRETS__STREAMDATAPASSWORD", "s"),
        ])
    }

    fn paths(settings: &Settings, event: Value) -> Vec<String> {
        let event = super::super::event::read(event).unwrap();
        with_injected(settings, &event).into_iter().map(|entry| entry.path).collect()
    }

    /// OCTO-50: the tiers, each with its own condition.
    #[test]
    fn each_tier_has_its_condition() {
        let all = everything();
        assert_eq!(paths(&all, json!({})), ["secrets.rabbitmq", "secrets.rootCa"]);
        let cluster = paths(&all, json!({"receivesClusterSecrets": true, "workloadType": 1}));
        assert_eq!(
            cluster[2..],
            ["secrets.databaseUser", "secrets.databaseAdmin", "secrets.streamDataPassword"]
        );
        assert_eq!(paths(&all, json!({"receivesClusterSecrets": true, "workloadType": 2})).len(), 2);
        let chart = paths(&all, json!({"chartName": "octo-mesh-adapter"}));
        assert_eq!(chart[2..], ["secrets.ironOcrLicenseKey", "secrets.dash0WebAuthToken"]);
        assert_eq!(paths(&all, json!({"chartName": "octo-loxone-adapter"})).len(), 2);
    }

    /// OCTO-50: what is not set is left out, and with nothing to add the workload's own list stays as it is.
    #[test]
    fn nothing_set_changes_nothing() {
        let own = json!({"values": [{"path": "a", "value": "b"}], "receivesClusterSecrets": true});
        assert_eq!(paths(&settings(&[]), own), ["a"]);
        let some = settings(&[("CLUSTERSECRETS__STREAMDATAPASSWORD", "s")]);
        assert_eq!(paths(&some, json!({"receivesClusterSecrets": true})), ["secrets.streamDataPassword"]);
    }

    /// OCTO-50: the workload's entry wins on the same path, and the root certificate is no secret.
    #[test]
    fn the_workloads_own_entry_wins() {
        let event = json!({"values": [{"path": "secrets.rabbitmq", "value": "mine"}]});
        let event = super::super::event::read(event).unwrap();
        let made = overrides(&with_injected(&everything(), &event), "s", false).unwrap();
        assert_eq!(made.tree["secrets"], json!({"rabbitmq": "mine", "rootCa": "PEM"}));
        assert!(made.secrets.is_empty());
    }
}
