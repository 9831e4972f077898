//! RFC 6121 §8.5: table 1, and the rules for presence and iq.

use xmpp_im::delivery::Delivery::{Deliver, Ignore, OnBehalf, ServiceUnavailable, Store};
use xmpp_im::delivery::{Delivery, Recipients, Resource, To};
use xmpp_stanza::MessageType::{Chat, Error, Groupchat, Headline, Normal};
use xmpp_stanza::{IqType, MessageType, PresenceType};

const fn resource(resourcepart: &str, priority: Option<i8>) -> Resource<'_> {
    Resource { resourcepart, priority }
}

mod delivery {
    //! The functions, for slices.
    use super::*;
    use xmpp_im::delivery;

    pub(crate) fn message(
        kind: MessageType,
        to: To<'static>,
        account: Option<&[Resource<'_>]>,
        authorized: bool,
    ) -> Delivery<'static> {
        delivery::message(kind, to, account.map(|all| all.iter().copied()), authorized)
    }

    pub(crate) fn presence(
        kind: PresenceType,
        to: To<'static>,
        account: Option<&[Resource<'_>]>,
    ) -> Delivery<'static> {
        delivery::presence(kind, to, account.map(|all| all.iter().copied()))
    }

    pub(crate) fn iq(
        kind: IqType,
        to: To<'static>,
        account: Option<&[Resource<'_>]>,
        authorized: bool,
    ) -> Delivery<'static> {
        delivery::iq(kind, to, account.map(|all| all.iter().copied()), authorized)
    }
}

