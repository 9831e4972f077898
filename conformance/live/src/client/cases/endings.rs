//! RFC 6120 sections 4.4 and 4.9: how a client takes the end of a stream.

use core::time::Duration;

use tokio::net::TcpListener;
use tokio::time::{Instant, timeout};

use crate::case::Cases;
use crate::client::authority::Shown;
use crate::client::host::{MECHANISMS, PROCEED, STARTTLS, STREAM_ERRORS, TLS};
use crate::client::{Scene, Section, Stage};
use crate::verdict::{Fault, Level, Outcome, Setup as _};
use crate::wire::{Item, Wire};
use crate::{ensure, skip};

/// RFC 6120 section 4.4.
const CLOSING: &str = "After receiving a reciprocal closing stream tag from the other party or \
    waiting a reasonable amount of time with no response, terminate the underlying TCP \
    connection(s).";

pub(super) fn cases(cases: &mut Cases<Stage>) {
    let mut section = cases.section("6120", "4.4");
    section.may(
        1,
        CLOSING,
        "a stream that is closed is closed from the other side, too",
        async |scene: &mut Scene| {
            let mut session = scene.session().await?;
            session.settle().await?;
            session.send_marked("</stream:stream>").await;
            ended(&mut session.wire).await
        },
    );
    errors(cases);
    redirects(&mut cases.section("6120", "4.9.3.19"));
}

fn errors(cases: &mut Cases<Stage>) {
    cases.section("6120", "4.9.1.1").table(Level::Must, 1, "6120-4.9.1.1-02", "after a stream error the client closes the stream", [
        ("conflict", "<conflict xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>"),
        ("policy-violation", "<policy-violation xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>"),
        ("reset", "<reset xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>"),
        ("system-shutdown", "<system-shutdown xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>"),
        ("text-in-languages", "<internal-server-error xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>\
            <text xmlns='urn:ietf:params:xml:ns:xmpp-streams' xml:lang='en'>wrong</text>\
            <text xmlns='urn:ietf:params:xml:ns:xmpp-streams' xml:lang='de'>falsch</text>"),
        ("condition-of-an-application", "<undefined-condition xmlns='urn:ietf:params:xml:ns:xmpp-streams'/><tired xmlns='urn:example:app'><very/></tired>"),
    ], async |scene: &mut Scene, error: &str| ends(scene, error).await);
    cases.section("6120", "4.9.2").table(
        Level::Must,
        1,
        "6120-4.9.2-03 6120-4.9.1.1-02",
        "an error that it does not understand is one nevertheless",
        [
            // With whether there is a condition: an error without one breaks a rule itself, and
            // may get one in return.
            (
                "unknown-condition",
                (true, "<moon-phase xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>"),
            ),
            ("no-condition", (false, "")),
            (
                "text-alone",
                (false, "<text xmlns='urn:ietf:params:xml:ns:xmpp-streams'>guess</text>"),
            ),
        ],
        async |scene: &mut Scene, (condition, error): (bool, &str)| {
            let mut session = scene.session().await?;
            session.settle().await?;
            session
                .send_marked(format!("<stream:error>{error}</stream:error></stream:stream>"))
                .await;
            if condition {
                ended(&mut session.wire).await
            } else {
                session.wire.expect_closing_tag().await
            }
        },
    );
    cases.section("6120", "4.9.1.2").must(1, "6120-4.9.1.1-02", "an error in place of features", async |scene: &mut Scene| {
        let mut wire = scene.accept("client").await?;
        wire.header().await?;
        wire.send_marked(format!("{}<stream:error><host-unknown xmlns='{STREAM_ERRORS}'/></stream:error></stream:stream>", scene.header())).await;
        ended(&mut wire).await
    });
}

async fn ends(scene: &mut Scene, error: &str) -> Outcome {
    let mut session = scene.session().await?;
    session.settle().await?;
    session.send_marked(format!("<stream:error>{error}</stream:error></stream:stream>")).await;
    ended(&mut session.wire).await
}

async fn ended(wire: &mut Wire) -> Outcome {
    let until = Instant::now() + Duration::from_secs(5);
    loop {
        match wire.item_until(until).await {
            Item::Closed => return Ok(()),
            Item::End(_) => {
                return Err(Fault::Failed(
                    "the connection was closed without a closing tag".into(),
                ));
            }
            Item::Element(element) if crate::wire::StreamError::of(&element).is_none() => {}
            other => {
                return Err(Fault::Failed(format!(
                    "the closing tag is expected; {}",
                    other.what()
                )));
            }
        }
    }
}

