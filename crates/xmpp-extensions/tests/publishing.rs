//! Requests that are built, against the examples of the XEPs that print them.
#![cfg(all(feature = "pubsub", feature = "archive", feature = "accounts"))]

use xmpp_extensions::accounts::blocking::{Block, BlockItem};
use xmpp_extensions::accounts::reports::{Reason, Report};
use xmpp_extensions::archive::displayed::{self, Displayed};
use xmpp_extensions::archive::query::{Filter, Query};
use xmpp_extensions::base::forms::{Form, FormKind};
use xmpp_extensions::base::result_set::ResultSet;
use xmpp_extensions::base::stanza_id::StanzaId;
use xmpp_extensions::pubsub::bookmarks::{self, Conference};
use xmpp_extensions::pubsub::configuration::{
    AccessModel, NodeConfig, PUBLISH_OPTIONS, SendLast, UpTo,
};
use xmpp_extensions::pubsub::event::Event;
use xmpp_extensions::pubsub::personal;
use xmpp_extensions::pubsub::requests::{Action, Item, PubSub, PublishOptions};
use xmpp_jid::Jid;
use xmpp_stanza::xml::{Element, ElementRef, Node, Writer};
use xmpp_stanza::{IntoOwned, JidCow, Payload};

const EXAMPLES: &str = include_str!("../../../conformance/vectors/payloads/examples.jsonl");

/// The payload of an example, without the white space between its elements.
fn example(xep: u64, number: u64) -> Element {
    fn copy(element: ElementRef<'_>, w: &mut Writer<'_>) {
        w.start(element.ns().into(), element.name());
        for attr in element.attrs() {
            w.attr_ns(attr.ns().into(), attr.name(), &attr.value());
        }
        for node in element.nodes() {
            match node {
                Node::Element(child) => copy(child, w),
                Node::Text(text) if text.value().trim().is_empty() => {}
                Node::Text(text) => _ = w.text(text.value().trim()),
            }
        }
        w.end();
    }
    let mut examples =
        EXAMPLES.lines().map(|line| -> serde_json::Value { serde_json::from_str(line).unwrap() });
    let example = examples.find(|e| e["xep"] == xep && e["example"] == number).unwrap();
    let document = Element::parse(example["xml"].as_str().unwrap()).unwrap();
    let stanza = document.children().next().unwrap();
    let mut xml = Vec::new();
    let mut w = Writer::document(&mut xml);
    copy(stanza.children().next().unwrap(), &mut w);
    w.finish().unwrap();
    Element::parse(xml).unwrap()
}

fn jid(text: &str) -> JidCow<'static> {
    JidCow::Owned(Jid::new(text).unwrap())
}

/// What the options of a publication say, whatever their order.
fn options(request: &PubSub<'_>) -> NodeConfig<'static> {
    let form = request.publish_options.as_ref().unwrap().form.clone().unwrap().into_owned();
    let form: &'static Form<'static> = Box::leak(Box::new(form));
    NodeConfig::from_publish_options(form).unwrap()
}

#[test]
fn displayed_of_xep_0490() {
    let element = example(490, 1);
    let printed = PubSub::parse(element.as_ref()).unwrap();
    let id = StanzaId::new("0f710f2b-52ed-4d52-b928-784dad74a52b", jid("juliet@capulet.lit"));
    let payload = Displayed::new(id).to_element().unwrap();
    let item = Item::new().with_id("romeo@montegue.lit").with_payload(payload);
    let request = PubSub::publish(displayed::NS.uri(), item).with_publish_options(
        PublishOptions::new().with_form(personal::private_list().to_publish_options()),
    );
    assert_eq!(request.action, printed.action);
    assert_eq!(options(&request), options(&printed));
    let again = request.to_element().unwrap();
    assert_eq!(PubSub::parse(again.as_ref()).unwrap(), request);
    let Some(Action::Publish(publish)) = &printed.action else { panic!("no publication") };
    let read: Displayed<'_> = publish.items[0].read().unwrap().unwrap();
    assert_eq!(read.stanza_id.by, jid("juliet@capulet.lit"));
}

#[test]
fn options_of_xep_0222_and_0223_and_0402() {
    let of = |xep, number| {
        let element = example(xep, number);
        options(&PubSub::parse(element.as_ref()).unwrap())
    };
    // XEP-0222, example 1: what one publishes for friends.
    let mut public = personal::public(AccessModel::Roster);
    public.roster_groups_allowed.push("Friends".into());
    assert_eq!(public, of(222, 1));
    assert_eq!(personal::private(), of(223, 1));
    let bookmark = of(402, 6);
    assert_eq!(bookmark.max_items, Some(UpTo::Max));
    assert_eq!(bookmark.send_last_published_item, Some(SendLast::Never));
    assert_eq!(bookmark, personal::private_list());
    assert_eq!(personal::private_list().to_publish_options().form_type(), Some(PUBLISH_OPTIONS));
}

#[test]
fn a_bookmark_in_an_event() {
    let xml = "<event xmlns='http://jabber.org/protocol/pubsub#event'><items node='urn:xmpp:bookmarks:1'>\
         <item id='theplay@conference.shakespeare.lit'><conference xmlns='urn:xmpp:bookmarks:1' autojoin='1'>\
         <nick>JC</nick><password>cauldron</password></conference></item><retract id='x'/></items></event>";
    let element = Element::parse(xml).unwrap();
    let event = Event::parse(element.as_ref()).unwrap();
    let items = event.items().unwrap();
    assert_eq!((&*items.node, items.retracted.len()), (bookmarks::NS.uri(), 1));
    let conference: Conference<'_> = items.items[0].read().unwrap().unwrap();
    assert!(conference.autojoin);
    assert_eq!(conference.nick.as_deref(), Some("JC"));
    assert!(!format!("{event:?} {conference:?}").contains("cauldron"));
}

#[test]
fn queries_of_xep_0313() {
    let mut filter = Filter::default();
    filter.with = Some(jid("juliet@capulet.lit"));
    let query = Query::of(&filter).to_element().unwrap();
    assert_eq!(query, example(313, 6));
    let mut filter = Filter::default();
    filter.start = Some("2010-08-07T00:00:00Z".parse().unwrap());
    let query = Query::of(&filter).with_set(ResultSet::first_page(10)).to_element().unwrap();
    assert_eq!(query, example(313, 18));
    let element = example(313, 18);
    let first = Query::parse(element.as_ref()).unwrap();
    let page = ResultSet::new()
        .with_first(xmpp_extensions::base::result_set::First::new("28482-98726-73623"))
        .with_last("09af3-cc343-b409f");
    let fin = xmpp_extensions::archive::query::Fin::new().with_set(page);
    let next = first.next_page(&fin).unwrap();
    let printed = example(313, 20);
    assert_eq!(next.set, Query::parse(printed.as_ref()).unwrap().set);
    assert_eq!(next.form, first.form);
    assert_eq!(Filter::from_form(next.form.as_ref().unwrap()), Some(filter));
}

#[test]
fn a_report_with_a_block() {
    let item = BlockItem::new(jid("romeo@example.net")).with_report(Report::new(Reason::Abuse));
    let block = Block::new().with_items([item]).to_element().unwrap();
    assert_eq!(block, example(377, 5));
}

#[test]
fn a_node_is_configured() {
    let mut form = personal::public(AccessModel::Open);
    form.title = Some("Princely Musings".into());
    let form = form.to_form(FormKind::Submit);
    let config = NodeConfig::from_form(&form).unwrap();
    assert_eq!(config.title.as_deref(), Some("Princely Musings"));
    assert_eq!(config.access_model, Some(AccessModel::Open));
}
