//! RFC 6120 section 7: binding a resource.

use core::time::Duration;

use tokio::time::Instant;
use xmpp_xml::Element;

use crate::case::Cases;
use crate::client::host::{BIND, STANZAS, Session, attr, is_bind};
use crate::client::{Scene, Section, Stage};
use crate::verdict::{Fault, Level, Outcome};
use crate::wire::{Item, Wire};
use crate::{ensure, fail};

pub(super) fn cases(cases: &mut Cases<Stage>) {
    cases.section("6120", "7.4").must(
        1,
        "6120-7.4-03",
        "the client binds a resource",
        async |scene: &mut Scene| {
            let (_, request) = scene.binding("").await?;
            ensure!(
                attr(&request, "type") == "set",
                "the request is of type {:?}",
                attr(&request, "type")
            );
            ensure!(!attr(&request, "id").is_empty(), "the request has no id");
            Ok(())
        },
    );
    cases.section("6120", "7.7").must(
        1,
        "6120-4.3.6-05",
        "the resource is what the server says",
        async |scene: &mut Scene| {
            let (wire, request) = scene.binding("").await?;
            let mut session = Session::new(scene, wire);
            session.jid = format!("{}/the server's choice \u{2764}", session.bare);
            let (id, jid) = (attr(&request, "id"), session.jid.replace('\'', "&apos;"));
            session
                .send_marked(format!(
                    "<iq type='result' id='{id}'><bind xmlns='{BIND}'><jid>{jid}</jid></bind></iq>"
                ))
                .await;
            session.jid = jid;
            session.settle().await?;
            session.goes_on().await
        },
    );
    forged(&mut cases.section("6120", "7.6.1"));
}

/// The right result for the request.
pub(super) async fn bound(scene: &Scene, wire: Wire, request: &Element) -> Session {
    let mut session = Session::new(scene, wire);
    let (id, jid) = (attr(request, "id"), session.jid.clone());
    session
        .send(format!(
            "<iq type='result' id='{id}'><bind xmlns='{BIND}'><jid>{jid}</jid></bind></iq>"
        ))
        .await;
    session
}

fn forged(section: &mut Section<'_>) {
    section.table(
        Level::Must,
        1,
        "6120-8.2.3-05",
        "a result of binding that answers nothing",
        [
            ("another-id", "<iq type='result' id='not-{id}'>{bind}</iq>"),
            ("no-id", "<iq type='result'>{bind}</iq>"),
            (
                "from-somebody",
                "<iq type='result' id='{id}' from='romeo@other.example/x'>{bind}</iq>",
            ),
            ("a-request", "<iq type='set' id='{id}'>{bind}</iq>"),
        ],
        async |scene: &mut Scene, form: &str| {
            let (mut wire, request) = scene.binding("").await?;
            let bind = format!(
                "<bind xmlns='{BIND}'><jid>{}/forged</jid></bind>",
                scene.setting.account()
            );
            wire.send_marked(form.replace("{id}", &attr(&request, "id")).replace("{bind}", &bind))
                .await;
            nothing_but_binding(scene, &mut wire).await
        },
    );
    section.must(2, "6120-7.1-01", "where binding fails, no stanza is sent", async |scene: &mut Scene| {
        let (mut wire, request) = scene.binding("").await?;
        wire.send_marked(format!(
            "<iq type='error' id='{}'><error type='cancel'><not-allowed xmlns='{STANZAS}'/></error></iq>",
            attr(&request, "id")
        )).await;
        nothing_but_binding(scene, &mut wire).await
    });
}

async fn nothing_but_binding(scene: &Scene, wire: &mut Wire) -> Outcome {
    let until = Instant::now() + scene.setting.quiet.max(Duration::from_secs(1));
    loop {
        match wire.item_until(until).await {
            Item::Element(element) if is_bind(element.as_ref()) => {}
            // An answer to what we have sent is none of its own.
            Item::Element(element)
                if element.name() == "iq" && attr(&element, "type") == "error" => {}
            Item::Element(element) if ["iq", "message", "presence"].contains(&element.name()) => {
                wire.transcript().mark_received();
                fail!("the client takes it for the result, and sends <{}/>", element.name())
            }
            Item::Header(_) => return Err(Fault::Failed("a stream header came".into())),
            _ => return Ok(()),
        }
    }
}
