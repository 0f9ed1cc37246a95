//! The pintle command.

use std::process::ExitCode;

// The allocator of musl, which static builds have, is many times slower with several threads. Allocators with a heap for
// each thread and size touch twice the memory before the first line of a short command runs.
#[global_allocator]
static ALLOCATOR: dlmalloc::GlobalDlmalloc = dlmalloc::GlobalDlmalloc;

fn main() -> ExitCode {
    pintle::cli::main()
}
