//! Which of a release's objects exist, and how they are, in as few requests as possible.
//!
//! Many objects of one kind in one namespace are listed by their metadata instead of read one by one: to plan
//! server-side changes their metadata is all that is needed.

use std::collections::BTreeMap;

use futures::{StreamExt as _, TryStreamExt as _};
use serde_json::Value;

use super::apply::AT_ONCE;
use super::ownership::describe;
use super::plan::Live;
use super::{Action, DeployError};
use crate::cluster::{ApiError, Object, ObjectKey, Resource};
use crate::release::Record;

/// From how many objects of a kind on a listing takes the place of single reads.
const WORTH_A_LISTING: usize = 6;
/// How many times more objects a listing may hold than are wanted.
const LONGEST: u64 = 10;

/// How much of the objects is needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum View {
    /// Everything: to compute changes here.
    Whole,
    /// Their metadata: to let the server compute them.
    Metadata,
}

impl Action<'_> {
    /// What it takes to plan the changes to a revision. Who only wants to know what would change wants to see it whole.
    pub(super) fn view(&self, next: &Record) -> View {
        if next.apply_method.is_server_side() && !self.is_dry_run() { View::Metadata } else { View::Whole }
    }

    /// Which of the objects exist, and how they are.
    pub(super) async fn live(
        &self,
        objects: impl Iterator<Item = &Object>,
        view: View,
    ) -> Result<Live, DeployError> {
        let named = objects.filter(|object| !object.name.is_empty());
        let distinct: BTreeMap<ObjectKey, &Object> = named.map(|object| (object.key(), object)).collect();
        let mut groups = BTreeMap::<(&Resource, &str), Vec<&Object>>::new();
        for object in distinct.into_values() {
            groups.entry((&object.resource, &object.namespace)).or_default().push(object);
        }
        let (many, few): (Vec<_>, Vec<_>) =
            groups.into_values().partition(|group| view == View::Metadata && group.len() >= WORTH_A_LISTING);
        let listings: Vec<_> = many.into_iter().map(|group| self.live_group(group)).collect();
        let reads: Vec<_> = few.into_iter().flatten().map(|object| self.live_object(object)).collect();
        let listed: Vec<Live> =
            futures::stream::iter(listings).buffer_unordered(AT_ONCE).try_collect().await?;
        let read: Vec<_> = futures::stream::iter(reads).buffer_unordered(AT_ONCE).try_collect().await?;
        Ok(listed.into_iter().flatten().chain(read.into_iter().flatten()).collect())
    }

    /// Objects of one kind in one namespace.
    async fn live_group(&self, group: Vec<&Object>) -> Result<Live, DeployError> {
        match self.listed(&group).await {
            Ok(Some(live)) => Ok(live),
            // Whoever may not list may still read; and a kind that is not served yet has no objects.
            Ok(None) => self.read_all(&group).await,
            Err(error) if error.is_forbidden() => self.read_all(&group).await,
            Err(error) if error.is_not_found() => Ok(Live::new()),
            Err(error) => Err(DeployError::Api(error)),
        }
    }

    async fn read_all(&self, group: &[&Object]) -> Result<Live, DeployError> {
        let reads: Vec<_> = group.iter().map(|object| self.live_object(object)).collect();
        let read: Vec<_> = futures::stream::iter(reads).buffer_unordered(AT_ONCE).try_collect().await?;
        Ok(read.into_iter().flatten().collect())
    }

    /// The wanted objects of a listing; `None` where it holds so many others that it does not pay.
    async fn listed(&self, group: &[&Object]) -> Result<Option<Live>, ApiError> {
        let Some(first) = group.first() else { return Ok(Some(Live::new())) };
        let wanted: BTreeMap<&str, ObjectKey> =
            group.iter().map(|object| (object.name.as_str(), object.key())).collect();
        let mut live = Live::new();
        let mut token = String::new();
        loop {
            let mut page = self.cluster().list_metadata(&first.resource, &first.namespace, &token).await?;
            let left = page.pointer("/metadata/remainingItemCount").and_then(Value::as_u64).unwrap_or(0);
            if left > LONGEST * wanted.len() as u64 {
                return Ok(None);
            }
            if let Some(Value::Array(items)) = page.get_mut("items").map(Value::take) {
                live.extend(items.into_iter().filter_map(|item| {
                    let key = wanted.get(item.pointer("/metadata/name")?.as_str()?)?;
                    Some((key.clone(), item))
                }));
            }
            token = page.pointer("/metadata/continue").and_then(Value::as_str).unwrap_or_default().to_owned();
            if token.is_empty() {
                return Ok(Some(live));
            }
        }
    }

    async fn live_object(&self, object: &Object) -> Result<Option<(ObjectKey, Value)>, DeployError> {
        match self.cluster().get(object).await {
            Ok(live) => Ok(live.map(|live| (object.key(), live))),
            Err(source) => {
                let object = describe(object);
                Err(DeployError::Api(source)
                    .at(format!("could not get information about the resource {object}")))
            }
        }
    }
}
