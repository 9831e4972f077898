use std::borrow::Cow;

use xmpp_extensions::messaging::action::{action, present};
use xmpp_extensions::messaging::activity::messages_per_hour;
use xmpp_extensions::messaging::carbons::Carbon;
use xmpp_extensions::messaging::colours::{Hue, Palette, Rgb};
use xmpp_extensions::messaging::encryption_hint::Encryption;
use xmpp_extensions::messaging::fallback::{BodyPart, Fallback, SubjectPart, characters, without};
use xmpp_extensions::messaging::reactions::{Reactions, may_react, replaces};
use xmpp_extensions::messaging::real_time_text::{
    Action, Erase, Event, Insert, RealTimeText, Screen, changes,
};
use xmpp_extensions::messaging::replies::with_quotation;
use xmpp_extensions::messaging::stanza_id::reference_id;
use xmpp_extensions::messaging::styling::{Block, Style, lines};
use xmpp_jid::BareJidRef;
use xmpp_stanza::{DateTime, StanzaRef};

use crate::element;

/// XEP-0380, 3.2: the table of names; others are called as the sender says.
#[test]
fn names_of_encryptions() {
    for (namespace, name) in [
        ("urn:xmpp:otr:0", "OTR"),
        ("jabber:x:encrypted", "Legacy OpenPGP"),
        ("urn:xmpp:openpgp:0", "OpenPGP for XMPP"),
        ("eu.siacs.conversations.axolotl", "OMEMO"),
        ("urn:xmpp:omemo:1", "OMEMO 1"),
        ("urn:xmpp:omemo:2", "OMEMO 2"),
    ] {
        assert_eq!(Encryption::new(namespace).display_name(), name);
        assert_eq!(Encryption::new(namespace).with_name("Trust me").display_name(), name);
    }
    assert_eq!(Encryption::new("im.example.rot13").display_name(), "im.example.rot13");
    let named = Encryption::new("im.example.rot13").with_name("ROT13");
    assert_eq!(named.display_name(), "ROT13");
}

/// XEP-0245, 2.
#[test]
fn actions() {
    assert_eq!(action("/me shrugs"), Some("shrugs"));
    assert_eq!(present("Atlas", "/me shrugs").as_deref(), Some("* Atlas shrugs"));
    for body in ["/me", "/Me shrugs", " /me shrugs", "/me\tshrugs", ""] {
        assert_eq!((action(body), present("Atlas", body)), (None, None), "{body}");
    }
}

/// XEP-0502, 3.1: a number with a fraction, not negative.
#[test]
fn messages_an_hour() {
    for (value, rate) in [("0", 0.0), ("23.42", 23.42), ("1e2", 100.0), ("+1", 1.0), ("-0", 0.0)] {
        assert_eq!(messages_per_hour(value), Some(rate), "{value}");
    }
    for bad in ["", "-1", "-0.001", "inf", "NaN", "infinity", "1e999", "many", "1,5", " 1"] {
        assert_eq!(messages_per_hour(bad), None, "{bad}");
    }
}

fn reference(stanza: &str) -> Option<String> {
    let element = element(stanza);
    reference_id(StanzaRef::new(element.as_ref()).unwrap()).map(Cow::into_owned)
}

