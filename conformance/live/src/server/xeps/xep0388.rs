//! XEP-0388: the extensible SASL profile.

use xmpp_xml::{Element, Ns};

use crate::case::Cases;
use crate::server::Target;
use crate::server::sasl::{Hash, Scram, base64, from_base64, plain};
use crate::server::session::Open;
use crate::verdict::{Fault, Level, Outcome, Setup as _};
use crate::wire::{Item, StreamError};
use crate::{ensure, fail, skip};

type Scene = crate::scene::Scene<Target>;

pub(super) const SASL2: &str = "urn:xmpp:sasl:2";
const CONDITIONS: Ns<'_> = Ns::new("urn:ietf:params:xml:ns:xmpp-sasl");

/// A stream under TLS that offers SASL2.
pub(super) async fn offering(scene: &Scene) -> Outcome<Open> {
    let open = scene.secure("client").await?;
    if !open.offers(SASL2, "authentication") {
        skip!("SASL2 is not offered");
    }
    Ok(open)
}

/// The mechanisms that are offered.
pub(super) fn mechanisms(open: &Open) -> Vec<String> {
    let offered = open.features.child(Ns::new(SASL2), "authentication");
    let names = offered.into_iter().flat_map(|offered| {
        offered.children().filter(|child| child.is(Ns::new(SASL2), "mechanism"))
    });
    names.map(|name| name.text().trim().to_owned()).collect()
}

/// The strongest mechanism of SCRAM that is offered, and an exchange for it.
fn scram(scene: &Scene, open: &Open, password: &str) -> Outcome<(&'static str, Scram)> {
    let offered = mechanisms(open);
    let account = scene.account(0);
    ["SCRAM-SHA-256", "SCRAM-SHA-1", "SCRAM-SHA-512"]
        .into_iter()
        .find(|name| offered.iter().any(|offered| offered == name))
        .and_then(|name| Some((name, Scram::new(Hash::of(name)?, &account.user, password))))
        .ok_or_else(|| Fault::Skipped(format!("no SCRAM without channel binding: {offered:?}")))
}

/// Begins to authenticate; `children` stand beside the initial response.
pub(super) async fn begin(open: &mut Open, mechanism: &str, message: &str, children: &str) {
    open.wire
        .send_marked(format!(
            "<authenticate xmlns='{SASL2}' mechanism='{mechanism}'>\
             <initial-response>{message}</initial-response>{children}</authenticate>"
        ))
        .await;
}

/// A whole exchange; the element that ends it.
pub(super) async fn authenticate(
    scene: &Scene,
    open: &mut Open,
    password: &str,
    children: &str,
) -> Outcome<Element> {
    let (mechanism, scram) = scram(scene, open, password)?;
    begin(open, mechanism, &scram.first(), children).await;
    let challenge = open.wire.element("a challenge").await?;
    if challenge.name() == "failure" {
        return Ok(challenge);
    }
    ensure!(
        challenge.is(Ns::new(SASL2), "challenge"),
        "<{}/> comes in place of a challenge",
        challenge.name()
    );
    let first = text(from_base64(challenge.text().trim())?)?;
    let last = scram.last(&first)?;
    open.wire.send(format!("<response xmlns='{SASL2}'>{}</response>", last.message())).await;
    let end = open.wire.element("<success/> or <failure/>").await?;
    if end.is(Ns::new(SASL2), "success") {
        let data =
            end.child(Ns::new(SASL2), "additional-data").map(|data| data.text().into_owned());
        let data = text(from_base64(data.unwrap_or_default().trim())?)?;
        ensure!(data == last.verifier, "the server's signature is not right: {data:?}");
    }
    Ok(end)
}

fn text(bytes: Vec<u8>) -> Outcome<String> {
    String::from_utf8(bytes).map_err(|_| Fault::Failed("a message of SASL is no UTF-8".into()))
}

/// It has to succeed.
pub(super) async fn success(scene: &Scene, open: &mut Open, children: &str) -> Outcome<Element> {
    let end = authenticate(scene, open, &scene.account(0).password, children).await?;
    ensure!(end.is(Ns::new(SASL2), "success"), "it is {}", end.source());
    Ok(end)
}

