//! Where Helm keeps its files, so that both find the same repositories and logins.

use std::path::{Path, PathBuf};

/// Helm's files. Helm: `pkg/cli`, `pkg/helmpath`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HelmHome {
    /// `repositories.yaml`: `HELM_REPOSITORY_CONFIG`.
    pub repository_config: PathBuf,
    /// The directory with `<name>-index.yaml`: `HELM_REPOSITORY_CACHE`.
    pub repository_cache: PathBuf,
    /// Logins for registries: `HELM_REGISTRY_CONFIG`.
    pub registry_config: PathBuf,
    /// Docker's logins, asked after Helm's own: `DOCKER_CONFIG`, else `~/.docker`.
    pub docker_config: PathBuf,
    /// The directory with starter charts, in `HELM_DATA_HOME`.
    pub starters: PathBuf,
}

impl HelmHome {
    /// As this process's environment says.
    pub fn from_environment() -> Self {
        Self::from(&|name| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from))
    }

    /// As `variable` says; unset and empty are the same.
    pub fn from(variable: &dyn Fn(&str) -> Option<PathBuf>) -> Self {
        let user = variable("HOME").unwrap_or_else(|| PathBuf::from("/"));
        let config = base(variable, &user, "HELM_CONFIG_HOME", "XDG_CONFIG_HOME", ".config");
        let cache = base(variable, &user, "HELM_CACHE_HOME", "XDG_CACHE_HOME", ".cache");
        let docker = variable("DOCKER_CONFIG").unwrap_or_else(|| user.join(".docker"));
        Self {
            repository_config: variable("HELM_REPOSITORY_CONFIG")
                .unwrap_or_else(|| config.join("repositories.yaml")),
            repository_cache: variable("HELM_REPOSITORY_CACHE").unwrap_or_else(|| cache.join("repository")),
            registry_config: variable("HELM_REGISTRY_CONFIG")
                .unwrap_or_else(|| config.join("registry/config.json")),
            docker_config: docker.join("config.json"),
            starters: base(variable, &user, "HELM_DATA_HOME", "XDG_DATA_HOME", ".local/share")
                .join("starters"),
        }
    }

    /// The cached index of a repository.
    pub fn cached_index(&self, repository: &str) -> PathBuf {
        self.repository_cache.join(format!("{repository}-index.yaml"))
    }

    /// The cached list of a repository's chart names, one a line.
    pub fn cached_names(&self, repository: &str) -> PathBuf {
        self.repository_cache.join(format!("{repository}-charts.txt"))
    }
}

fn base(
    variable: &dyn Fn(&str) -> Option<PathBuf>,
    user: &Path,
    own: &str,
    xdg: &str,
    default: &str,
) -> PathBuf {
    variable(own)
        .or_else(|| variable(xdg).map(|base| base.join("helm")))
        .unwrap_or_else(|| user.join(default).join("helm"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn home(variables: &[(&str, &str)]) -> HelmHome {
        HelmHome::from(&|name| {
            variables.iter().find(|(key, _)| *key == name).map(|(_, value)| PathBuf::from(value))
        })
    }

    #[test]
    fn the_defaults_lie_in_the_users_home() {
        let home = home(&[("HOME", "/u")]);
        assert_eq!(home.repository_config, Path::new("/u/.config/helm/repositories.yaml"));
        assert_eq!(home.cached_index("a"), Path::new("/u/.cache/helm/repository/a-index.yaml"));
        assert_eq!(home.registry_config, Path::new("/u/.config/helm/registry/config.json"));
        assert_eq!(home.docker_config, Path::new("/u/.docker/config.json"));
        assert_eq!(home.starters, Path::new("/u/.local/share/helm/starters"));
    }

    #[test]
    fn helms_variables_win_over_those_of_the_desktop() {
        let home = home(&[
            ("HOME", "/u"),
            ("XDG_CONFIG_HOME", "/x"),
            ("HELM_CACHE_HOME", "/c"),
            ("HELM_REGISTRY_CONFIG", "/r.json"),
        ]);
        assert_eq!(home.repository_config, Path::new("/x/helm/repositories.yaml"));
        assert_eq!(home.repository_cache, Path::new("/c/repository"));
        assert_eq!(home.registry_config, Path::new("/r.json"));
    }
}
