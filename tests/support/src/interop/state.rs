//! What there is in a namespace when a script is over, freed of what is never the same twice.

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::thread::sleep;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use serde_json::{Map, Value};

use crate::{Cluster, Error, run};

/// The kinds that scripts make.
const KINDS: &str = "configmaps,secrets,services,serviceaccounts,pods,persistentvolumeclaims,deployments,statefulsets,\
                     daemonsets,jobs,cronjobs,ingresses,networkpolicies,poddisruptionbudgets,roles,rolebindings,\
                     horizontalpodautoscalers";
const DEFINITION: &str = "customresourcedefinitions/widgets.interop.example.com";
/// How long objects that are being deleted may take.
const SETTLE: Duration = Duration::from_secs(20);

/// Members whose values are never the same twice: only whether they are there counts.
const TIMES: [&str; 13] = [
    "creationTimestamp",
    "time",
    "first_deployed",
    "last_deployed",
    "deleted",
    "started_at",
    "completed_at",
    "updated",
    "deployedAt",
    "clusterIP",
    "volumeName",
    "lastTransitionTime",
    "generated",
];
/// Members that do not count: `uid`s and versions; labels that tell when a record was written, which Helm
/// carries from one revision to the next; when a chart's files were written, which only Helm 4 records; pods of
/// workloads, whose names and addresses are chance.
const NOTHING: [&str; 12] = [
    "uid",
    "resourceVersion",
    "status",
    "clusterIPs",
    "createdAt",
    "modifiedAt",
    "f:createdAt",
    "f:modifiedAt",
    "modtime",
    "schemamodtime",
    "selfLink",
    "v1/Pod(related)",
];
/// Managers that are part of the cluster.
const CONTROLLERS: [&str; 4] = ["kube-controller-manager", "kube-scheduler", "kwok", "kube-apiserver"];

/// Objects and records of a namespace.
pub(super) fn read(cluster: &Cluster, namespace: &str, alone: bool) -> Result<Value, Error> {
    let mut items = settled(cluster, namespace, KINDS)?;
    if alone {
        items.extend(shared(cluster, namespace)?);
    }
    let mut objects = BTreeMap::new();
    let mut records = BTreeMap::new();
    for mut item in items {
        let name = text(&item, "/metadata/name").to_owned();
        let label = |name: &str| text(&item, &format!("/metadata/labels/{name}")) == "helm";
        if label("owner") {
            item["data"]["release"] = unpack(&item).unwrap_or(Value::Null);
            records.insert(name, Value::Object(clean(item)));
        } else if !is_made_by_cluster(&item, &name) {
            objects.insert(format!("{} {name}", text(&item, "/kind")), Value::Object(clean(item)));
        }
    }
    let mut state = serde_json::json!({ "objects": objects, "records": records });
    unexplain(&mut state);
    Ok(state)
}

/// The objects once none is on its way out.
fn settled(cluster: &Cluster, namespace: &str, kinds: &str) -> Result<Vec<Value>, Error> {
    let deadline = Instant::now() + SETTLE;
    loop {
        let items = get(cluster, &["get", kinds, "--namespace", namespace])?;
        let leaving = items.iter().any(|item| item.pointer("/metadata/deletionTimestamp").is_some());
        if !leaving || Instant::now() > deadline {
            return Ok(items);
        }
        sleep(Duration::from_millis(300));
    }
}

/// The definition that all namespaces share, and the objects of its kind.
fn shared(cluster: &Cluster, namespace: &str) -> Result<Vec<Value>, Error> {
    let found = get(cluster, &["get", DEFINITION, "--ignore-not-found"])?;
    if found.is_empty() {
        return Ok(found);
    }
    let mut items = settled(cluster, namespace, "widgets.interop.example.com")?;
    items.extend(found);
    Ok(items)
}

/// Removes what scripts share.
pub(super) fn forget(cluster: &Cluster) -> Result<(), Error> {
    run(cluster.kubectl()?.args(["delete", DEFINITION, "--ignore-not-found", "--wait"])).map(drop)
}

fn get(cluster: &Cluster, words: &[&str]) -> Result<Vec<Value>, Error> {
    let printed = run(cluster.kubectl()?.args(words).args(["--output=json", "--show-managed-fields"]))?;
    let mut parsed: Value = serde_json::from_str(&printed).unwrap_or_default();
    Ok(match parsed.get_mut("items").map(Value::take) {
        Some(Value::Array(items)) => items,
        _ if parsed.is_object() => vec![parsed],
        _ => Vec::new(),
    })
}

