//! Stands in for the crate libfuzzer-sys: `fuzz_target!` makes a function
//! `run` of a target instead of what libFuzzer links to. The inputs mean the same.

pub use arbitrary;

/// Defines `run`, which gives its input to the target.
#[macro_export]
macro_rules! fuzz_target {
    (|$data:ident: &[u8]| $body:expr) => {
        pub(crate) fn run($data: &[u8]) {
            $body
        }
    };
    (|$data:ident: $made:ty| $body:expr) => {
        pub(crate) fn run(bytes: &[u8]) {
            use $crate::arbitrary::{Arbitrary, Unstructured};
            fn target($data: $made) {
                $body
            }
            // As libFuzzer's glue has it: too short for the type is no input.
            if bytes.len() < <$made as Arbitrary<'_>>::size_hint(0).0 {
                return;
            }
            if let Ok(made) =
                <$made as Arbitrary<'_>>::arbitrary_take_rest(Unstructured::new(bytes))
            {
                target(made);
            }
        }
    };
}
