//! End-to-end signing and encryption for XMPP: RFC 3923 with the algorithms of
//! S/MIME 4.0 (RFC 8551).
//!
//! A message, directed presence or any other stanza becomes an object
//! (Message/CPIM, PIDF or `application/xmpp+xml`) that is signed, encrypted or
//! both for its recipient, and travels in an `<e2e/>` payload through servers
//! that need not know any of this:
//!
//! ```text
//!  Stanza ──from_stanza──> Object ──Sender::protect──> <e2e/> ──wrap──> Stanza
//!                                                                          │ servers
//!  Stanza <──to_stanzas─── Object <──────────── Receiver::open ────────── Stanza
//! ```
//!
//! It is sans-IO: stanzas and the time come in, stanzas and verdicts go out. It
//! needs `std`, and a C compiler to build.
//!
//! # A message from Juliet to Romeo
//!
//! ```
//! use core::time::Duration;
//! use xmpp_e2e::{
//!     CertificateBuilder, CertificateStore, Identity, KeyKind, Known, MemoryStore, Object, Policy,
//!     PrivateKey, Protection, Receiver, Sender, Timestamp, TrustStore, wrap,
//! };
//! use xmpp_jid::BareJid;
//! use xmpp_stanza::{Message, MessageType, Stanza, StanzaRef};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! // Keys and certificates. Here everyone makes their own, and has compared the
//! // other's by telephone; else there is an authority to add as an anchor.
//! let now = Timestamp::from_unix(Duration::from_secs(1_767_323_045));
//! let tomorrow = Timestamp::from_unix(now.since_unix() + Duration::from_secs(86_400));
//! let identity = |address: &BareJid| -> Result<Identity, Box<dyn std::error::Error>> {
//!     let key = PrivateKey::from_pkcs8_der(&PrivateKey::generate(KeyKind::P256)?)?;
//!     let certificate =
//!         CertificateBuilder::new(now, tomorrow).with_address(address.clone()).self_signed(&key)?;
//!     Ok(Identity::new(key, [certificate])?)
//! };
//! let juliet: BareJid = "juliet@example.com".parse()?;
//! let romeo: BareJid = "romeo@example.net".parse()?;
//! let (of_juliet, of_romeo) = (identity(&juliet)?, identity(&romeo)?);
//! let mut trust = TrustStore::new();
//! trust.pin(of_juliet.certificate().clone());
//! trust.pin(of_romeo.certificate().clone());
//!
//! // Juliet knows Romeo's certificate, and sends.
//! let mut store = MemoryStore::new();
//! store.remember(&romeo, Known::new(of_romeo.certificate().clone()));
//! let mut sender = Sender::new(of_juliet, Policy::modern());
//! let message = Message::builder(MessageType::Chat)
//!     .with_from(juliet.clone())
//!     .with_to(romeo.clone())
//!     .with_body("Wherefore art thou, Romeo?");
//! let message = Stanza::Message(message.build()?);
//! let time = sender.timestamp(now).expect("a year before 10000");
//! let object = Object::from_stanza(&message, time)?;
//! let known = store.find(&romeo);
//! let recipients = [(&romeo, &known[..])];
//! let how = Protection::SignAndEncrypt;
//! let payload = sender.protect(&object, how, &recipients, &trust, now)?;
//! let sent = wrap(&message, &payload)?;
//!
//! // Romeo receives it.
//! # let element = {
//! #     let mut xml = Vec::new();
//! #     let mut writer = xmpp_xml::Writer::document(&mut xml);
//! #     writer.write(&sent);
//! #     writer.finish()?;
//! #     xmpp_xml::Element::parse(xml)?
//! # };
//! let mut receiver = Receiver::new(romeo, vec![of_romeo], trust, MemoryStore::new());
//! let stanza = StanzaRef::new(element.as_ref()).expect("a stanza");
//! match receiver.open(stanza, now).expect("an <e2e/> payload") {
//!     Ok(received) => {
//!         assert_eq!(received.author, Some(juliet));
//!         let plain = received.object.to_stanzas(&Stanza::parse(stanza.element())?)?;
//!         let Stanza::Message(plain) = &plain[0] else { panic!() };
//!         assert_eq!(plain.body().as_deref(), Some("Wherefore art thou, Romeo?"));
//!     }
//!     // Not to be shown; the sender may be told with this stanza error.
//!     Err(refused) => panic!("{refused}: {:?}", refused.to_stanza_error()),
//! }
//! # Ok(())
//! # }
//! ```
//!
//! # By layers
//!
//! [`Sender`] and [`Receiver`] are RFC 3923. Below them, [`sign()`], [`encrypt()`]
//! and [`Opener`] are S/MIME over MIME entities, for gateways, mail, or other
//! objects; [`cms`] is CMS over octets.
//!
//! # What is produced and what is read
//!
//! A [`Policy`] says. The default produces and reads what RFC 8551 asks for, and
//! reads AES-CBC around a signature. What RFC 3923 made mandatory in 2004 (SHA-1,
//! RSAES-PKCS1-v1_5) is read by [`Policy::legacy`] alone.
//!
//! | | produced by default | read |
//! |---|---|---|
//! | signatures | ECDSA with P-256, P-384 or P-521, Ed25519; RSASSA-PSS with SHA-256 | those, SHA-384 and SHA-512, RSASSA-PKCS1-v1_5; SHA-1 by a legacy policy |
//! | keys | ECDH with P-256, P-384, P-521 or X25519; RSAES-OAEP with SHA-256 | those, other digests; RSAES-PKCS1-v1_5 by a legacy policy |
//! | content | AES-256-GCM | AES-128-GCM, ChaCha20-Poly1305, AES-CBC around a signature |
//!
//! # Security
//!
//! - An object is accepted only if the stanza's `from`, the object's own sender and
//!   an address in the signer's certificate are one, and the stanza's `to` is one
//!   of the object's recipients.
//! - All failures to decrypt look alike. How long they take may differ by the
//!   signature check that did not take place: do not answer every stanza.
//! - What a stranger's object costs is limited: one budget of public-key operations
//!   a call, a limit on every list.
//! - Nothing of an object is remembered before it was accepted.
//! - A recipient learns that the sender has signed, and can show it to others.
//!   There is no forward secrecy: whoever gets the private key reads what was
//!   recorded. These are properties of S/MIME.
//! - `Debug` shows no key and no decrypted CMS content. Objects that were opened
//!   are the application's, and do show themselves.
//!
//! # Panics
//!
//! Nothing here panics, whatever the input.
#![deny(missing_docs)]

