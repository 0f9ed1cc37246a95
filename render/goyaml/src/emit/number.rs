//! Numbers as they come out of `toYaml`.

use value::{FloatFormat, format_float};

/// A finite float after its way through JSON: whole numbers up to 64 bits are integers then, all others keep Go's
/// shortest form (`1.2345675e+06`).
pub(super) fn float_through_json(number: f64) -> String {
    if number.fract() == 0.0 && number.abs() < 1e21 {
        let digits = format_float(number, FloatFormat::Decimal, None);
        if digits == "-0" {
            return "0".to_owned();
        }
        if digits.parse::<i64>().is_ok() || digits.parse::<u64>().is_ok() {
            return digits;
        }
    }
    format_float(number, FloatFormat::General, None)
}

/// A float as `yaml.v3` prints it.
pub(super) fn float(number: f64) -> String {
    match number {
        _ if number.is_nan() => ".nan".to_owned(),
        f64::INFINITY => ".inf".to_owned(),
        f64::NEG_INFINITY => "-.inf".to_owned(),
        _ => format_float(number, FloatFormat::General, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_become_integers_on_the_way_through_json() {
        for (number, text) in [
            (1e6, "1000000"),
            (1e18, "1000000000000000000"),
            (1e19, "10000000000000000000"),
            (1e20, "1e+20"),
            (-1e19, "-1e+19"),
            (-0.0, "0"),
            (1_234_567.5, "1.2345675e+06"),
            (1e-7, "1e-07"),
            (0.1, "0.1"),
        ] {
            assert_eq!(float_through_json(number), text);
        }
        assert_eq!(float(1e6), "1e+06");
        assert_eq!(float(-0.0), "-0");
    }
}