/// XEP-0359, 3 and 6; XEP-0444, 4.2; XEP-0461, 4.1.
#[test]
fn ids_that_are_referred_to() {
    let chat = |attrs: &str, content: &str| {
        reference(&format!("<message xmlns='jabber:client' {attrs}>{content}</message>"))
    };
    let origin = "<origin-id xmlns='urn:xmpp:sid:0' id='de305d54'/>";
    assert_eq!(chat("id='1'", "").as_deref(), Some("1"));
    assert_eq!(chat("id='1'", origin).as_deref(), Some("de305d54"));
    assert_eq!(chat("", origin).as_deref(), Some("de305d54"));
    assert_eq!(chat("", ""), None);
    assert_eq!(chat("id=''", ""), None);
    let given = |by: &str| format!("<stanza-id xmlns='urn:xmpp:sid:0' id='5f3d' by='{by}'/>");
    assert_eq!(chat("id='1'", &given("romeo@montague.lit")).as_deref(), Some("1"));
    let room = |content: &str| {
        let attrs = "type='groupchat' id='1' from='room@muc.example/nick'";
        chat(attrs, &format!("{content}{origin}"))
    };
    assert_eq!(room(&given("room@muc.example")).as_deref(), Some("5f3d"));
    let both = format!(
        "{}{}",
        given("other@muc.example").replace("5f3d", "forged"),
        given("room@muc.example")
    );
    assert_eq!(room(&both).as_deref(), Some("5f3d"));
    assert_eq!(room(&given("other@muc.example")), None);
    assert_eq!(room(""), None);
    assert_eq!(chat("type='groupchat' id='1'", &given("room@muc.example")), None);
    assert_eq!(reference("<presence xmlns='jabber:client' id='1'/>"), None);
    assert_eq!(reference("<iq xmlns='jabber:client' type='result' id='1'/>"), None);
}

/// XEP-0280, 7 and 8.
#[test]
fn carbons() {
    let account = BareJidRef::new("romeo@montague.example").unwrap();
    let of = |stanza: &str, from: &str, inner: &str, kind: &str| {
        let element = element(&format!(
            "<{stanza} xmlns='jabber:client' {from}><{kind} xmlns='urn:xmpp:carbons:2'>\
             <forwarded xmlns='urn:xmpp:forward:0'>{inner}</forwarded></{kind}></{stanza}>"
        ));
        let carbon = Carbon::of(StanzaRef::new(element.as_ref()).unwrap(), account)?;
        Some((
            matches!(carbon, Carbon::Sent(_)),
            carbon.message().map(|message| message.from().jid().unwrap().as_str().to_owned()),
        ))
    };
    let own = "from='romeo@montague.example'";
    let message = "<message xmlns='jabber:client' from='juliet@capulet.example'/>";
    let juliet = Some("juliet@capulet.example".to_owned());
    assert_eq!(of("message", own, message, "received"), Some((false, juliet.clone())));
    assert_eq!(of("message", own, message, "sent"), Some((true, juliet.clone())));
    assert_eq!(of("message", "", message, "sent"), Some((true, juliet)));
    // A copy of something else than a message is none.
    let presence = "<presence xmlns='jabber:client' from='juliet@capulet.example'/>";
    assert_eq!(of("message", own, presence, "sent"), Some((true, None)));
    assert_eq!(of("message", own, "", "sent"), Some((true, None)));
    assert_eq!(of("presence", own, message, "received"), None);
    assert_eq!(of("message", "from='romeo@montague.example/x'", message, "received"), None);
    assert_eq!(of("message", "from='juliet@capulet.example'", message, "received"), None);
    assert_eq!(of("message", own, message, "private"), None);
}

/// XEP-0461, 3.1.
#[test]
fn replies_with_a_quotation() {
    let (body, fallback) = with_quotation(Some("Anna"), "We should\nbake a cake", "Great idea!");
    assert_eq!(body, "> Anna wrote:\n> We should\n> bake a cake\nGreat idea!");
    assert_eq!(fallback.of.as_deref(), Some("urn:xmpp:reply:0"));
    assert_eq!(fallback.body, [BodyPart::new().with_start(0_u32).with_end(40_u32)]);
    assert_eq!(without(&body, fallback.body_ranges()), "Great idea!");
    let (body, fallback) = with_quotation(None, "ü", "x");
    assert_eq!((&*body, fallback.body[0].end), ("> ü\nx", Some(4)));
    let (body, _) = with_quotation(Some("A\r\nB"), "q", "x");
    assert_eq!(body, "> A  B wrote:\n> q\nx");
}

