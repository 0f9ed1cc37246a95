//! `cargo xtask build`: the binary as it is shipped.
//!
//! One static file. musl's C library starts in a third of a millisecond less than glibc's, and an executable at a fixed
//! address has no addresses to correct when it starts. The compiler is trained: it builds twice, and learns between from
//! charts that the first build renders which functions a short command runs. It then puts those side by side, where
//! otherwise each would bring the pages around it into memory.

use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{env, fs, io};

use crate::error::Error;
use crate::pintle::{Profile, build, executable};
use crate::workspace::{self, output, root, run as run_command, starts, target};

/// The arguments of `cargo xtask build`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {}

/// Charts that the first build renders, from the root of the checkout.
const TRAINING_CHARTS: [&str; 5] = [
    "fixtures/charts/typical",
    "fixtures/charts/shop",
    "fixtures/interop/charts/umbrella",
    "charts/pintle",
    "charts/pintle-communication-operator",
];

/// Builds the binary and prints where it is.
pub(crate) fn run(_: &Args) -> Result<(), Error> {
    println!("{}", build_shipped()?.display());
    Ok(())
}

/// Builds the binary and tells where it is. Elsewhere than on Linux it is an ordinary release build.
pub(crate) fn build_shipped() -> Result<PathBuf, Error> {
    if env::consts::OS != "linux" {
        return Ok(build(Profile::Release)?);
    }
    let triple = format!("{}-unknown-linux-musl", env::consts::ARCH);
    prepare(&triple)?;
    let training = target().join("training");
    let generate = format!("-C profile-generate={}", training.join("runs").display());
    let learner = compile(&triple, &training, &generate)?;
    let profile = train(&learner, &training)?;
    let linked = compile(&triple, &target(), &format!("-C profile-use={}", profile.display()))?;
    install(&linked)
}

/// Bytes that are written at a time: `cp` takes twice as many.
const PIECE: usize = 64 << 10;

/// Copies the executable, as whoever installs it does. The system keeps pages in memory as they were written, together or
/// one by one, and finds those faster that lie together: a command starts a third of a millisecond later from what the
/// linker wrote, and from what the system itself copied.
fn install(linked: &Path) -> Result<PathBuf, Error> {
    let folder = target().join("shipped");
    let failed = |error| Error::Message(format!("failed to write to {}: {error}", folder.display()));
    fs::create_dir_all(&folder).map_err(failed)?;
    let installed = folder.join("pintle");
    if !is_newer(&installed, linked) {
        // Written beside it and put in its place, which may be running.
        let written = folder.join("pintle.new");
        copy_in_pieces(linked, &written).and_then(|()| fs::rename(&written, &installed)).map_err(failed)?;
    }
    Ok(installed)
}

/// Copies an executable so that its pages lie together in memory.
pub(crate) fn copy_in_pieces(from: &Path, to: &Path) -> io::Result<()> {
    let executable = fs::read(from)?;
    let mut copy = File::create(to)?;
    executable.chunks(PIECE).try_for_each(|piece| copy.write_all(piece))?;
    fs::set_permissions(to, fs::metadata(from)?.permissions())
}

/// Installs what these builds need beside Rust: the standard library for musl, a C compiler for it, and the tool that
/// reads profiles.
fn prepare(triple: &str) -> Result<(), Error> {
    let library = output(Command::new("rustc").args(["--print", "target-libdir", "--target", triple]))?;
    if !Path::new(library.trim()).exists() {
        run_command(Command::new("rustup").args(["target", "add", triple]))?;
    }
    if !profile_reader()?.exists() {
        run_command(Command::new("rustup").args(["component", "add", "llvm-tools"]))?;
    }
    let is_host = output(Command::new("rustc").arg("-vV"))?.contains(&format!("host: {triple}"));
    if is_host || starts("musl-gcc", "--version") {
        return Ok(());
    }
    // OK because what counts is whether the compiler is there then.
    let _ =
        run_command(Command::new("apt-get").args(["install", "--yes", "musl-tools"]).stdout(Stdio::null()));
    match starts("musl-gcc", "--version") {
        true => Ok(()),
        false => Err(Error::Message(
            "musl-gcc is missing; install it (Debian and Ubuntu: musl-tools, Fedora: musl-gcc)".to_owned(),
        )),
    }
}

/// Where rustup puts LLVM's tool that merges profiles.
fn profile_reader() -> Result<PathBuf, Error> {
    let libraries = output(Command::new("rustc").args(["--print", "target-libdir"]))?;
    Ok(Path::new(libraries.trim()).with_file_name("bin").join("llvm-profdata"))
}

fn compile(triple: &str, folder: &Path, flags: &str) -> Result<PathBuf, Error> {
    let variable = triple.to_uppercase().replace('-', "_");
    let mut cargo =
        workspace::cargo(&["build", "--locked", "--release", "--bin", "pintle", "--target", triple]);
    cargo.arg("--target-dir").arg(folder);
    cargo.env(format!("CARGO_TARGET_{variable}_RUSTFLAGS"), format!("-C relocation-model=static {flags}"));
    Ok(executable(&mut cargo)?)
}

/// Has the first build work, and gives what was learned from it; nothing new where it is the build of last time.
fn train(program: &Path, folder: &Path) -> Result<PathBuf, Error> {
    let profile = folder.join("pintle.profdata");
    if is_newer(&profile, program) {
        return Ok(profile);
    }
    let (runs, charts) = (folder.join("runs"), folder.join("charts"));
    for made in [&runs, &charts] {
        // OK because it may not be there yet.
        let _ = fs::remove_dir_all(made);
        fs::create_dir_all(made)
            .map_err(|error| Error::Message(format!("failed to make {}: {error}", made.display())))?;
    }
    for chart in TRAINING_CHARTS {
        practise(program, &["package", chart, "--destination", &charts.to_string_lossy()])?;
        for command in [&["template", "web"] as &[_], &["lint"], &["show", "all"]] {
            practise(program, &[command, &[chart]].concat())?;
        }
    }
    let packed = fs::read_dir(&charts).map_err(|source| Error::Read { path: charts.clone(), source })?;
    for chart in packed.flatten() {
        let chart = chart.path();
        practise(program, &["template", "web", &chart.to_string_lossy(), "--kube-version", "1.33.0"])?;
    }
    run_command(Command::new(profile_reader()?).arg("merge").arg("--output").arg(&profile).arg(&runs))?;
    Ok(profile)
}

/// Whether both are there and the first was made after the second.
fn is_newer(first: &Path, second: &Path) -> bool {
    let made = |path: &Path| fs::metadata(path).and_then(|metadata| metadata.modified()).ok();
    matches!((made(first), made(second)), (Some(first), Some(second)) if first > second)
}

fn practise(program: &Path, arguments: &[&str]) -> Result<(), Error> {
    let mut command = Command::new(program);
    command.args(arguments).current_dir(root()).env("KUBECONFIG", "/dev/null");
    run_command(command.stdout(Stdio::null()))
}
