//! RFC 6121, and carbons (XEP-0280): what is said by those who have no right to say it.

use core::time::Duration;

use crate::case::Cases;
use crate::client::host::{ROSTER, Session, attr};
use crate::client::scram::random;
use crate::client::{Scene, Section, Stage};
use crate::verdict::{Level, Outcome, Setup as _};
use crate::{ensure, skip};

const CARBON: &str = "Any forwarded copies received by a Carbons-enabled client MUST be from that \
    user's bare JID; any copies that do not meet this requirement MUST be ignored.";

/// RFC 6120 section 8.2.3: of what the requesting entity gets.
const ASKED: &str = "The semantics of IQ enable an entity to make a request of, and receive a \
    response from, another entity.";

pub(super) fn cases(cases: &mut Cases<Stage>) {
    order(cases);
    pushes(&mut cases.section("6121", "2.1.6"));
    probes(&mut cases.section("6121", "4.7.1"));
    results(&mut cases.section("6120", "8.2.3"));
    subscriptions(&mut cases.section("6121", "3.1.4"));
    messages(&mut cases.section("6121", "5.2.2"));
    carbons(&mut cases.section("XEP-0280", "11"));
}

fn order(cases: &mut Cases<Stage>) {
    cases.section("6121", "2.2").should(
        1,
        "6121-2.2-01",
        "the roster is asked for before presence is sent",
        async |scene: &mut Scene| {
            let mut session = scene.session().await?;
            let first = session
                .until("a request for the roster, or presence", Duration::from_secs(8), |e| {
                    e.name() == "presence" || e.children().any(|child| child.ns() == ROSTER)
                })
                .await
                .setup("the client's first stanzas")?;
            ensure!(first.name() == "iq", "presence came first");
            Ok(())
        },
    );
    cases.section("6121", "2.1.3").must(
        1,
        "6121-2.1.3-01",
        "a request for the roster has no item",
        async |scene: &mut Scene| {
            let mut session = scene.session().await?;
            let request = roster_request(&mut session).await?;
            let items = request.children().flat_map(|query| query.children()).count();
            ensure!(items == 0, "it has {items}");
            Ok(())
        },
    );
    cases.section("6121", "2.6.2").must(
        1,
        "6121-2.6.2-02",
        "without versions of rosters, none is told",
        async |scene: &mut Scene| {
            let mut session = scene.session().await?;
            let request = roster_request(&mut session).await?;
            let version = request
                .children()
                .next()
                .and_then(|query| query.attr("ver").map(|ver| ver.into_owned()));
            ensure!(version.is_none(), "'ver' is {version:?}");
            Ok(())
        },
    );
    cases.section("6121", "4.2.1").must(
        1,
        "6121-4.2.1-01",
        "initial presence has no address and no type",
        async |scene: &mut Scene| {
            let mut session = scene.session().await?;
            let presence =
                session.until("presence", Duration::from_secs(8), |e| e.name() == "presence").await;
            let Ok(presence) = presence else { skip!("the client sends no presence") };
            let (to, kind) = (attr(&presence, "to"), attr(&presence, "type"));
            ensure!(to.is_empty() && kind.is_empty(), "'to' is {to:?}, 'type' is {kind:?}");
            Ok(())
        },
    );
}

async fn roster_request(session: &mut Session) -> Outcome<xmpp_xml::Element> {
    let request = session
        .until("a request for the roster", Duration::from_secs(6), |e| {
            e.name() == "iq" && e.children().any(|child| child.ns() == ROSTER)
        })
        .await;
    match request {
        Ok(request) => Ok(request),
        Err(_) => skip!("the client asks for no roster"),
    }
}

