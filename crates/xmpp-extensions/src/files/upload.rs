//! Uploads by HTTP: XEP-0363.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;

use xmpp_stanza::xml::Ns;
use xmpp_stanza::{DateTime, Payload, Rest, Secret};

use crate::base::forms::form_fields;

/// The namespace of these elements.
pub const NS: Ns<'static> = Ns::new("urn:xmpp:http:upload:0");

/// The namespace of purposes; the feature of one is this, `#`, and its name.
pub const PURPOSE: Ns<'static> = Ns::new("urn:xmpp:http:upload:purpose:0");

/// Asks for a place to upload a file to: an iq of type `get` (XEP-0363, 4).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "request", section = "XEP-0363, 4")]
#[non_exhaustive]
pub struct Request<'a> {
    /// The name of the file.
    #[xml(attr)]
    pub filename: Cow<'a, str>,
    /// Its size in bytes.
    #[xml(attr)]
    pub size: u64,
    /// Its media type.
    #[xml(attr = "content-type")]
    pub content_type: Option<Cow<'a, str>>,
    /// What it is for; a message, if it does not say.
    #[xml(child)]
    pub purpose: Option<Purpose<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// What an upload is for (XEP-0363, 5).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = PURPOSE, section = "XEP-0363, 5")]
#[non_exhaustive]
pub enum Purpose<'a> {
    /// A message.
    #[xml(name = "message")]
    Message,
    /// An avatar or the like: small, and to be kept.
    #[xml(name = "profile")]
    Profile,
    /// Something that is to go.
    Ephemeral(Ephemeral<'a>),
    /// Something to be kept for long.
    #[xml(name = "permanent")]
    Permanent,
}

/// Something that is to go (XEP-0363, 5.3).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = PURPOSE, name = "ephemeral", section = "XEP-0363, 5.3")]
#[non_exhaustive]
pub struct Ephemeral<'a> {
    /// When it is to be there no more.
    #[xml(attr = "expire-before")]
    pub expire_before: DateTime,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// Where a file can be uploaded, and where it is then (XEP-0363, 4).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "slot", section = "XEP-0363, 4")]
#[non_exhaustive]
pub struct Slot<'a> {
    /// Where it can be uploaded.
    #[xml(child)]
    pub put: Put<'a>,
    /// Where it is then.
    #[xml(child)]
    pub get: Get<'a>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// Where a file can be uploaded, with `PUT` (XEP-0363, 4).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "put", section = "XEP-0363, 4")]
#[non_exhaustive]
pub struct Put<'a> {
    /// An `https:` URL.
    #[xml(attr)]
    pub url: Cow<'a, str>,
    /// The headers that the service asks for: see
    /// [`headers_to_send`](Put::headers_to_send).
    #[xml(child)]
    pub headers: Vec<Header<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// A header that the service asks for (XEP-0363, 4).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "header", section = "XEP-0363, 4")]
#[non_exhaustive]
pub struct Header<'a> {
    /// Its name.
    #[xml(attr)]
    pub name: Cow<'a, str>,
    /// Its value, which can be a password.
    #[xml(text)]
    pub value: Secret<'a>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// Where the file is (XEP-0363, 4).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "get", section = "XEP-0363, 4")]
#[non_exhaustive]
pub struct Get<'a> {
    /// An `https:` URL.
    #[xml(attr)]
    pub url: Cow<'a, str>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// The file is too large, beside the condition of an error (XEP-0363, 6).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = NS, name = "file-too-large", section = "XEP-0363, 6")]
#[non_exhaustive]
pub struct FileTooLarge<'a> {
    /// How large it may be, in bytes.
    #[xml(leaf = "max-file-size")]
    pub max_file_size: Option<u64>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// When to ask again, beside the condition of an error (XEP-0363, 6).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "retry", section = "XEP-0363, 6")]
#[non_exhaustive]
pub struct Retry<'a> {
    /// The time.
    #[xml(attr)]
    pub stamp: DateTime,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

form_fields! {
    /// What an upload service says of itself (XEP-0363, 3).
    UploadService = "urn:xmpp:http:upload:0";
    /// How large a file may be, in bytes.
    max_file_size: one u64 = "max-file-size",
}

/// A header that may be sent with an upload (XEP-0363, 4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum HeaderName {
    /// `Authorization`.
    Authorization,
    /// `Cookie`.
    Cookie,
    /// `Expires`.
    Expires,
}

impl HeaderName {
    const ALL: [Self; 3] = [Self::Authorization, Self::Cookie, Self::Expires];

    /// The name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Authorization => "Authorization",
            Self::Cookie => "Cookie",
            Self::Expires => "Expires",
        }
    }
}

impl Put<'_> {
    /// The headers to send with the upload, in their order (XEP-0363, 4): those
    /// that are allowed, without the ends of lines that would make more of them.
    pub fn headers_to_send(&self) -> impl Iterator<Item = (HeaderName, Cow<'_, str>)> {
        self.headers.iter().filter_map(|header| {
            let name = without_newlines(&header.name);
            let name =
                HeaderName::ALL.into_iter().find(|n| n.as_str().eq_ignore_ascii_case(&name))?;
            Some((name, without_newlines(header.value.as_str())))
        })
    }
}

fn without_newlines(text: &str) -> Cow<'_, str> {
    if text.contains(['\r', '\n']) {
        text.split(['\r', '\n']).collect::<String>().into()
    } else {
        text.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;
    use xmpp_stanza::xml::Element;

    use crate::base::forms::Form;

    #[test]
    fn what_a_service_says_of_itself() {
        // XEP-0363, example 4.
        let form = Element::parse(
            "<x type='result' xmlns='jabber:x:data'><field var='FORM_TYPE' type='hidden'>\
             <value>urn:xmpp:http:upload:0</value></field>\
             <field var='max-file-size'><value>5242880</value></field></x>",
        )
        .unwrap();
        let form = Form::parse(form.as_ref()).unwrap();
        assert_eq!(UploadService::from_form(&form).unwrap().max_file_size, Some(5_242_880));
    }

    #[test]
    fn only_what_is_allowed_is_sent() {
        let put = Put::new("https://upload.example/").with_headers([
            Header::new("Cookie", "foo=bar; user=romeo"),
            Header::new("Host", "evil.example"),
            Header::new("eXpi\nres", "1\r\nHost: evil.example"),
            Header::new("authorization", "Basic Base64String=="),
            Header::new("Cookie ", "not a name"),
            Header::new("Cookie", "second"),
        ]);
        assert_eq!(
            put.headers_to_send().collect::<Vec<_>>(),
            vec![
                (HeaderName::Cookie, "foo=bar; user=romeo".into()),
                (HeaderName::Expires, "1Host: evil.example".into()),
                (HeaderName::Authorization, "Basic Base64String==".into()),
                (HeaderName::Cookie, "second".into()),
            ]
        );
    }
}
