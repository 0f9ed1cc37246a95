//! Patches as users write them, held against objects as charts give them.

use serde_json::{Value, json};

use super::{Patched, Patcher, read_patches};

fn patched(patches: &str, object: &Value) -> Result<Patched, String> {
    let read = |path: &std::path::PathBuf| Err(format!("no file {}", path.display()));
    let patches = read_patches("p.yaml", patches.as_bytes(), &read).map_err(|error| error.to_string())?;
    let mut patcher = Patcher::new(&patches);
    let result = patcher.apply(object).map_err(|error| error.to_string())?;
    patcher.finish().map_err(|error| error.to_string())?;
    Ok(result)
}

fn changed(patches: &str, object: &Value) -> Value {
    match patched(patches, object) {
        Ok(Patched::Changed(value)) => value,
        other => panic!("{other:?}"),
    }
}

fn deployment() -> Value {
    json!({
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web", "labels": {"a": "1"}},
        "spec": {
            "replicas": 1,
            "template": {"spec": {
                "containers": [
                    {"name": "app", "image": "app:1", "args": ["x"], "env": [{"name": "A", "value": "1"}],
                     "ports": [{"containerPort": 80}]},
                    {"name": "sidecar", "image": "s:1"},
                ],
                "volumes": [{"name": "data", "emptyDir": {}}],
                "tolerations": [{"key": "old"}],
            }},
        },
    })
}

const OWN: &str = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\n";

#[test]
fn a_json_patch_needs_a_target_and_follows_rfc_6902() {
    let patch = "patches:\n- target: {kind: Deployment, name: web}\n  patch: |-\n    - op: replace\n      path: /spec/replicas\n      value: 3\n    - {op: add, path: /metadata/labels/b~1c, value: x}\n    - {op: remove, path: /spec/template/spec/containers/1}\n";
    let object = changed(patch, &deployment());
    assert_eq!(object["spec"]["replicas"], 3);
    assert_eq!(object["metadata"]["labels"], json!({"a": "1", "b/c": "x"}));
    assert_eq!(object["spec"]["template"]["spec"]["containers"].as_array().unwrap().len(), 1);
    let error = patched("- {op: remove, path: /a}\n", &deployment()).unwrap_err();
    assert_eq!(error, "patch 1 of p.yaml: a JSON patch needs a target");
}

#[test]
fn a_failed_json_patch_names_patch_and_object() {
    let patch = "patches:\n- target: {kind: Deployment}\n  patch: [{op: remove, path: /spec/none}]\n";
    let error = patched(patch, &deployment()).unwrap_err();
    assert!(error.starts_with("patch 1 of p.yaml can't be applied to Deployment/web: "), "{error}");
}

#[test]
fn a_merge_goes_by_the_keys_that_kubernetes_merges_lists_by() {
    let patch = "spec: {template: {spec: {containers: [{name: app, image: 'app:2', env: [{name: B, value: '2'}], \
        ports: [{containerPort: 80, name: http}], args: [z]}], tolerations: [{key: new}], \
        volumes: [{name: more, emptyDir: {}}]}}}\n";
    let object = changed(&format!("{OWN}{patch}"), &deployment());
    let pod = &object["spec"]["template"]["spec"];
    assert_eq!(pod["containers"][0]["image"], "app:2");
    assert_eq!(pod["containers"][0]["args"], json!(["z"]));
    assert_eq!(
        pod["containers"][0]["env"],
        json!([{"name": "A", "value": "1"}, {"name": "B", "value": "2"}])
    );
    assert_eq!(pod["containers"][0]["ports"], json!([{"containerPort": 80, "name": "http"}]));
    assert_eq!(pod["containers"][1]["name"], "sidecar");
    assert_eq!(pod["tolerations"], json!([{"key": "new"}]));
    assert_eq!(pod["volumes"].as_array().unwrap().len(), 2);
}