/// XEP-0444, 2.2, 3.1 and 4.
#[test]
fn reactions() {
    let of = |list: &[&'static str]| {
        Reactions::new("1").with_reactions(list.iter().map(|r| Cow::Borrowed(*r)))
    };
    assert_eq!(of(&["a", " b", "a ", "", " "]).distinct().collect::<Vec<_>>(), ["a", "b"]);
    let two = of(&["a", "b", "a"]);
    assert_eq!([1, 2, 3].map(|most| two.fit(Some(most), None)), [false, true, true]);
    assert!(of(&[]).fit(Some(0), Some(&[])) && !of(&["a"]).fit(Some(0), None));
    assert!(two.fit(None, Some(&["b", "a"])) && !two.fit(None, Some(&["a"])));
    assert!(!two.fit(Some(2), Some(&["a"])) && !two.fit(Some(1), Some(&["a", "b"])));
    let jid = |text| BareJidRef::new(text).unwrap();
    let parties = [jid("a@example"), jid("b@example")];
    let reacts = ["a@example", "b@example", "c@example"].map(|who| may_react(jid(who), parties));
    assert_eq!(reacts, [true, true, false]);
    let at = |second| DateTime::from_unix(second, 0).unwrap();
    let replaced = [9, 10, 11].map(|second| replaces(at(10), Some(at(second))));
    assert_eq!((replaced, replaces(at(10), None)), ([false, true, true], true));
}

/// XEP-0428, 2.2, with the counting of XEP-0426.
#[test]
fn fallbacks() {
    let part = |start: Option<u32>, end: Option<u32>| {
        let (mut body, mut subject) = (BodyPart::new(), SubjectPart::new());
        (body.start, body.end, subject.start, subject.end) = (start, end, start, end);
        (body, subject)
    };
    for (start, end, range) in [
        (Some(1), Some(3), 1..3),
        (None, Some(3), 0..3),
        (Some(1), None, 1..u32::MAX),
        (None, None, 0..u32::MAX),
    ] {
        let (body, subject) = part(start, end);
        let of_body = Fallback::new().with_body([body.clone()]);
        assert_eq!(of_body.body_ranges().collect::<Vec<_>>(), [range.clone()]);
        assert_eq!(of_body.subject_ranges().count(), 0);
        let of_subject = Fallback::new().with_subject([subject.clone()]);
        assert_eq!(of_subject.subject_ranges().collect::<Vec<_>>(), [range.clone()]);
        assert_eq!(of_subject.body_ranges().count(), 0);
        let both = Fallback::new().with_body([body]).with_subject([subject]);
        assert_eq!((both.body_ranges().count(), both.subject_ranges().count()), (1, 1));
    }
    let whole = Fallback::new();
    assert_eq!(whole.body_ranges().collect::<Vec<_>>(), [0..u32::MAX]);
    assert_eq!(whole.subject_ranges().collect::<Vec<_>>(), [0..u32::MAX]);

    for (parts, left) in [
        (&[0..1][..], "bcdé"),
        (&[4..5], "abcd"),
        (&[1..2, 3..4], "acé"),
        (&[1..3, 2..4], "aé"),
        (&[1..4, 2..3], "aé"),
        (&[2..3, 1..4], "aé"),
        (&[1..2, 2..3], "adé"),
        (&[0..0, 5..9], "abcdé"),
        (&[], "abcdé"),
    ] {
        assert_eq!(without("abcdé", parts.iter().cloned()), left, "{parts:?}");
    }
    // Nothing is copied where nothing is left out.
    assert!(matches!(without("ab", []), Cow::Borrowed("ab")));
    for (part, text) in [
        (0..0, Some("")),
        (0..5, Some("abcdé")),
        (4..5, Some("é")),
        (5..5, Some("")),
        (4..6, None),
        (6..6, None),
        (core::ops::Range { start: 2, end: 1 }, None),
    ] {
        assert_eq!(characters("abcdé", part.clone()), text, "{part:?}");
    }
}

