//! Time and allocations of a piece of work.

use std::alloc::{GlobalAlloc, Layout, System};
use std::hint::black_box;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
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

/// Bytes on the heap at the moment beside those of the first call, modulo 2^64:
/// for differences. They are counted from the first call on, since counting costs
/// some nanoseconds for each allocation.
pub(crate) fn live_bytes() -> u64 {
    IS_COUNTING.store(true, Ordering::Relaxed);
    LIVE.load(Ordering::Relaxed)
}

static ALLOCATIONS: AtomicU64 = AtomicU64::new(0);
static LIVE: AtomicU64 = AtomicU64::new(0);
static IS_COUNTING: AtomicBool = AtomicBool::new(false);

fn count_live(more: usize, less: usize) {
    if IS_COUNTING.load(Ordering::Relaxed) {
        LIVE.fetch_add((more as u64).wrapping_sub(less as u64), Ordering::Relaxed);
    }
}

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
        count_live(layout.size(), 0);
        unsafe { System.alloc(layout) }
    }
    unsafe fn dealloc(&self, ptr: *mut u8, layout: Layout) {
        count_live(0, layout.size());
        unsafe { System.dealloc(ptr, layout) }
    }
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        count_live(layout.size(), 0);
        unsafe { System.alloc_zeroed(layout) }
    }
    unsafe fn realloc(&self, ptr: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        count_live(new_size, layout.size());
        unsafe { System.realloc(ptr, layout, new_size) }
    }
}
