use super::super::settings::SettingsSources;
use super::*;

fn settings(variables: &[(&str, &str)]) -> Settings {
    let environment =
        variables.iter().map(|(name, text)| (format!("OPERATOR__{name}"), (*text).to_owned())).collect();
    Settings::read(&SettingsSources { environment, ..SettingsSources::default() }).unwrap()
}

fn event(more: Value) -> WorkloadDeployed {
    let mut event = json!({"tenantId": "meshtest", "workloadRtId": "670000000000000000000002"});
    event.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    super::super::event::read(event).unwrap()
}

fn entry(path: &str, value: &str, is_secret: bool) -> ValueOverride {
    ValueOverride { path: path.into(), value: value.into(), is_secret }
}

fn tree(entries: &[ValueOverride]) -> Value {
    Value::Object(overrides(entries, "s", false).unwrap().tree)
}

fn as_json(values: &Values) -> Value {
    serde_json::from_str(&value::json::to_string(&value::Value::Map(values.clone())).unwrap()).unwrap()
}

fn layered(context: Value, base: &str, overrides: Value, replicas: Option<i32>) -> Value {
    let overrides = overrides.as_object().unwrap();
    as_json(&merged(&context, base, overrides, replicas, Flavour::V4).unwrap())
}

/// OCTO-41, OCTO-42: only what is set is told; ids are there for every workload.
#[test]
fn the_context_holds_what_is_set_and_nothing_else() {
    let bare = context(&settings(&[]), &event(json!({})));
    assert_eq!(bare, json!({"tenantId": "meshtest", "adapterRtId": "670000000000000000000002"}));
    let full = context(
        &settings(&[
            ("COMMUNICATIONCONTROLLERURI", "https://controller"),
            ("INSTANCEPREFIX", "p"),
            ("AUTHURI", "https://auth"),
            ("ADDITIONALVALIDISSUERS__0", "https://i"),
            ("IMAGEREGISTRY", "registry"),
            ("CLUSTERDEPENDENCIES__SYSTEMDATABASENAME", "db"),
            ("DASH0__ENDPOINT", "e"),
            ("INGRESS__CLASSNAME", "nginx"),
            ("INGRESS__TLS", "false"),
            ("INGRESS__CLUSTERISSUER", "a"),
            ("INGRESS__ANNOTATIONS__0__NAME", "cert-manager.io/cluster-issuer"),
            ("INGRESS__ANNOTATIONS__0__VALUE", "b"),
        ]),
        &event(json!({"ingressEnabled": true, "hostname": " a.example "})),
    );
    assert_eq!(full["communicationControllerServiceUri"], "https://controller");
    assert_eq!(
        full["ingress"],
        json!({"enabled": true, "className": "nginx", "tls": false,
        "annotations": {"cert-manager.io/cluster-issuer": "b"}})
    );
    assert_eq!(full["publicUri"], "https://a.example");
    assert_eq!(full["image"], json!({"privateRegistry": "registry"}));
    assert_eq!(full["clusterDependencies"], json!({"systemDatabaseName": "db"}));
}

/// OCTO-42: without a host name `ingress.enabled` is left to the chart, never false; class and tls are told anyway.
#[test]
fn an_ingress_without_a_host_is_not_decided() {
    let settings = settings(&[("INGRESS__CLASSNAME", "nginx")]);
    for more in [json!({"ingressEnabled": true, "hostname": "  "}), json!({"hostname": "a.example"})] {
        let context = context(&settings, &event(more));
        assert_eq!(context["ingress"], json!({"className": "nginx"}));
        assert_eq!(context.get("publicUri"), None);
    }
}

#[test]
fn workloads_may_be_told_another_address_than_ours() {
    let settings = settings(&[
        ("COMMUNICATIONCONTROLLERURI", "https://ours"),
        ("WORKLOADCOMMUNICATIONCONTROLLERURI", "https://theirs"),
    ]);
    let context = context(&settings, &event(json!({})));
    assert_eq!(context["communicationControllerServiceUri"], "https://theirs");
}

/// OCTO-43, T-7: a path is split at every point, scalars in the way give way, the last one wins, blank ones are skipped.
#[test]
fn overrides_become_a_tree() {
    let entries = [
        entry("a.b", "1", false),
        entry("a", "scalar", false),
        entry("a.c", "2", false),
        entry(" ", "x", false),
        entry("a.c", "3", false),
        entry("ports[0]", "80", false),
    ];
    assert_eq!(tree(&entries), json!({"a": {"c": "3"}, "ports[0]": "80"}));
}

/// OCTO-44, T-8, 6.1-E: every override reaches the chart as text, ids of digits too; typed only when asked for.
#[test]
fn overrides_are_text_unless_asked_otherwise() {
    let entries = [
        entry("flag", "false", false),
        entry("id", "670000000000000000000002", false),
        entry("n", "3", false),
    ];
    let text = json!({"flag": "false", "id": "670000000000000000000002", "n": "3"});
    assert_eq!(layered(json!({}), "", tree(&entries), None), text);
    let typed = overrides(&entries, "s", true).unwrap().tree;
    assert_eq!(Value::Object(typed), json!({"flag": false, "id": "670000000000000000000002", "n": 3}));
}

/// OCTO-45, OCTO-54: a secret becomes a reference; one that a literal overrides is not kept, nor one without a path.
#[test]
fn secrets_become_references() {
    let made = overrides(&[entry("secrets.apiKey", "s3cret", true)], "rel-octo-secrets", false).unwrap();
    let reference = json!({"name": "rel-octo-secrets", "key": "secrets.apiKey"});
    let expected = json!({"secrets": {"apiKey": {"valueFrom": {"secretKeyRef": reference}}}});
    assert_eq!(Value::Object(made.tree), expected);
    assert_eq!(made.secrets["secrets.apiKey"], "s3cret");
    let literal =
        [entry("secrets.x", "injected", true), entry("secrets.x", "literal", false), entry("", "y", true)];
    let made = overrides(&literal, "s", false).unwrap();
    assert!(made.secrets.is_empty());
    assert_eq!(Value::Object(made.tree), json!({"secrets": {"x": "literal"}}));
    assert!(overrides(&[entry("a/b", "x", true)], "s", false).is_err());
}

/// OCTO-40, X-20, T-9, 6.1-F: the layers as Helm's values files; a null stays one, a map replaces a scalar, a pin is a
/// number.
#[test]
fn layers_are_merged_as_helm_does() {
    let context = json!({"tenantId": "meshtest", "ingress": {"enabled": true, "className": "nginx"}});
    let base = "ingress: {enabled: false, annotations: {a: b}}\nsecrets: {rabbitmq: ''}\n";
    let reference = json!({"valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}});
    let overrides = json!({"ingress": {"annotations": {"a": null}}, "secrets": {"rabbitmq": reference}, "replicaCount": "3"});
    let merged = layered(context.clone(), base, overrides.clone(), None);
    assert_eq!(
        merged["ingress"],
        json!({"annotations": {"a": null}, "className": "nginx", "enabled": false})
    );
    assert_eq!((&merged["secrets"]["rabbitmq"], &merged["replicaCount"]), (&reference, &json!("3")));
    assert_eq!(layered(context, base, overrides, Some(0))["replicaCount"], json!(0));
}

#[test]
fn values_that_are_no_yaml_are_an_error() {
    assert!(merged(&json!({}), "a: [", &Map::new(), None, Flavour::V4).is_err());
}
