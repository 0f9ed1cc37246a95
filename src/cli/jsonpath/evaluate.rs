//! What a template finds in a value.

use std::cmp::Ordering;

use value::format::sprint;
use value::{UintType, Value, json};

use super::{Filter, Part, Slice, Step};

/// A step that does not fit, or finds nothing. A filter that only asks whether there is something takes what was found
/// before the step for it, as Kubernetes does.
pub(super) struct Misfit(Vec<Value>);

type Found = Result<Vec<Value>, Misfit>;

/// The text that the parts make.
pub(super) fn text(parts: &[Part], data: &Value) -> Option<Vec<u8>> {
    let mut run = Run { parts, text: Vec::new() };
    run.from(0, Some(data), 0).ok()?;
    Some(run.text)
}

struct Run<'a> {
    parts: &'a [Part],
    text: Vec<u8>,
}

impl Run<'_> {
    /// Goes through the parts from there to the end, or to the end of the loop, whose place it gives. Without data, for
    /// a loop over nothing, nothing is written.
    fn from(&mut self, start: usize, data: Option<&Value>, loops: usize) -> Result<Option<usize>, Misfit> {
        let mut at = start;
        while let Some(part) = self.parts.get(at) {
            let mut marks = Marks::default();
            let results = match part {
                Part::Text(text) => vec![text.as_str().into()],
                Part::Action(steps) => marks.walk(vec![data.cloned().unwrap_or_default()], steps)?,
            };
            if marks.is_end && loops == 0 {
                return Err(Misfit(Vec::new()));
            }
            if marks.is_end {
                return Ok(Some(at));
            }
            match marks.is_range {
                true => at = self.range(at + 1, &results, loops + 1)?.unwrap_or(at),
                false if data.is_some() => self.print(&results).ok_or_else(|| Misfit(Vec::new()))?,
                false => {}
            }
            at += 1;
        }
        Ok(None)
    }

    fn range(&mut self, start: usize, over: &[Value], loops: usize) -> Result<Option<usize>, Misfit> {
        let mut end = None;
        for item in over {
            end = self.from(start, Some(item), loops)?;
        }
        if over.is_empty() {
            end = self.from(start, None, loops)?;
        }
        Ok(end)
    }

    fn print(&mut self, results: &[Value]) -> Option<()> {
        for (index, result) in results.iter().enumerate() {
            if index > 0 {
                self.text.push(b' ');
            }
            match result {
                Value::Map(_) | Value::List(_) => {
                    self.text.extend_from_slice(json::to_string(result).ok()?.as_bytes());
                }
                Value::Nil => self.text.extend_from_slice(b"null"),
                other => self.text.extend(sprint(std::slice::from_ref(other))),
            }
        }
        Some(())
    }
}

/// Whether an action begins or ends a loop.
#[derive(Default)]
struct Marks {
    is_range: bool,
    is_end: bool,
}

impl Marks {
    fn walk(&mut self, input: Vec<Value>, steps: &[Step]) -> Found {
        steps.iter().try_fold(input, |input, step| self.step(input, step))
    }

    fn step(&mut self, input: Vec<Value>, step: &Step) -> Found {
        match step {
            Step::Field(key) => field(&input, key),
            Step::Wildcard => Ok(input.iter().flat_map(children).collect()),
            Step::Recursive => Ok(below(input)),
            Step::Slice(slice) => sliced(input, slice),
            Step::Union(members) => self.union(input, members),
            Step::Filter(filter) => self.filtered(input, filter),
            Step::Text(text) => Ok(vec![text.clone()]),
            Step::Constant(constant) => Ok(vec![constant.clone(); input.len()]),
            Step::Range => {
                self.is_range = true;
                Ok(input)
            }
            Step::End => {
                self.is_end = true;
                Ok(Vec::new())
            }
            Step::Unknown => Err(Misfit(input)),
        }
    }

    fn union(&mut self, input: Vec<Value>, members: &[Vec<Step>]) -> Found {
        let mut results = Vec::new();
        for member in members {
            match self.walk(input.clone(), member) {
                Ok(found) => results.extend(found),
                Err(_) => return Err(Misfit(input)),
            }
        }
        Ok(results)
    }

    fn filtered(&mut self, input: Vec<Value>, filter: &Filter) -> Found {
        let mut results = Vec::new();
        for value in &input {
            let Value::List(items) = value else { return Err(Misfit(input)) };
            for item in items.iter() {
                match self.passes(item, filter) {
                    Some(true) => results.push(item.clone()),
                    Some(false) => {}
                    None => return Err(Misfit(input)),
                }
            }
        }
        Ok(results)
    }

