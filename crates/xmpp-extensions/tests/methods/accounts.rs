use xmpp_extensions::accounts::blocking::BlockItem;
use xmpp_extensions::accounts::commands::{Actions, Command, CommandAction, CommandStatus};
use xmpp_extensions::accounts::invitations::Invitation;
use xmpp_extensions::accounts::notification_settings::{Always, Never, Notify, OnMention, Setting};
use xmpp_extensions::accounts::private_storage::PrivateStorage;
use xmpp_extensions::accounts::registration::Registration;
use xmpp_extensions::archive::query::{Fin, Query};
use xmpp_extensions::base::disco::Items;
use xmpp_extensions::base::forms::{Form, FormKind};
use xmpp_extensions::base::hashes::Hash;
use xmpp_extensions::base::last_activity::LastActivity;
use xmpp_extensions::base::result_set::{First, ResultSet};
use xmpp_extensions::things::moved::Moved;
use xmpp_jid::JidRef;
use xmpp_stanza::{DateTime, Payload};

use crate::{element, jid};

/// XEP-0077, 3.1 and 3.2: examples 4 and 6.
#[test]
fn registrations() {
    let xml = "<query xmlns='jabber:iq:register'><username>bill</username><password>Calliope</password></query>";
    assert_eq!(Registration::of("bill", "Calliope").to_element().unwrap(), element(xml));
    let xml = "<query xmlns='jabber:iq:register'><remove/></query>";
    assert_eq!(Registration::removal().to_element().unwrap(), element(xml));
}

/// XEP-0050, 3.4: what can be done, and what `execute` means then.
#[test]
fn actions_of_commands() {
    use CommandAction::{Cancel, Complete, Execute, Next, Prev};
    for bits in 0..8 {
        let mut actions = Actions::new();
        (actions.prev, actions.next, actions.complete) = (bits & 1 > 0, bits & 2 > 0, bits & 4 > 0);
        assert!(actions.allow(Cancel) && actions.allow(Execute));
        assert_eq!(actions.allow(Prev), actions.prev);
        assert_eq!(actions.allow(Next), actions.next);
        assert_eq!(actions.allow(Complete), actions.complete);
        // "next" if nothing is said, but "complete" if that alone goes forward.
        let otherwise = if actions.complete && !actions.next { Complete } else { Next };
        for (said, allowed) in
            [(Prev, actions.prev), (Next, actions.next), (Complete, actions.complete)]
        {
            actions.execute = Some(said);
            let meant = if allowed { said } else { otherwise };
            assert_eq!(actions.meaning_of_execute(), meant, "{actions:?}");
        }
        for said in [None, Some(Cancel), Some(Execute)] {
            actions.execute = said;
            assert_eq!(actions.meaning_of_execute(), otherwise, "{actions:?}");
        }
    }
}

/// XEP-0050, 3.4: the stage of an execution that comes next.
#[test]
fn commands_go_on() {
    let answer = Command::new("config")
        .with_sessionid("config:20020923T213616Z-700")
        .with_status(CommandStatus::Executing)
        .with_actions(Actions::new().with_next());
    let next = answer.next(CommandAction::Next).unwrap();
    let expected = Command::new("config")
        .with_sessionid("config:20020923T213616Z-700")
        .with_action(CommandAction::Next);
    assert_eq!(next, expected);
    assert_eq!(answer.next(CommandAction::Prev), None);
    assert_eq!(answer.next(CommandAction::Complete), None);
    assert!(answer.next(CommandAction::Cancel).is_some());
    // Without actions it can be completed.
    let bare = Command::new("config").with_status(CommandStatus::Executing);
    let allowed = [
        CommandAction::Cancel,
        CommandAction::Complete,
        CommandAction::Execute,
        CommandAction::Next,
        CommandAction::Prev,
    ]
    .map(|action| bare.next(action).is_some());
    assert_eq!(allowed, [true, true, true, false, false]);
    assert_eq!(Command::new("config").next(CommandAction::Execute), None);
}

/// XEP-0492, 2: the closest setting counts.
#[test]
fn notifications_by_client() {
    let all = || Setting::Always(Always::new());
    let clients = || Setting::OnMention(OnMention::new().with_identity_category("client"));
    let phones = || {
        Setting::Never(Never::new().with_identity_category("client").with_identity_type("phone"))
    };
    for settings in [[all(), clients(), phones()], [phones(), clients(), all()]] {
        let notify = Notify::new().with_settings(settings);
        assert_eq!(notify.of("client", "phone"), Some(&phones()));
        assert_eq!(notify.of("client", "pc"), Some(&clients()));
        assert_eq!(notify.of("automation", "phone"), Some(&all()));
    }
    let notify = Notify::new().with_settings([phones()]);
    assert_eq!(notify.of("client", "pc"), None);
    assert_eq!(notify.of("automation", "phone"), None);
    assert_eq!(Notify::new().of("client", "pc"), None);
    // Each kind of setting says for whom it is.
    let kinds = [
        Setting::Always(Always::new().with_identity_category("a")),
        Setting::OnMention(OnMention::new().with_identity_category("b")),
        Setting::Never(Never::new().with_identity_category("c")),
    ];
    let notify = Notify::new().with_settings(kinds.clone());
    for (category, kind) in ["a", "b", "c"].into_iter().zip(&kinds) {
        assert_eq!(notify.of(category, "x"), Some(kind));
    }
}