fn redirects(section: &mut Section<'_>) {
    section.should(
        1,
        "6120-4.9.3.19-02",
        "a redirection to another port is followed",
        async |scene: &mut Scene| {
            let (_, wire) = redirected(scene).await?;
            match wire {
                Some(_) => Ok(()),
                None => Err(Fault::Failed("the client does not connect there".into())),
            }
        },
    );
    section.must(
        2,
        "6120-4.9.3.19-05",
        "where it is redirected to, 'to' is the same",
        async |scene: &mut Scene| {
            let mut wire = followed(scene).await?;
            let header = wire.header().await?;
            ensure!(
                header.attr("to").as_deref() == Some(&*scene.setting.domain),
                "'to' is {:?}",
                header.attr("to")
            );
            Ok(())
        },
    );
    // A client without a policy of its own about TLS breaks no MUST here, and its policy cannot be
    // seen.
    section.should(
        3,
        "6120-5.2-03 6120-4.9.3.19-05",
        "where it is redirected to, TLS is wanted as before",
        async |scene: &mut Scene| {
            let mut wire = followed(scene).await?;
            scene.open(&mut wire, MECHANISMS).await.setup("the stream at the new place")?;
            scene.must_not_log_in(&mut wire, "there is no TLS at the new place").await
        },
    );
    section.must(
        4,
        "6120-4.9.3.19-05",
        "where it is redirected to, the certificate has to be for the same domain",
        async |scene: &mut Scene| {
            let mut wire = followed(scene).await?;
            scene.open(&mut wire, STARTTLS).await.setup("the stream at the new place")?;
            wire.expect_named(TLS, "starttls").await.setup("the stream at the new place")?;
            wire.send(PROCEED).await;
            match scene.begin_tls(&mut wire, Shown::OtherName).await {
                Err(Fault::Failed(_)) => Ok(()),
                Err(other) => Err(other),
                Ok(()) => {
                    scene.must_give_up(&mut wire, "the certificate is for another domain").await
                }
            }
        },
    );
    section
        .should(5, "6120-4.9.3.19-07", "redirections come to an end", async |scene: &mut Scene| {
            let (listener, Some(mut wire)) = redirected(scene).await? else {
                skip!("the client follows no redirection")
            };
            let port = listener.local_addr()?.port();
            for count in 2..10 {
                scene.open(&mut wire, STARTTLS).await.setup("a stream")?;
                wire.expect_named(TLS, "starttls").await.setup("STARTTLS")?;
                wire.send(PROCEED).await;
                scene.begin_tls(&mut wire, Shown::Right).await.setup("TLS")?;
                wire.header().await.setup("a stream under TLS")?;
                wire.send_marked(redirection(scene, port)).await;
                left(&mut wire).await;
                match next(scene, &listener).await? {
                    Some(again) => wire = again,
                    None if count <= 6 => return Ok(()),
                    None => break,
                }
            }
            Err(Fault::Failed("it is followed for the tenth time".into()))
        })
        .seconds(90);
}

fn redirection(scene: &Scene, port: u16) -> String {
    format!(
        "{}<stream:error><see-other-host xmlns='{STREAM_ERRORS}'>127.0.0.1:{port}</see-other-host></stream:error></stream:stream>",
        scene.header()
    )
}

/// The connection comes to its end, which is the server's part (RFC 6120 section 4.4): there are
/// clients that wait for it before they connect again.
async fn left(wire: &mut Wire) {
    let _ = ended(wire).await;
    wire.end().await;
    wire.cut();
}

async fn next(scene: &Scene, listener: &TcpListener) -> Outcome<Option<Wire>> {
    match timeout(Duration::from_secs(6), listener.accept()).await {
        Ok(Ok((stream, _))) => Ok(Some(Wire::of(stream, "elsewhere", &scene.transcript))),
        Ok(Err(error)) => Err(error.into()),
        Err(_) => Ok(None),
    }
}

/// Redirects under TLS, and waits at the other place.
async fn redirected(scene: &mut Scene) -> Outcome<(TcpListener, Option<Wire>)> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let mut wire = scene.secured().await?;
    wire.header().await?;
    wire.send_marked(redirection(scene, listener.local_addr()?.port())).await;
    left(&mut wire).await;
    let other = next(scene, &listener).await?;
    Ok((listener, other))
}

async fn followed(scene: &mut Scene) -> Outcome<Wire> {
    match redirected(scene).await? {
        (_, Some(wire)) => Ok(wire),
        (_, None) => skip!("the client follows no redirection"),
    }
}
