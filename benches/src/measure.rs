//! Time and allocations of a piece of work.

use std::alloc::{GlobalAlloc, Layout, System};
use std::hint::black_box;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// What one run of a piece of work costs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cost {
    /// The shortest of all runs: what the machine's other load adds is not the
    /// subject's.
    pub(crate) time: Duration,
    /// Calls of the allocator (allocations and growths, no frees) in one run.
    pub(crate) allocations: u64,
}

/// Runs each subject in turn, round after round, so that a slow moment of the
/// machine hits all of them, for about `budget` in all and at least 5 rounds;
/// returns the cost of each.
pub(crate) fn compare(subjects: &mut [&mut dyn FnMut() -> u64], budget: Duration) -> Vec<Cost> {
    let mut costs: Vec<Cost> = subjects
        .iter_mut()
        .map(|work| {
            black_box(work());
            let before = ALLOCATIONS.load(Ordering::Relaxed);
            let start = Instant::now();
            black_box(work());
            let time = start.elapsed();
            Cost { time, allocations: ALLOCATIONS.load(Ordering::Relaxed) - before }
        })
        .collect();
    let start = Instant::now();
    let mut rounds = 0;
    while rounds < 5 || start.elapsed() < budget {
        for (work, cost) in subjects.iter_mut().zip(&mut costs) {
            let start = Instant::now();
            black_box(work());
            cost.time = cost.time.min(start.elapsed());
        }
        rounds += 1;
    }
    costs
}

/// Bytes on the heap at the moment, in all.
pub(crate) fn live_bytes() -> u64 {
    LIVE.load(Ordering::Relaxed)
}

static ALLOCATIONS: AtomicU64 = AtomicU64::new(0);
static LIVE: AtomicU64 = AtomicU64::new(0);

struct Counting;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

// SAFETY: every call is handed to the system's allocator as it came.
#[expect(
    unsafe_code,
    reason = "a global allocator cannot be had without; no protocol crate sees it"
)]
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        LIVE.fetch_add(layout.size() as u64, Ordering::Relaxed);
        unsafe { System.alloc(layout) }
    }
    unsafe fn dealloc(&self, ptr: *mut u8, layout: Layout) {
        LIVE.fetch_sub(layout.size() as u64, Ordering::Relaxed);
        unsafe { System.dealloc(ptr, layout) }
    }
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        LIVE.fetch_add(layout.size() as u64, Ordering::Relaxed);
        unsafe { System.alloc_zeroed(layout) }
    }
    unsafe fn realloc(&self, ptr: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        LIVE.fetch_add(new_size as u64, Ordering::Relaxed);
        LIVE.fetch_sub(layout.size() as u64, Ordering::Relaxed);
        unsafe { System.realloc(ptr, layout, new_size) }
    }
}
