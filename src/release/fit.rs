//! Making records fit into one object of the API server, or saying in time that they don't.
//!
//! Kubernetes refuses Secrets and ConfigMaps of more than a megabyte, and nothing may be applied whose record can't be
//! kept. So a new record is measured before it is written, with room for what comes later: the phases of hooks and the
//! text of a failure. One that is too large is compressed harder, then, where that was asked for, stored without the
//! templates and files of its chart; Helm lists, shows and rolls back such a record.

use std::num::NonZeroU64;

use serde_json::value::RawValue;

use super::envelope;
use super::{Record, RecordError, StorageError, StoredChart, codec};

/// What Kubernetes takes of data in one Secret or ConfigMap: the text of the record, in bytes.
const LIMIT: usize = 1024 * 1024;
/// What a record may still grow by after it was first written.
const ROOM: usize = 16 * 1024;
/// To what a description is shortened where it makes a record too large, in characters.
const SHORT: usize = 512;
/// Rounds of the thorough compressor: more gain less than a percent.
const ROUNDS: u64 = 3;

/// What is to be made fit.
#[derive(Clone, Copy, Debug)]
pub(super) enum Fit {
    /// A revision that is stored for the first time.
    New {
        /// Whether parts that Helm can do without may be left out.
        slim: bool,
    },
    /// One that is stored already.
    Stored,
}

/// The text to store. The record is changed where something had to be left out.
pub(super) fn fit(record: &mut Record, how: Fit) -> Result<String, StorageError> {
    fit_within(LIMIT, record, how)
}

fn fit_within(most: usize, record: &mut Record, how: Fit) -> Result<String, StorageError> {
    let limit = match how {
        Fit::New { .. } => most - ROOM,
        Fit::Stored => most,
    };
    let text = encode(record, false)?;
    if text.len() <= limit {
        return Ok(text);
    }
    match how {
        Fit::New { slim: true } => slim(record).map_err(|source| failed(record, source))?,
        Fit::Stored => shorten(record),
        Fit::New { slim: false } => {}
    }
    let text = encode(record, true)?;
    if text.len() <= limit {
        return Ok(text);
    }
    Err(StorageError::TooLarge {
        name: record.name.clone(),
        revision: record.revision,
        bytes: text.len(),
        limit,
        parts: parts(record),
    })
}

fn encode(record: &Record, hard: bool) -> Result<String, StorageError> {
    let json = codec::to_json(record, chart::Flavour::V4).map_err(|source| failed(record, source))?;
    let sealed = if hard { envelope::seal_hard(&json, rounds()) } else { envelope::seal(&json) };
    sealed.map_err(|source| failed(record, source))
}

fn rounds() -> NonZeroU64 {
    NonZeroU64::new(ROUNDS).unwrap_or(NonZeroU64::MIN)
}

fn failed(record: &Record, source: RecordError) -> StorageError {
    StorageError::Record { action: format!("failed to encode release {:?}", record.name), source }
}

/// Leaves out what nothing needs to list, show or roll back: rendering reads templates and files, and of a record
/// nobody renders.
fn slim(record: &mut Record) -> Result<(), RecordError> {
    let mut members = record.chart.members()?;
    for name in ["templates", "files", "schema"] {
        members.replace(name, RawValue::NULL);
    }
    let json = members.to_raw().map_err(|error| RecordError::Json(error.to_string()))?;
    record.chart = StoredChart::from_json(json);
    Ok(())
}

fn shorten(record: &mut Record) {
    let description = &mut record.info.description;
    if let Some((end, _)) = description.char_indices().nth(SHORT) {
        description.truncate(end);
        description.push('…');
    }
}

/// `chart files 900000, manifest 40000`, the largest first; what takes less than a thousandth is left out.
fn parts(record: &Record) -> String {
    let members = record.chart.members().unwrap_or_default();
    let chart = |name| members.raw(name).map_or(0, str::len);
    let hooks: usize = record.hooks.iter().map(|hook| hook.manifest.len()).sum();
    let config =
        value::json::to_string(&value::Value::Map(record.config.clone())).map_or(0, |json| json.len());
    let mut sizes = [
        ("chart templates", chart("templates")),
        ("chart files", chart("files")),
        ("chart values", chart("values")),
        ("chart schema", chart("schema")),
        ("values", config),
        ("manifest", record.manifest.len()),
        ("hooks", hooks),
        ("notes", record.info.notes.len()),
    ];
    sizes.sort_by_key(|(_, size)| std::cmp::Reverse(*size));
    let told = sizes.iter().filter(|(_, size)| *size > LIMIT / 1000);
    told.map(|(name, size)| format!("{name} {size}")).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Text that does not compress: half a byte of it takes half a byte.
    fn noise(bytes: usize) -> String {
        let mut state = 1_u64;
        let letters = (0..bytes).map(|_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            char::from(b'a' + u8::try_from((state >> 33) % 16).unwrap())
        });
        letters.collect()
    }

    const SMALL: usize = 4 * ROOM;

    fn record(files: usize, manifest: usize) -> Record {
        let json = format!(
            r#"{{"metadata":{{"name":"c","version":"1"}},"templates":[],"values":{{"a":1}},"files":[{{"name":"f","data":"{}"}}]}}"#,
            noise(files)
        );
        let chart = StoredChart::from_json(RawValue::from_string(json).unwrap());
        Record { name: "r".into(), revision: 2, chart, manifest: noise(manifest), ..Record::default() }
    }

    #[test]
    fn a_record_that_is_too_large_is_refused_with_the_sizes_of_its_parts() {
        let error =
            fit_within(SMALL, &mut record(190_000, 2_000), Fit::New { slim: false }).unwrap_err().to_string();
        assert!(error.contains("the record of revision 2 of release \"r\" takes 1"), "{error}");
        assert!(error.contains(": chart files 1900"), "{error}");
        assert!(error.contains(", manifest 2000 (bytes"), "{error}");
    }

    #[test]
    fn a_slim_record_lacks_what_only_rendering_needs() {
        let mut record = record(190_000, 2_000);
        let text = fit_within(SMALL, &mut record, Fit::New { slim: true }).unwrap();
        let stored = codec::decode(text.as_bytes()).unwrap();
        assert_eq!(stored.chart.label(), "c-1");
        assert_eq!(stored.manifest, record.manifest);
        assert!(stored.chart.values().unwrap().as_map().unwrap().contains_key("a"));
        assert!(stored.chart.json().unwrap().contains(r#""files":null"#));
    }

    #[test]
    fn a_failure_with_a_long_text_is_still_recorded() {
        let mut record = record(1_000, 60_000);
        fit_within(SMALL, &mut record, Fit::New { slim: false }).unwrap();
        record.info.description = noise(60_000);
        fit_within(SMALL, &mut record, Fit::Stored).unwrap();
        assert_eq!(record.info.description.chars().count(), SHORT + 1);
    }

    #[test]
    fn a_small_record_is_stored_whole_even_where_slim_ones_are_wanted() {
        let mut record = record(1_000, 1_000);
        fit(&mut record, Fit::New { slim: true }).unwrap();
        assert!(record.chart.json().unwrap().contains("\"data\""));
    }
}