/// Whom the server says one is.
pub(super) fn identifier(success: &Element) -> String {
    let identifier = success.child(Ns::new(SASL2), "authorization-identifier");
    identifier.map(|identifier| identifier.text().into_owned()).unwrap_or_default()
}

fn condition(failure: &Element) -> Option<String> {
    let found = failure.children().find(|child| child.has_ns(CONDITIONS));
    found.map(|child| child.name().to_owned())
}

/// A `<failure/>` with a condition has to come.
async fn failure(open: &mut Open, conditions: &[&str]) -> Outcome {
    let failure = open.wire.expect_named(SASL2, "failure").await?;
    let Some(found) = condition(&failure) else {
        fail!("it has no condition: {}", failure.source())
    };
    let right = conditions.is_empty() || conditions.contains(&&*found);
    ensure!(right, "the condition is {found}");
    Ok(())
}

pub(super) fn cases(cases: &mut Cases<Target>) {
    offer(cases);
    completed(cases);
    failed(cases);
    misused(cases);
}

fn offer(cases: &mut Cases<Target>) {
    let mut s = cases.section("XEP-0388", "2.1");
    s.must(
        1,
        "SASL2 MUST only be used by Clients or offered by Servers after TLS negotiation",
        "no SASL2 in the clear",
        async |scene| {
            offering(scene).await?;
            let open = scene.open("client").await?;
            ensure!(!open.offers(SASL2, "authentication"), "it is offered");
            Ok(())
        },
    );
    s.must(2, "SASL2 is impossible for clients to initiate without at least one mechanism being available, and therefore MUST NOT be offered if not at least one mechanism can be provided.", "a mechanism is offered", async |scene| {
        let open = offering(scene).await?;
        ensure!(!mechanisms(&open).is_empty(), "there is none");
        Ok(())
    });
    s.should(3, "The feature so advertised, and its child content, SHOULD be stable for the given stream to and from attributes and encryption state", "the offer is the same twice", async |scene| {
        let (one, two) = (mechanisms(&offering(scene).await?), mechanisms(&offering(scene).await?));
        ensure!(one == two, "it is {one:?}, then {two:?}");
        Ok(())
    });
}

fn completed(cases: &mut Cases<Target>) {
    let mut s = cases.section("XEP-0388", "2.4");
    s.must(1, "If the Client is now authenticated, the Server sends a <success/> element, which contains an <authorization-identifier/> element containing the negotiated identity - this is a bare JID, unless resource binding has occurred, in which case it is a full JID.", "success, with the bare JID", async |scene| {
        let mut open = offering(scene).await?;
        let success = success(scene, &mut open, "").await?;
        let jid = identifier(&success);
        ensure!(jid == scene.account(0).jid, "it is {jid:?}");
        Ok(())
    })
    .accounts(1);
    s.must(2, "The <success> element is immediately followed by a <features> element in the \"http://etherx.jabber.org/streams\" namespace containing the applicable stream features of the newly authenticated stream. Note that no stream restart occurs.", "features follow, without a restart", async |scene| {
        let mut open = offering(scene).await?;
        success(scene, &mut open, "").await?;
        let features = open.wire.expect_named("http://etherx.jabber.org/streams", "features").await?;
        ensure!(features.child(Ns::new(SASL2), "authentication").is_none(), "SASL2 is offered again");
        Ok(())
    })
    .accounts(1);
    s.must(3, "once <success/> or <continue/> has been sent by the server, any further <authenticate/> element MUST result in a stream error", "<authenticate/> after success", async |scene| {
        let mut open = offering(scene).await?;
        success(scene, &mut open, "").await.setup("SASL2")?;
        let account = scene.account(0);
        begin(&mut open, "PLAIN", &plain("", &account.user, &account.password), "").await;
        open.wire.stream_error().await.map(drop)
    })
    .accounts(1);
    s.may(4, "Clients SHOULD also include a <user-agent/> element, informing the server about the connecting client.", "<user-agent/> does no harm", async |scene| {
        let mut open = offering(scene).await?;
        let agent = "<user-agent id='d4565fa7-4d72-4749-b3d3-740edbf87770'><software>suite</software><device>bench</device></user-agent>";
        success(scene, &mut open, agent).await.map(drop)
    })
    .accounts(1);
    s.may(5, "In order to provide support for other desired stream states beyond authentication, additional child elements are used.", "a child that nobody knows does no harm", async |scene| {
        let mut open = offering(scene).await?;
        success(scene, &mut open, "<x xmlns='urn:example:x'/>").await.map(drop)
    })
    .accounts(1);
    let mut s = cases.section("XEP-0388", "2.3");
    s.should(1, "In all cases, both Clients and Servers encode SASL exchanges using Base 64 encoding. This SHOULD NOT include any line wrapping or other whitespace.", "no whitespace in the challenge", async |scene| {
        let mut open = offering(scene).await?;
        let (mechanism, scram) = scram(scene, &open, "pw")?;
        begin(&mut open, mechanism, &scram.first(), "").await;
        let challenge = open.wire.expect_named(SASL2, "challenge").await?;
        let text = challenge.text();
        ensure!(!text.contains(char::is_whitespace), "it is {text:?}");
        Ok(())
    })
    .accounts(1);
}

