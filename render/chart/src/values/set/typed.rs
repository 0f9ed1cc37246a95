//! What `--set` makes of a text.

use value::Value;

use crate::go_text::equal_fold;

/// Booleans and null in any case, integers without a leading zero; everything else stays text, `1.5` and `1e3` too.
pub(super) fn value(text: String) -> Value {
    if equal_fold("true", &text) {
        return true.into();
    }
    if equal_fold("false", &text) {
        return false.into();
    }
    if equal_fold("null", &text) {
        return Value::Nil;
    }
    if text == "0" {
        return Value::int64(0);
    }
    match value::parse_int(&text, 10) {
        Ok(number) if !text.starts_with('0') => Value::int64(number),
        _ => text.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_integers_without_leading_zeros_are_numbers() {
        assert_eq!(value("-5".into()), Value::int64(-5));
        assert_eq!(value("+5".into()), Value::int64(5));
        assert_eq!(value("0".into()), Value::int64(0));
        for text in ["007", "1.5", "1e3", "0x1F", "9223372036854775808", "", "1_000"] {
            assert_eq!(value(text.into()), Value::from(text), "{text}");
        }
    }

    #[test]
    fn words_count_in_any_case() {
        assert_eq!(value("TRUE".into()), Value::from(true));
        assert_eq!(value("falſe".into()), Value::from(false));
        assert_eq!(value("Null".into()), Value::Nil);
    }
}
