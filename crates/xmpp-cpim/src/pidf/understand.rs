use alloc::vec::Vec;

use xmpp_xml::{Children, ElementRef, ns};

/// Whether an extension in a `<status/>` can be made use of by who knows the
/// elements that `knows` (a namespace and a local name) tells: not if it holds
/// an element with `mustUnderstand` that is not known (RFC 3863 §4.2.3).
///
/// What is inside an element that is not known is ignored with it,
/// `mustUnderstand` included.
///
/// ```
/// use xmpp_cpim::pidf::is_understood;
/// use xmpp_xml::Element;
///
/// let extension = Element::parse(
///     "<x:complexExtension xmlns:x='http://id.mycompany.com/presence/'
///        xmlns:impp='urn:ietf:params:xml:ns:pidf'>
///       <x:ex1 impp:mustUnderstand='1'>val1</x:ex1><x:ex2>val2</x:ex2>
///     </x:complexExtension>",
/// )?;
/// assert!(is_understood(extension.as_ref(), |_, name| name != "ex2"));
/// assert!(!is_understood(extension.as_ref(), |_, name| name != "ex1"));
/// # Ok::<(), xmpp_xml::Error>(())
/// ```
pub fn is_understood(extension: ElementRef<'_>, knows: impl Fn(&str, &str) -> bool) -> bool {
    if !knows(extension.ns(), extension.name()) {
        return false;
    }
    // A stack of our own: the nesting is a peer's.
    let mut open: Vec<Children<'_>> = alloc::vec![extension.children()];
    while let Some(children) = open.last_mut() {
        let Some(child) = children.next() else {
            open.pop();
            continue;
        };
        if knows(child.ns(), child.name()) {
            open.push(child.children());
        } else if matches!(child.attr_ns(ns::PIDF, "mustUnderstand").as_deref(), Some("1" | "true"))
        {
            return false;
        }
    }
    true
}
