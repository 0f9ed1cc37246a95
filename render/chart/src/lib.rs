//! The chart model and everything that happens to a chart before its templates run.

mod flavour;

pub use flavour::Flavour;
