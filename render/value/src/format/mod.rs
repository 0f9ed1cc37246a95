//! Go's package `fmt`.

/// Go's `strconv.Quote`.
pub fn quote(text: &str) -> String {
    format!("{text:?}")
}
