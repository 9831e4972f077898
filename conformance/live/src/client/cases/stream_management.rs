//! XEP-0198: acknowledgements, and lies about them.

use core::time::Duration;

use xmpp_xml::{Element, Ns};

use crate::case::Cases;
use crate::client::authority::Shown;
use crate::client::host::{
    BINDING, MECHANISMS, PROCEED, SASL, SM, STARTTLS, Session, TLS, attr, read_auth, success,
};
use crate::client::scram::{ServerFirst, random};
use crate::client::{Scene, Section, Stage};
use crate::verdict::{Fault, Outcome, Setup as _};
use crate::wire::{Item, StreamError, Wire};
use crate::{ensure, skip};

const ACKNOWLEDGE: &str = "The response SHOULD be sent as soon as possible after receiving the \
    <r/> element, and MUST NOT be withheld for any condition other than a timeout.";
const TOO_HIGH: &str = "When a remote entity acknowledges that it has handled a number of stanzas \
    that is higher than the amount of stanzas that it was sent (by sending an 'h' value that is too \
    high), the local entity SHOULD generate an undefined-condition stream error that includes a \
    <handled-count-too-high/> element, and close the stream";
const RESUME: &str = "The <resume/> element MUST include a 'previd' attribute whose value is the \
    SM-ID of the former stream and MUST include an 'h' attribute that identifies the sequence \
    number of the last handled stanza sent over the former stream from the server to the client";
const RESUMED: &str = "If the server can resume the former stream, it MUST return a <resumed/> \
    element, which MUST include a 'previd' attribute set to the SM-ID of the former stream";
const AFTER_BINDING: &str = "For client-to-server connections, the client MUST NOT attempt to \
    enable stream management until after it has completed Resource Binding unless it is resuming a \
    previous session";

const FEATURE: &str = "<sm xmlns='urn:xmpp:sm:3'/>";

pub(super) fn cases(cases: &mut Cases<Stage>) {
    acknowledgements(cases);
    resumption(&mut cases.section("XEP-0198", "5"));
}

/// A client with a resource that has enabled it; and the id, if it wants to resume.
async fn enabled(scene: &mut Scene) -> Outcome<(Session, String)> {
    let mut session = scene.session_with(FEATURE).await?;
    let enable =
        session.until("<enable/>", Duration::from_secs(6), |e| e.is(Ns::new(SM), "enable")).await;
    let Ok(enable) = enable else { skip!("the client does not enable stream management") };
    let wants = matches!(&*attr(&enable, "resume"), "true" | "1");
    let id = random();
    let resume = if wants { format!(" id='{id}' resume='true'") } else { String::new() };
    session.send(format!("<enabled xmlns='{SM}'{resume}/>")).await;
    Ok((session, if wants { id } else { String::new() }))
}

fn acknowledgements(cases: &mut Cases<Stage>) {
    cases.section("XEP-0198", "3").must(
        1,
        AFTER_BINDING,
        "nothing is enabled before a resource is bound",
        async |scene: &mut Scene| {
            let mut wire = scene.authenticated().await?;
            scene.open(&mut wire, &format!("{BINDING}{FEATURE}")).await?;
            let first = wire.element("a request to bind a resource").await?;
            ensure!(first.name() == "iq", "<{}/> came first", first.name());
            Ok(())
        },
    );
    let mut section = cases.section("XEP-0198", "4");
    section.must(
        1,
        ACKNOWLEDGE,
        "a request for the count is answered with the right one",
        async |scene: &mut Scene| {
            let (mut session, _) = enabled(scene).await?;
            // What the client asked for after enabling is counted too: answers are stanzas.
            let before = count(&mut session).await?;
            for n in 0..3 {
                let message = session.message(&format!("number {n}"));
                session.send(message).await;
            }
            session.send_marked(format!("<r xmlns='{SM}'/>")).await;
            let answer = acknowledgement(&mut session).await?;
            let h: u64 = attr(&answer, "h").parse().unwrap_or(u64::MAX);
            ensure!(h == before + 3, "h is {h} after {before} and three messages");
            Ok(())
        },
    );
    section.should(
        2,
        TOO_HIGH,
        "a count that is too high ends the stream",
        async |scene: &mut Scene| {
            let (mut session, _) = enabled(scene).await?;
            session.settle().await?;
            session.send_marked(format!("<a xmlns='{SM}' h='1000000'/>")).await;
            match session.wire.stream_error().await {
                Ok(StreamError { element, .. }) => {
                    let told =
                        element.children().any(|child| child.name() == "handled-count-too-high");
                    ensure!(told, "the error does not say why: {}", element.source());
                    Ok(())
                }
                Err(fault) => Err(fault),
            }
        },
    );
}

