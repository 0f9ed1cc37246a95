//! Which releases to look at again when a Secret or ConfigMap changes.

use kube::ResourceExt as _;
use kube::runtime::reflector::{ObjectRef, Store};

use crate::api::{Release, ReleaseSpec, ValueSourceKind};

/// The releases that refer to an object.
pub(super) fn referring(
    store: &Store<Release>,
    kind: ValueSourceKind,
    namespace: &str,
    name: &str,
) -> Vec<ObjectRef<Release>> {
    let releases = store.state();
    let refers = |release: &Release| {
        release.namespace().as_deref() == Some(namespace)
            && names(&release.spec, kind).any(|other| other == name)
    };
    releases.iter().filter(|release| refers(release)).map(|release| ObjectRef::from_obj(&**release)).collect()
}

/// The names of all Secrets or ConfigMaps that a spec refers to.
fn names(spec: &ReleaseSpec, kind: ValueSourceKind) -> impl Iterator<Item = &str> {
    let files =
        spec.values.from.iter().filter(move |source| source.kind == kind).map(|source| source.name.as_str());
    let keys = spec.values.overrides.iter().filter_map(|entry| entry.value_from.as_ref());
    let keys = keys.map(|from| from.secret_key_ref.name.as_str());
    let chart = [&spec.chart.auth_secret_ref, &spec.chart.tls_secret_ref];
    let chart = chart.into_iter().flatten().map(|reference| reference.name.as_str());
    files.chain(keys.chain(chart).filter(move |_| kind == ValueSourceKind::Secret))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::{Override, SecretReference, ValueFrom, ValueSource};

    #[test]
    fn every_reference_counts() {
        let mut spec = ReleaseSpec::default();
        let source =
            |kind, name: &str| ValueSource { kind, name: name.into(), key: "k".into(), optional: false };
        spec.values.from =
            vec![source(ValueSourceKind::ConfigMap, "a"), source(ValueSourceKind::Secret, "b")];
        let key = crate::api::KeyReference { name: "c".into(), key: "k".into() };
        let value_from = Some(ValueFrom { secret_key_ref: key });
        spec.values.overrides = vec![Override { path: "p".into(), value_from, ..Override::default() }];
        spec.chart.auth_secret_ref = Some(SecretReference { name: "d".into() });
        let found = |kind| names(&spec, kind).map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(found(ValueSourceKind::Secret), ["b", "c", "d"]);
        assert_eq!(found(ValueSourceKind::ConfigMap), ["a"]);
    }
}
