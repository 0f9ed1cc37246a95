//! How people work on this repository.
fn main() {}
