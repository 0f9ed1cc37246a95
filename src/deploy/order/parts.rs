//! The parts of a release that wait for each other. Helm: HIP-0025.
//!
//! A part is the objects of one resource group of one chart, or those of the chart that are in no group. Groups are
//! known within their chart only. Objects of no group come after the groups of their chart; a chart comes after the
//! charts it depends on, with all below them.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::cluster::Object;

/// The group that an object belongs to.
const GROUP: &str = "helm.sh/resource-group";
/// The groups that an object's group depends on, as a JSON list. No key that Kubernetes would take: it never gets there.
const DEPENDS_ON: &str = "helm.sh/depends-on/resource-groups";

/// Where an object stands in its release.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::deploy) struct Place {
    /// The path of the chart that it comes from: `app/charts/db`; empty where that is not known.
    pub(super) chart: String,
    group: Option<String>,
    depends_on: Vec<String>,
    /// What the object says and nobody understands.
    fault: Option<String>,
}

/// By the path of a chart: the paths of those that have to be ready before its own objects, with all below them.
pub(in crate::deploy) type Before = BTreeMap<String, BTreeSet<String>>;

/// Things that are deployed together, after those of the batches before.
#[derive(Debug)]
pub(in crate::deploy) struct Batch<'a, Thing> {
    pub(in crate::deploy) things: Vec<&'a Thing>,
    /// Those that something of a later batch waits for.
    pub(in crate::deploy) awaited: Vec<&'a Thing>,
}

/// The objects of a resource group of a chart; without a group, those that are in none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Part<'a> {
    chart: &'a str,
    group: Option<&'a str>,
}

impl Place {
    /// Reads an object's place, and takes out of the object what Kubernetes would not accept. `source` is the path of
    /// the template that it comes from.
    pub(in crate::deploy) fn take(object: &mut Object, source: &str) -> Self {
        let group = object.annotation(GROUP).map(str::to_owned);
        let annotations = object.body.pointer_mut("/metadata/annotations").and_then(Value::as_object_mut);
        let listed = annotations.and_then(|annotations| annotations.remove(DEPENDS_ON));
        let mut place = Self { chart: chart_of(source), group, ..Self::default() };
        let Some(text) = listed.as_ref().and_then(Value::as_str) else { return place };
        match serde_json::from_str(text) {
            Ok(groups) => place.depends_on = groups,
            Err(_) => {
                place.group = None;
                place.fault = Some(format!("{DEPENDS_ON} is no JSON list of names: {text}"));
            }
        }
        place
    }

    /// What is wrong with the place of an object; `None` where nothing is.
    pub(super) fn fault(&self) -> Option<&str> {
        self.fault.as_deref()
    }

    fn part<'a>(&'a self, groups: &BTreeSet<Part<'a>>) -> Part<'a> {
        let part = Part { chart: &self.chart, group: self.group.as_deref() };
        if groups.contains(&part) { part } else { Part { group: None, ..part } }
    }
}

/// `app/charts/db` of `app/charts/db/templates/service.yaml`.
fn chart_of(source: &str) -> String {
    let mut segments = source.split('/');
    let mut path = segments.next().unwrap_or_default().to_owned();
    while let (Some("charts"), Some(name)) = (segments.next(), segments.next()) {
        path.push_str("/charts/");
        path.push_str(name);
    }
    path
}

