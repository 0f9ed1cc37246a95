//! The pintle command.

use std::process::ExitCode;

// The C library of static builds has an allocator that is many times slower.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    pintle::cli::main()
}