    /// Whether an item passes; `None` where that can't be told.
    fn passes(&mut self, item: &Value, filter: &Filter) -> Option<bool> {
        let left = self.walk(vec![item.clone()], &filter.left);
        let Some((operator, right)) = &filter.comparison else {
            let (Ok(found) | Err(Misfit(found))) = left;
            return Some(!found.is_empty());
        };
        let left = left.ok()?;
        if left.is_empty() {
            return Some(false);
        }
        let [left] = left.as_slice() else { return None };
        let right = self.walk(vec![item.clone()], right).ok()?;
        if right.is_empty() {
            return Some(false);
        }
        let [right] = right.as_slice() else { return None };
        compare(left, operator, right)
    }
}

/// Kubernetes compares what is of one kind; truth values have no order.
fn compare(left: &Value, operator: &str, right: &Value) -> Option<bool> {
    let order = match (left, right) {
        (Value::Str(left), Value::Str(right)) => left.as_bytes().partial_cmp(right.as_bytes()),
        (Value::Float(left), Value::Float(right)) => left.partial_cmp(right),
        (Value::Int(_, left), Value::Int(_, right)) => left.partial_cmp(right),
        (Value::Uint(_, left), Value::Uint(_, right)) => left.partial_cmp(right),
        (Value::Bool(left), Value::Bool(right)) if matches!(operator, "==" | "!=") => left.partial_cmp(right),
        _ => return None,
    };
    match operator {
        "==" => Some(order == Some(Ordering::Equal)),
        "!=" => Some(order != Some(Ordering::Equal)),
        "<" => Some(order.is_some_and(Ordering::is_lt)),
        "<=" => Some(order.is_some_and(Ordering::is_le)),
        ">" => Some(order.is_some_and(Ordering::is_gt)),
        ">=" => Some(order.is_some_and(Ordering::is_ge)),
        _ => None,
    }
}

fn field(input: &[Value], key: &str) -> Found {
    let found: Vec<Value> = input.iter().filter_map(|value| value.as_map()?.get(key)).collect();
    if found.is_empty() && !input.is_empty() { Err(Misfit(found)) } else { Ok(found) }
}

/// What is directly below: of maps by name, of a text its bytes.
fn children(value: &Value) -> Vec<Value> {
    match value {
        Value::Map(map) => map.entries().into_iter().map(|(_, value)| value).collect(),
        Value::List(list) => list.iter().cloned().collect(),
        Value::Str(text) => {
            text.as_bytes().iter().map(|byte| Value::Uint(UintType::Uint8, u64::from(*byte))).collect()
        }
        _ => Vec::new(),
    }
}

/// Everything that has something below it, each before what is below. Values nest no deeper than readers let them.
fn below(values: Vec<Value>) -> Vec<Value> {
    let mut all = Vec::new();
    for value in values {
        let children = children(&value);
        if !children.is_empty() {
            all.push(value);
            all.extend(below(children));
        }
    }
    all
}

fn sliced(input: Vec<Value>, slice: &Slice) -> Found {
    let mut results = Vec::new();
    for value in &input {
        match value {
            Value::Nil => {}
            Value::List(items) => {
                let items: Vec<Value> = items.iter().cloned().collect();
                match slice.bounds(items.len()) {
                    // Kubernetes forgets what it has found where a slice is empty, and looks no further.
                    Some((start, end, _)) if start == end => return Ok(results),
                    Some((start, end, step)) => {
                        results.extend(items.into_iter().take(end).skip(start).step_by(step));
                    }
                    None => return Err(Misfit(input)),
                }
            }
            _ => return Err(Misfit(input)),
        }
    }
    Ok(results)
}

impl Slice {
    /// Start, end and step among so many items; `None` where they are not among them.
    fn bounds(&self, length: usize) -> Option<(usize, usize, usize)> {
        let length = i64::try_from(length).ok()?;
        let from_end = |number: i64| if number < 0 { number + length } else { number };
        let start = from_end(self.start.unwrap_or(0));
        let end = match self.end {
            None => length,
            Some(0) if self.is_single => length,
            Some(end) => from_end(end),
        };
        if start == end {
            return Some((0, 0, 1));
        }
        let is_inside = (0..length).contains(&start) && start < end && end <= length;
        let step = self.step.unwrap_or(1);
        let [start, end, step] = [start, end, step].map(|number| usize::try_from(number).ok());
        let (start, end, step) = (start?, end?, step?);
        (is_inside && step > 0).then_some((start, end, step))
    }
}