/// Whether a path is that of a chart or of one below it.
fn is_within(path: &str, chart: &str) -> bool {
    path.strip_prefix(chart).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// The batches in which things are deployed, in the things' order within each.
///
/// # Errors
/// Names the parts that wait for each other.
pub(in crate::deploy) fn batches<'a, Thing>(
    things: &[&'a Thing],
    place: impl Fn(&'a Thing) -> &'a Place,
    before: &Before,
) -> Result<Vec<Batch<'a, Thing>>, String> {
    let places: Vec<&Place> = things.iter().map(|thing| place(thing)).collect();
    let groups = groups(&places);
    let parts: Vec<Part<'_>> = places.iter().map(|place| place.part(&groups)).collect();
    let needs = needs(&places, &parts, before);
    let mut done = BTreeSet::new();
    let mut batches = Vec::new();
    while done.len() < needs.len() {
        let is_next = |(part, needed): &(&Part<'_>, &BTreeSet<Part<'_>>)| {
            !done.contains(*part) && needed.is_subset(&done)
        };
        let next: BTreeSet<Part<'_>> = needs.iter().filter(is_next).map(|(part, _)| *part).collect();
        if next.is_empty() {
            return Err(stuck(needs.keys().filter(|part| !done.contains(*part))));
        }
        done.extend(&next);
        let left = needs.iter().filter(|(part, _)| !done.contains(*part));
        let awaited: BTreeSet<Part<'_>> = left.flat_map(|(_, needed)| needed).copied().collect();
        let of = |chosen: &dyn Fn(&Part<'_>) -> bool| {
            let members = things.iter().zip(&parts).filter(|(_, part)| chosen(part));
            members.map(|(thing, _)| *thing).collect()
        };
        batches.push(Batch {
            things: of(&|part| next.contains(part)),
            awaited: of(&|part| next.contains(part) && awaited.contains(part)),
        });
    }
    Ok(batches)
}

/// The groups that take part: those that depend on nothing that is not there, and that have to do with another one.
fn groups<'a>(places: &[&'a Place]) -> BTreeSet<Part<'a>> {
    let mut groups = BTreeMap::<Part<'a>, BTreeSet<Part<'a>>>::new();
    for place in places.iter().filter(|place| place.group.is_some()) {
        let part = |group| Part { chart: &place.chart, group };
        let needed = groups.entry(part(place.group.as_deref())).or_default();
        needed.extend(place.depends_on.iter().map(|name| part(Some(name))));
    }
    while let Some(lost) = groups
        .iter()
        .find(|(_, needed)| needed.iter().any(|group| !groups.contains_key(group)))
        .map(|(group, _)| *group)
    {
        groups.remove(&lost);
    }
    let named: BTreeSet<Part<'_>> = groups.values().flatten().copied().collect();
    groups.retain(|group, needed| !needed.is_empty() || named.contains(group));
    groups.into_keys().collect()
}

/// What each part waits for.
fn needs<'a>(
    places: &[&'a Place],
    parts: &[Part<'a>],
    before: &Before,
) -> BTreeMap<Part<'a>, BTreeSet<Part<'a>>> {
    let mut needs: BTreeMap<Part<'a>, BTreeSet<Part<'a>>> =
        parts.iter().map(|part| (*part, BTreeSet::new())).collect();
    let known: Vec<Part<'a>> = needs.keys().copied().collect();
    for (place, part) in places.iter().zip(parts) {
        let Some(needed) = needs.get_mut(part) else { continue };
        if part.group.is_some() {
            let groups = place.depends_on.iter().map(|name| Part { group: Some(name), ..*part });
            needed.extend(groups);
        }
    }
    for (part, needed) in &mut needs {
        let charts = before.get(part.chart);
        let is_before = |other: &&Part<'a>| {
            let of_own_chart = part.group.is_none() && other.chart == part.chart && other.group.is_some();
            of_own_chart || charts.into_iter().flatten().any(|chart| is_within(other.chart, chart))
        };
        needed.extend(known.iter().filter(is_before));
    }
    needs
}

fn stuck<'a>(parts: impl Iterator<Item = &'a Part<'a>>) -> String {
    let name = |part: &Part<'_>| match part.group {
        Some(group) => format!("resource group {group} of {}", part.chart),
        None => format!("chart {}", part.chart),
    };
    format!("these wait for each other: {}", parts.map(name).collect::<Vec<_>>().join(", "))
}

/// The objects' groups that count as none, with the reason.
pub(super) fn out_of_order(places: &[&Place]) -> Vec<Option<String>> {
    let groups = groups(places);
    let reason = |place: &&Place| {
        if let Some(fault) = place.fault() {
            return Some(fault.to_owned());
        }
        let group = place.group.as_deref()?;
        let part = Part { chart: &place.chart, group: Some(group) };
        (!groups.contains(&part)).then(|| match place.depends_on.is_empty() {
            true => format!("no other resource group has to do with {group}"),
            false => format!("its resource group {group} depends on one that is not there"),
        })
    };
    places.iter().map(reason).collect()
}
