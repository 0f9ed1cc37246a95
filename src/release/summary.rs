//! What a listing shows of a record, read without reading the record.
//!
//! Helm writes a record's name, state and chart metadata first and what is large (values, templates, manifest) behind
//! them. So the text is decoded and unpacked as a stream that ends as soon as everything shown has passed by: a few
//! kilobytes of a record that may hold megabytes. Records with another order are read to their end.

use std::cell::RefCell;
use std::fmt;
use std::io::{BufReader, Read};

use base64::engine::general_purpose::STANDARD;
use base64::read::DecoderReader;
use flate2::read::GzDecoder;
use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};

use super::envelope::GZIP_MAGIC;
use super::{Record, RecordError, Status, Time};

/// How much of a record is unpacked at most to find what is shown. Only notes may be long there.
const MOST_BYTES: u64 = 8 * 1024 * 1024;

/// What a listing shows of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    /// The status that the record has inside.
    pub status: Status,
    /// When the revision was deployed.
    pub last_deployed: Option<Time>,
    /// The sentence in the log of the release.
    pub description: String,
    /// The revision this one went back to; 0 where it is no rollback.
    pub rollback_revision: i64,
    /// `name-version` of the chart; `MISSING` without metadata.
    pub chart: String,
    /// The version of what the chart installs; `MISSING` without metadata.
    pub app_version: String,
}

impl Summary {
    /// What a listing shows of a record that was read.
    pub(super) fn of(record: &Record) -> Self {
        Self {
            status: record.info.status.clone(),
            last_deployed: record.info.last_deployed,
            description: record.info.description.clone(),
            rollback_revision: record.info.rollback_revision,
            chart: record.chart.label(),
            app_version: record.chart.app_version(),
        }
    }

    /// Reads the beginning of a record: the text that the key `release` of the storing object holds.
    ///
    /// # Errors
    /// Where the text is damaged up to where it was read, or what is shown does not come within eight megabytes.
    pub(super) fn read(text: impl Read) -> Result<Self, RecordError> {
        let mut bytes = DecoderReader::new(text, &STANDARD);
        let mut magic = [0; GZIP_MAGIC.len()];
        let mut known = 0;
        while known < magic.len() {
            match bytes.read(magic.get_mut(known..).unwrap_or_default()).map_err(RecordError::Compression)? {
                0 => break,
                count => known += count,
            }
        }
        let start = magic.get(..known).unwrap_or_default();
        match start == GZIP_MAGIC {
            true => scan(GzDecoder::new(start.chain(bytes))),
            false => scan(start.chain(bytes)),
        }
    }
}

fn scan(json: impl Read) -> Result<Summary, RecordError> {
    let mut limited = json.take(MOST_BYTES);
    let found = RefCell::new(Found::default());
    let mut deserializer = serde_json::Deserializer::from_reader(BufReader::new(&mut limited));
    let scanned = deserializer.deserialize_map(RecordVisitor(&found));
    drop(deserializer);
    let at_end = limited.limit() == 0;
    let found = found.into_inner();
    match scanned {
        Ok(()) => found.summary(),
        Err(_) if found.is_complete() => found.summary(),
        Err(_) if at_end => Err(RecordError::TooLarge { limit: MOST_BYTES }),
        Err(error) => Err(RecordError::Json(error.to_string())),
    }
}

/// What was seen so far.
#[derive(Default)]
struct Found {
    info: Option<InfoHead>,
    metadata: Option<ChartHead>,
}

#[derive(Deserialize)]
struct InfoHead {
    #[serde(default)]
    last_deployed: Option<String>,
    #[serde(default)]
    description: Option<String>,
    #[serde(default)]
    status: Option<String>,
    #[serde(default)]
    rollback_revision: Option<i64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ChartHead {
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    version: Option<String>,
    #[serde(default)]
    app_version: Option<String>,
}

impl Found {
    fn is_complete(&self) -> bool {
        self.info.is_some() && self.metadata.is_some()
    }

