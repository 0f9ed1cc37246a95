//! Helm's renderer: charts and values in, manifests, hooks and notes out.