mod asn1;
mod budget;
mod certificate;
pub mod cms;
mod crypto;
mod envelope;
mod identity;
mod object;
mod open;
mod payload;
mod policy;
mod protect;
mod receiver;
mod sender;
mod smime;
mod store;
mod time;
mod trust;

pub use asn1::Malformed;
pub use certificate::{
    AddressForm, BuildError, Certificate, CertificateAddress, CertificateBuilder, PemError, to_pem,
};
pub use cms::SignedForm;
pub use crypto::{
    ContentEncryption, Curve, Digest, KeyEncryption, KeyError, KeyKind, KeyTransport, PrivateKey,
    RsaKeyEncryption, RsaSignature, Sha2, SignatureAlgorithm,
};
pub use identity::{Identity, OtherKey};
pub use object::{Object, ObjectError};
pub use open::{Case, Layer, OpenError, Opened, Opener, Signature, Unverified};
pub use policy::{CipherFloor, Policy};
pub use protect::{Certificates, ProtectError, encrypt, sign};
pub use receiver::{Received, Receiver, Refused};
pub use sender::{Protection, SendError, Sender, WrapError, wrap};
pub use smime::{Limits, MimeError};
pub use store::{CertificateStore, Known, MemoryStore, REQUEST, certificate_request};
pub use time::{BadTimestamp, Freshness, NotFreshness, Timestamp};
pub use trust::{CertificateError, Purpose, TrustStore};
#[doc(no_inline)]
pub use xmpp_cpim::DateTime;
#[doc(no_inline)]
pub use xmpp_cpim::mapping::{NotText, is_secured_payload, secured_object, secured_payload};