    fn summary(self) -> Result<Summary, RecordError> {
        let info = self.info.ok_or_else(|| RecordError::Json("info: missing".to_owned()))?;
        let time = info.last_deployed.filter(|text| !text.is_empty());
        let time = time.map(|text| {
            Time::parse(&text)
                .ok_or_else(|| RecordError::Json(format!("last_deployed: {text:?} is no RFC 3339 time")))
        });
        let missing = || "MISSING".to_owned();
        let text = Option::<String>::unwrap_or_default;
        let (chart, app_version) = match self.metadata {
            None => (missing(), missing()),
            Some(head) => (format!("{}-{}", text(head.name), text(head.version)), text(head.app_version)),
        };
        Ok(Summary {
            status: info.status.as_deref().map_or(Status::Unknown, Status::from),
            last_deployed: time.transpose()?.filter(|time| !time.is_zero()),
            description: text(info.description),
            rollback_revision: info.rollback_revision.unwrap_or_default(),
            chart,
            app_version,
        })
    }
}

/// Ends the reading. It is never seen: whoever gets it looks at what was found.
fn enough<E: serde::de::Error>(found: &RefCell<Found>) -> Result<(), E> {
    if found.borrow().is_complete() { Err(E::custom("everything was found")) } else { Ok(()) }
}

/// The members of a record.
struct RecordVisitor<'a>(&'a RefCell<Found>);

impl<'de> Visitor<'de> for RecordVisitor<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a record")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(name) = map.next_key::<String>()? {
            match name.as_str() {
                "info" => self.0.borrow_mut().info = map.next_value()?,
                "chart" => map.next_value_seed(Chart(self.0))?,
                _ => drop(map.next_value::<IgnoredAny>()?),
            }
            enough(self.0)?;
        }
        Ok(())
    }
}

/// The members of a record's chart.
struct Chart<'a>(&'a RefCell<Found>);

impl<'de> DeserializeSeed<'de> for Chart<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Chart<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a chart")
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(name) = map.next_key::<String>()? {
            match name.as_str() {
                "metadata" => self.0.borrow_mut().metadata = map.next_value()?,
                _ => drop(map.next_value::<IgnoredAny>()?),
            }
            enough(self.0)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use base64::Engine as _;
    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    fn packed(json: &[u8]) -> String {
        let mut writer = GzEncoder::new(Vec::new(), Compression::fast());
        writer.write_all(json).unwrap();
        STANDARD.encode(writer.finish().unwrap())
    }

    fn read(text: &str) -> Result<Summary, RecordError> {
        Summary::read(text.as_bytes())
    }

    const START: &str = concat!(
        r#"{"name":"r","info":{"last_deployed":"2026-11-21T09:58:36.5Z","notes":"n","status":"deployed","#,
        r#""description":"Upgrade complete"},"chart":{"metadata":{"name":"web","version":"1.2.3","appVersion":"7"},"#
    );

    #[test]
    fn what_is_shown_is_read_and_the_rest_is_not() {
        let broken = format!("{START}\"templates\": this is no JSON any more");
        let summary = read(&packed(broken.as_bytes())).unwrap();
        assert_eq!((summary.chart.as_str(), summary.app_version.as_str()), ("web-1.2.3", "7"));
        assert_eq!((summary.status, summary.description.as_str()), (Status::Deployed, "Upgrade complete"));
        assert_eq!(summary.last_deployed.unwrap().rfc3339_nano(), "2026-11-21T09:58:36.5Z");
    }

    #[test]
    fn another_order_of_members_is_read_to_its_end() {
        let json = r#"{"chart":{"values":{},"metadata":{"name":"a","version":"1"}},"x":[{}],"info":{"rollback_revision":3}}"#;
        let summary = read(&packed(json.as_bytes())).unwrap();
        assert_eq!((summary.chart.as_str(), summary.rollback_revision), ("a-1", 3));
        assert_eq!(read(&STANDARD.encode(json)).unwrap(), summary);
    }

    #[test]
    fn a_record_without_a_chart_is_shown_as_missing() {
        for json in
            [r#"{"info":{}}"#, r#"{"info":{},"chart":null}"#, r#"{"info":{},"chart":{"metadata":null}}"#]
        {
            assert_eq!(read(&packed(json.as_bytes())).unwrap().chart, "MISSING", "{json}");
        }
    }

    #[test]
    fn damage_and_bombs_are_errors_that_need_no_memory() {
        assert!(read("?").is_err());
        assert!(read(&packed(b"{}")).is_err());
        assert!(read(&packed(b"[]")).is_err());
        assert!(read(&packed(br#"{"info":{"last_deployed":"yesterday"}}"#)).is_err());
        let bomb = packed(&vec![b' '; 64 << 20]);
        assert!(matches!(read(&bomb), Err(RecordError::TooLarge { .. })));
    }
}
