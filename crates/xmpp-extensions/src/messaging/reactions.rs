//! Message reactions: XEP-0444.

use alloc::borrow::Cow;
use alloc::collections::BTreeSet;
use alloc::vec::Vec;

use xmpp_jid::BareJidRef;
use xmpp_stanza::xml::ns;
use xmpp_stanza::{DateTime, Payload, Rest};

/// The form type of what a peer takes for a reaction (XEP-0444, 2.2), with the
/// fields `max_reactions_per_user` and `allowlist`.
pub const RESTRICTIONS: &str = "urn:xmpp:reactions:0:restrictions";

/// All reactions of the sender to a message (XEP-0444, 3.1). They take the
/// place of those that the sender has sent before; none takes them back.
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = ns::REACTIONS, name = "reactions", section = "XEP-0444, 3.1")]
#[non_exhaustive]
pub struct Reactions<'a> {
    /// The id of the message ([`reference_id`](super::stanza_id::reference_id)).
    #[xml(attr)]
    pub id: Cow<'a, str>,
    /// One emoji each.
    #[xml(leaf = "reaction")]
    pub reactions: Vec<Cow<'a, str>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

impl Reactions<'_> {
    /// The reactions that count: each once, none of them empty (XEP-0444, 4).
    pub fn distinct(&self) -> impl Iterator<Item = &str> {
        let mut seen = BTreeSet::new();
        let trimmed = self.reactions.iter().map(|reaction| reaction.trim());
        trimmed.filter(move |reaction| !reaction.is_empty() && seen.insert(*reaction))
    }

    /// Whether a peer takes them that has such restrictions (XEP-0444, 2.2): at
    /// most so many, and only those of the list, if there is one.
    ///
    /// If not, they are answered with the stanza error `not-acceptable`
    /// (XEP-0444, 3.3).
    #[must_use]
    pub fn fit(&self, max_per_user: Option<u32>, allowed: Option<&[&str]>) -> bool {
        let most =
            max_per_user.map_or(usize::MAX, |most| usize::try_from(most).unwrap_or(usize::MAX));
        let allowed: Option<BTreeSet<&str>> = allowed.map(|list| list.iter().copied().collect());
        self.distinct().count() <= most
            && allowed.is_none_or(|list| self.distinct().all(|reaction| list.contains(reaction)))
    }
}

/// Whether a reaction in a conversation of two counts: it is of one of them
/// (XEP-0444, 4.1).
#[must_use]
pub fn may_react(sender: BareJidRef<'_>, parties: [BareJidRef<'_>; 2]) -> bool {
    parties.iter().any(|party| party.as_str() == sender.as_str())
}

/// Whether reactions take the place of those that the same sender has sent
/// before (XEP-0444, 4.1): they do, unless they came late (`delay`) and those
/// are newer.
///
/// `previous` is when those were sent, or when they came.
#[must_use]
pub fn replaces(previous: DateTime, delay: Option<DateTime>) -> bool {
    delay.is_none_or(|sent| sent >= previous)
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    fn reactions(of: &[&'static str]) -> Reactions<'static> {
        Reactions::new("1").with_reactions(of.iter().map(|text| Cow::Borrowed(*text)))
    }

    #[test]
    fn each_counts_once() {
        let distinct: Vec<_> = reactions(&["👋", "🐢", "👋", "", " 🐢\n"])
            .distinct()
            .map(ToString::to_string)
            .collect();
        assert_eq!(distinct, ["👋", "🐢"]);
    }

    /// XEP-0444, 2.2 and 3.3: three hearts are allowed, one at a time.
    #[test]
    fn restrictions() {
        let allowed = Some(&["💘", "❤️", "💜"][..]);
        assert!(reactions(&["💘"]).fit(Some(1), allowed));
        assert!(reactions(&[]).fit(Some(1), allowed));
        assert!(!reactions(&["💘", "💜"]).fit(Some(1), allowed));
        assert!(!reactions(&["👋"]).fit(Some(1), allowed));
        assert!(reactions(&["👋", "💜"]).fit(None, None));
    }

    #[test]
    fn senders_and_order() {
        let jid = |text| BareJidRef::new(text).unwrap();
        let parties = [jid("romeo@montague.lit"), jid("juliet@capulet.lit")];
        assert!(may_react(jid("juliet@capulet.lit"), parties));
        assert!(!may_react(jid("mercutio@montague.lit"), parties));
        let at = |seconds| DateTime::from_unix(seconds, 0).unwrap();
        assert!(replaces(at(10), None));
        assert!(replaces(at(10), Some(at(11))));
        assert!(!replaces(at(10), Some(at(9))));
    }
}
