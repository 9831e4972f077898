//! What is measured.

/// Who, how, and a run that gives a checksum.
pub(crate) struct Subject<'c> {
    pub(crate) name: &'static str,
    pub(crate) mode: &'static str,
    pub(crate) run: Box<dyn FnMut() -> u64 + 'c>,
}

impl<'c> Subject<'c> {
    pub(crate) fn new(
        name: &'static str,
        mode: &'static str,
        run: impl FnMut() -> u64 + 'c,
    ) -> Self {
        Self { name, mode, run: Box::new(run) }
    }
}
