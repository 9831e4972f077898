//! XEP-0199: pings.

use crate::case::Cases;
use crate::server::Target;
use crate::verdict::{Level, Outcome};
use crate::wire::StanzaError;
use crate::{ensure, fail, skip};

type Scene = crate::scene::Scene<Target>;

const PING: &str = "<ping xmlns='urn:xmpp:ping'/>";

pub(super) fn cases(cases: &mut Cases<Target>) {
    let mut s = cases.section("XEP-0199", "4.2");
    let answers = "If the server supports the ping namespace, it MUST return an IQ-result";
    let rows = [("server", 0_u8), ("without-to", 1), ("account", 2)];
    s.table(
        Level::Must,
        1,
        answers,
        "a ping of the server is answered",
        rows,
        async |scene, whom| {
            let mut user = scene.bound(&scene.account(0), "").await?;
            let to = match whom {
                0 => Some(scene.domain().to_owned()),
                1 => None,
                _ => Some(user.bare().to_owned()),
            };
            let answer = user.iq("get", to.as_deref(), PING).await?;
            match StanzaError::of(answer.as_ref()) {
                None => ensure!(
                    answer.children().count() == 0,
                    "the result has a child: {}",
                    answer.source()
                ),
                Some(error) if error.condition == "service-unavailable" => {
                    skip!("pings are not supported")
                }
                Some(error) => fail!("the error is {}", error.condition),
            }
            Ok(())
        },
    )
    .accounts(1);
    s.should(2, answers, "a ping of type set is refused", async |scene| {
        let mut user = scene.bound(&scene.account(0), "").await?;
        let to = scene.domain().to_owned();
        let answer = user.iq("set", Some(&to), PING).await?;
        ensure!(StanzaError::of(answer.as_ref()).is_some(), "it is {}", answer.source());
        Ok(())
    })
    .accounts(1);
    let mut s = cases.section("XEP-0199", "5");
    s.must(1, "If an entity supports the XMPP Ping protocol, it MUST report that fact by including a service discovery feature of \"urn:xmpp:ping\" in response to a XEP-0030 information request", "a server that answers pings says so", async |scene| {
        let mut user = scene.bound(&scene.account(0), "").await?;
        let to = scene.domain().to_owned();
        if StanzaError::of(user.iq("get", Some(&to), PING).await?.as_ref()).is_some() {
            skip!("pings are not supported");
        }
        let features = super::xep_0030::features(&mut user, &to).await?;
        ensure!(features.iter().any(|feature| feature == "urn:xmpp:ping"), "its features are {features:?}");
        Ok(())
    })
    .accounts(1);
    let mut s = cases.section("XEP-0199", "7");
    s.must(1, "If a server receives a ping request directed to a full JID associated with a registered account but there is no connected resource matching the 'to' address, RFC 6120 requires it to reply with a <service-unavailable/> error and set the 'from' address of the IQ-error to the full JID provided in the 'to' address of the ping request.", "a ping of a resource that is not there", async |scene| {
        not_there(scene, "no-such-resource").await
    })
    .accounts(2);
}

async fn not_there(scene: &Scene, resource: &str) -> Outcome {
    let mut user = scene.bound(&scene.account(0), "").await?;
    let to = format!("{}/{resource}", scene.account(1).jid);
    let answer = user.iq("get", Some(&to), PING).await?;
    let condition = StanzaError::of(answer.as_ref()).map(|error| error.condition);
    ensure!(condition.as_deref() == Some("service-unavailable"), "the error is {condition:?}");
    let from = answer.attr("from");
    ensure!(from.as_deref() == Some(&*to), "'from' is {from:?}");
    Ok(())
}