fn is_made_by_cluster(item: &Value, name: &str) -> bool {
    let owned = item.pointer("/metadata/ownerReferences").is_some();
    owned || name == "kube-root-ca.crt" || (name == "default" && text(item, "/kind") == "ServiceAccount")
}

/// The release that a Secret holds; `None` where it holds none.
pub fn unpack(item: &Value) -> Option<Value> {
    let outer = STANDARD.decode(item.pointer("/data/release")?.as_str()?).ok()?;
    let packed = STANDARD.decode(outer).ok()?;
    let mut json = String::new();
    GzDecoder::new(packed.as_slice()).read_to_string(&mut json).ok()?;
    serde_json::from_str(&json).ok()
}

/// What a Secret holds for a release, under `release`.
pub fn pack(record: &Value) -> String {
    let mut writer = GzEncoder::new(Vec::new(), Compression::best());
    // OK because writing to memory does not fail.
    let _ = writer.write_all(record.to_string().as_bytes());
    STANDARD.encode(STANDARD.encode(writer.finish().unwrap_or_default()))
}

/// The object without what does not count.
fn clean(mut item: Value) -> Map<String, Value> {
    let uid = text(&item, "/metadata/uid").to_owned();
    if let Some(Value::Array(entries)) = item.pointer_mut("/metadata/managedFields") {
        entries.retain(|entry| !CONTROLLERS.iter().any(|name| text(entry, "/manager").starts_with(name)));
        entries
            .sort_by_key(|entry| (text(entry, "/manager").to_owned(), text(entry, "/operation").to_owned()));
    }
    let is_record = item.pointer("/data/release/info").is_some();
    let status = is_record.then(|| item.pointer("/data/release/info/status").cloned()).flatten();
    scrub(&mut item, &uid);
    if let (Some(status), Some(info)) = (status, item.pointer_mut("/data/release/info")) {
        info["status"] = status;
    }
    item.as_object().cloned().unwrap_or_default()
}

pub(super) fn scrub(value: &mut Value, uid: &str) {
    match value {
        Value::Object(map) => {
            map.retain(|name, _| !NOTHING.contains(&name.as_str()));
            for (name, below) in map {
                if TIMES.contains(&name.as_str()) && below.as_str().is_some_and(|text| text != "None") {
                    *below = Value::from("SOME");
                } else {
                    scrub(below, uid);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| scrub(item, uid)),
        Value::String(text) => {
            if !uid.is_empty() && text.contains(uid) {
                *text = text.replace(uid, "UID");
            }
            if text.starts_with("kube-api-access-") {
                *text = "kube-api-access".into();
            }
        }
        _ => {}
    }
}

/// Puts `UID` where a UID is: errors cite them.
pub(super) fn without_uids(text: &mut String) {
    const LENGTH: usize = 36;
    let is_uid = |word: &str| {
        let dashes = word.char_indices().filter(|(_, letter)| *letter == '-').map(|(index, _)| index);
        dashes.eq([8, 13, 18, 23]) && word.chars().all(|letter| letter == '-' || letter.is_ascii_hexdigit())
    };
    let mut from = 0;
    while from + LENGTH <= text.len() {
        if text.get(from..from + LENGTH).is_some_and(is_uid) {
            text.replace_range(from..from + LENGTH, "UID");
        }
        from += 1;
    }
}

/// Cuts off what an error says of an object that is not ready: it is chance how far it came, and pintle adds why.
pub(super) fn unexplain(value: &mut Value) {
    match value {
        Value::Object(map) => map.values_mut().for_each(unexplain),
        Value::Array(items) => items.iter_mut().for_each(unexplain),
        Value::String(text) if text.contains(" not ready. status: ") => {
            let lines = text.split('\n').map(|line| line.split(", message: ").next().unwrap_or(line));
            *text = lines.collect::<Vec<_>>().join("\n");
        }
        _ => {}
    }
}

pub(super) fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uids_in_texts_are_alike() {
        let mut text = "ä uid:a942c4bc-5b3a-4003-b229-d995f517e96b, a-b ä".to_owned();
        without_uids(&mut text);
        assert_eq!(text, "ä uid:UID, a-b ä");
    }
}
