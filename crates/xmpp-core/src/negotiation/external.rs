//! SASL EXTERNAL between servers: RFC 6120 section 6, XEP-0178 section 3.
//!
//! What it proves was decided before: by who looked at the certificate. Nothing is
//! computed here, so that it needs no exchange of `xmpp-sasl`.

use xmpp_jid::{Domainpart, DomainpartRef};
use xmpp_stanza::Payload;
use xmpp_stanza::sasl::{Auth, Challenge, Failure, Mechanisms, Response, SaslCondition, Success};
use xmpp_xml::{ElementRef, SendBuffer, Writer};

use crate::connection::core::{Core, is, unexpected};
use crate::error::{Error, PeerMisbehaved};

const NAME: &str = "EXTERNAL";

/// RFC 6120 section 6.3.3: what a receiving server offers.
pub(crate) fn write_offer(w: &mut Writer<'_>) {
    w.write(&Mechanisms::new([NAME]));
}

pub(crate) fn is_offered<'a>(
    mut mechanisms: impl Iterator<Item = alloc::borrow::Cow<'a, str>>,
) -> bool {
    mechanisms.any(|name| name == NAME)
}

/// Section 6.4.2, of the initiating server: `authzid` or `=`.
pub(crate) fn begin(core: &mut Core, authzid: Option<&Domainpart>, tx: &mut SendBuffer) {
    let authzid = authzid.map_or(&[][..], |domain| domain.as_str().as_bytes());
    core.write(&Auth::new(NAME, Some(authzid)), tx);
}

/// What the receiving server has said.
pub(crate) enum Said {
    Success,
    Failure(Failure),
    /// It was answered.
    Challenge,
}

pub(crate) fn handle_answer(
    core: &mut Core,
    element: ElementRef<'_>,
    tx: &mut SendBuffer,
) -> Result<Said, Error> {
    if is::<Success>(element) {
        return Ok(Said::Success);
    }
    if is::<Failure>(element) {
        return Ok(Said::Failure(Failure::parse(element).map_err(PeerMisbehaved::Malformed)?));
    }
    if is::<Challenge>(element) {
        // Some ask again in spite of `=`, which is an answer.
        core.write(&Response::new(None), tx);
        return Ok(Said::Challenge);
    }
    Err(unexpected(element, "a SASL challenge, success or failure").into())
}

/// Of a receiving server: attempts on one stream.
#[derive(Default)]
#[cfg_attr(test, derive(Clone))]
pub(crate) struct Receiving {
    /// Whether the mechanism is chosen and the authorization identity asked for.
    asked: bool,
    failed: u8,
}

/// RFC 6120 section 6.4.5 recommends two to five retries.
const MAX_FAILED: u8 = 3;

impl Receiving {
    /// An element of SASL. `true`: the peer is the domain that was proved, if one was.
    pub(crate) fn handle(
        &mut self,
        core: &mut Core,
        element: ElementRef<'_>,
        proved: Option<DomainpartRef<'_>>,
        tx: &mut SendBuffer,
    ) -> Result<bool, Error> {
        let asked = core::mem::take(&mut self.asked);
        let judged = if is::<Auth>(element) {
            Auth::parse(element).map_err(|_| SaslCondition::InvalidMechanism).and_then(|auth| {
                match proved {
                    Some(_) if auth.mechanism == NAME => Ok(auth.initial_response),
                    _ => Err(SaslCondition::InvalidMechanism),
                }
            })
        } else if is::<Response>(element) && asked {
            // An empty response is one.
            let response = Response::parse(element).map_err(|_| SaslCondition::MalformedRequest);
            response.map(|response| {
                if response.data.is_none() {
                    xmpp_stanza::sasl::Data::encode(&[])
                } else {
                    response.data
                }
            })
        } else if element.name() == "abort" {
            Err(SaslCondition::Aborted)
        } else {
            Err(SaslCondition::MalformedRequest)
        };
        let judged = judged.and_then(|data| {
            let data = data.decode().map_err(|_| SaslCondition::IncorrectEncoding)?;
            let Some(authzid) = data else { return Ok(false) };
            let authzid =
                core::str::from_utf8(&authzid).map_err(|_| SaslCondition::MalformedRequest)?;
            // XEP-0178 section 3: it has to be who the header says it is.
            let is_proved = Domainpart::new(authzid)
                .is_ok_and(|domain| proved.is_some_and(|it| it.as_str() == domain.as_str()));
            if authzid.is_empty() || is_proved {
                Ok(true)
            } else {
                Err(SaslCondition::InvalidAuthzid)
            }
        });
        match judged {
            Ok(true) => {
                core.write(&Success::new(None), tx);
                Ok(true)
            }
            Ok(false) => {
                core.write(&Challenge::new(None), tx);
                self.asked = true;
                Ok(false)
            }
            Err(condition) => {
                core.write(&Failure::new(condition), tx);
                self.failed += 1;
                if self.failed >= MAX_FAILED { Err(Error::TooManyFailedLogins) } else { Ok(false) }
            }
        }
    }
}
