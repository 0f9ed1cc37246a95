//! The template functions of sprig 3.3, as Helm's charts know them.
//!
//! Each family is a module of plain typed functions; [`functions`] is the one table of their names. Results and error
//! texts are those of the Go functions; where Go panics, the text is that of the panic.
//!
//! `env` and `expandenv` are left out, as Helm leaves them out; `getHostByName` gives "". Helm's own functions
//! (`include`, `toYaml`…) are not here, but for the durations that Helm 4 adds: [`helm4_functions`].

mod cast;
mod crypto;
mod dates;
mod decimals;
mod dicts;
mod encoding;
mod host;
mod json;
mod limits;
mod lists;
mod merge;
mod numbers;
mod panic;
mod paths;
mod random;
mod reflection;
mod regexes;
mod strings;
mod table;
mod unicode;
mod urls;
mod versions;
mod words;
mod wrap;

pub use dates::{Time, Zone};
pub use host::Host;
pub use random::rand_int;
pub use table::{functions, helm4_functions, methods};
