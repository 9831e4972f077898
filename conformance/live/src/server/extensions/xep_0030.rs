//! XEP-0030: service discovery, of a server and of accounts.

use xmpp_xml::{Element, Ns};

use crate::case::Cases;
use crate::server::{Target, User};
use crate::verdict::{Level, Outcome};
use crate::wire::StanzaError;
use crate::{ensure, fail, skip};

type Scene = crate::scene::Scene<Target>;

const INFO: &str = "http://jabber.org/protocol/disco#info";
const ITEMS: &str = "http://jabber.org/protocol/disco#items";

/// Asks, and takes the result's `<query/>`.
async fn ask(user: &mut User, ns: &str, to: &str, node: &str) -> Outcome<Result<Element, String>> {
    let answer = user.iq("get", Some(to), &format!("<query xmlns='{ns}'{node}/>")).await?;
    if let Some(error) = StanzaError::of(answer.as_ref()) {
        return Ok(Err(error.condition));
    }
    match answer.child(Ns::new(ns), "query") {
        Some(query) => Ok(Ok(query.to_owned())),
        None => fail!("the result has no <query/>: {}", answer.source()),
    }
}

/// The features of the server; the question is one only where it has service discovery.
async fn server(scene: &Scene) -> Outcome<Element> {
    let mut user = scene.bound(&scene.account(0), "").await?;
    let to = scene.domain().to_owned();
    match ask(&mut user, INFO, &to, "").await? {
        Ok(query) => Ok(query),
        Err(condition) => skip!("no service discovery: {condition}"),
    }
}

pub(super) async fn features(user: &mut User, to: &str) -> Outcome<Vec<String>> {
    match ask(user, INFO, to, "").await? {
        Ok(query) => Ok(of(&query)),
        Err(condition) => fail!("no service discovery: {condition}"),
    }
}

fn of(query: &Element) -> Vec<String> {
    let features = query.children().filter(|child| child.is(Ns::new(INFO), "feature"));
    features.filter_map(|feature| feature.attr("var").map(|var| var.into_owned())).collect()
}

