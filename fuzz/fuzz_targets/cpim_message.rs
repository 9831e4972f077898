//! Whatever the octets: reading them as Message/CPIM does not panic, what was
//! read is written octet for octet, and what maps can be sent.
#![no_main]

use libfuzzer_sys::fuzz_target;
use xmpp_cpim::Limits;
use xmpp_cpim::mapping::{IllegalCharacters, Options, Required, from_cpim, to_cpim};
use xmpp_cpim::message::Message;
use xmpp_xml::{Element, Writer, ns};

fuzz_target!(|data: &[u8]| {
    let limits = Limits::default();
    if let Ok(message) = Message::parse_body(data, &limits) {
        let mut written = Vec::new();
        message.write_body(&mut written);
        assert_eq!(written, data);
        let _ = (message.from(), message.date_time(), message.to().count(), message.cc().count());
        for (uri, name) in message.required() {
            assert!(!uri.is_empty() && !name.is_empty());
        }
        for header in message.headers() {
            let _ = (header.value(), header.lang(), message.namespace_of(header));
            for parameter in header.parameters() {
                let _ = parameter.value();
            }
        }
        let lenient = Options::default()
            .with_required(Required::Report)
            .with_illegal_characters(IllegalCharacters::Replace)
            .with_pidf_im(true)
            .with_embed_pidf(true);
        for options in [Options::default(), lenient] {
            let Ok(mapped) = from_cpim(&message, &options) else { continue };
            for stanza in &mapped.value {
                let mut out = Vec::new();
                let mut writer = Writer::in_stream(&mut out, ns::CLIENT);
                writer.write(stanza);
                writer.finish().expect("a stanza that can be sent");
                let wrapped = [b"<x xmlns='jabber:client'>", &out[..], b"</x>"].concat();
                Element::parse(&wrapped).expect("well-formed");
                let built = stanza.build().expect("a stanza that can be read");
                let _ = to_cpim(&built, &options);
            }
        }
    }
    if let Ok(message) = Message::parse(data, &limits) {
        assert_eq!(message.to_vec(), data);
        assert_eq!(message.clone().into_owned(), message);
    }
});
