//! Envelopes of end-to-end encryption, and trust. Nothing here encrypts.

pub mod aesgcm;
pub mod automatic_trust;
pub mod certificates;
pub mod jingle;
pub mod omemo;
pub mod openpgp;
pub mod stanza_content;
pub mod trust_messages;

crate::registry::subject! {
    0373: openpgp::Openpgp<'_>,
    0373: openpgp::Content<'_>,
    0373: openpgp::PublicKey<'_>,
    0373: openpgp::PublicKeysList<'_>,
    0373: openpgp::SecretKey<'_>,
    0384: omemo::Encrypted<'_>,
    0384: omemo::Devices<'_>,
    0384: omemo::Bundle<'_>,
    0384: omemo::OptOut<'_>,
    0384: omemo::legacy::Encrypted<'_>,
    0384: omemo::legacy::Devices<'_>,
    0384: omemo::legacy::Bundle<'_>,
    0391: jingle::Security<'_>,
    0417: certificates::Chain<'_>,
    0417: certificates::Certificate<'_>,
    0417: certificates::Request<'_>,
    0417: certificates::Signature<'_>,
    0417: certificates::Challenge<'_>,
    0417: certificates::ChallengeFailed,
    0417: certificates::Authorities<'_>,
    0417: certificates::Revocation<'_>,
    0417: certificates::Register,
    0420: stanza_content::Envelope<'_>,
    0434: trust_messages::TrustMessage<'_>,
}
