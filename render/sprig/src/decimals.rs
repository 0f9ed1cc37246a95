//! Floats added, subtracted, multiplied and divided as decimals, so that 0.1 and 0.2 are 0.3: the arithmetic of
//! `shopspring/decimal`.

use std::cmp::Ordering;

use gotemplate::{FunctionError, Variadic};
use num_bigint::BigInt;
use value::{FloatFormat, Value, format_float};

use crate::cast::to_float64;

/// Decimal places of a quotient.
const DIVISION_PLACES: i64 = 16;

/// A number `coefficient × 10^exponent`.
#[derive(Clone, Debug)]
struct Decimal {
    coefficient: BigInt,
    exponent: i64,
}

pub(crate) fn addf(values: Variadic<Value>) -> Result<f64, FunctionError> {
    folded(0.0, &values, |left, right| Ok(left.plus(right)))
}

pub(crate) fn add1f(value: Value) -> Result<f64, FunctionError> {
    folded(to_float64(&value), &[Value::int(1)], |left, right| Ok(left.plus(right)))
}

pub(crate) fn subf(first: Value, others: Variadic<Value>) -> Result<f64, FunctionError> {
    folded(to_float64(&first), &others, |left, right| Ok(left.plus(right.negated())))
}

pub(crate) fn mulf(first: Value, others: Variadic<Value>) -> Result<f64, FunctionError> {
    folded(to_float64(&first), &others, |left, right| Ok(left.times(right)))
}

pub(crate) fn divf(first: Value, others: Variadic<Value>) -> Result<f64, FunctionError> {
    folded(to_float64(&first), &others, Decimal::over)
}

type Operation = fn(Decimal, Decimal) -> Result<Decimal, FunctionError>;

fn folded(first: f64, others: &[Value], operation: Operation) -> Result<f64, FunctionError> {
    let first = Decimal::new(first)?;
    let result =
        others.iter().try_fold(first, |sum, other| operation(sum, Decimal::new(to_float64(other))?))?;
    Ok(result.to_float())
}

impl Decimal {
    /// The shortest decimal that reads back as this float.
    fn new(number: f64) -> Result<Self, FunctionError> {
        if !number.is_finite() {
            let text = format_float(number, FloatFormat::General, None);
            return Err(FunctionError::new(format!("Cannot create a Decimal from {text}")));
        }
        let text = format!("{number:e}");
        let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        let (integer, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let coefficient = format!("{integer}{fraction}").parse().unwrap_or_default();
        let exponent = exponent.parse::<i64>().unwrap_or(0) - fraction.len() as i64;
        Ok(Self { coefficient, exponent })
    }

    fn negated(self) -> Self {
        Self { coefficient: -self.coefficient, ..self }
    }

    fn plus(self, other: Self) -> Self {
        let exponent = self.exponent.min(other.exponent);
        let coefficient = self.scaled_to(exponent) + other.scaled_to(exponent);
        Self { coefficient, exponent }
    }

    fn times(self, other: Self) -> Self {
        Self { coefficient: self.coefficient * other.coefficient, exponent: self.exponent + other.exponent }
    }

    /// The quotient to 16 places, halves rounded away from zero.
    fn over(self, other: Self) -> Result<Self, FunctionError> {
        if other.coefficient == BigInt::ZERO {
            return Err(FunctionError::new("decimal division by 0"));
        }
        let shift = self.exponent - other.exponent + DIVISION_PLACES;
        let (mut dividend, mut divisor) = (self.coefficient, other.coefficient);
        match shift.cmp(&0) {
            Ordering::Less => divisor *= power_of_ten(-shift),
            _ => dividend *= power_of_ten(shift),
        }
        let negative = (dividend < BigInt::ZERO) != (divisor < BigInt::ZERO);
        let (dividend, divisor) =
            (BigInt::from(dividend.magnitude().clone()), BigInt::from(divisor.magnitude().clone()));
        let rounded: BigInt = (&dividend * 2 + &divisor) / (&divisor * 2);
        let coefficient = if negative { -rounded } else { rounded };
        Ok(Self { coefficient, exponent: -DIVISION_PLACES })
    }

    fn scaled_to(&self, exponent: i64) -> BigInt {
        &self.coefficient * power_of_ten(self.exponent - exponent)
    }

    fn to_float(&self) -> f64 {
        format!("{}e{}", self.coefficient, self.exponent).parse().unwrap_or(0.0)
    }
}

fn power_of_ten(exponent: i64) -> BigInt {
    BigInt::from(10).pow(u32::try_from(exponent).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(values: &[f64]) -> Variadic<Value> {
        Variadic(values.iter().copied().map(Value::from).collect())
    }

    #[test]
    fn tenths_add_up() {
        assert_eq!(addf(all(&[0.1, 0.2])).unwrap(), 0.3);
        assert_eq!(subf(Value::from(0.3), all(&[0.1])).unwrap(), 0.2);
        assert_eq!(mulf(Value::from(1e300), all(&[1e300])).unwrap(), f64::INFINITY);
    }

    #[test]
    fn quotients_have_sixteen_places() {
        assert_eq!(divf(Value::from(2.0), all(&[3.0])).unwrap(), 0.666_666_666_666_666_7);
        assert_eq!(divf(Value::from(-1e-7), all(&[3e10])).unwrap(), 0.0);
        assert_eq!(divf(Value::from(1.0), all(&[0.0])).unwrap_err().to_string(), "decimal division by 0");
    }
}
