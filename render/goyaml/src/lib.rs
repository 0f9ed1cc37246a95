//! YAML as Go's libraries read and print it.