fn failed(cases: &mut Cases<Target>) {
    let mut s = cases.section("XEP-0388", "2.5");
    let codes = "It MUST contain one of the SASL error codes from RFC 6120 Section 6.5.";
    s.must(1, codes, "a wrong password: <failure/> with a condition", async |scene| {
        let mut open = offering(scene).await?;
        let end = authenticate(scene, &mut open, "wrong", "").await?;
        ensure!(end.is(Ns::new(SASL2), "failure"), "it is {}", end.source());
        let found = condition(&end);
        ensure!(found.as_deref() == Some("not-authorized"), "the condition is {found:?}");
        Ok(())
    })
    .accounts(1);
    s.must(2, "It may also fail, in which case the client is not authenticated and the stream and session state remain entirely unchanged.", "after a failure the right password does", async |scene| {
        let mut open = offering(scene).await?;
        let end = authenticate(scene, &mut open, "wrong", "").await?;
        ensure!(end.is(Ns::new(SASL2), "failure"), "it is {}", end.source());
        success(scene, &mut open, "").await.map(drop)
    })
    .accounts(1);
    s.must(3, "If the \"mechanism\" attribute contains a string not previously announced by the server in in the stream feature, the server MUST fail the authentication", "a mechanism that was not offered", async |scene| {
        let mut open = offering(scene).await?;
        begin(&mut open, "X-NO-SUCH", "AAAA", "").await;
        failure(&mut open, &["invalid-mechanism"]).await
    })
    .accounts(1);
    let rows = [
        ("no-base64", "!!!!"),
        ("no-message", "AAAA"),
        ("empty-name", "biwsbj0scj1hYmM="),
        ("equals", "="),
    ];
    s.table(Level::Must, 4, codes, "a message that cannot be", rows, async |scene, message| {
        let mut open = offering(scene).await?;
        let (mechanism, _) = scram(scene, &open, "pw")?;
        begin(&mut open, mechanism, message, "").await;
        // Of an empty name a challenge may be made.
        match open.wire.element("<failure/>").await? {
            challenge
                if challenge.is(Ns::new(SASL2), "challenge") && message.starts_with("biws") =>
            {
                let nonsense = base64("c=biws,r=x,p=AAAA");
                open.wire
                    .send_marked(format!("<response xmlns='{SASL2}'>{nonsense}</response>"))
                    .await;
                failure(&mut open, &[]).await
            }
            end => {
                ensure!(end.is(Ns::new(SASL2), "failure"), "it is {}", end.source());
                ensure!(condition(&end).is_some(), "it has no condition");
                Ok(())
            }
        }
    })
    .accounts(1);
    s.must(5, "Clients MAY abort unilaterally at any time before the authentication completed by sending an <abort/> element.", "<abort/> is answered with aborted", async |scene| {
        let mut open = offering(scene).await?;
        let (mechanism, scram) = scram(scene, &open, "pw")?;
        begin(&mut open, mechanism, &scram.first(), "").await;
        open.wire.expect_named(SASL2, "challenge").await.setup("SASL2")?;
        open.wire.send_marked(format!("<abort xmlns='{SASL2}'><text>changed my mind</text></abort>")).await;
        failure(&mut open, &["aborted"]).await
    })
    .accounts(1);
    s.must(6, "Any non-empty authorization string MUST be considered an error if the stream's from attribute (if present) does not match.", "an authorization identity that is not the stream's 'from'", async |scene| {
        let from = format!("version='1.0' from='{}'", scene.account(0).jid);
        let mut open = scene.secure_with("client", &scene.header_with(&from)).await?;
        if !open.offers(SASL2, "authentication") {
            skip!("SASL2 is not offered");
        }
        let (mechanism, mut scram) = scram(scene, &open, &scene.account(0).password)?;
        scram.gs2 = format!("n,a={},", scene.account(1).jid);
        begin(&mut open, mechanism, &scram.first(), "").await;
        let answer = open.wire.element("a challenge, or <failure/>").await?;
        if answer.is(Ns::new(SASL2), "challenge") {
            let first = text(from_base64(answer.text().trim())?)?;
            let last = scram.last(&first)?;
            open.wire.send(format!("<response xmlns='{SASL2}'>{}</response>", last.message())).await;
            return failure(&mut open, &[]).await;
        }
        ensure!(answer.is(Ns::new(SASL2), "failure"), "it is {}", answer.source());
        Ok(())
    })
    .accounts(2);
}

