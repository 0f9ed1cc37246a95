//! Integer and float arithmetic, sequences.

use gotemplate::{Call, FunctionError, Variadic};
use value::{ElementType, IntType, List, Str, Value, format, parse_int};

use crate::{
    cast::{to_float64, to_int64},
    limits::charge_list,
    panic,
};

/// `strconv.Atoi`, 0 where it fails.
pub(crate) fn atoi(text: Str) -> isize {
    let text = text.to_text();
    match parse_int(&text, 10) {
        Ok(number) => number as isize,
        Err(error) if error.is_out_of_range() && text.starts_with('-') => isize::MIN,
        Err(error) if error.is_out_of_range() => isize::MAX,
        Err(_) => 0,
    }
}

pub(crate) fn int(value: Value) -> isize {
    to_int64(&value) as isize
}

pub(crate) fn int64(value: Value) -> i64 {
    to_int64(&value)
}

pub(crate) fn float64(value: Value) -> f64 {
    to_float64(&value)
}

/// Reads what the value prints as an octal number.
pub(crate) fn to_decimal(value: Value) -> i64 {
    parse_int(&format::to_text(&value).to_text(), 8).unwrap_or(0)
}

pub(crate) fn add(values: Variadic<Value>) -> i64 {
    values.iter().map(to_int64).fold(0, i64::wrapping_add)
}

pub(crate) fn add1(value: Value) -> i64 {
    to_int64(&value).wrapping_add(1)
}

pub(crate) fn sub(left: Value, right: Value) -> i64 {
    to_int64(&left).wrapping_sub(to_int64(&right))
}

pub(crate) fn mul(first: Value, others: Variadic<Value>) -> i64 {
    others.iter().map(to_int64).fold(to_int64(&first), i64::wrapping_mul)
}

pub(crate) fn div(left: Value, right: Value) -> Result<i64, FunctionError> {
    match to_int64(&right) {
        0 => Err(panic::divide_by_zero()),
        divisor => Ok(to_int64(&left).wrapping_div(divisor)),
    }
}

pub(crate) fn modulo(left: Value, right: Value) -> Result<i64, FunctionError> {
    match to_int64(&right) {
        0 => Err(panic::divide_by_zero()),
        divisor => Ok(to_int64(&left).wrapping_rem(divisor)),
    }
}

pub(crate) fn max(first: Value, others: Variadic<Value>) -> i64 {
    others.iter().map(to_int64).fold(to_int64(&first), i64::max)
}

pub(crate) fn min(first: Value, others: Variadic<Value>) -> i64 {
    others.iter().map(to_int64).fold(to_int64(&first), i64::min)
}

pub(crate) fn maxf(first: Value, others: Variadic<Value>) -> f64 {
    others.iter().map(to_float64).fold(to_float64(&first), |left, right| extreme(left, right, f64::INFINITY))
}

pub(crate) fn minf(first: Value, others: Variadic<Value>) -> f64 {
    others
        .iter()
        .map(to_float64)
        .fold(to_float64(&first), |left, right| extreme(left, right, f64::NEG_INFINITY))
}

/// `math.Max` or `math.Min`, by which infinity wins: an infinity beats NaN, NaN beats numbers, zeros have signs.
fn extreme(left: f64, right: f64, winner: f64) -> f64 {
    let upwards = winner > 0.0;
    if left == winner || right == winner {
        winner
    } else if left.is_nan() || right.is_nan() {
        f64::NAN
    } else if left == 0.0 && right == 0.0 {
        if left.is_sign_negative() == upwards { right } else { left }
    } else if (left > right) == upwards {
        left
    } else {
        right
    }
}

pub(crate) fn floor(value: Value) -> f64 {
    to_float64(&value).floor()
}

pub(crate) fn ceil(value: Value) -> f64 {
    to_float64(&value).ceil()
}

/// Rounds to so many places, up from the fraction `.5` or another given one.
pub(crate) fn round(value: Value, places: isize, round_on: Variadic<f64>) -> f64 {
    let round_on = round_on.first().copied().unwrap_or(0.5);
    let power = power_of_ten(places as f64);
    let digit = power * to_float64(&value);
    let fraction = if digit.is_infinite() { f64::NAN } else { digit.fract() };
    let rounded = if fraction >= round_on { digit.ceil() } else { digit.floor() };
    rounded / power
}

