//! What we wrote last of each resource. A watch may be behind it for a moment, and whoever goes by a status of before would
//! do, and say, the same thing twice.

use std::collections::HashMap;
use std::fmt::Debug;
use std::sync::Arc;

use kube::{Api, Resource, ResourceExt as _};
use parking_lot::Mutex;
use serde::de::DeserializeOwned;

/// The versions that our own writes gave, by the resources' uids. Cloning shares them.
#[derive(Clone, Debug, Default)]
pub(super) struct Written {
    versions: Arc<Mutex<HashMap<String, u64>>>,
}

impl Written {
    /// Notes what a write gave.
    pub(super) fn note<K: Resource>(&self, object: &K) {
        if let Some((uid, version)) = object.uid().zip(version(object)) {
            self.versions.lock().insert(uid, version);
        }
    }

    /// Forgets a resource that goes.
    pub(super) fn forget<K: Resource>(&self, object: &K) {
        if let Some(uid) = object.uid() {
            self.versions.lock().remove(&uid);
        }
    }

    /// The resource as a watch gave it, read anew if we wrote it since; `None` if it is gone by now.
    ///
    /// # Errors
    /// Where the API server refuses or gives no answer.
    pub(super) async fn newest<K>(&self, api: &Api<K>, object: Arc<K>) -> Result<Option<Arc<K>>, kube::Error>
    where
        K: Resource + Clone + Debug + DeserializeOwned,
    {
        if !self.is_behind(&*object) {
            return Ok(Some(object));
        }
        let found = api.get_opt(&object.name_any()).await?;
        Ok(found.filter(|found| found.uid() == object.uid()).map(Arc::new))
    }

    fn is_behind<K: Resource>(&self, object: &K) -> bool {
        let versions = self.versions.lock();
        let written = object.uid().and_then(|uid| versions.get(&uid).copied());
        written.zip(version(object)).is_some_and(|(written, seen)| seen < written)
    }
}

/// Versions are numbers that grow, as of Kubernetes 1.35 by contract and before in fact. One that is none is never behind.
fn version<K: Resource>(object: &K) -> Option<u64> {
    object.resource_version()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use k8s_openapi::api::core::v1::ConfigMap;

    use super::*;

    fn object(uid: &str, version: &str) -> ConfigMap {
        let mut object = ConfigMap::default();
        object.metadata.uid = Some(uid.to_owned());
        object.metadata.resource_version = Some(version.to_owned());
        object
    }

    #[test]
    fn what_a_watch_gave_from_before_our_own_write_is_behind() {
        let written = Written::default();
        assert!(!written.is_behind(&object("a", "9")));
        written.note(&object("a", "10"));
        assert!(written.is_behind(&object("a", "9")));
        assert!(!written.is_behind(&object("a", "10")) && !written.is_behind(&object("a", "11")));
        assert!(!written.is_behind(&object("b", "9")) && !written.is_behind(&object("a", "x")));
        written.forget(&object("a", "10"));
        assert!(!written.is_behind(&object("a", "9")));
    }
}
