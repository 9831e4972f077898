//! What is printed: the names that go over the wire, and what people read in a log. Each
//! reason says something of its own, in a phrase that fits behind a colon.

use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt::Display;

use crate::client::{self, Contradiction, Pin};
use crate::prepare::PrepareError;
use crate::sasl2::{InvalidId, Replayed, TaskError, UpgradeError};
use crate::scram::InputError;
use crate::server::{self, Cause, Failure};
use crate::{ChannelBindingType, FailureReason, Mechanism, MessageError};

const MESSAGE: MessageError = MessageError { at: 7, expected: "a comma" };

/// None is empty, none is like another, and none ends a sentence.
fn differ(all: &[&dyn Display]) -> Vec<String> {
    let texts: Vec<String> = all.iter().map(ToString::to_string).collect();
    for text in &texts {
        assert!(text.len() > 3 && !text.ends_with('.'), "{text:?} in {texts:#?}");
    }
    let different: BTreeSet<_> = texts.iter().collect();
    assert_eq!(different.len(), texts.len(), "{texts:#?}");
    texts
}

#[test]
fn names_are_those_that_are_registered() {
    for mechanism in Mechanism::ALL {
        assert_eq!(mechanism.to_string(), mechanism.name());
        assert_eq!(Mechanism::from_name(mechanism.name()), Some(mechanism));
    }
    // RFC 5929 sections 3 and 4, RFC 9266 section 4.
    let names = ["tls-server-end-point", "tls-unique", "tls-exporter"];
    for (kind, name) in ChannelBindingType::ALL.into_iter().zip(names) {
        assert_eq!((kind.to_string().as_str(), kind.as_str()), (name, name));
        assert_eq!(ChannelBindingType::from_name(name), Some(kind));
    }
    let pin = "SCRAM-SHA-256-PLUS tls-exporter";
    assert_eq!(Pin::from_text(pin).unwrap().to_string(), pin);
    assert_eq!(Pin::from_text("PLAIN").unwrap().to_text(), "PLAIN");
}

#[test]
fn a_malformed_message_is_told_with_its_place() {
    let place = "at byte 7: expected a comma";
    assert_eq!(MESSAGE.to_string(), place);
    let holders: [&dyn Display; 4] = [
        &client::Error::Message(MESSAGE),
        &Cause::Message(MESSAGE),
        &InputError::Gs2Header(MESSAGE),
        &TaskError::Exchange(client::Error::Message(MESSAGE)),
    ];
    for holder in holders {
        assert!(holder.to_string().contains(place), "{holder}");
    }
}

#[test]
fn a_failure_is_what_the_client_is_told_and_why() {
    let failure = Failure::of(Cause::Downgrade);
    let text = failure.to_string();
    assert_eq!(failure.reason(), FailureReason::CredentialsRejected);
    assert_eq!(text, format!("{}: {}", failure.reason(), failure.cause()));
    assert!(InputError::Server(failure).to_string().contains("-PLUS"), "{text}");
    let reasons = FailureReason::ALL;
    differ(&reasons.each_ref().map(|reason| reason as &dyn Display));
    for reason in reasons {
        for barred in [Cause::Barred(reason), Cause::Own(reason)] {
            assert_eq!(Failure::of(barred).reason(), reason);
        }
    }
}

#[test]
fn each_cause_on_the_server_is_told_apart() {
    differ(&[
        &Cause::NotOffered,
        &Cause::NeedsTls,
        &Cause::Message(MESSAGE),
        &Cause::TooLong,
        &Cause::UnexpectedData,
        &Cause::MissingData,
        &Cause::Username(PrepareError::Empty),
        &Cause::Password(PrepareError::Empty),
        &Cause::Nonce,
        &Cause::FlagMismatch,
        &Cause::ChannelBindingType,
        &Cause::ChannelBinding,
        &Cause::Downgrade,
        &Cause::UnknownUser,
        &Cause::Proof,
        &Cause::BearerRejected,
        &Cause::Authorization,
        &Cause::Lookup,
        &Cause::WrongAnswer,
        &Cause::NoAccountKeys,
    ]);
    differ(&[
        &server::Refusal::NotAllowed,
        &server::Refusal::NeedsTls,
        &server::Refusal::BelowFloor,
        &server::Refusal::NotBound,
        &server::Refusal::NoKeys,
        &server::Refusal::NoChannelBinding,
    ]);
}

#[test]
fn each_error_of_the_client_is_told_apart() {
    let texts = differ(&[
        &client::Error::UnexpectedChallenge,
        &client::Error::UnexpectedData,
        &client::Error::Message(MESSAGE),
        &client::Error::MandatoryExtension,
        &client::Error::NonceNotExtended,
        &client::Error::TooFewIterations { count: 11, least: 4096 },
        &client::Error::TooManyIterations { count: 9_999_999, most: 4_000_000 },
        &client::Error::KeysOutdated,
        &client::Error::WrongKeys,
        &client::Error::OfferAltered,
        &client::Error::OfferNotConfirmed,
        &client::Error::Server("other-error".into()),
        &client::Error::ServerSignature,
        &client::Error::SuccessWithoutProof,
    ]);
    for told in ["11", "4096", "9999999", "4000000", "other-error"] {
        assert!(texts.iter().any(|text| text.contains(told)), "{told} in {texts:#?}");
    }
    let pinned = client::Refusal::Pinned(Pin::from_text("SCRAM-SHA-1").unwrap());
    let texts = differ(&[
        &client::Refusal::Unknown,
        &client::Refusal::NotAllowed,
        &client::Refusal::NeedsTls,
        &client::Refusal::NoCredentials,
        &client::Refusal::BelowFloor,
        &client::Refusal::NotBound,
        &client::Refusal::NoChannelBinding,
        &pinned,
        &client::Refusal::Username(PrepareError::Refused),
        &client::Refusal::Password(PrepareError::Refused),
        &client::Refusal::Malformed,
        &client::Refusal::Contradiction(Contradiction::PlusWithoutTypes),
        &client::Refusal::Contradiction(Contradiction::TypesWithoutPlus),
        &client::Refusal::Contradiction(Contradiction::NoCommonType),
        &client::Refusal::Failed(FailureReason::Temporary),
        &client::Refusal::LessPreferred,
    ]);
    assert!(texts[7].contains("SCRAM-SHA-1"), "{}", texts[7]);
}

#[test]
fn each_error_of_what_is_typed_or_stored_is_told_apart() {
    let texts = differ(&[
        &PrepareError::Empty,
        &PrepareError::Prohibited('\u{a0}'),
        &PrepareError::Unassigned('\u{221}'),
        &PrepareError::Bidirectional,
        &PrepareError::NotAscii,
        &PrepareError::Refused,
    ]);
    assert!(texts[1].contains("U+00A0") && texts[2].contains("U+0221"), "{texts:#?}");
    differ(&[
        &InputError::Username(PrepareError::Empty),
        &InputError::Password(PrepareError::Empty),
        &InputError::Nonce,
        &InputError::EmptySalt,
        &InputError::Iterations,
        &InputError::Gs2Header(MESSAGE),
        &InputError::BindingData,
        &InputError::Client(client::Error::ServerSignature),
    ]);
    let texts = differ(&[
        &UpgradeError::EmptySalt,
        &UpgradeError::Iterations(77),
        &UpgradeError::Password(PrepareError::Empty),
        &UpgradeError::NoPassword,
        &UpgradeError::Length,
        &TaskError::NoTask,
        &TaskError::NotOffered,
        &InvalidId,
        &Replayed,
    ]);
    assert!(texts[1].contains("77"), "{}", texts[1]);
}
