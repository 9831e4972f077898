//! What errors say, to be read by people.

use std::collections::BTreeSet;

use xmpp_extensions::base::caps::IllFormed;
use xmpp_extensions::base::caps2::NotHashable;
use xmpp_extensions::base::disco::AnnounceError;
use xmpp_extensions::base::forms::FillError;
use xmpp_extensions::encryption::stanza_content::Mismatch;

/// All are different, and say what they are about.
fn read(errors: &[(String, &str)]) {
    for (text, about) in errors {
        assert!(text.contains(about), "{about} in {text}");
    }
    let different: BTreeSet<&str> = errors.iter().map(|(text, _)| text.as_str()).collect();
    assert_eq!(different.len(), errors.len(), "{different:?}");
}

#[test]
fn errors_of_capabilities() {
    read(&[
        (IllFormed::RepeatedIdentity.to_string(), "an identity is there twice"),
        (IllFormed::RepeatedFeature.to_string(), "a feature is there twice"),
        (IllFormed::RepeatedForm.to_string(), "FORM_TYPE"),
        (IllFormed::AmbiguousForm.to_string(), "several values"),
        (NotHashable::UnknownElement.to_string(), "element"),
        (NotHashable::TableForm.to_string(), "table"),
        (NotHashable::NoFormType.to_string(), "FORM_TYPE"),
    ]);
    let ill_formed = AnnounceError::IllFormed(IllFormed::RepeatedForm);
    assert_eq!(ill_formed.to_string(), IllFormed::RepeatedForm.to_string());
    let table = AnnounceError::NotHashable(NotHashable::TableForm);
    assert_eq!(table.to_string(), NotHashable::TableForm.to_string());
}

#[test]
fn errors_of_forms() {
    let var = || "muc#x".to_owned();
    let errors = [
        FillError::NoSuchField(var()),
        FillError::Missing(var()),
        FillError::TooMany(var()),
        FillError::NotAnOption(var()),
        FillError::BadValue(var()),
        FillError::Repeated(var()),
        FillError::WrongNumber(var()),
    ];
    read(&errors.map(|error| (error.to_string(), "'muc#x'")));
}

#[test]
fn errors_of_envelopes() {
    read(&[
        (Mismatch::NoPadding.to_string(), "no padding"),
        (Mismatch::NoTime.to_string(), "when"),
        (Mismatch::NoFrom.to_string(), "by whom"),
        (Mismatch::NoTo.to_string(), "to whom"),
        (Mismatch::Time.to_string(), "another time"),
        (Mismatch::From.to_string(), "by somebody else"),
        (Mismatch::To.to_string(), "to somebody else"),
    ]);
}
