//! What goes out on an established stream.

use xmpp_xml::{ElementRef, SendBuffer, WriteError, WriteXml, Writer};

use super::Connection;
use super::sent::SentTag;
use crate::error::SendError;
use crate::negotiation::sm;
use crate::role::Role;

impl<R: Role> Connection<R> {
    /// Appends a stanza to `tx`: exactly one message, presence or iq, in the
    /// content namespace of the stream.
    ///
    /// # Errors
    ///
    /// If it cannot be sent now, is no stanza or too large, or if too much waits for
    /// the peer's acknowledgement. Nothing of it is in `tx` then.
    pub fn send<S: WriteXml + ?Sized>(
        &mut self,
        stanza: &S,
        tx: &mut SendBuffer,
    ) -> Result<(), SendError> {
        self.push(tx, true, |w| stanza.write_xml(w))
    }

    /// Appends a received stanza to `tx`, as a router does: the bytes that came,
    /// with some of the attributes of its start tag set to other values or
    /// removed, and in the content namespace of this stream.
    ///
    /// # Errors
    ///
    /// As [`send`](Self::send).
    pub fn forward(
        &mut self,
        stanza: ElementRef<'_>,
        attrs: &[(&str, Option<&str>)],
        tx: &mut SendBuffer,
    ) -> Result<(), SendError> {
        self.push(tx, true, |w| {
            w.forward(stanza, attrs);
        })
    }

    /// Appends a first-level element that is no stanza to `tx`, for an extension
    /// that both sides have agreed on.
    ///
    /// # Errors
    ///
    /// As [`send`](Self::send); also if it is a stanza.
    pub fn send_nonza<N: WriteXml + ?Sized>(
        &mut self,
        nonza: &N,
        tx: &mut SendBuffer,
    ) -> Result<(), SendError> {
        self.push(tx, false, |w| nonza.write_xml(w))
    }

    /// Appends a stanza that is serialised already: what a [`Writer`] made in
    /// exactly the [context](SendBuffer::context) of `tx`.
    ///
    /// # Errors
    ///
    /// As [`send`](Self::send). That it is one whole element is not looked at.
    pub fn send_serialized(&mut self, stanza: &[u8], tx: &mut SendBuffer) -> Result<(), SendError> {
        self.sendable()?;
        let limit = self.core.send_limit();
        if stanza.len() > limit {
            return Err(SendError::TooLarge { limit });
        }
        self.judge_sent(stanza, true)?;
        let kept = self.core.management.keep(stanza);
        if let Err(full) = kept {
            sm::ask(&mut self.core, tx);
            return Err(full);
        }
        if self.core.iqs.is_answer(SentTag::of(stanza)) {
            self.core.iqs.claim();
        }
        tx.push_bytes(stanza);
        self.core.timers.sent();
        sm::sent(&mut self.core, tx);
        Ok(())
    }

    fn push(
        &mut self,
        tx: &mut SendBuffer,
        is_stanza: bool,
        write: impl FnOnce(&mut Writer<'_>),
    ) -> Result<(), SendError> {
        self.sendable()?;
        let limit = self.core.send_limit();
        let mut judged = Ok(());
        let mut answers = false;
        let accept = |written: &[u8]| {
            judged = self.judge_sent(written, is_stanza);
            if judged.is_ok() && is_stanza {
                judged = self.core.management.keep(written);
            }
            answers = judged.is_ok() && self.core.iqs.is_answer(SentTag::of(written));
            judged.is_ok()
        };
        match tx.push_frame_if(limit, write, accept) {
            Ok(_) => {
                if let Err(error) = judged {
                    if matches!(error, SendError::QueueFull { .. }) {
                        sm::ask(&mut self.core, tx);
                    }
                    return Err(error);
                }
            }
            Err(WriteError::NotOneRoot) => return Err(SendError::NotOneElement),
            Err(WriteError::TooLarge) => return Err(SendError::TooLarge { limit }),
            Err(error) => return Err(SendError::Xml(error)),
        }
        if answers {
            self.core.iqs.claim();
        }
        self.core.timers.sent();
        if is_stanza {
            sm::sent(&mut self.core, tx);
        }
        Ok(())
    }

    fn judge_sent(&self, written: &[u8], is_stanza: bool) -> Result<(), SendError> {
        let tag = SentTag::of(written);
        if tag.is_stanza(R::CONTENT.uri()) != is_stanza {
            return Err(SendError::NotOneElement);
        }
        if is_stanza { R::judge_sent(&self.state, tag) } else { Ok(()) }
    }
}
