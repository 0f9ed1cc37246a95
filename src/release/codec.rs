//! Records to and from text.
//!
//! The JSON has Helm's order of members and leaves out what Helm leaves out. Helm 4's shape is what is stored:
//! both read it. Helm 3's shape exists for printing as Helm 3 prints.

use chart::Flavour;
use value::{Map, Value};

use super::members::{MemberError, Members, ObjectWriter};
use super::record::{HookRun, Info, StoredHook};
use super::{Record, RecordError, Status, StoredChart, Time, envelope};

/// The text that the key `release` of the storing object holds.
///
/// # Errors
/// Where the values hold a number JSON can't.
pub fn encode(record: &Record) -> Result<String, RecordError> {
    envelope::seal(&to_json(record, Flavour::V4)?)
}

/// Reads that text. Labels and the storing object's metadata are the caller's to add.
///
/// # Errors
/// Where the text is damaged, too large, or holds a member of the wrong type.
pub fn decode(text: &[u8]) -> Result<Record, RecordError> {
    from_json(&envelope::open(text)?)
}

/// The record as Helm's JSON, on one line.
///
/// # Errors
/// Where the values hold a number JSON can't.
pub fn to_json(record: &Record, flavour: Flavour) -> Result<String, RecordError> {
    let mut writer = ObjectWriter::new();
    writer.text_unless_empty("name", &record.name);
    writer.raw("info", &info_json(&record.info, flavour));
    if let Some(chart) = record.chart.json() {
        writer.raw("chart", chart);
    }
    if !record.config.is_empty() {
        writer.value("config", &Value::Map(record.config.clone()))?;
    }
    writer.text_unless_empty("manifest", &record.manifest);
    if !record.hooks.is_empty() {
        let hooks: Vec<_> = record.hooks.iter().map(|hook| hook_json(hook, flavour)).collect();
        writer.raw("hooks", &format!("[{}]", hooks.join(",")));
    }
    writer.number_unless_zero("version", record.revision);
    writer.text_unless_empty("namespace", &record.namespace);
    if flavour == Flavour::V4 {
        writer.text_unless_empty("apply_method", record.apply_method.as_str());
        if !record.sequence.is_empty() {
            writer.raw("sequence", &serde_json::json!(record.sequence).to_string());
        }
    }
    Ok(writer.finish(&record.unknown))
}

fn info_json(info: &Info, flavour: Flavour) -> String {
    let mut writer = ObjectWriter::new();
    time(&mut writer, "first_deployed", info.first_deployed, flavour);
    time(&mut writer, "last_deployed", info.last_deployed, flavour);
    time(&mut writer, "deleted", info.deleted, flavour);
    writer.text_unless_empty("description", &info.description);
    writer.text_unless_empty("status", info.status.as_str());
    if flavour == Flavour::V4 {
        writer.number_unless_zero("rollback_revision", info.rollback_revision);
    }
    writer.text_unless_empty("notes", &info.notes);
    writer.finish(&info.unknown)
}

fn hook_json(hook: &StoredHook, flavour: Flavour) -> String {
    let mut writer = ObjectWriter::new();
    writer.text_unless_empty("name", &hook.name);
    writer.text_unless_empty("kind", &hook.kind);
    writer.text_unless_empty("path", &hook.path);
    writer.text_unless_empty("manifest", &hook.manifest);
    writer.texts_unless_empty("events", &hook.events);
    writer.raw("last_run", &run_json(&hook.last_run, flavour));
    writer.number_unless_zero("weight", hook.weight);
    writer.texts_unless_empty("delete_policies", &hook.delete_policies);
    writer.texts_unless_empty("output_log_policies", &hook.output_log_policies);
    writer.finish(&hook.unknown)
}

fn run_json(run: &HookRun, flavour: Flavour) -> String {
    let mut writer = ObjectWriter::new();
    time(&mut writer, "started_at", run.started_at, flavour);
    time(&mut writer, "completed_at", run.completed_at, flavour);
    writer.text("phase", run.phase.as_str());
    writer.finish(&run.unknown)
}

