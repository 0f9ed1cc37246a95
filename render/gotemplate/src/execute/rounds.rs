//! What a `{{range}}` goes through.

use std::sync::Arc;

use value::{ElementType, IntType, List, Str, UintType, Value, format};

use crate::Reflected;

/// What is left of a loop.
pub(super) enum Rounds {
    Items { items: List, next: usize },
    Bytes { bytes: Arc<[u8]>, next: usize },
    Entries { entries: std::vec::IntoIter<(Str, Value)>, element: ElementType },
    Int { int: IntType, next: i64, end: i64 },
    Uint { uint: UintType, next: u64, end: u64 },
}

impl Rounds {
    /// The rounds over a value for so many variables; `None` where there are none.
    ///
    /// # Errors
    /// Go's text for a value that can't be gone through.
    pub(super) fn of(value: Value, variables: usize) -> Result<Option<Self>, String> {
        Ok(match value {
            Value::Nil => None,
            Value::Int(..) | Value::Uint(..) if variables > 1 => {
                let value = format::to_text(&value);
                return Err(format!("can't use {value} to iterate over more than one variable"));
            }
            Value::Int(int, end) => (end > 0).then_some(Rounds::Int { int, next: 0, end }),
            Value::Uint(uint, end) => (end > 0).then_some(Rounds::Uint { uint, next: 0, end }),
            Value::List(items) => (!items.is_empty()).then_some(Rounds::Items { items, next: 0 }),
            Value::Bytes(bytes) => (!bytes.is_empty()).then_some(Rounds::Bytes { bytes, next: 0 }),
            Value::Map(map) => {
                let entries = map.entries();
                let element = map.element();
                (!entries.is_empty()).then(|| Rounds::Entries { entries: entries.into_iter(), element })
            }
            value => {
                let mut message = b"range can't iterate over ".to_vec();
                format::write_indirect(&mut message, &value);
                return Err(String::from_utf8_lossy(&message).into_owned());
            }
        })
    }

    /// The next index or key, and element.
    pub(super) fn next(&mut self) -> Option<(Reflected, Reflected)> {
        match self {
            Rounds::Items { items, next } => {
                let item = of_element(items.get(*next)?.clone(), items.element());
                Some((take_index(next), item))
            }
            Rounds::Bytes { bytes, next } => {
                let byte = Value::Uint(UintType::Uint8, (*bytes.get(*next)?).into());
                Some((take_index(next), byte.into()))
            }
            Rounds::Entries { entries, element } => {
                let (key, value) = entries.next()?;
                Some((Value::Str(key).into(), of_element(value, *element)))
            }
            Rounds::Int { int, next, end } => {
                let number = Value::Int(*int, *next);
                *next = next.checked_add(1).filter(|after| after <= end)?;
                Some((Reflected::INVALID, number.into()))
            }
            Rounds::Uint { uint, next, end } => {
                let number = Value::Uint(*uint, *next);
                *next = next.checked_add(1).filter(|after| after <= end)?;
                Some((Reflected::INVALID, number.into()))
            }
        }
    }
}

fn take_index(next: &mut usize) -> Reflected {
    let index = Value::int(*next as i64);
    *next += 1;
    index.into()
}

/// An element of a slice or map: of the type `interface {}` where that is the element type.
pub(crate) fn of_element(item: Value, element: ElementType) -> Reflected {
    if element == ElementType::Interface { Reflected::interface(item) } else { Reflected::concrete(item) }
}
