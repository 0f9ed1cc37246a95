use super::*;

fn from_environment(variables: &[(&str, &str)]) -> Result<Settings, SettingsError> {
    let environment = variables.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
    Settings::read(&SettingsSources { environment, ..SettingsSources::default() })
}

/// OCTO-2, OCTO-3: nothing set, everything has upstream's default.
#[test]
fn defaults_are_upstreams() {
    let settings = from_environment(&[]).unwrap();
    assert_eq!((settings.mode, settings.site_namespace.as_str()), (Mode::Edge, "octo"));
    assert_eq!(settings.registration_retry, Some(Duration::from_secs(30)));
    assert!(settings.controller.is_none() && settings.hub_url().is_none() && !settings.force_conflicts);
    assert!(settings.authentication.is_none() && settings.watch_namespace.is_none());
    assert_eq!(settings.chart_secrets.charts, ["octo-mesh-adapter"]);
}

/// OCTO-2, OCTO-3: the whole table, in any case, both generations of names.
#[test]
fn the_whole_table_is_read() {
    let settings = from_environment(&[
        ("OPERATOR__AUTOMANAGEPOOLS", "True"),
        ("Operator__WatchNamespace", "  "),
        ("OPERATOR__DEPLOYMENTSITENAMESPACE", "sites"),
        ("OPERATOR__PLATFORMNAMESPACE", "platform"),
        ("OPERATOR__COMMUNICATIONCONTROLLERURI", "https://controller.example/base/"),
        ("OPERATOR__POOLREGISTRATIONRETRYSECONDS", "2.5"),
        ("OPERATOR__BROKERPORT", "5672"),
        ("OPERATOR__BROKERPASSWORD", "canary"),
        ("OPERATOR__ADDITIONALVALIDISSUERS__0", "https://a"),
        ("OPERATOR__ADDITIONALVALIDISSUERS__1", " "),
        ("OPERATOR__ADDITIONALVALIDISSUERS__10", "https://b"),
        ("OPERATOR__CLUSTERDEPENDENCIES__RABBITMQHOST", "rabbit"),
        ("OPERATOR__DASH0__DATASET", "d"),
        ("OPERATOR__INGRESS__CLUSTERISSUER", "letsencrypt"),
        ("OPERATOR__INGRESS__TLS", "false"),
        ("OPERATOR__INGRESS__ANNOTATIONS__0__NAME", "a/b"),
        ("OPERATOR__INGRESS__ANNOTATIONS__0__VALUE", "c"),
        ("OPERATOR__HELM__FORCECONFLICTS", "true"),
        ("OPERATOR__AUTHENTICATION__ISSUERURI", "https://issuer.example"),
        ("OPERATOR__AUTHENTICATION__CLIENTID", "operator"),
        ("OPERATOR__AUTHENTICATION__CLIENTSECRET", "canary"),
        ("UNRELATED", "x"),
    ])
    .unwrap();
    assert_eq!((settings.mode, settings.watch_namespace.clone()), (Mode::Central, None));
    assert_eq!(settings.hub_url().unwrap().as_str(), "https://controller.example/base/operatorHub");
    assert_eq!(settings.site_namespace, "sites");
    assert_eq!(settings.registration_retry, Some(Duration::from_millis(2500)));
    assert_eq!(settings.context.additional_valid_issuers, ["https://a", "https://b"]);
    assert_eq!(settings.context.cluster_dependencies, [("rabbitMqHost", "rabbit".to_owned())]);
    assert_eq!(settings.context.ingress_tls, Some(false));
    assert_eq!(settings.context.ingress_annotations.len(), 2);
    assert_eq!(settings.authentication.clone().unwrap().client_id, "operator");
    assert!(settings.force_conflicts && settings.unknown.is_empty());
    assert!(!format!("{settings:?}").contains("canary"));
}

/// OCTO-3: a retry of zero seconds is none.
#[test]
fn a_retry_period_of_nothing_disables_it() {
    let settings = from_environment(&[("OPERATOR__POOLREGISTRATIONRETRYSECONDS", "0")]).unwrap();
    assert_eq!(settings.registration_retry, None);
}

#[test]
fn whatever_is_malformed_or_unknown_is_named_and_not_quoted() {
    let error = from_environment(&[
        ("OPERATOR__AUTOMANAGEPOOLS", "canary"),
        ("OPERATOR__COMMUNICATIONCONTROLLERURI", "canary"),
        ("OPERATOR__POOLNAMESPACE", "a"),
        ("OPERATOR__DEPLOYMENTSITENAMESPACE", "b"),
    ])
    .unwrap_err()
    .to_string();
    assert!(error.contains("OPERATOR__AUTOMANAGEPOOLS is not true or false"), "{error}");
    assert!(error.contains("OPERATOR__COMMUNICATIONCONTROLLERURI is not an absolute"), "{error}");
    assert!(error.contains("are the same setting and differ"), "{error}");
    assert!(!error.contains("canary"));
    let settings = from_environment(&[("OPERATOR__AUTOMANAGEPOLS", "true")]).unwrap();
    assert_eq!(settings.unknown, ["OPERATOR__AUTOMANAGEPOLS"]);
}

#[test]
fn flags_win_over_the_environment_and_that_over_a_file() {
    let file = b"Operator:\n  AutoManagePools: true\n  PoolNamespace: file\n  InstancePrefix: file\n  Helm: {ForceConflicts: true}\n  AdditionalValidIssuers: [a, b]\n";
    let settings = Settings::read(&SettingsSources {
        file: Some(("settings.yaml".into(), file.to_vec())),
        environment: vec![("OPERATOR__POOLNAMESPACE".into(), "environment".into())],
        flags: vec!["InstancePrefix=flag".into()],
    })
    .unwrap();
    assert_eq!((settings.mode, settings.site_namespace.as_str()), (Mode::Central, "environment"));
    assert_eq!(settings.context.instance_prefix.as_deref(), Some("flag"));
    assert!(settings.force_conflicts);
    assert_eq!(settings.context.additional_valid_issuers, ["a", "b"]);
    let flags = vec!["nonsense".to_owned()];
    assert!(Settings::read(&SettingsSources { flags, ..SettingsSources::default() }).is_err());
}
