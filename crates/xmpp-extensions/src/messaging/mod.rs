//! What people do with messages.

pub mod chat_states;
pub mod receipts;

crate::registry::subject! {
    0085: chat_states::ChatState,
    0184: receipts::Request<'_>,
    0184: receipts::Received<'_>,
}