#[test]
fn null_removes_and_directives_delete_and_replace() {
    let patch = "metadata: {name: web, labels: {$patch: replace, b: '2'}}\nspec: {replicas: null, template: {spec: \
        {containers: [{name: sidecar, $patch: delete}], volumes: [{$patch: replace}, {name: only}]}}}\n";
    let object = changed(&format!("apiVersion: apps/v1\nkind: Deployment\n{patch}"), &deployment());
    assert_eq!(object["metadata"]["labels"], json!({"b": "2"}));
    assert!(object["spec"].get("replicas").is_none());
    let pod = &object["spec"]["template"]["spec"];
    assert_eq!(pod["containers"].as_array().unwrap().len(), 1);
    assert_eq!(pod["volumes"], json!([{"name": "only"}]));
    assert_eq!(patched(&format!("{OWN}$patch: delete\n"), &deployment()), Ok(Patched::Deleted));
}

#[test]
fn retained_keys_and_items_of_plain_lists_can_be_named() {
    let object = json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p", "finalizers": ["a", "b"]},
        "spec": {"volumes": [{"name": "v", "emptyDir": {}}]}});
    let patch = "apiVersion: v1\nkind: Pod\nmetadata: {name: p, finalizers: [c, a], $deleteFromPrimitiveList/finalizers: [b]}\n\
        spec: {volumes: [{name: v, $retainKeys: [name, hostPath], hostPath: {path: /x}}]}\n";
    let object = changed(patch, &object);
    assert_eq!(object["metadata"]["finalizers"], json!(["a", "c"]));
    assert_eq!(object["spec"]["volumes"], json!([{"name": "v", "hostPath": {"path": "/x"}}]));
}

#[test]
fn lists_of_custom_resources_are_values() {
    let object = json!({"apiVersion": "example.com/v1", "kind": "Deployment", "metadata": {"name": "web"},
        "spec": {"template": {"spec": {"containers": [{"name": "a"}, {"name": "b"}]}}}});
    let patch =
        "kind: Deployment\nmetadata: {name: web}\nspec: {template: {spec: {containers: [{name: c}]}}}\n";
    assert_eq!(changed(patch, &object)["spec"]["template"]["spec"]["containers"], json!([{"name": "c"}]));
}

#[test]
fn an_item_without_its_merge_key_is_an_error() {
    let error = patched(
        &format!("{OWN}spec: {{template: {{spec: {{containers: [{{image: x}}]}}}}}}\n"),
        &deployment(),
    );
    assert_eq!(
        error.unwrap_err(),
        "patch 1 of p.yaml can't be applied to Deployment/web: spec.template.spec.containers: an item lacks its merge \
         key \"name\""
    );
}

#[test]
fn a_patch_that_finds_no_object_is_an_error() {
    let error = patched("kind: Deployment\nmetadata: {name: wbe}\n", &deployment()).unwrap_err();
    assert_eq!(error, "patch 1 of p.yaml matches none of the rendered objects: kind Deployment, name wbe");
}

#[test]
fn targets_are_whole_regular_expressions() {
    let patch = |name: &str| {
        format!("patches:\n- target: {{name: '{name}'}}\n  patch: {{metadata: {{labels: {{a: '2'}}}}}}\n")
    };
    assert_eq!(changed(&patch("w.*"), &deployment())["metadata"]["labels"]["a"], "2");
    assert!(patched(&patch("we"), &deployment()).is_err());
    assert!(patched(&patch("("), &deployment()).unwrap_err().starts_with("patch 1 of p.yaml: target: "));
}

#[test]
fn a_wrong_file_says_what_is_wrong_with_it() {
    let error = |text: &str| patched(text, &deployment()).unwrap_err();
    assert_eq!(error("patches: [{patch: x, path: z.yaml}]"), "patch 1 of p.yaml: give either patch or path");
    assert_eq!(error("patches: [{path: gone.yaml}]"), "patch 1 of p.yaml: no file gone.yaml");
    assert_eq!(error("a: 1"), "patch 1 of p.yaml: it has neither a target nor kind and metadata.name");
    assert!(error("patches: [{ptach: x}]").contains("unknown field `ptach`"));
    assert!(error("a: [").starts_with("failed to parse p.yaml: "));
}