fn rtt(seq: u32, event: Event, text: &'static str) -> RealTimeText<'static> {
    let mut rtt = RealTimeText::new(seq).with_event(event);
    if !text.is_empty() {
        rtt.actions.push(Action::Insert(Insert::new(text)));
    }
    rtt
}

/// XEP-0301, 4.2, 4.6 and 4.7: what a reader sees, and when it is out of synchrony.
#[test]
fn real_time_text() {
    let mut screen = Screen::new(5);
    assert_eq!((screen.text(), screen.is_in_synchrony()), (String::new(), false));
    assert!(!screen.receive(&rtt(1, Event::Edit, "x")));
    assert!(screen.receive(&rtt(7, Event::New, "ab")) && screen.is_in_synchrony());
    assert!(screen.receive(&rtt(8, Event::Edit, "c")));
    assert_eq!(screen.text(), "abc");
    // 4.2.2: `init` says that one may, and is no part of the text.
    assert!(screen.receive(&rtt(100, Event::Init, "")) && screen.is_in_synchrony());
    assert!(screen.receive(&rtt(9, Event::Edit, "de")));
    assert_eq!(screen.text(), "abcde");
    // One character too many; then nothing until the next beginning.
    assert!(!screen.receive(&rtt(10, Event::Edit, "f")) && !screen.is_in_synchrony());
    assert!(!screen.receive(&rtt(11, Event::Edit, "")));
    assert!(screen.receive(&rtt(3, Event::Reset, "xy")) && screen.is_in_synchrony());
    assert_eq!(screen.text(), "xy");
    // 4.7.2: the wrong number.
    assert!(!screen.receive(&rtt(5, Event::Edit, "z")) && !screen.is_in_synchrony());
    assert_eq!(screen.text(), "xy");
    assert!(screen.receive(&rtt(u32::MAX, Event::New, "a")));
    assert!(screen.receive(&rtt(0, Event::Edit, "b")));
    assert!(screen.receive(&rtt(0, Event::Cancel, "")));
    assert_eq!((screen.text(), screen.is_in_synchrony()), (String::new(), false));
    // It holds no more than before.
    assert!(!screen.receive(&rtt(0, Event::New, "abcdef")));
    assert!(screen.receive(&rtt(0, Event::New, "abcde")));
}

/// XEP-0301, 4.6.2 and 4.6.3.
#[test]
fn edits_of_a_text() {
    let edited = |action: Action<'_>| {
        let mut screen = Screen::new(9);
        assert!(screen.apply(&Action::Insert(Insert::new("abc"))));
        assert!(screen.apply(&action));
        screen.text()
    };
    let insert = |p: Option<i64>| {
        let mut insert = Insert::new("X");
        insert.p = p;
        edited(Action::Insert(insert))
    };
    let inserted = [None, Some(0), Some(1), Some(3), Some(4), Some(-1), Some(i64::MAX)].map(insert);
    assert_eq!(inserted, ["abcX", "Xabc", "aXbc", "abcX", "abcX", "Xabc", "abcX"]);
    let erase = |p: Option<i64>, n: Option<i64>| {
        let mut erase = Erase::new();
        (erase.p, erase.n) = (p, n);
        edited(Action::Erase(erase))
    };
    assert_eq!(erase(None, None), "ab");
    assert_eq!(erase(Some(1), None), "bc");
    assert_eq!(erase(None, Some(2)), "a");
    assert_eq!(erase(Some(2), Some(2)), "c");
    assert_eq!(erase(Some(2), Some(9)), "c");
    assert_eq!(erase(Some(0), Some(1)), "abc");
    assert_eq!(erase(None, Some(0)), "abc");
    assert_eq!(erase(None, Some(-1)), "abc");
    // 7.3.1: one erasure and one insertion, as short as can be.
    let told = |before: &str, after: &'static str| {
        let told: Vec<_> = changes(before, after)
            .into_iter()
            .map(|action| match action {
                Action::Erase(erase) => format!("erase {:?} {:?}", erase.p, erase.n),
                Action::Insert(insert) => format!("insert {:?} {}", insert.p, insert.text),
                other => format!("{other:?}"),
            })
            .collect();
        told.join(", ")
    };
    assert_eq!(told("abc", "abc"), "");
    assert_eq!(told("abc", "abcd"), "insert None d");
    assert_eq!(told("abc", "ab"), "erase None None");
    assert_eq!(told("abc", "a"), "erase None Some(2)");
    assert_eq!(told("abc", "xabc"), "insert Some(0) x");
    assert_eq!(told("abc", "axc"), "erase Some(2) None, insert Some(1) x");
    assert_eq!(told("abcd", "ad"), "erase Some(3) Some(2)");
    assert_eq!(told("äöü", "äxü"), "erase Some(2) None, insert Some(1) x");
    assert_eq!(told("ab", "xy"), "erase None Some(2), insert None xy");
}

