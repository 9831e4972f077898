//! Tokens of any text: no panic, balanced, and the verdict of the parser that
//! makes elements of it.
#![no_main]

use libfuzzer_sys::fuzz_target;
use xmpp_xml::{Element, Limits, Token, Tokens};

fuzz_target!(|text: &str| {
    let limits = Limits::default();
    let mut tokens = Tokens::new(text, limits);
    let mut open = Vec::new();
    let end = loop {
        match tokens.next() {
            Ok(Some(Token::Start(tag))) => {
                for attr in tag.attrs() {
                    let _ = (attr.name(), attr.ns(), attr.value());
                }
                open.push((tag.ns().to_owned(), tag.name().to_owned()));
            }
            Ok(Some(Token::Text(text))) => assert!(!text.raw().is_empty()),
            Ok(Some(Token::End(tag))) => {
                let (ns, name) = open.pop().expect("an end has a start");
                assert_eq!((ns.as_str(), name.as_str()), (tag.ns(), tag.name()));
            }
            Ok(None) => break Ok(()),
            Err(error) => break Err(error),
        }
    };
    assert!(end.is_err() || open.is_empty());
    assert_eq!(end, Element::parse_within(text, limits).map(drop));
});
