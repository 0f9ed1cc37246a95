//! What the steps of rendering charts take inside of one process, and how often a second a loaded chart renders.
//!
//! ```text
//! steps CHART.tgz…
//! ```
//!
//! A line gives the least time that each step took in any of [`ROUNDS`] rounds, in microseconds: a busy machine only
//! ever makes a step slower.

#![allow(clippy::print_stdout, reason = "this is a command line")]

use std::alloc::System;
use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime};

use chart::capabilities::{Capabilities, KubeVersion};
use chart::{Chart, Flavour, Limits};
use pintle_render::{Engine, Options, Release, Request, append_document, sort};
use spin::{Yield, mutex::SpinMutex};
use talc::source::GlobalAllocSource;
use value::Map;

// What the program that is shipped has.
#[global_allocator]
static ALLOCATOR: talc::TalcLock<SpinMutex<(), Yield>, GlobalAllocSource<System>> =
    talc::TalcLock::new(GlobalAllocSource::new(System));

const ROUNDS: usize = 10;
const FLAVOUR: Flavour = Flavour::V4;
/// What is measured. Templates are parsed by the first render of a chart and shared with the next ones.
const STEPS: [&str; 7] = ["load", "values", "schema", "parse", "execute", "documents", "print"];

type Failure = Box<dyn Error>;
type Times = [Duration; STEPS.len()];

fn main() -> Result<(), Failure> {
    let host: Arc<dyn sprig::Host> = Arc::new(Host::default());
    let engine = Engine::new(FLAVOUR, &host);
    println!("microseconds of each step, renders a second of a loaded chart");
    println!("{}{:>10}  chart", STEPS.map(|step| format!("{step:>10}")).concat(), "renders/s");
    for path in std::env::args().skip(1) {
        let archive = std::fs::read(&path)?;
        let (times, again) = measure(&engine, &archive).map_err(|error| format!("{path}: {error}"))?;
        let micros = times.map(|time| format!("{:>10}", time.as_micros()));
        println!("{}{:>10.0}  {path}", micros.concat(), 1.0 / again.as_secs_f64());
    }
    Ok(())
}

/// The least time of each step, and of a whole render of a chart that was rendered before.
fn measure(engine: &Engine, archive: &[u8]) -> Result<(Times, Duration), Failure> {
    let mut least = ([Duration::MAX; STEPS.len()], Duration::MAX);
    for _ in 0..ROUNDS {
        let (times, again) = round(engine, archive)?;
        for (least, time) in least.0.iter_mut().zip(times) {
            *least = time.min(*least);
        }
        least.1 = again.min(least.1);
    }
    Ok(least)
}

fn round(engine: &Engine, archive: &[u8]) -> Result<(Times, Duration), Failure> {
    let limits = Limits::default();
    let (values, release) = (Map::new(), release());
    let mut capabilities = Capabilities::offline(FLAVOUR);
    capabilities.kube_version = KubeVersion::parse("1.33.0", FLAVOUR)?;
    let mut clock = Clock(Instant::now());

    let chart = Chart::load_archive(archive, &limits, FLAVOUR)?;
    let load = clock.lap();
    let processed = chart::process_dependencies(&chart, &values, FLAVOUR)?.chart;
    let coalesced = chart::coalesce_values(&processed, &values, FLAVOUR)?.values;
    let merge = clock.lap();
    chart::schema::validate(&processed, &coalesced, &limits)?;
    let schema = clock.lap();
    let options = Options::default();
    let templates = || engine.render_templates(&processed, &coalesced, &release, &capabilities, &options);
    templates()?;
    let parse_and_execute = clock.lap();
    let mut files = templates()?;
    let execute = clock.lap();
    files.retain(|name, _| !name.ends_with("NOTES.txt"));
    let sorted = sort(files, FLAVOUR)?;
    let documents = clock.lap();
    let mut text = String::new();
    for manifest in &sorted.manifests {
        append_document(&mut text, &manifest.path, &manifest.content);
    }
    std::hint::black_box(text);
    let print = clock.lap();

    let request = Request {
        values: &values,
        release: &release,
        capabilities: &capabilities,
        skip_schema_validation: false,
        subchart_notes: false,
    };
    std::hint::black_box(engine.render(&chart, &request, &options)?);
    let parse = parse_and_execute.saturating_sub(execute);
    Ok(([load, merge, schema, parse, execute, documents, print], clock.lap()))
}

fn release() -> Release {
    Release {
        name: "demo-release".to_owned(),
        namespace: "demo-ns".to_owned(),
        revision: 1,
        is_install: true,
        is_upgrade: false,
    }
}

struct Clock(Instant);

impl Clock {
    /// The time since the last lap.
    fn lap(&mut self) -> Duration {
        let now = Instant::now();
        now - std::mem::replace(&mut self.0, now)
    }
}

/// The real clock, and a chance that is the same in every run.
#[derive(Default)]
struct Host(AtomicU64);

impl sprig::Host for Host {
    fn now(&self) -> SystemTime {
        SystemTime::now()
    }

    fn fill_random(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            // SplitMix64.
            let mut mixed = self.0.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::Relaxed);
            mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            chunk.copy_from_slice(&(mixed ^ (mixed >> 31)).to_le_bytes()[..chunk.len()]);
        }
    }
}