/// XEP-0393, 6.1 and 6.2: where lines and spans are, in bytes of the body.
#[test]
fn styles() {
    let body = "ü *b* _i ~s~_\n>> `p` x\n```\n*a*\n```";
    let all: Vec<_> = lines(body).collect();
    let told: Vec<_> =
        all.iter().map(|line| (line.quotations, line.block, line.text, line.offset)).collect();
    assert_eq!(
        told,
        [
            (0, Block::Plain, "ü *b* _i ~s~_", 0),
            (2, Block::Plain, "`p` x", 18),
            (0, Block::Fence, "```", 24),
            (0, Block::Preformatted, "*a*", 28),
            (0, Block::Fence, "```", 32),
        ]
    );
    let spans: Vec<_> = all
        .iter()
        .flat_map(|line| line.spans())
        .map(|span| (span.style, span.range.clone(), &body[span.range]))
        .collect();
    assert_eq!(
        spans,
        [
            (Style::Strong, 3..6, "*b*"),
            (Style::Emphasis, 7..14, "_i ~s~_"),
            (Style::Strike, 10..13, "~s~"),
            (Style::Preformatted, 18..21, "`p`"),
        ]
    );
}

/// XEP-0392, 5.2 to 5.4 and 13.
#[test]
fn colours() {
    let bytes = |text: &str| Hue::of(text).to_rgb(100.0, 50.0).to_bytes();
    assert_eq!(bytes("Romeo"), [221, 0, 175]);
    assert_eq!(Rgb::new(-1.0, 0.5, 2.0), Rgb::new(0.0, 0.5, 1.0));
    assert_eq!(Rgb::new(f64::NAN, 0.0, 1.0).to_bytes(), [0, 0, 255]);
    // To the nearest of 256.
    assert_eq!(Rgb::new(0.5 / 255.0, 0.49 / 255.0, 1.5 / 255.0).to_bytes(), [1, 0, 2]);
    let hue = Hue::of("Romeo");
    assert_eq!(hue.to_rgb(100.0, 100.0).to_bytes(), [255, 255, 255]);
    assert_eq!(hue.to_rgb(100.0, 0.0).to_bytes(), [0, 0, 0]);
    assert_eq!(hue.to_rgb(0.0, 50.0).to_bytes(), [119, 119, 119]);
    assert_eq!(hue.to_rgb(200.0, 50.0), hue.to_rgb(100.0, 50.0));
    // Greys have no hue; of two colours of one hue the lighter one is nearer to 73.2.
    let (dark, light) = (Rgb::new(0.2, 0.0, 0.0), Rgb::new(1.0, 0.0, 0.0));
    for colours in [[dark, light], [light, dark]] {
        let palette = Palette::new(colours.into_iter().chain([Rgb::new(0.7, 0.7, 0.7)]));
        assert_eq!(palette.nearest(hue), Some((12, light)));
    }
    assert_eq!(Palette::default().nearest(hue), None);
    // Around the circle: 12 is nearer to 359.99 than 266 is.
    let palette = Palette::new([light, Rgb::new(0.0, 0.0, 1.0)]);
    assert_eq!(palette.nearest(Hue::of("council")), Some((12, light)));
    assert_eq!(palette.nearest(Hue::of("juliet@capulet.lit")).map(|(hue, _)| hue), Some(266));
}
