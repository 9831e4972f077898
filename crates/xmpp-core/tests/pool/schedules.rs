//! Random schedules: whatever happens, and in whatever order, what the pool promises holds.

use crate::harness::schedule;
use crate::rig::Dice;

/// 4,000 schedules of about 120 steps each. The fuzz target `federation_pool` makes
/// others of the same kind.
#[test]
fn what_is_promised_holds_in_any_order() {
    let mut came_to = [0_u64; 3];
    for seed in 0..4_000 {
        let mut dice = Dice::new(seed + 77);
        let bytes: Vec<u8> = (0..450).map(|_| dice.below(256) as u8).collect();
        let Ok(fates) = std::panic::catch_unwind(|| schedule(&bytes)) else {
            panic!("seed {seed}");
        };
        for (fate, _) in fates {
            came_to[fate as usize] += 1;
        }
    }
    // A schedule in which nothing happens shows nothing.
    assert!(came_to.iter().all(|count| *count > 4_000), "{came_to:?}");
}