async fn acknowledgement(session: &mut Session) -> Outcome<Element> {
    session.until("<a/>", Duration::from_secs(5), |e| e.is(Ns::new(SM), "a")).await
}

/// How many stanzas the client has counted when it has settled.
async fn count(session: &mut Session) -> Outcome<u64> {
    session.settle().await?;
    session.send(format!("<r xmlns='{SM}'/>")).await;
    let answer = acknowledgement(session).await?;
    attr(&answer, "h").parse().map_err(|_| Fault::Failed(format!("h is {:?}", attr(&answer, "h"))))
}

fn resumption(section: &mut Section<'_>) {
    section
        .must(
            1,
            RESUME,
            "a connection that is lost is resumed, with the right count",
            async |scene: &mut Scene| {
                let (_, resume, id, h) = resuming(scene).await?;
                ensure!(attr(&resume, "previd") == id, "'previd' is {:?}", attr(&resume, "previd"));
                ensure!(
                    attr(&resume, "h") == h.to_string(),
                    "h is {:?} in place of {h}",
                    attr(&resume, "h")
                );
                Ok(())
            },
        )
        .seconds(60);
    section
        .must(
            2,
            RESUMED,
            "a resumption of another session is not taken",
            async |scene: &mut Scene| {
                let (mut wire, _, _, _) = resuming(scene).await?;
                wire.send_marked(format!("<resumed xmlns='{SM}' previd='another' h='0'/>")).await;
                not_on(scene, &mut wire).await
            },
        )
        .seconds(60);
    section
        .should(
            3,
            TOO_HIGH,
            "a resumption with a count that is too high ends the stream",
            async |scene: &mut Scene| {
                let (mut wire, _, id, _) = resuming(scene).await?;
                wire.send_marked(format!("<resumed xmlns='{SM}' previd='{id}' h='1000000'/>"))
                    .await;
                wire.stream_error().await.map(drop)
            },
        )
        .seconds(60);
    section.must(4, RESUMED, "where resumption fails, a resource is bound", async |scene: &mut Scene| {
        let (mut wire, _, _, _) = resuming(scene).await?;
        wire.send_marked(format!("<failed xmlns='{SM}'><item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></failed>")).await;
        wire.wait_for("a request to bind a resource", crate::client::host::is_bind).await.map(drop)
    }).seconds(60);
}

/// The connection is cut and the client comes back to resume. Gives its `<resume/>`, the
/// session's id and the count that is right.
async fn resuming(scene: &mut Scene) -> Outcome<(Wire, Element, String, u64)> {
    let (mut session, id) = enabled(scene).await?;
    if id.is_empty() {
        skip!("the client does not want to resume");
    }
    let mut h = count(&mut session).await?;
    let message = session.message("the last one");
    session.send(message).await;
    session.goes_on().await?;
    // The message, and the ping behind it.
    h += 2;
    session.wire.cut();
    let Ok(mut wire) = scene.accept_within("again", Duration::from_secs(20)).await else {
        skip!("the client does not come back")
    };
    again(scene, &mut wire).await.setup("logging in again")?;
    wire.restart();
    scene.open(&mut wire, &format!("{BINDING}{FEATURE}")).await.setup("the last stream")?;
    let first = wire.element("<resume/>").await.setup("the last stream")?;
    if !first.is(Ns::new(SM), "resume") {
        skip!("the client comes back and does not resume");
    }
    Ok((wire, first, id, h))
}

async fn again(scene: &Scene, wire: &mut Wire) -> Outcome {
    scene.open(wire, STARTTLS).await?;
    wire.expect_named(TLS, "starttls").await?;
    wire.send(PROCEED).await;
    scene.begin_tls(wire, Shown::Right).await?;
    scene.open(wire, MECHANISMS).await?;
    let auth = wire.expect_named(SASL, "auth").await?;
    let begun = read_auth(&auth)?;
    let signature = scene.proof(wire, &begun, &ServerFirst::to(&begun)).await?;
    wire.send(success(&signature)).await;
    Ok(())
}

/// The client does not take the session for resumed: it ends the stream, or says nothing.
async fn not_on(scene: &Scene, wire: &mut Wire) -> Outcome {
    wire.patience = scene.setting.quiet;
    match wire.item().await {
        Item::Element(element)
            if StreamError::of(&element).is_none()
                && !crate::client::host::is_bind(element.as_ref()) =>
        {
            Err(Fault::Failed(format!("the client goes on with <{}/>", element.name())))
        }
        _ => Ok(()),
    }
}
