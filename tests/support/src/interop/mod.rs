//! Whether releases come out the same whoever makes them: scripts of actions, played by the two helms alone and by the
//! helms and pintle together. Exit codes, what is printed, live objects with their managers, and records are compared.

mod compare;
mod maker;
mod play;
mod script;
mod state;

pub use maker::{COMPARISONS, Cast, Comparison, Maker};
pub use play::{Stage, Verdict};
pub use script::{Line, Script, chart};
pub use state::{pack, unpack};
