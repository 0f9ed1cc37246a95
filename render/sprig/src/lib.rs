//! The template function families that charts use.