/// `math.Pow(10, places)` with Go's order of multiplication: its last bits differ from others'.
fn power_of_ten(places: f64) -> f64 {
    const BEYOND_EVERY_FLOAT: f64 = 400.0;
    if places.abs() > BEYOND_EVERY_FLOAT {
        return if places > 0.0 { f64::INFINITY } else { 0.0 };
    }
    let (mut mantissa, mut exponent) = (1.0_f64, 0_i32);
    let (mut square, mut square_exponent) = (10.0 / 16.0, 4_i32);
    let mut left = places.abs() as u32;
    while left != 0 {
        if left & 1 == 1 {
            mantissa *= square;
            exponent += square_exponent;
        }
        square *= square;
        square_exponent *= 2;
        if square < 0.5 {
            square *= 2.0;
            square_exponent -= 1;
        }
        left >>= 1;
    }
    if places < 0.0 {
        (mantissa, exponent) = (1.0 / mantissa, -exponent);
    }
    // In two steps, because 2^exponent alone may be no float.
    let half = exponent / 2;
    mantissa * 2.0_f64.powi(half) * 2.0_f64.powi(exponent - half)
}

pub(crate) fn until(call: &mut Call<'_>, count: isize) -> Result<List, FunctionError> {
    let step = if count < 0 { -1 } else { 1 };
    listed(call, "until", 0, count, step)
}

pub(crate) fn until_step(
    call: &mut Call<'_>,
    start: isize,
    stop: isize,
    step: isize,
) -> Result<List, FunctionError> {
    listed(call, "untilStep", start, stop, step)
}

fn listed(
    call: &mut Call<'_>,
    function: &str,
    start: isize,
    stop: isize,
    step: isize,
) -> Result<List, FunctionError> {
    let numbers = steps(call, function, start, stop, step)?;
    let items = numbers.map(|number| Value::Int(IntType::Int, number as i64)).collect();
    Ok(List::typed(ElementType::Int(IntType::Int), items).grown())
}

/// The numbers from `start` to below `stop`; none where the step leads away from it.
fn steps(
    call: &mut Call<'_>,
    function: &str,
    start: isize,
    stop: isize,
    step: isize,
) -> Result<impl Iterator<Item = isize> + use<>, FunctionError> {
    let towards = if stop < start { step < 0 } else { step > 0 };
    let distance = stop.abs_diff(start);
    let count = if towards { distance.div_ceil(step.unsigned_abs()) } else { 0 };
    charge_list(call, function, count)?;
    Ok((0..count).map(move |index| start.wrapping_add((index as isize).wrapping_mul(step))))
}

/// As the shell's `seq`: up or down to the last number inclusive, joined by spaces.
pub(crate) fn seq(call: &mut Call<'_>, parameters: Variadic<isize>) -> Result<String, FunctionError> {
    let (start, step, end) = match *parameters.as_slice() {
        [end] => (1, direction(1, end), end),
        [start, end] => (start, direction(start, end), end),
        [start, step, end] if end >= start || step <= 0 => (start, step, end),
        _ => return Ok(String::new()),
    };
    let beyond = end.wrapping_add(direction(start, end));
    let numbers: Vec<String> =
        steps(call, "seq", start, beyond, step)?.map(|number| number.to_string()).collect();
    Ok(numbers.join(" "))
}

fn direction(start: isize, end: isize) -> isize {
    if end < start { -1 } else { 1 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn powers_of_ten_are_go_s() {
        assert_eq!(power_of_ten(2.0), 100.0);
        assert_eq!(power_of_ten(-2.0), 0.01);
        assert_eq!(power_of_ten(22.0), 1e22);
        assert_eq!(power_of_ten(-320.0), 1e-320);
        assert_eq!(power_of_ten(500.0), f64::INFINITY);
    }

    #[test]
    fn rounding_goes_by_the_fraction() {
        let round = |number: f64, places| super::round(Value::from(number), places, Variadic(Vec::new()));
        assert_eq!(
            (round(1.005, 2), round(-1.5, 0), round(2.5, 0), round(123.0, -1)),
            (1.0, -2.0, 3.0, 120.0)
        );
    }

    #[test]
    fn extremes_know_signed_zeros() {
        assert!(extreme(-0.0, 0.0, f64::INFINITY).is_sign_positive());
        assert!(extreme(0.0, -0.0, f64::NEG_INFINITY).is_sign_negative());
        assert_eq!(extreme(f64::NAN, f64::INFINITY, f64::INFINITY), f64::INFINITY);
    }
}