fn misused(cases: &mut Cases<Target>) {
    let mut s = cases.section("XEP-0388", "2.3");
    let rows = [
        ("message", "<message to='a@example.com'><body>b</body></message>"),
        ("request", "<iq type='get' id='p'><ping xmlns='urn:xmpp:ping'/></iq>"),
        ("authenticate", "<authenticate xmlns='urn:xmpp:sasl:2' mechanism='PLAIN'/>"),
        ("unknown", "<x xmlns='urn:example:x'/>"),
    ];
    s.table(
        Level::Must,
        2,
        "Servers MUST disconnect Clients immediately if any other traffic is received.",
        "in the midst of an exchange",
        rows,
        async |scene, bytes| {
            let mut open = offering(scene).await?;
            let (mechanism, scram) = scram(scene, &open, "pw")?;
            begin(&mut open, mechanism, &scram.first(), "").await;
            open.wire.expect_named(SASL2, "challenge").await.setup("SASL2")?;
            open.wire.send_marked(bytes).await;
            loop {
                match open.wire.item().await {
                    Item::Closed | Item::End(_) => return Ok(()),
                    Item::Element(e) if StreamError::of(&e).is_some() => {}
                    Item::Element(e) if e.is(Ns::new(SASL2), "failure") => {}
                    other => fail!("the client is not disconnected: {}", other.what()),
                }
            }
        },
    )
    .accounts(1);
    let rows = [
        ("response", "<response xmlns='urn:xmpp:sasl:2'>AAAA</response>"),
        ("next", "<next xmlns='urn:xmpp:sasl:2' task='x'/>"),
        ("success", "<success xmlns='urn:xmpp:sasl:2'/>"),
    ];
    s.table(Level::Must, 3, "a <response/> is sent in answer to a <challenge/>: Each Challenge MUST be responded to by a Client in a Client Response.", "without an exchange: refused", rows, async |scene, bytes| {
        let mut open = offering(scene).await?;
        open.wire.send_marked(bytes).await;
        match open.wire.item().await {
            Item::Element(e) if StreamError::of(&e).is_some() || e.name() == "failure" => Ok(()),
            Item::Closed | Item::End(_) => Ok(()),
            other => fail!("{}", other.what()),
        }
    });
}
