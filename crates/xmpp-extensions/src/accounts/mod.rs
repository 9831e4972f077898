//! Registration, invitations, storage, blocking, push, commands.

crate::registry::subject! {}
