//! The `<query/>` of roster results and pushes: RFC 6121 §2.1.4, §2.1.6.

use alloc::format;

use xmpp_xml::{WriteXml, Writer, ns};

use super::{Change, Roster, Ver};

/// The whole roster, as the payload of a roster result.
#[derive(Clone, Copy, Debug)]
pub struct QueryResult<'a>(pub &'a Roster);

impl WriteXml for QueryResult<'_> {
    fn write_xml(&self, w: &mut Writer<'_>) {
        w.start(ns::ROSTER, "query").attr("ver", &format!("{}", self.0.ver()));
        for item in self.0.items() {
            item.write_xml(w);
        }
        w.end();
    }
}

/// One change, as the payload of a roster push.
#[derive(Clone, Copy, Debug)]
pub struct QueryPush<'a>(pub Ver, pub Change<'a>);

impl WriteXml for QueryPush<'_> {
    fn write_xml(&self, w: &mut Writer<'_>) {
        w.start(ns::ROSTER, "query").attr("ver", &format!("{}", self.0));
        match self.1 {
            Change::Item(item) => item.write_xml(w),
            Change::Removed(jid) => {
                w.start(ns::ROSTER, "item");
                w.attr("jid", jid.as_str()).attr("subscription", "remove").end();
            }
        }
        w.end();
    }
}