fn pushes(section: &mut Section<'_>) {
    section.table(
        Level::Must,
        1,
        "6121-2.1.6-04",
        "a roster push from anybody else is not processed",
        [
            ("a-contact", "romeo@{domain}"),
            ("another-domain", "other.example"),
            ("the-domain", "{domain}"),
            ("an-own-resource", "{account}/elsewhere"),
            ("an-account-that-looks-alike", "{account}.other.example"),
        ],
        async |scene: &mut Scene, who: &str| {
            let mut session = scene.session().await?;
            session.settle().await?;
            let from = who.replace("{domain}", &session.domain).replace("{account}", &session.bare);
            let (id, word) = (session.id(), random());
            session.send_marked(push(&id, &format!(" from='{from}'"), &word)).await;
            session
                .never(
                    |e| {
                        e.attr("id").as_deref() == Some(&*id)
                            && e.attr("type").as_deref() == Some("result")
                    },
                    "it is answered as if it had been processed",
                )
                .await?;
            ensure!(!scene.has_shown(&word), "the client shows its item");
            Ok(())
        },
    );
    section.table(
        Level::Must,
        2,
        "6120-8.2.3-04",
        "a roster push from the account is answered",
        [("without-from", ""), ("from-the-bare-address", " from='{account}'")],
        async |scene: &mut Scene, from: &str| {
            let mut session = scene.session().await?;
            session.settle().await?;
            let id = session.id();
            let from = from.replace("{account}", &session.bare);
            session.send_marked(push(&id, &from, "benvolio")).await;
            session
                .until("an answer to the push", Duration::from_secs(5), |e| {
                    e.attr("id").as_deref() == Some(&*id)
                })
                .await
                .map(drop)
        },
    );
    section.must(
        3,
        "6121-2.1.2.5-02",
        "a push with an unknown subscription does not end the stream",
        async |scene: &mut Scene| {
            let mut session = scene.session().await?;
            session.settle().await?;
            let id = session.id();
            session.send_marked(push(&id, "", "mercutio").replace("'none'", "'telepathy'")).await;
            session.goes_on().await
        },
    );
}

fn push(id: &str, from: &str, word: &str) -> String {
    format!(
        "<iq type='set' id='{id}'{from}><query xmlns='{ROSTER}'><item jid='{word}@other.example' \
         name='{word}' subscription='none'/></query></iq>"
    )
}

fn results(section: &mut Section<'_>) {
    section.table(
        Level::May,
        8,
        ASKED,
        "a roster from who was not asked is not taken",
        [
            ("from-a-contact", " from='romeo@{domain}/orchard'"),
            ("from-another-domain", " from='other.example'"),
        ],
        async |scene: &mut Scene, from: &str| {
            let from = from.replace("{domain}", &scene.setting.domain);
            forged_roster(scene, &from, "{id}").await
        },
    );
    section.must(
        9,
        "6120-8.2.3-05",
        "a roster for what was not asked is not taken",
        async |scene: &mut Scene| forged_roster(scene, "", "not-{id}").await,
    );
}

/// A roster that answers nothing comes before the right one.
async fn forged_roster(scene: &mut Scene, from: &str, form: &str) -> Outcome {
    let mut session = scene.session().await?;
    let request = roster_request(&mut session).await?;
    let (forged, right) = (random(), random());
    let id = attr(&request, "id");
    let result = |from: &str, id: &str, word: &str| {
        format!(
            "<iq type='result' id='{id}'{from}><query xmlns='{ROSTER}'><item jid='{word}@other.example' name='{word}' subscription='both'/></query></iq>"
        )
    };
    session.send_marked(result(from, &form.replace("{id}", &id), &forged)).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    session.send(result("", &id, &right)).await;
    session.settle().await?;
    let wait = scene.setting.quiet;
    let shows_rosters = scene.shows(&right, wait).await;
    ensure!(!scene.has_shown(&forged), "the client shows the forged one");
    if !shows_rosters {
        skip!("the client does not show the items of its roster");
    }
    Ok(())
}

