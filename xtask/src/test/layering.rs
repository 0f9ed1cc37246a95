//! Arrows point one way: between crates as `cargo metadata` has them, and between the rooms of `src/` as their
//! `use` lines have them. `docs/architecture.md` says why.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path};

use serde_json::Value;

use super::Problems;
use crate::error::Error;
use crate::workspace::{self, list, text};

/// The crates of `render/`, and which of each other they may use.
const RENDER: &[(&str, &[&str])] = &[
    ("value", &[]),
    ("gosemver", &["value"]),
    ("goregex", &[]),
    ("goyaml", &["value"]),
    ("gotemplate", &["value"]),
    ("sprig", &["value", "gotemplate", "gosemver", "goregex"]),
    ("chart", &["value", "goyaml", "gosemver", "goregex"]),
    ("pintle-render", &["value", "gosemver", "goregex", "goyaml", "gotemplate", "sprig", "chart"]),
];

/// What would bring I/O into `render/`, from however far away.
const FOREIGN: &[&str] = &["tokio", "kube", "kube-client", "reqwest", "hyper", "k8s-openapi"];

/// The rooms of `src/`, from the bottom up. A room uses those below it; rooms side by side may use each other
/// as long as that goes one way.
const ROOMS: &[&[&str]] =
    &[&["release", "source", "cluster", "api"], &["deploy"], &["cli", "octo", "operator", "hub"]];

/// Checks crates and rooms.
pub(super) fn check() -> Result<Problems, Error> {
    let mut problems = check_crates(&workspace::metadata()?);
    let mut uses: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
    for path in workspace::files(&["src/*.rs"])? {
        let Some(room) = room_of(&path) else { continue };
        let source = workspace::read(&path)?;
        for used in crate_paths(&source) {
            if level(&used).is_some() && used != room {
                uses.entry(room.clone())
                    .or_default()
                    .entry(used)
                    .or_insert_with(|| path.display().to_string());
            }
        }
    }
    problems.extend(check_rooms(&uses));
    Ok(problems)
}

fn check_crates(metadata: &Value) -> Problems {
    let packages = list(metadata, "packages");
    let names: BTreeMap<&str, &str> =
        packages.iter().map(|package| (text(package, "id"), text(package, "name"))).collect();
    let mut edges: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for node in list(&metadata["resolve"], "nodes") {
        let normal = list(node, "deps")
            .iter()
            .filter(|dep| list(dep, "dep_kinds").iter().any(|kind| kind["kind"].is_null()));
        let used = normal.filter_map(|dep| names.get(text(dep, "pkg")).copied()).collect::<Vec<_>>();
        // Two versions of a package are one here, which only makes the check stricter.
        edges.entry(names.get(text(node, "id")).copied().unwrap_or_default()).or_default().extend(used);
    }
    let mut problems = Problems::new();
    for (name, allowed) in RENDER {
        for used in edges.get(name).into_iter().flatten() {
            let ours = RENDER.iter().any(|(other, _)| other == used) || used.starts_with("pintle");
            if ours && !allowed.contains(used) {
                problems.push(format!("{name} must not depend on {used}"));
            }
        }
        let reached = reach(name, &edges);
        problems.extend(FOREIGN.iter().filter(|foreign| reached.contains(**foreign)).map(|foreign| {
            format!("{name} must do no I/O but depends on {foreign} (`cargo tree -p {name} -e normal -i {foreign}`)")
        }));
    }
    let unknown = packages.iter().filter(|package| text(package, "manifest_path").contains("/render/"));
    let unknown = unknown.filter(|package| package["source"].is_null()).map(|package| text(package, "name"));
    problems.extend(
        unknown
            .filter(|name| !RENDER.iter().any(|(known, _)| known == name))
            .map(|name| format!("{name} has no place in xtask/src/test/layering.rs")),
    );
    problems
}

fn reach<'a>(from: &'a str, edges: &BTreeMap<&'a str, Vec<&'a str>>) -> BTreeSet<&'a str> {
    let mut seen = BTreeSet::new();
    let mut open = vec![from];
    while let Some(name) = open.pop() {
        if seen.insert(name) {
            open.extend(edges.get(name).into_iter().flatten());
        }
    }
    seen
}

fn check_rooms(uses: &BTreeMap<String, BTreeMap<String, String>>) -> Problems {
    let mut problems = Problems::new();
    for (room, used) in uses {
        for (other, file) in used {
            if level(other) > level(room) {
                problems.push(format!("{file} in {room} must not use crate::{other}, which is above it"));
            }
            let back = uses.get(other).and_then(|back| back.get(room));
            if let Some(back) = back.filter(|_| level(other) == level(room) && room < other) {
                problems.push(format!("{room} and {other} use each other ({file} and {back})"));
            }
        }
    }
    problems
}

fn level(room: &str) -> Option<usize> {
    ROOMS.iter().position(|rooms| rooms.contains(&room))
}

/// The room a file below `src/` is in; none for `lib.rs` and `main.rs`.
fn room_of(path: &Path) -> Option<String> {
    match path.components().nth(1)? {
        Component::Normal(name) => {
            let name = name.to_str()?.trim_end_matches(".rs");
            level(name).map(|_| name.to_owned())
        }
        _ => None,
    }
}

/// The first words of all paths that begin with `crate::`, also in `crate::{a::X, b}`. Comments do not count,
/// nor does what follows `#[cfg(test)]`.
fn crate_paths(source: &str) -> BTreeSet<String> {
    let code = source.split("#[cfg(test)]").next().unwrap_or_default();
    let code: String =
        code.lines().map(|line| line.split("//").next().unwrap_or_default()).collect::<Vec<_>>().join("\n");
    let mut found = BTreeSet::new();
    for (start, _) in code.match_indices("crate::") {
        let rest = &code[start + "crate::".len()..];
        match rest.strip_prefix('{') {
            Some(group) => found.extend(group_words(group)),
            None => found.extend(first_word(rest)),
        }
    }
    found
}

fn group_words(group: &str) -> BTreeSet<String> {
    let mut words = BTreeSet::new();
    let mut depth = 0;
    let mut fresh = true;
    for (at, character) in group.char_indices() {
        match character {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => fresh = true,
            _ if fresh && depth == 0 && !character.is_whitespace() => {
                words.extend(first_word(&group[at..]));
                fresh = false;
            }
            _ => {}
        }
    }
    words
}

fn first_word(text: &str) -> Option<String> {
    let word: String = text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
    (!word.is_empty()).then_some(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_found_in_groups_but_not_in_comments() {
        let source = "use crate::{\n  deploy::{plan, apply},\n  release,\n};\n// crate::hub\nfn f() { crate::cli::g() }\n\
                      #[cfg(test)]\nuse crate::operator;";
        let found: Vec<_> = crate_paths(source).into_iter().collect();
        assert_eq!(found, ["cli", "deploy", "release"]);
    }

    #[test]
    fn rooms_use_what_is_below_and_not_each_other() {
        let edge = |room: &str, other: &str| {
            (room.to_owned(), BTreeMap::from([(other.to_owned(), "f.rs".to_owned())]))
        };
        assert!(check_rooms(&BTreeMap::from([edge("cli", "deploy"), edge("deploy", "release")])).is_empty());
        assert_eq!(check_rooms(&BTreeMap::from([edge("release", "deploy")])).len(), 1);
        assert_eq!(
            check_rooms(&BTreeMap::from([edge("release", "source"), edge("source", "release")])).len(),
            1
        );
    }
}