const NO_ACCOUNT: Option<&[Resource<'_>]> = None;
const NOBODY: Option<&[Resource<'_>]> = Some(&[]);
const CONNECTED: Option<&[Resource<'_>]> = Some(&[resource("a", None)]);
const NEGATIVE: Option<&[Resource<'_>]> =
    Some(&[resource("a", Some(-1)), resource("b", Some(-128))]);
const ONE: Option<&[Resource<'_>]> = Some(&[resource("a", Some(0)), resource("n", Some(-1))]);
const MANY: Option<&[Resource<'_>]> = Some(&[
    resource("a", Some(0)),
    resource("b", Some(5)),
    resource("c", Some(5)),
    resource("n", Some(-1)),
]);

const BARE: To<'static> = To::Bare;
const MATCH: To<'static> = To::Full("a");
const NO_MATCH: To<'static> = To::Full("elsewhere");

/// "D" to a full JID that matches
const TO_A: Delivery<'static> = Deliver(Recipients::Resource("a"));

/// A row of table 1: the columns Normal, Chat, Groupchat, Headline, for a sender who may
/// know the user's presence and, where that differs, for a stranger.
#[track_caller]
fn row(account: Option<&[Resource<'_>]>, to: To<'static>, known: [Delivery<'_>; 4]) {
    row_for(account, to, known, true);
}

#[track_caller]
fn row_for(
    account: Option<&[Resource<'_>]>,
    to: To<'static>,
    expected: [Delivery<'_>; 4],
    authorized: bool,
) {
    let got = [Normal, Chat, Groupchat, Headline]
        .map(|kind| delivery::message(kind, to, account, authorized));
    assert_eq!(got, expected, "to {to:?}, authorized: {authorized}");
}

/// 6121-8.5.1: S/E, S/E, E, S; and full: S/E throughout. Silence, as where a message is stored.
/// 6120-10.5.3.1-01: either.
#[test]
fn table_1_account_does_not_exist() {
    for authorized in [false, true] {
        row_for(NO_ACCOUNT, BARE, [Ignore, Ignore, ServiceUnavailable, Ignore], authorized);
        row_for(NO_ACCOUNT, NO_MATCH, [Ignore; 4], authorized);
    }
}

/// 6121-8.5.2.2.1, 6121-8.5.3.2.1
#[test]
fn table_1_no_active_resources() {
    // 6121-8.5.2.2.1-01 to -03, 6121-8.5.3.2.1-01, 6121-8.5.3.2.1-02
    for account in [NOBODY, CONNECTED] {
        row(account, BARE, [Store, Store, ServiceUnavailable, Ignore]);
        let error = ServiceUnavailable;
        row(account, NO_MATCH, [error, Store, error, error]);
        row_for(account, NO_MATCH, [Ignore, Store, Ignore, Ignore], false);
    }
}

/// 6121-8.5.2.1.1: "MUST NOT deliver the stanza to any available resource with a negative
/// priority"
#[test]
fn table_1_negative_resources_only() {
    // 6121-8.5.2.1.1-01, -04, -08 and -12, 6121-8.5.3.2.1-03
    row(NEGATIVE, BARE, [Store, Store, ServiceUnavailable, Ignore]);
    row(NEGATIVE, MATCH, [TO_A; 4]);
    let error = ServiceUnavailable;
    row(NEGATIVE, NO_MATCH, [error, Store, error, error]);
}

#[test]
fn table_1_one_non_negative_resource() {
    // 6120-10.5.4-02
    // 6121-8.5.2.1.1-02, 6121-8.5.2.1.1-05, 6121-8.5.2.1.1-09, 6121-8.5.3.1-03,
    // 6121-8.5.3.2.1-04
    let d = Deliver(Recipients::Priority(0));
    row(ONE, BARE, [d, d, ServiceUnavailable, Deliver(Recipients::NonNegative)]);
    row(ONE, MATCH, [TO_A; 4]);
    let error = ServiceUnavailable;
    row(ONE, NO_MATCH, [error, d, error, error]);
}

#[test]
fn table_1_more_non_negative_resources() {
    // 6121-message-type-deliver: 6121-5.2.2-04, 6121-8.5.2.1.1-03, 6121-8.5.2.1.1-06,
    // 6121-8.5.2.1.1-07, 6121-8.5.2.1.1-10, 6121-8.5.3.2.1-05
    let m = Deliver(Recipients::Priority(5));
    row(MANY, BARE, [m, m, ServiceUnavailable, Deliver(Recipients::NonNegative)]);
    row(MANY, MATCH, [TO_A; 4]);
    let error = ServiceUnavailable;
    row(MANY, NO_MATCH, [error, m, error, error]);
}

/// RFC 6120 §8.3.1, 6121-8.5.2.1.1, 6121-8.5.3.1: an error reaches the resource that it is
/// for or nobody, and is never answered.
#[test]
fn message_of_type_error() {
    // 6121-8.5.2.1.1-11, 6121-8.5.3.2.1-06
    for account in [NO_ACCOUNT, NOBODY, CONNECTED, NEGATIVE, ONE, MANY] {
        for authorized in [false, true] {
            assert_eq!(delivery::message(Error, BARE, account, authorized), Ignore);
            assert_eq!(delivery::message(Error, NO_MATCH, account, authorized), Ignore);
        }
    }
    assert_eq!(delivery::message(Error, MATCH, ONE, false), TO_A);
}

/// RFC 6120 §10.2: who looks for accounts sees no difference between one that does not exist
/// and one whose user is not there.
#[test]
fn a_stranger_cannot_tell_accounts_that_exist_from_those_that_do_not() {
    let seen = |delivery| match delivery {
        Store | Ignore => "silence",
        ServiceUnavailable => "error",
        Deliver(_) | OnBehalf => "else",
    };
    for kind in [Normal, Chat, Groupchat, Headline, Error] {
        for to in [BARE, NO_MATCH] {
            let absent = delivery::message(kind, to, NO_ACCOUNT, false);
            let nobody = delivery::message(kind, to, NOBODY, false);
            assert_eq!(seen(absent), seen(nobody), "{kind} to {to:?}");
        }
    }
}

#[test]
fn selections_of_resources() {
    let of = |recipients: Recipients<'_>| {
        let chosen = MANY.unwrap().iter().filter(|r| recipients.includes(**r));
        chosen.map(|r| r.resourcepart).collect::<String>()
    };
    assert_eq!(of(Recipients::Resource("n")), "n");
    assert_eq!(of(Recipients::Priority(5)), "bc");
    assert_eq!(of(Recipients::NonNegative), "abc");
    assert_eq!(of(Recipients::Available), "abcn");
    assert!(!Recipients::Available.includes(CONNECTED.unwrap()[0]));
}

/// 6121-8.5.1-03, 6121-8.5.2.1.2, 6121-8.5.2.2.2, 6121-8.5.3.1, 6121-8.5.3.2.2
#[test]
fn availability() {
    // 6121-4.5.3-01, 6121-8.5.2.1.2-01, 6121-8.5.2.2.2-01, 6121-8.5.3.1-04, 6121-8.5.3.2.2-01
    // 6120-10.5.3.1-02, 6120-10.5.3.2-03, 6120-10.5.3.2-04
    for kind in [PresenceType::Available, PresenceType::Unavailable] {
        assert_eq!(delivery::presence(kind, BARE, NO_ACCOUNT), Ignore);
        assert_eq!(delivery::presence(kind, BARE, NOBODY), Ignore);
        assert_eq!(delivery::presence(kind, BARE, CONNECTED), Ignore);
        // "the server MUST deliver it to all available resources", negative ones included
        assert_eq!(delivery::presence(kind, BARE, NEGATIVE), Deliver(Recipients::Available));
        assert_eq!(delivery::presence(kind, MATCH, CONNECTED), TO_A);
        assert_eq!(delivery::presence(kind, NO_MATCH, MANY), Ignore);
    }
}

/// 6121-8.5.1-04, 6121-8.5.2.1.2-02, 6121-8.5.2.1.2-03, 6121-8.5.3.1-05, 6121-8.5.3.1-06
#[test]
fn presence_that_the_server_processes() {
    // 6121-8.5.1-05, 6121-8.5.2.2.2-02, 6121-8.5.2.2.2-03
    for kind in [
        PresenceType::Subscribe,
        PresenceType::Subscribed,
        PresenceType::Unsubscribe,
        PresenceType::Unsubscribed,
        PresenceType::Probe,
    ] {
        assert_eq!(delivery::presence(kind, BARE, NOBODY), OnBehalf);
        for to in [BARE, MATCH] {
            assert_eq!(delivery::presence(kind, to, MANY), OnBehalf);
            assert_eq!(delivery::presence(kind, to, NO_ACCOUNT), Ignore);
        }
    }
}

/// RFC 6120 section 8.3.1: an error goes back to who sent the stanza, and a resource sent it.
#[test]
fn a_presence_error_is_for_one_resource() {
    assert_eq!(delivery::presence(PresenceType::Error, MATCH, MANY), TO_A);
    for to in [BARE, NO_MATCH] {
        assert_eq!(delivery::presence(PresenceType::Error, to, MANY), Ignore);
    }
}

/// 6121-8.5.3.2.2-02, -03, -04
#[test]
fn presence_that_the_server_processes_to_a_resource_that_is_not_there() {
    for (kind, expected) in [
        (PresenceType::Subscribe, OnBehalf),
        (PresenceType::Probe, OnBehalf),
        (PresenceType::Subscribed, Ignore),
        (PresenceType::Unsubscribe, Ignore),
        (PresenceType::Unsubscribed, Ignore),
    ] {
        assert_eq!(delivery::presence(kind, NO_MATCH, MANY), expected, "{kind}");
    }
}

/// 6121-8.5.1-01, 6121-8.5.2.1.3, 6121-8.5.2.2.3, 6121-8.5.3.1, 6121-8.5.3.2.3
#[test]
fn iq_requests() {
    // 6121-8.5.2.1.3-01, 6121-8.5.2.2.3-01; no other error tells who is there:
    // 6120-8.3.3.7-02, 6120-8.3.3.13-02, 6120-8.3.3.19-02
    for kind in [IqType::Get, IqType::Set] {
        for authorized in [false, true] {
            assert_eq!(delivery::iq(kind, BARE, NO_ACCOUNT, authorized), ServiceUnavailable);
            assert_eq!(delivery::iq(kind, BARE, NOBODY, authorized), OnBehalf);
            assert_eq!(delivery::iq(kind, BARE, MANY, authorized), OnBehalf);
            assert_eq!(delivery::iq(kind, NO_MATCH, MANY, authorized), ServiceUnavailable);
        }
        assert_eq!(delivery::iq(kind, MATCH, CONNECTED, true), TO_A);
        assert_eq!(delivery::iq(kind, MATCH, CONNECTED, false), ServiceUnavailable);
    }
}

/// 6121-8.5.3.1: "For an IQ stanza of type 'result' or 'error', the server MUST deliver the
/// stanza to the resource"; 6120-8.2.3-06: and never answers it.
#[test]
fn iq_answers() {
    for kind in [IqType::Result, IqType::Error] {
        assert_eq!(delivery::iq(kind, MATCH, CONNECTED, false), TO_A);
        for account in [NO_ACCOUNT, NOBODY, MANY] {
            assert_eq!(delivery::iq(kind, BARE, account, false), Ignore);
            assert_eq!(delivery::iq(kind, NO_MATCH, account, false), Ignore);
        }
    }
}