fn probes(section: &mut Section<'_>) {
    section.should(
        1,
        "6121-4.7.1-01 6121-4.3-02 6121-4.7.1-03",
        "a client probes nobody",
        async |scene: &mut Scene| {
            let mut session = scene.session().await?;
            let from = format!("romeo@{}/orchard", session.domain);
            let to = session.bare.clone();
            for kind in ["", " type='unavailable'"] {
                session.send_marked(format!("<presence from='{from}' to='{to}'{kind}/>")).await;
            }
            session
                .never(
                    |e| e.name() == "presence" && e.attr("type").as_deref() == Some("probe"),
                    "the client sends a probe",
                )
                .await
        },
    );
}

fn subscriptions(section: &mut Section<'_>) {
    section.must(
        1,
        "6121-3.1.4-01",
        "nobody is granted a subscription without being asked for",
        async |scene: &mut Scene| {
            let mut session = scene.session().await?;
            session.settle().await?;
            session
                .send_marked(format!(
                    "<presence type='subscribe' from='tybalt@{}' to='{}'/>",
                    session.domain, session.bare
                ))
                .await;
            session
                .never(
                    |e| e.name() == "presence" && e.attr("type").as_deref() == Some("subscribed"),
                    "the client grants it by itself",
                )
                .await
        },
    );
}

fn messages(section: &mut Section<'_>) {
    section.must(
        1,
        "6121-5.2.2-06",
        "a message of an unknown type is a normal one",
        async |scene: &mut Scene| {
            let mut session = scene.session().await?;
            session.settle().await?;
            let from = format!("romeo@{}/orchard", session.domain);
            let (normal, odd) = (random(), random());
            session.send(format!("<message from='{from}'><body>{normal}</body></message>")).await;
            session
                .send_marked(format!(
                    "<message type='song' from='{from}'><body>{odd}</body></message>"
                ))
                .await;
            session.goes_on().await?;
            let wait = scene.setting.quiet;
            if !scene.shows(&normal, wait).await {
                skip!("the client shows no normal message");
            }
            ensure!(
                scene.shows(&odd, wait).await,
                "the client shows a normal message, and not this one"
            );
            Ok(())
        },
    );
}

/// A copy as the account's server would send it.
fn carbon(session: &Session, from: &str, kind: &str, body: &str) -> String {
    let domain = &session.domain;
    let (sender, to) = match kind {
        "sent" => (session.bare.clone(), format!("nurse@{domain}")),
        _ => (format!("nurse@{domain}/x"), session.bare.clone()),
    };
    format!(
        "<message type='chat' from='{from}' to='{}'><{kind} xmlns='urn:xmpp:carbons:2'><forwarded xmlns='urn:xmpp:forward:0'>\
         <message xmlns='jabber:client' type='chat' from='{sender}' to='{to}'><body>{body}</body></message></forwarded></{kind}></message>",
        session.jid
    )
}

fn carbons(section: &mut Section<'_>) {
    section.table(
        Level::Must,
        1,
        CARBON,
        "a carbon from anybody else is ignored",
        [
            ("from-a-contact", ("romeo@{domain}/orchard", "received")),
            ("sent-from-a-contact", ("romeo@{domain}/orchard", "sent")),
            ("from-the-domain", ("{domain}", "received")),
            ("from-an-own-resource", ("{account}/elsewhere", "sent")),
        ],
        async |scene: &mut Scene, (who, kind): (&str, &str)| {
            let mut session = scene.session().await?;
            session.settle().await?;
            let from = who.replace("{domain}", &session.domain).replace("{account}", &session.bare);
            let (genuine, forged, mark) = (random(), random(), random());
            let own = carbon(&session, &session.bare.clone(), kind, &genuine);
            session.send(own).await;
            let copy = carbon(&session, &from, kind, &forged);
            session.send_marked(copy).await;
            let message = session.message(&mark);
            session.send(message).await;
            session.goes_on().await?;
            let wait = scene.setting.quiet;
            let shows_messages = scene.shows(&mark, wait).await;
            ensure!(!scene.has_shown(&forged), "the client shows the forged copy");
            if !shows_messages {
                skip!("the client does not show its messages");
            }
            if !scene.has_shown(&genuine) {
                skip!("the client does not know carbons: it shows no genuine one");
            }
            Ok(())
        },
    );
}
