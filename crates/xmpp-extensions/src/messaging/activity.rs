//! Room activity indicator: XEP-0502.

/// The field of a room's information form (`http://jabber.org/protocol/muc#roominfo`)
/// that tells how many messages it has an hour (XEP-0502, 3.1).
pub const FIELD: &str = "{urn:xmpp:muc-activity}message-activity";

/// Messages an hour, from the value of [`FIELD`]: a number with a fraction, not
/// negative. `None` if the value is none.
///
/// ```
/// use xmpp_extensions::messaging::activity::messages_per_hour;
///
/// assert_eq!(messages_per_hour("23.42"), Some(23.42));
/// assert_eq!(messages_per_hour("-1"), None);
/// ```
#[must_use]
pub fn messages_per_hour(value: &str) -> Option<f64> {
    let plain = value.bytes().all(|b| matches!(b, b'0'..=b'9' | b'.' | b'e' | b'E' | b'+' | b'-'));
    value.parse::<f64>().ok().filter(|rate| plain && rate.is_finite() && *rate >= 0.0)
}
