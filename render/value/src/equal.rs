//! Equality as `reflect.DeepEqual` sees it, without recursion: values nest as deep as a chart likes.

use std::collections::HashSet;

use crate::Value;

/// As `reflect.DeepEqual`: same types, same contents; NaN equals nothing; nil and empty differ.
impl PartialEq for Value {
    fn eq(&self, other: &Value) -> bool {
        let mut pairs = vec![(self.clone(), other.clone())];
        let mut maps_seen = HashSet::new();
        while let Some((a, b)) = pairs.pop() {
            let equal = match (&a, &b) {
                (Value::List(a), Value::List(b)) => {
                    let alike = a.element() == b.element() && a.is_nil() == b.is_nil() && a.len() == b.len();
                    if alike && !a.same(b) {
                        pairs.extend(a.iter().cloned().zip(b.iter().cloned()));
                    }
                    alike
                }
                (Value::Map(a), Value::Map(b)) if a.same(b) => true,
                (Value::Map(a), Value::Map(b)) => {
                    let alike =
                        a.map_type() == b.map_type() && a.is_nil() == b.is_nil() && a.keys() == b.keys();
                    if alike && maps_seen.insert((a.address(), b.address())) {
                        pairs.extend(a.entries().into_iter().zip(b.entries()).map(|((_, a), (_, b))| (a, b)));
                    }
                    alike
                }
                _ => leaves_equal(&a, &b),
            };
            if !equal {
                return false;
            }
        }
        true
    }
}

fn leaves_equal(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Nil, Value::Nil) => true,
        (Value::Bool(a), Value::Bool(b)) => a == b,
        (Value::Int(s, a), Value::Int(t, b)) => s == t && a == b,
        (Value::Uint(s, a), Value::Uint(t, b)) => s == t && a == b,
        (Value::Float(a), Value::Float(b)) => a == b,
        (Value::Complex(a, b), Value::Complex(c, d)) => a == c && b == d,
        (Value::Str(a), Value::Str(b)) => a == b,
        (Value::Bytes(a), Value::Bytes(b)) => a == b,
        (Value::Object(a), Value::Object(b)) => {
            std::sync::Arc::ptr_eq(a, b)
                || (a.type_name() == b.type_name() && a.to_text() == b.to_text() && a.fields() == b.fields())
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use crate::{List, Map, Value};

    #[test]
    fn an_int_is_no_float_of_the_same_number() {
        assert_ne!(Value::int(1), Value::from(1.0));
        assert_ne!(Value::int(1), Value::int64(1));
    }

    #[test]
    fn an_empty_slice_is_not_the_nil_slice() {
        let nil = List::nil(crate::ElementType::Interface);
        assert_ne!(Value::List(nil), Value::List(List::new(Vec::new())));
    }

    #[test]
    fn maps_that_contain_themselves_compare() {
        let cyclic = || {
            let map = Map::new();
            map.insert("me", map.clone());
            map
        };
        let (a, b) = (cyclic(), cyclic());
        assert_eq!(Value::from(a.clone()), Value::from(b.clone()));
        a.remove("me");
        b.remove("me");
    }
}
