//! PLAIN (RFC 4616): `[authzid] NUL authcid NUL passwd`.

use alloc::vec::Vec;

use crate::grammar::MessageError;

#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Message<'a> {
    pub(crate) authzid: Option<&'a str>,
    pub(crate) authcid: &'a str,
    pub(crate) password: &'a str,
}

impl<'a> Message<'a> {
    /// The parts must be as [`is_safe`] wants them.
    pub(crate) fn write(&self) -> Vec<u8> {
        let authzid = self.authzid.unwrap_or_default();
        [authzid, self.authcid, self.password].join("\0").into_bytes()
    }

    pub(crate) fn read(message: &'a [u8]) -> Result<Self, MessageError> {
        let text = core::str::from_utf8(message)
            .map_err(|error| MessageError { at: error.valid_up_to(), expected: "UTF-8" })?;
        let error = |at, expected| Err(MessageError { at, expected });
        let mut parts = text.split('\0');
        let authzid = parts.next().filter(|part| !part.is_empty());
        let (Some(authcid), Some(password)) = (parts.next(), parts.next()) else {
            return error(text.len(), "three parts with NUL between them");
        };
        let password_at = text.len() - password.len();
        if parts.next().is_some() {
            return error(text.rfind('\0').unwrap_or(0), "two NULs and no more");
        }
        if authcid.is_empty() {
            return error(password_at - 1, "an authentication identity of at least one character");
        }
        if password.is_empty() {
            return error(password_at, "a password of at least one character");
        }
        Ok(Self { authzid, authcid, password })
    }
}

/// `1*SAFE`: any character but NUL.
pub(crate) fn is_safe(part: &str) -> bool {
    !part.is_empty() && !part.contains('\0')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(message: &str) -> Result<(&str, &str, &str), usize> {
        Message::read(message.as_bytes())
            .map(|m| (m.authzid.unwrap_or("-"), m.authcid, m.password))
            .map_err(|error| error.at)
    }

    #[test]
    fn rfc_4616_section_4() {
        assert_eq!(read("\0tim\0tanstaaftanstaaf"), Ok(("-", "tim", "tanstaaftanstaaf")));
        assert_eq!(read("Ursel\0Kurt\0xipj3plmq"), Ok(("Ursel", "Kurt", "xipj3plmq")));
    }

    #[test]
    fn anything_else_is_refused_where_it_goes_wrong() {
        assert_eq!(read(""), Err(0));
        assert_eq!(read("\0tim"), Err(4));
        assert_eq!(read("\0\0pw"), Err(1));
        assert_eq!(read("\0tim\0"), Err(5));
        assert_eq!(read("\0tim\0pw\0"), Err(7));
        assert_eq!(Message::read(b"\0tim\0\xff").map_err(|error| error.at), Err(5));
    }
}
