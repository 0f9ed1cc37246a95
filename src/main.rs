//! The pintle command.

use std::alloc::System;
use std::process::ExitCode;

use spin::{Yield, mutex::SpinMutex};
use talc::{TalcLock, source::GlobalAllocSource};

// Allocators with a heap for each thread and size touch twice the memory before the first line of a short command runs.
// That of musl, which static builds have, gives memory back at once and asks for it again. This one fills one heap
// densely; its lock costs one atomic operation, and a thread that meets it locked lets others run.
#[global_allocator]
static ALLOCATOR: TalcLock<SpinMutex<(), Yield>, GlobalAllocSource<System>> =
    TalcLock::new(GlobalAllocSource::new(System));

fn main() -> ExitCode {
    pintle::cli::main()
}
