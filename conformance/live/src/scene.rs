//! Where a case is played.

use std::rc::Rc;

use crate::case::{Local, Needs};
use crate::transcript::Transcript;

/// What a half of the suite knows of a run: the target and its accounts, or where it
/// listens. It lends a case what is for one case at a time.
pub trait Setting: Sized + 'static {
    /// What a case borrows while it runs.
    type Lease: 'static;

    /// What a case needs and this run has not, for the reason of a skipped case.
    fn lacks(&self, needs: &Needs) -> Option<String>;

    /// Waits until there is what the case needs. It is given back when dropped.
    fn lease(self: Rc<Self>, needs: Needs) -> Local<'static, Self::Lease>;
}

/// What a case has while it runs.
pub struct Scene<S: Setting> {
    /// The run's.
    pub setting: Rc<S>,
    /// What it has for itself.
    pub lease: S::Lease,
    /// Where all that is sent and received is written down.
    pub transcript: Transcript,
}
