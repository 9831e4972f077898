//! `Time` of X.509 and CMS (RFC 5280 section 4.1.2.5, RFC 5652 section 11.3):
//! UTCTime up to 2049, GeneralizedTime from then on.

use der::asn1::{GeneralizedTime, UtcTime};
use der::{DateTime, Decode, Encode};

use super::Element;
use crate::time::Timestamp;

/// The time an element states; nothing if it is neither, or before 1970.
pub(crate) fn read_time(element: Element<'_>) -> Option<Timestamp> {
    UtcTime::from_der(element.whole)
        .map(|time| time.to_unix_duration())
        .or_else(|_| GeneralizedTime::from_der(element.whole).map(|time| time.to_unix_duration()))
        .map(Timestamp::from_unix)
        .ok()
}

/// Appends a time, in whole seconds; nothing if it is after 9999.
pub(crate) fn write_time(out: &mut Vec<u8>, time: Timestamp) -> Option<()> {
    let date = DateTime::from_unix_duration(time.since_unix()).ok()?;
    let der = if date.year() < 2050 {
        UtcTime::from_date_time(date).ok()?.to_der().ok()?
    } else {
        GeneralizedTime::from_date_time(date).to_der().ok()?
    };
    out.extend_from_slice(&der);
    Some(())
}
