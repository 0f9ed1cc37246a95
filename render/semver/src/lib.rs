//! Versions and version constraints as Helm understands them.