/// XEP-0049, 2: what is stored, if it is what was asked for.
#[test]
fn what_is_stored_is_read() {
    let of =
        |content: &str| element(&format!("<query xmlns='jabber:iq:private'>{content}</query>"));
    let stored = of("<query xmlns='jabber:iq:last' seconds='7'/>");
    let storage = PrivateStorage::parse(stored.as_ref()).unwrap();
    let last: LastActivity<'_> = storage.read().unwrap().unwrap();
    assert_eq!(last.seconds, Some(7));
    assert_eq!(storage.read::<Items<'_>>(), Ok(None));
    let form = of("<x xmlns='jabber:x:data' type='cancel'/>");
    let storage = PrivateStorage::parse(form.as_ref()).unwrap();
    assert_eq!(storage.read(), Ok(Some(Form::new(FormKind::Cancel))));
    let wrong = of("<hash xmlns='urn:xmpp:hashes:2'>AAEC</hash>");
    let storage = PrivateStorage::parse(wrong.as_ref()).unwrap();
    assert!(storage.read::<Hash<'_>>().is_err());
    assert_eq!(PrivateStorage::new().read::<LastActivity<'_>>(), Ok(None));
}

/// XEP-0401, 5: the field by either name.
#[test]
fn invitations_expire() {
    let moment = |text: &str| -> DateTime { text.parse().unwrap() };
    let (early, late) = (moment("2017-11-06T02:56:15Z"), moment("2018-11-06T02:56:15Z"));
    let mut invitation = Invitation::default();
    assert_eq!(invitation.expires(), None);
    invitation.expire = Some(late);
    assert_eq!(invitation.expires(), Some(late));
    invitation.expiry = Some(early);
    assert_eq!(invitation.expires(), Some(early));
    invitation.expire = None;
    assert_eq!(invitation.expires(), Some(early));
}

/// XEP-0191, 6.
#[test]
fn who_is_blocked() {
    let blocks =
        |item: &str, address| BlockItem::new(jid(item)).blocks(JidRef::new(address).unwrap());
    assert!(blocks("a@b", "a@b/c") && blocks("b", "a@b/c") && blocks("a@b/c", "a@b/c"));
    assert!(!blocks("a@b", "x@b/c") && !blocks("a@b", "a@x/c") && !blocks("a@b/c", "a@b/x"));
    assert!(!blocks("a@b/c", "a@b") && !blocks("a@b", "b") && blocks("b/c", "a@b/c"));
}

/// XEP-0283, 4.3: the statement names the bare address of the new account.
#[test]
fn who_has_moved() {
    let statement = Moved::new().with_new_jid(jid("new@b"));
    assert!(statement.confirms(&"new@b/x".parse().unwrap()));
    assert!(!statement.confirms(&"old@b".parse().unwrap()));
    assert!(!Moved::new().with_old_jid(jid("new@b")).confirms(&"new@b".parse().unwrap()));
}

/// XEP-0313, 4.3 and 6.3.
#[test]
fn archives_page_by_page() {
    let query = Query::since("id-1", 20);
    let xml = "<query xmlns='urn:xmpp:mam:2'><set xmlns='http://jabber.org/protocol/rsm'>\
        <after>id-1</after><max>20</max></set></query>";
    assert_eq!(query.to_element().unwrap(), element(xml));
    let page = || ResultSet::new().with_first(First::new("id-2")).with_last("id-21");
    let fin = || Fin::new().with_set(page());
    assert_eq!(query.next_page(&fin()), Some(Query::since("id-21", 20)));
    assert_eq!(query.next_page(&fin().with_complete(true)), None);
    assert_eq!(query.next_page(&Fin::new()), None);
    assert_eq!(query.next_page(&Fin::new().with_set(ResultSet::new())), None);
    // Without a page, all was asked for: on from its last one.
    let all = Query::new().with_queryid("q");
    let next = all.next_page(&fin()).unwrap();
    assert_eq!(next, Query::new().with_queryid("q").with_set(ResultSet::new().with_after("id-21")));
    let backwards = Query::new().with_set(ResultSet::last_page(5));
    let set = ResultSet::new().with_max(5_u64).with_before("id-2");
    assert_eq!(backwards.next_page(&fin()), Some(Query::new().with_set(set)));
}
