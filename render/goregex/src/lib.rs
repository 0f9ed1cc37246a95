//! Go's package `regexp`, as far as templates and schemas use it.
//!
//! The syntax is read here, because Rust's differs from it in classes, escapes, flags and limits; the matching is done
//! by `regex-automata`, which like Go's is linear in the text. Texts may be invalid UTF-8: each bad byte then counts
//! as one U+FFFD, as in Go.
//!
//! ```
//! let words = goregex::Regex::new(b"([a-z]+)-([a-z]+)").unwrap();
//! assert_eq!(words.replace_all(b"left-right", b"${2} $1", 100).unwrap(), b"right left");
//! ```

mod error;
mod haystack;
mod regex;
mod syntax;
mod template;

pub use error::{Error, ErrorKind};
pub use regex::{Regex, quote_meta};