/// Helm 4 leaves out a time that is not set; Helm 3 writes it as an empty string.
fn time(writer: &mut ObjectWriter, name: &str, time: Option<Time>, flavour: Flavour) {
    match time {
        Some(time) => writer.text(name, &time.rfc3339_nano()),
        None if flavour == Flavour::V3 => writer.text(name, ""),
        None => {}
    }
}

/// Reads the JSON of a record.
///
/// # Errors
/// Where it is no object or a member is of the wrong type.
pub fn from_json(json: &[u8]) -> Result<Record, RecordError> {
    let mut members: Members =
        serde_json::from_slice(json).map_err(|source| RecordError::Json(source.to_string()))?;
    let info = members.take::<Members>("info")?.ok_or_else(|| missing("info"))?;
    let hooks = members.take::<Vec<Members>>("hooks")?.unwrap_or_default();
    Ok(Record {
        name: members.take("name")?.unwrap_or_default(),
        namespace: members.take("namespace")?.unwrap_or_default(),
        revision: members.take("version")?.unwrap_or_default(),
        info: info_from(info)?,
        chart: members.take_raw("chart").map(StoredChart::from_json).unwrap_or_default(),
        config: config(&mut members)?,
        manifest: members.take("manifest")?.unwrap_or_default(),
        hooks: hooks.into_iter().map(hook_from).collect::<Result<_, _>>()?,
        apply_method: members.take::<String>("apply_method")?.unwrap_or_default().into(),
        sequence: members.take("sequence")?.unwrap_or_default(),
        unknown: members,
        ..Record::default()
    })
}

fn config(members: &mut Members) -> Result<Map, MemberError> {
    match members.take_value("config")? {
        None | Some(Value::Nil) => Ok(Map::new()),
        Some(Value::Map(map)) => Ok(map),
        Some(_) => Err(MemberError { name: "config", problem: "expected an object".into() }),
    }
}

fn missing(name: &'static str) -> MemberError {
    MemberError { name, problem: "missing".into() }
}

fn info_from(mut members: Members) -> Result<Info, MemberError> {
    Ok(Info {
        first_deployed: take_time(&mut members, "first_deployed")?,
        last_deployed: take_time(&mut members, "last_deployed")?,
        deleted: take_time(&mut members, "deleted")?,
        description: members.take("description")?.unwrap_or_default(),
        status: members.take::<String>("status")?.map_or(Status::Unknown, |word| word.as_str().into()),
        rollback_revision: members.take("rollback_revision")?.unwrap_or_default(),
        notes: members.take("notes")?.unwrap_or_default(),
        unknown: members,
    })
}

fn hook_from(mut members: Members) -> Result<StoredHook, MemberError> {
    Ok(StoredHook {
        name: members.take("name")?.unwrap_or_default(),
        kind: members.take("kind")?.unwrap_or_default(),
        path: members.take("path")?.unwrap_or_default(),
        manifest: members.take("manifest")?.unwrap_or_default(),
        events: members.take("events")?.unwrap_or_default(),
        last_run: members.take::<Members>("last_run")?.map_or(Ok(HookRun::default()), run_from)?,
        weight: members.take("weight")?.unwrap_or_default(),
        delete_policies: members.take("delete_policies")?.unwrap_or_default(),
        output_log_policies: members.take("output_log_policies")?.unwrap_or_default(),
        unknown: members,
    })
}

fn run_from(mut members: Members) -> Result<HookRun, MemberError> {
    Ok(HookRun {
        started_at: take_time(&mut members, "started_at")?,
        completed_at: take_time(&mut members, "completed_at")?,
        phase: members.take::<String>("phase")?.unwrap_or_default().into(),
        unknown: members,
    })
}

