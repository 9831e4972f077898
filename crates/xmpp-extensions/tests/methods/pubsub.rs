use xmpp_extensions::base::version::SoftwareVersion;
use xmpp_extensions::pubsub::atom::{Entry, Link};
use xmpp_extensions::pubsub::bookmarks::Conference;
use xmpp_extensions::pubsub::configuration::{AccessModel, NodeConfig, SendLast, UpTo};
use xmpp_extensions::pubsub::event::Event;
use xmpp_extensions::pubsub::form_publishing::{submitted_node, template_node};
use xmpp_extensions::pubsub::microblog::{commented_post, comments_node};
use xmpp_extensions::pubsub::personal;
use xmpp_extensions::pubsub::public_subscriptions::subscribers_node;
use xmpp_extensions::pubsub::requests::{Action, Item, Items, PubSub, Publish};
use xmpp_stanza::payload::Value as _;
use xmpp_stanza::{IntoOwned as _, Payload};

use crate::element;

/// XEP-0277, 3.1; XEP-0346, 2.1; XEP-0465, 4.4.
#[test]
fn names_of_nodes() {
    let node = comments_node("tag:montague.lit,2008:home");
    assert_eq!(node, "urn:xmpp:microblog:0:comments/tag:montague.lit,2008:home");
    assert_eq!(commented_post(&node).as_deref(), Some("tag:montague.lit,2008:home"));
    assert_eq!(commented_post("urn:xmpp:microblog:0"), None);
    assert_eq!(template_node("stan.isode.net", "report"), "fdp/template/stan.isode.net/report");
    assert_eq!(submitted_node("stan.isode.net", "report"), "fdp/submitted/stan.isode.net/report");
    assert_eq!(subscribers_node("a/b"), "urn:xmpp:pps:subscribers:0/a/b");
}

/// XEP-0222, 2; XEP-0223, 3; XEP-0402, 3.3.
#[test]
fn how_personal_data_is_published() {
    let mut public = NodeConfig::default();
    public.persist_items = Some(true);
    public.send_last_published_item = Some(SendLast::Never);
    public.access_model = Some(AccessModel::Presence);
    assert_eq!(personal::public(AccessModel::Presence), public);
    let mut private = NodeConfig::default();
    private.persist_items = Some(true);
    private.access_model = Some(AccessModel::Whitelist);
    assert_eq!(personal::private(), private);
    private.max_items = Some(UpTo::Max);
    private.send_last_published_item = Some(SendLast::Never);
    assert_eq!(personal::private_list(), private);
    // XEP-0060, 7.1.5: as options of a publication, and nothing else.
    let options = private.to_publish_options();
    let says = |var: &str| options.value(var).unwrap().to_owned();
    assert_eq!(says("FORM_TYPE"), "http://jabber.org/protocol/pubsub#publish-options");
    assert_eq!(says("pubsub#max_items"), "max");
    assert_eq!(says("pubsub#access_model"), "whitelist");
    assert_eq!(NodeConfig::from_publish_options(&options), Some(private.clone()));
    assert_eq!(NodeConfig::from_form(&options), None);
    assert_eq!(UpTo::Number(7).into_owned(), UpTo::Number(7));
    let mut written = String::new();
    UpTo::Number(70).write(&mut |text| written.push_str(text));
    assert_eq!(written, "70");
}

/// XEP-0060, 6.5.2 and 7.1: examples 75 and 99.
#[test]
fn requests() {
    let xml = "<pubsub xmlns='http://jabber.org/protocol/pubsub'><items node='princely_musings'/></pubsub>";
    assert_eq!(PubSub::items("princely_musings").to_element().unwrap(), element(xml));
    let of = PubSub::of(Action::Items(Items::new("princely_musings")));
    assert_eq!(of, PubSub::items("princely_musings"));
    let payload = element("<query xmlns='jabber:iq:version'><name>x</name></query>");
    let item = Item::new().with_id("1").with_payload(payload);
    let xml = "<pubsub xmlns='http://jabber.org/protocol/pubsub'><publish node='n'><item id='1'>\
        <query xmlns='jabber:iq:version'><name>x</name></query></item></publish></pubsub>";
    let request = PubSub::publish("n", item.clone());
    assert_eq!(request.to_element().unwrap(), element(xml));
    assert_eq!(request.action, Some(Action::Publish(Publish::new("n").with_items([item.clone()]))));
    // What an item holds, if it is that.
    assert_eq!(item.read(), Ok(Some(SoftwareVersion::new().with_name("x"))));
    assert_eq!(item.read::<Conference<'_>>(), Ok(None));
    assert_eq!(Item::new().read::<SoftwareVersion<'_>>(), Ok(None));
}

/// XEP-0060, 7.1.2.1 and 8.4.2: what has happened at a node.
#[test]
fn events() {
    let of = |content: &str| {
        element(&format!(
            "<event xmlns='http://jabber.org/protocol/pubsub#event'>{content}</event>"
        ))
    };
    let xml = of(
        "<items node='n'><item id='1'><query xmlns='jabber:iq:version'><name>x</name></query></item>\
        <item id='2'/><item id='3'><hash xmlns='urn:xmpp:hashes:2'/></item></items>",
    );
    let event = Event::parse(xml.as_ref()).unwrap();
    let items = event.items().unwrap();
    assert_eq!((&*items.node, items.items.len()), ("n", 3));
    assert_eq!(items.items[0].read(), Ok(Some(SoftwareVersion::new().with_name("x"))));
    assert_eq!(items.items[0].read::<Conference<'_>>(), Ok(None));
    assert_eq!(items.items[1].read::<SoftwareVersion<'_>>(), Ok(None));
    // What is one, and breaks the rules of its own.
    assert!(items.items[2].read::<xmpp_extensions::base::hashes::Hash<'_>>().is_err());
    let purged = of("<purge node='n'/>");
    assert_eq!(Event::parse(purged.as_ref()).unwrap().items(), None);
    assert_eq!(Event::new().items(), None);
}

/// RFC 4287, 4.2.7.2: a link without a relation is to an alternate.
#[test]
fn links_of_an_entry() {
    let xml = element(
        "<entry xmlns='http://www.w3.org/2005/Atom'><title>t</title><id>i</id><updated>2008-05-08T18:30:02Z</updated>\
         <link href='a'/><link rel='alternate' href='b'/><link rel='replies' href='c'/></entry>",
    );
    let entry = Entry::parse(xml.as_ref()).unwrap();
    let to = |rel| -> Vec<String> {
        entry.links_to(rel).map(|link: &Link<'_>| link.href.clone().into_owned()).collect()
    };
    assert_eq!(to("alternate"), ["a", "b"]);
    assert_eq!(to("replies"), ["c"]);
    assert!(to("self").is_empty());
}
