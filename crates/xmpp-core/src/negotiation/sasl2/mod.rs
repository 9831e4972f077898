//! The extensible SASL profile (XEP-0388), with what goes inline: Bind 2
//! (XEP-0386), tokens (XEP-0484), upgrades (XEP-0480). The exchange itself is that of
//! [`sasl`](super::sasl).

mod initiating;
mod initiating_task;
mod offer;
mod receiving;
mod receiving_task;

pub(crate) use initiating::{
    Answer, Asked, Offered, Succeeded, may_use_tokens, read_success, write_authenticate,
};
pub(crate) use initiating_task::{Task, TaskProgress, begin_task, declined};
pub(crate) use offer::write_offer;
pub(crate) use receiving::{Login, Request, Success, write_success};
pub(crate) use receiving_task::{ReceivingTask, TaskAnswered, TaskStep};