fn take_time(members: &mut Members, name: &'static str) -> Result<Option<Time>, MemberError> {
    let Some(text) = members.take::<String>(name)? else { return Ok(None) };
    if text.is_empty() {
        return Ok(None);
    }
    let time = Time::parse(&text);
    let time = time.ok_or_else(|| MemberError { name, problem: format!("{text:?} is no RFC 3339 time") })?;
    Ok((!time.is_zero()).then_some(time))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HELM_4: &str = concat!(
        r#"{"name":"r","info":{"first_deployed":"2026-11-21T09:58:36.559241148Z","#,
        r#""last_deployed":"2026-11-21T09:58:36.559241148Z","description":"Install complete","status":"deployed","#,
        r#""notes":"\u003cb\u003e\n"},"chart":{"metadata":{"name":"c","version":"1.0.0"},"lock":null,"templates":[],"#,
        r#""values":{"a":1},"schema":null,"schemamodtime":"0001-01-01T00:00:00Z","files":[]},"#,
        r#""config":{"x":{"y":2}},"manifest":"---\n# Source: c/templates/a.yaml\nkind: A\n\n","#,
        r#""hooks":[{"name":"h","kind":"Job","path":"c/templates/h.yaml","manifest":"kind: Job\n","#,
        r#""events":["pre-install"],"last_run":{"phase":""},"weight":-1,"delete_policies":["hook-succeeded"]}],"#,
        r#""version":1,"namespace":"n","apply_method":"ssa"}"#
    );

    #[test]
    fn a_record_of_helm_4_is_written_again_byte_for_byte() {
        let record = from_json(HELM_4.as_bytes()).unwrap();
        assert_eq!(to_json(&record, Flavour::V4).unwrap(), HELM_4);
        let again = decode(encode(&record).unwrap().as_bytes()).unwrap();
        assert_eq!(to_json(&again, Flavour::V4).unwrap(), HELM_4);
    }

    #[test]
    fn the_shape_of_helm_3_has_empty_times_and_no_apply_method() {
        let json = to_json(&from_json(HELM_4.as_bytes()).unwrap(), Flavour::V3).unwrap();
        assert!(json.contains(r#""deleted":"","description""#));
        assert!(json.contains(r#""last_run":{"started_at":"","completed_at":"","phase":""}"#));
        assert!(json.ends_with(r#""version":1,"namespace":"n"}"#));
    }

    #[test]
    fn unknown_members_are_kept_at_every_level() {
        let json = r#"{"name":"r","info":{"status":"weird","more":1},"hooks":[{"last_run":{"phase":"","z":2},"y":3}],"x":{"a":[1.50]}}"#;
        assert_eq!(to_json(&from_json(json.as_bytes()).unwrap(), Flavour::V4).unwrap(), json);
    }

    #[test]
    fn the_sequence_of_charts_is_kept() {
        let json = r#"{"info":{"status":"deployed"},"sequence":{"app":["app/charts/db"]}}"#;
        let record = from_json(json.as_bytes()).unwrap();
        assert!(record.sequence["app"].contains("app/charts/db"));
        assert_eq!(to_json(&record, Flavour::V4).unwrap(), json);
    }

    #[test]
    fn a_record_without_info_is_an_error_and_no_crash() {
        assert_eq!(from_json(b"{}").unwrap_err().to_string(), "info: missing");
        assert!(from_json(b"[]").is_err());
        let error = from_json(br#"{"info":{"last_deployed":"yesterday"}}"#).unwrap_err();
        assert_eq!(error.to_string(), r#"last_deployed: "yesterday" is no RFC 3339 time"#);
    }

    #[test]
    fn a_value_that_prints_with_an_exponent_is_printed_as_go_does() {
        let json = br#"{"info":{},"config":{"a":1e21,"b":1000000,"c":0.0000001}}"#;
        let written = to_json(&from_json(json).unwrap(), Flavour::V4).unwrap();
        assert!(written.contains(r#""config":{"a":1e+21,"b":1000000,"c":1e-7}"#), "{written}");
    }
}