pub(super) fn cases(cases: &mut Cases<Target>) {
    let mut s = cases.section("XEP-0030", "3.1");
    let every = "Every entity MUST have at least one identity, and every entity MUST support at least the 'http://jabber.org/protocol/disco#info' feature";
    s.must(1, every, "the server has an identity", async |scene| {
        let query = server(scene).await?;
        let there = query.children().any(|child| child.is(Ns::new(INFO), "identity"));
        ensure!(there, "it has none");
        Ok(())
    })
    .accounts(1);
    s.must(2, every, "the server has the feature of service discovery", async |scene| {
        let features = of(&server(scene).await?);
        ensure!(features.iter().any(|feature| feature == INFO), "its features are {features:?}");
        Ok(())
    })
    .accounts(1);
    s.must(3, "Each <identity/> element MUST possess the 'category' and 'type' attributes specifying the category and type for the entity", "the identities are whole", async |scene| {
        for identity in server(scene).await?.children().filter(|child| child.name() == "identity") {
            let whole = ["category", "type"].iter().all(|name| identity.attr(name).is_some_and(|value| !value.is_empty()));
            ensure!(whole, "one is {}", identity.source());
        }
        Ok(())
    })
    .accounts(1);
    s.must(4, "Each <feature/> element MUST possess a 'var' attribute whose value is a protocol namespace or other feature offered by the entity, and MUST NOT have any children.", "the features are whole, and each stands there once", async |scene| {
        let query = server(scene).await?;
        for feature in query.children().filter(|child| child.name() == "feature") {
            let whole = feature.attr("var").is_some_and(|var| !var.is_empty()) && feature.children().count() == 0;
            ensure!(whole, "one is {}", feature.source());
        }
        let mut features = of(&query);
        let count = features.len();
        features.sort();
        features.dedup();
        ensure!(features.len() == count, "some stand there twice");
        Ok(())
    })
    .accounts(1);
    s.must(5, "When an entity sends a disco#info request to a bare JID (<account@domain.tld>) hosted by a server, the server itself MUST reply on behalf of the hosted account, either with an IQ-error or an IQ-result.", "the server answers for an account", async |scene| {
        let mut there = scene.online(&scene.account(1), "").await?;
        let mut user = scene.bound(&scene.account(0), "").await?;
        let to = there.bare().to_owned();
        let _ = ask(&mut user, INFO, &to, "").await?;
        let all = there.all_until_now(&mut user).await?;
        ensure!(!all.iter().any(|e| e.name() == "iq"), "the request is delivered");
        Ok(())
    })
    .accounts(2);
    s.must(6, "In response to a disco#info request, the server MUST return a <service-unavailable/> error if one of the following is true: The target entity does not exist (no matter if the request specifies a node or not).", "an account that does not exist: service-unavailable", async |scene| {
        let mut user = scene.bound(&scene.account(0), "").await?;
        let to = format!("nobody-of-that-name@{}", scene.domain());
        match ask(&mut user, INFO, &to, "").await? {
            Ok(query) => fail!("it is {}", query.source()),
            Err(condition) => ensure!(condition == "service-unavailable", "the error is {condition}"),
        }
        Ok(())
    })
    .accounts(1);
    let mut s = cases.section("XEP-0030", "3.2");
    let rows = [
        ("caps", " node='http://example.com/client#abc='"),
        ("empty", " node=''"),
        ("unicode", " node='\u{E9}&amp;'"),
    ];
    s.table(Level::Must, 1, "If the request included a 'node' attribute, the response MUST mirror the specified 'node' attribute to ensure coherence between the request and the response.", "'node' comes back, or an error", rows, async |scene, node| {
        let mut user = scene.bound(&scene.account(0), "").await?;
        let to = scene.domain().to_owned();
        let wanted = node.split('\'').nth(1).unwrap_or_default().replace("&amp;", "&");
        if let Ok(query) = ask(&mut user, INFO, &to, node).await? {
            let found = query.attr("node");
            ensure!(found.as_deref() == Some(&*wanted) || wanted.is_empty() && found.is_none(), "it is {found:?}");
        }
        Ok(())
    })
    .accounts(1);
    let mut s = cases.section("XEP-0030", "4.1");
    s.must(1, "The list of items MUST be provided in an IQ stanza of type \"result\", with each item specified by means of an <item/> child of a <query/> element", "the server's items have JIDs", async |scene| {
        server(scene).await?;
        let mut user = scene.bound(&scene.account(0), "").await?;
        let to = scene.domain().to_owned();
        match ask(&mut user, ITEMS, &to, "").await? {
            Ok(query) => {
                for item in query.children().filter(|child| child.is(Ns::new(ITEMS), "item")) {
                    ensure!(item.attr("jid").is_some(), "one is {}", item.source());
                }
                Ok(())
            }
            Err(condition) => fail!("it is refused: {condition}"),
        }
    })
    .accounts(1);
    s.should(2, "In response to a disco#items request, the server MUST return an empty result set if: The target entity does not exist (no matter if the request specifies a node or not).", "an account that does not exist has no items", async |scene| {
        let mut user = scene.bound(&scene.account(0), "").await?;
        let to = format!("nobody-of-that-name@{}", scene.domain());
        match ask(&mut user, ITEMS, &to, "").await? {
            Ok(query) => ensure!(query.children().count() == 0, "it is {}", query.source()),
            // RFC 6121 section 8.5.1 has precedence over it.
            Err(condition) => ensure!(condition == "service-unavailable", "the error is {condition}"),
        }
        Ok(())
    })
    .accounts(1);
    s.must(3, "A server MUST carefully control access to any functionality that would enable directory harvesting attacks or that would leak information about connected or available resources", "no resources among an account's items, for a stranger", async |scene| {
        let mut there = scene.online(&scene.account(1), "").await?;
        there.empty_roster().await?;
        let mut user = scene.bound(&scene.account(0), "").await?;
        let to = there.bare().to_owned();
        if let Ok(query) = ask(&mut user, ITEMS, &to, "").await? {
            let leaked = query.children().any(|item| item.attr("jid").as_deref() == Some(&*there.jid));
            ensure!(!leaked, "it is {}", query.source());
        }
        Ok(())
    })
    .accounts(2);
}
