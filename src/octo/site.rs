//! The sites that are ours, as long as the process lives: which resources stand for them, and whether the hub knows.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use k8s_openapi::api::core::v1::ObjectReference;
use tokio::sync::watch;

use super::event::SiteId;

/// Whether the hub knows on the connection there is that a site is ours.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum Registration {
    /// Not asked yet, or the connection was lost since.
    #[default]
    Open,
    /// It does.
    Registered,
    /// It refused, with its words.
    Failed(String),
}

/// A site and the resources that stand for it.
#[derive(Clone, Debug, Default)]
struct Site {
    /// The resources; more than one where both generations name the same site.
    objects: Vec<ObjectReference>,
    registration: Registration,
}

/// All sites that are ours.
pub(super) struct Sites {
    sites: Mutex<BTreeMap<SiteId, Site>>,
    changed: watch::Sender<()>,
}

impl Default for Sites {
    fn default() -> Self {
        Self { sites: Mutex::default(), changed: watch::Sender::new(()) }
    }
}

impl Sites {
    fn sites(&self) -> MutexGuard<'_, BTreeMap<SiteId, Site>> {
        self.sites.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a resource, and takes it off any other site that it stood for before. Gives the sites that nothing stands
    /// for any more.
    pub(super) fn add(&self, site: &SiteId, object: ObjectReference) -> Vec<SiteId> {
        let mut sites = self.sites();
        let left = remove(&mut sites, &object, Some(site));
        let entry = sites.entry(site.clone()).or_default();
        entry.objects.retain(|known| known.uid != object.uid);
        entry.objects.push(object);
        left
    }

    /// Takes a resource away. Gives the sites that nothing stands for any more.
    pub(super) fn remove(&self, object: &ObjectReference) -> Vec<SiteId> {
        remove(&mut self.sites(), object, None)
    }

    pub(super) fn registration(&self, site: &SiteId) -> Registration {
        self.sites().get(site).map(|site| site.registration.clone()).unwrap_or_default()
    }

    /// Notes what the hub said about a site that is still ours.
    pub(super) fn set(&self, site: &SiteId, registration: Registration) {
        if let Some(site) = self.sites().get_mut(site) {
            site.registration = registration;
        }
    }

    /// The connection is lost: nothing is known any more.
    pub(super) fn forget_registrations(&self) {
        self.sites().values_mut().for_each(|site| site.registration = Registration::Open);
    }

    pub(super) fn all(&self) -> Vec<SiteId> {
        self.sites().keys().cloned().collect()
    }

    /// Those of the given ones that are no longer there.
    pub(super) fn gone_of(&self, sites: &[SiteId]) -> Vec<SiteId> {
        let known = self.sites();
        sites.iter().filter(|site| !known.contains_key(site)).cloned().collect()
    }

    pub(super) fn unregistered(&self) -> Vec<SiteId> {
        let sites = self.sites();
        let open = sites.iter().filter(|(_, site)| site.registration != Registration::Registered);
        open.map(|(id, _)| id.clone()).collect()
    }

    pub(super) fn of_tenant(&self, tenant: &str) -> Vec<SiteId> {
        self.sites().keys().filter(|site| site.tenant == tenant).cloned().collect()
    }

    /// How many there are, and how many of them are registered.
    pub(super) fn counts(&self) -> (usize, usize) {
        let sites = self.sites();
        let registered = sites.values().filter(|site| site.registration == Registration::Registered);
        (sites.len(), registered.count())
    }

    /// The resource to write events about a site to.
    pub(super) fn object(&self, site: &SiteId) -> Option<ObjectReference> {
        self.sites().get(site)?.objects.first().cloned()
    }

    /// Has all resources looked at again.
    pub(super) fn touch(&self) {
        self.changed.send_replace(());
    }

    pub(super) fn touched(&self) -> watch::Receiver<()> {
        self.changed.subscribe()
    }
}

fn remove(
    sites: &mut BTreeMap<SiteId, Site>,
    object: &ObjectReference,
    except: Option<&SiteId>,
) -> Vec<SiteId> {
    let mut left = Vec::new();
    for (id, site) in sites.iter_mut().filter(|(id, _)| Some(*id) != except) {
        let before = site.objects.len();
        site.objects.retain(|known| known.uid != object.uid);
        if before > 0 && site.objects.is_empty() {
            left.push(id.clone());
        }
    }
    sites.retain(|id, _| !left.contains(id));
    left
}

#[cfg(test)]
mod tests {
    use super::*;

    fn site(rt_id: &str) -> SiteId {
        SiteId { tenant: "acme".into(), rt_id: rt_id.into() }
    }

    fn object(uid: &str) -> ObjectReference {
        ObjectReference { uid: Some(uid.into()), kind: Some("DeploymentSite".into()), ..Default::default() }
    }

    /// OCTO-32: sites are kept by tenant and id; one is left only when its last resource is gone.
    #[test]
    fn a_site_is_left_with_its_last_resource() {
        let sites = Sites::default();
        assert!(sites.add(&site("a"), object("1")).is_empty());
        assert!(sites.add(&site("a"), object("2")).is_empty());
        assert!(sites.remove(&object("1")).is_empty());
        assert_eq!(sites.remove(&object("2")), [site("a")]);
        assert!(sites.all().is_empty());
    }

    #[test]
    fn a_resource_that_names_another_site_leaves_the_first() {
        let sites = Sites::default();
        sites.add(&site("a"), object("1"));
        assert_eq!(sites.add(&site("b"), object("1")), [site("a")]);
        assert_eq!(sites.all(), [site("b")]);
    }

    #[test]
    fn registrations_last_as_long_as_the_connection() {
        let sites = Sites::default();
        sites.add(&site("a"), object("1"));
        sites.set(&site("a"), Registration::Registered);
        sites.set(&site("gone"), Registration::Registered);
        assert_eq!((sites.counts(), sites.unregistered().len()), ((1, 1), 0));
        sites.forget_registrations();
        assert_eq!(sites.unregistered(), [site("a")]);
    }
}
