//! The order of keys: `go.yaml.in/yaml` sorts them as people would, `a2` before `a10`.

use std::cmp::Ordering;

use super::Dialect;
use crate::resolve::valid_text;

/// Sorts entries by key. The order is Go's, which is not transitive for every set of keys; so this is a merge sort
/// of our own that takes whatever the comparison says.
pub(super) fn sort<T>(entries: Vec<T>, key: impl Fn(&T) -> &[u8], dialect: Dialect) -> Vec<T> {
    let in_order = |a: &T, b: &T| compare(key(a), key(b), dialect) != Ordering::Greater;
    let is_sorted = entries.windows(2).all(|pair| matches!(pair, [a, b] if in_order(a, b)));
    if is_sorted { entries } else { merge_sort(entries, &in_order) }
}

fn merge_sort<T>(mut entries: Vec<T>, in_order: &impl Fn(&T, &T) -> bool) -> Vec<T> {
    if entries.len() < 2 {
        return entries;
    }
    let right = entries.split_off(entries.len() / 2);
    let mut left = merge_sort(entries, in_order).into_iter().peekable();
    let mut right = merge_sort(right, in_order).into_iter().peekable();
    let mut merged = Vec::with_capacity(left.len() + right.len());
    while let (Some(a), Some(b)) = (left.peek(), right.peek()) {
        let next = if in_order(a, b) { left.next() } else { right.next() };
        merged.extend(next);
    }
    merged.extend(left);
    merged.extend(right);
    merged
}

/// Compares at the first character that differs: letters by code, other characters before letters, numbers by value.
fn compare(a: &[u8], b: &[u8], dialect: Dialect) -> Ordering {
    let common = a.iter().zip(b).take_while(|(a, b)| a == b).count();
    match (a.get(common), b.get(common)) {
        (Some(first_a), Some(first_b)) if first_a.is_ascii_alphabetic() && first_b.is_ascii_alphabetic() => {
            first_a.cmp(first_b)
        }
        (Some(_), Some(_)) => compare_texts(&valid_text(a), &valid_text(b), dialect),
        _ => a.len().cmp(&b.len()),
    }
}

fn compare_texts(a: &str, b: &str, dialect: Dialect) -> Ordering {
    let mut head = 0;
    for (first_a, first_b) in a.chars().zip(b.chars()) {
        if first_a != first_b {
            return compare_at((first_a, first_b), a.split_at(head), b.split_at(head).1, dialect);
        }
        head += first_a.len_utf8();
    }
    a.len().cmp(&b.len())
}

/// Compares where the keys differ: the first characters there, what stands before, and the rests.
fn compare_at(first: (char, char), (head, a): (&str, &str), b: &str, dialect: Dialect) -> Ordering {
    match (is_letter(first.0), is_letter(first.1)) {
        (true, true) => first.0.cmp(&first.1),
        (false, false) => compare_numbers(head, a, b).then(first.0.cmp(&first.1)),
        (a_is_letter, _) => {
            // Behind a digit, yaml.v3 puts the letter first: `1a` before `1-`.
            let after_digit = dialect == Dialect::Pretty && head.chars().next_back().is_some_and(is_digit);
            if a_is_letter == after_digit { Ordering::Less } else { Ordering::Greater }
        }
    }
}

/// The numbers that start where the keys differ, then their lengths.
fn compare_numbers(head: &str, a: &str, b: &str) -> Ordering {
    // A zero inside of a number must not vanish: with a one in front, `100` and `10` differ by value.
    let zero_inside = (a.starts_with('0') || b.starts_with('0'))
        && head.chars().rev().take_while(|&digit| is_digit(digit)).any(|digit| digit != '0');
    let (value_a, length_a) = number(a, i64::from(zero_inside));
    let (value_b, length_b) = number(b, i64::from(zero_inside));
    value_a.cmp(&value_b).then(length_a.cmp(&length_b))
}

/// The digits at the head as a number that wraps around, and how many there are.
fn number(text: &str, start: i64) -> (i64, usize) {
    let digits = text.chars().take_while(|&digit| is_digit(digit));
    digits.fold((start, 0), |(number, length), digit| {
        let digit = i64::from(u32::from(digit)) - i64::from(b'0');
        (number.wrapping_mul(10).wrapping_add(digit), length + 1)
    })
}

fn is_letter(character: char) -> bool {
    if character.is_ascii() { character.is_ascii_alphabetic() } else { value::unicode::is_letter(character) }
}

fn is_digit(character: char) -> bool {
    if character.is_ascii() { character.is_ascii_digit() } else { value::unicode::is_digit(character) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sorted(keys: &[&'static str], dialect: Dialect) -> Vec<&'static str> {
        sort(keys.to_vec(), |key| key.as_bytes(), dialect)
    }

    #[test]
    fn numbers_sort_by_value_and_signs_before_letters() {
        let wanted = [
            "", "-x", "_x", "~", "0x1", "1", "1.5", "2", "10", "A", "B", "a", "a b", "a-b", "a.b", "a/b",
            "a:b", "a_b", "a1", "a01", "a001", "a9", "a10", "ab", "b", "null", "true", "z", "é",
        ];
        let mut shuffled = wanted.to_vec();
        shuffled.reverse();
        assert_eq!(sorted(&shuffled, Dialect::Kubernetes), wanted);
        assert_eq!(sorted(&["a100", "a10", "a2"], Dialect::Kubernetes), ["a2", "a10", "a100"]);
    }

    #[test]
    fn behind_a_digit_the_printers_differ() {
        assert_eq!(sorted(&["1a", "1-"], Dialect::Kubernetes), ["1-", "1a"]);
        assert_eq!(sorted(&["1a", "1-"], Dialect::Pretty), ["1a", "1-"]);
    }
}
