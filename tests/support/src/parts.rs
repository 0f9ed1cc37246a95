//! The Go programs the tests use: what they are built from, where they are kept, and how to build them.
//!
//! A part lives in the cache under a name that ends in a hash of all that goes into it, so that a change of
//! its module makes a new one and an unchanged one is never built twice. The cache is `$PINTLE_CACHE`, else
//! `$XDG_CACHE_HOME/pintle`, else `~/.cache/pintle`.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, process};

use crate::Error;

/// One program built from published Go modules.
#[derive(Debug)]
pub struct Part {
    /// The name of the binary.
    pub name: &'static str,
    /// The version it reports.
    pub version: &'static str,
    /// The Go module it is built from, below `tests/cluster`.
    module: &'static str,
    /// The package to build. `.` stands for a program of ours, whose source is then part of the hash.
    package: &'static str,
    /// Variables set when it is linked, as the official releases do.
    variables: &'static [&'static str],
}

/// Helm 3.
pub const HELM3: Part = Part {
    name: "helm3",
    version: "v3.22.0",
    module: "helm3",
    package: "helm.sh/helm/v3/cmd/helm",
    variables: &[
        "helm.sh/helm/v3/internal/version.version=v3.22.0",
        "helm.sh/helm/v3/pkg/chartutil.k8sVersionMajor=1",
        "helm.sh/helm/v3/pkg/chartutil.k8sVersionMinor=37",
        "helm.sh/helm/v3/pkg/lint/rules.k8sVersionMajor=1",
        "helm.sh/helm/v3/pkg/lint/rules.k8sVersionMinor=37",
    ],
};

/// Helm 4.
pub const HELM4: Part = Part {
    name: "helm4",
    version: "v4.3.1",
    module: "helm4",
    package: "helm.sh/helm/v4/cmd/helm",
    variables: &["helm.sh/helm/v4/internal/version.version=v4.3.1"],
};

const KUBERNETES_VARIABLES: &[&str] = &[
    "k8s.io/component-base/version.gitVersion=v1.36.3",
    "k8s.io/component-base/version.gitMajor=1",
    "k8s.io/component-base/version.gitMinor=36",
];

/// kubectl.
pub const KUBECTL: Part = Part {
    name: "kubectl",
    version: "v1.36.3",
    module: ".",
    package: "k8s.io/kubernetes/cmd/kubectl",
    variables: KUBERNETES_VARIABLES,
};

/// The control plane.
pub const CLUSTER: Part = Part {
    name: "pintle-cluster",
    version: "v1.36.3",
    module: ".",
    package: ".",
    variables: KUBERNETES_VARIABLES,
};

/// The OCI registry.
pub const REGISTRY: Part =
    Part { name: "pintle-registry", version: "v3.1.2", module: "registry", package: ".", variables: &[] };

/// The proxy that counts requests and breaks connections.
pub const PROXY: Part =
    Part { name: "pintle-proxy", version: "v0.1.0", module: "proxy", package: ".", variables: &[] };

/// All parts, in the order in which they are best built: what is needed most often first.
pub const ALL: &[&Part] = &[&HELM4, &HELM3, &KUBECTL, &CLUSTER, &REGISTRY, &PROXY];

/// The directory all parts are kept in.
///
/// # Errors
/// When no variable says where it is.
pub fn cache() -> Result<PathBuf, Error> {
    let from = |variable: &str, below: &str| {
        env::var_os(variable).filter(|value| !value.is_empty()).map(|value| Path::new(&value).join(below))
    };
    from("PINTLE_CACHE", "")
        .or_else(|| from("XDG_CACHE_HOME", "pintle"))
        .or_else(|| from("HOME", ".cache/pintle"))
        .map(|cache| cache.join("parts"))
        .ok_or_else(|| Error::Environment {
            variable: "PINTLE_CACHE",
            problem: "neither it nor XDG_CACHE_HOME nor HOME is set; set it to a directory to build into"
                .into(),
        })
}

impl Part {
    /// Where the part is, or will be once it is built.
    ///
    /// # Errors
    /// When its module cannot be read.
    pub fn path(&self) -> Result<PathBuf, Error> {
        Ok(cache()?.join(format!("{}-{:016x}", self.name, self.hash()?)).join(self.name))
    }

    /// Where the part is; builds it when it is not there. Processes that want the same part wait for the
    /// first of them to build it.
    ///
    /// # Errors
    /// When Go is missing or the build fails.
    pub fn ensure(&self) -> Result<PathBuf, Error> {
        let path = self.path()?;
        if path.exists() {
            return Ok(path);
        }
        let cache = cache()?;
        fs::create_dir_all(&cache).map_err(Error::io("failed to create", &cache))?;
        let lock = cache.join(format!("{}.lock", self.name));
        let file = File::create(&lock).map_err(Error::io("failed to create", &lock))?;
        file.lock().map_err(Error::io("failed to lock", &lock))?;
        if !path.exists() {
            self.build(&path)?;
        }
        Ok(path)
    }

    fn build(&self, path: &Path) -> Result<(), Error> {
        announce(self);
        let dir = path.parent().unwrap_or(path);
        fs::create_dir_all(dir).map_err(Error::io("failed to create", dir))?;
        let unfinished = dir.join(format!(".{}", process::id()));
        let variables: String = self.variables.iter().map(|variable| format!(" -X {variable}")).collect();
        let status = Command::new("go")
            .args(["build", "-trimpath", "-buildvcs=false", "-mod=readonly"])
            .arg(format!("-ldflags=-s -w{variables}"))
            .arg("-o")
            .arg(&unfinished)
            .arg(self.package)
            .current_dir(self.module_dir())
            .env("CGO_ENABLED", "0")
            .env("GOWORK", "off")
            .status()
            .map_err(Error::GoMissing)?;
        if !status.success() {
            return Err(Error::BuildFailed { part: self.name, module: self.module_dir() });
        }
        fs::rename(&unfinished, path).map_err(Error::io("failed to put in place", path))
    }

    fn module_dir(&self) -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../cluster").join(self.module)
    }

    fn hash(&self) -> Result<u64, Error> {
        let mut hash = Fnv::new();
        for word in [self.package, env::consts::OS, env::consts::ARCH] {
            hash.write(word.as_bytes());
        }
        for variable in self.variables {
            hash.write(variable.as_bytes());
        }
        for path in self.inputs()? {
            hash.write(path.file_name().unwrap_or_default().as_encoded_bytes());
            hash.write(&fs::read(&path).map_err(Error::io("failed to read", &path))?);
        }
        Ok(hash.0)
    }

    fn inputs(&self) -> Result<Vec<PathBuf>, Error> {
        let dir = self.module_dir();
        let mut inputs = vec![dir.join("go.mod"), dir.join("go.sum")];
        if self.package == "." {
            let entries = fs::read_dir(&dir).map_err(Error::io("failed to read", &dir))?;
            let files = entries.filter_map(|entry| entry.ok().map(|entry| entry.path()));
            inputs.extend(files.filter(|path| path.extension().is_some_and(|extension| extension == "go")));
        }
        inputs.sort();
        Ok(inputs)
    }
}

#[expect(clippy::print_stderr, reason = "a first build takes minutes, in which a test would seem to hang")]
fn announce(part: &Part) {
    eprintln!("building {} {} (once; the first of its kind takes minutes)", part.name, part.version);
}

/// FNV-1a, because the standard library's hash may change from one toolchain to the next.
struct Fnv(u64);

impl Fnv {
    fn new() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }

    /// Adds one field and its end, so that two fields are never the same as one.
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes.iter().chain(&[0xff]) {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}
