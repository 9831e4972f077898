//! The language-neutral vectors of `conformance/vectors/`, each with the
//! requirement that it comes from.

use std::fs;
use std::path::Path;

use serde_json::Value;
use xmpp_jid::precis::{Class, Profile};
use xmpp_jid::{BareJid, Jid, JidRef, Query, Rule, XmppUri, escape, idna, unescape};

/// All vectors in a folder; each is shown when its check fails.
fn each(folder: &str, check: impl Fn(&Value)) {
    let folder =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../conformance/vectors").join(folder);
    let mut count = 0;
    for file in fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        for (line, text) in fs::read_to_string(&path).unwrap().lines().enumerate() {
            println!("{}:{}: {text}", path.display(), line + 1);
            check(&serde_json::from_str(text).unwrap());
            count += 1;
        }
    }
    assert!(count > 0, "no vectors");
}

fn text<'a>(vector: &'a Value, key: &str) -> &'a str {
    vector[key].as_str().unwrap()
}

#[test]
fn addresses() {
    // 7622-address-domain-length, 7622-address-domain-prep, 7622-address-localpart-length,
    // 7622-address-localpart-prep, 7622-address-resource-length, 7622-address-resource-prep
    each("jid", |vector| {
        let input = text(vector, "input");
        let parsed = Jid::new(input);
        match parsed {
            Ok(jid) => {
                assert!(vector["ok"].as_bool().unwrap(), "{jid}");
                assert_eq!(jid, text(vector, "jid"));
                assert_eq!(jid.localpart().map(|part| part.as_str()), vector["local"].as_str());
                assert_eq!(jid.domainpart(), text(vector, "domain"));
                assert_eq!(
                    jid.resourcepart().map(|part| part.as_str()),
                    vector["resource"].as_str()
                );
                assert_eq!(JidRef::new(jid.as_str()).unwrap(), jid);
                if jid != input {
                    assert_eq!(JidRef::new(input).unwrap_err().rule(), Rule::NotCanonical);
                }
                assert_eq!(
                    Jid::new(jid.domainpart().to_ascii().as_ref()).unwrap().domainpart(),
                    jid.domainpart()
                );
            }
            Err(error) => {
                assert!(!vector["ok"].as_bool().unwrap(), "{error}");
                assert_eq!(error.part().as_str(), text(vector, "part"), "{error}");
                assert_eq!(error.as_str(), text(vector, "error"), "{error}");
                if let Some(at) = vector["at"].as_u64() {
                    assert_eq!(error.at() as u64, at, "{error}");
                    if let Some(c) = error.code_point() {
                        assert!(input[error.at()..].starts_with(c), "{error}");
                    }
                }
                assert_eq!(JidRef::new(input).unwrap_err(), error);
            }
        }
    });
}

#[test]
fn strings() {
    each("precis", |vector| {
        let name = text(vector, "profile");
        let profile = Profile::ALL.into_iter().find(|profile| profile.as_str() == name);
        if let Some(equal) = vector["equal"].as_bool() {
            let profile = profile.unwrap();
            assert_eq!(profile.equal(text(vector, "a"), text(vector, "b")), Ok(equal));
            return;
        }
        let input = text(vector, "input");
        let result = match profile {
            Some(profile) => profile.enforce(input),
            None => [Class::Identifier, Class::Freeform]
                .into_iter()
                .find(|class| class.as_str() == name)
                .unwrap()
                .check(input)
                .map(|()| input.into()),
        };
        match result {
            Ok(output) => {
                assert!(vector["ok"].as_bool().unwrap(), "{output}");
                assert_eq!(output, text(vector, "output"));
            }
            Err(error) => {
                assert!(!vector["ok"].as_bool().unwrap(), "{error}");
                assert_eq!(error.as_str(), text(vector, "error"), "{error}");
                if let Some(at) = vector["at"].as_u64() {
                    assert_eq!(error.at() as u64, at, "{error}");
                }
            }
        }
    });
}

/// RFC 5892 §2.2: case folding leads to the capital letters of Cherokee, which are
/// valid, and the small ones are not. Lowercase must not make one of the other.
#[test]
fn valid_capitals_stay() {
    for cherokee in ('\u{13A0}'..='\u{13F5}').map(String::from) {
        let cherokee = cherokee.as_str();
        let ascii = idna::to_ascii(cherokee).unwrap();
        assert_eq!(idna::map(cherokee), cherokee);
        assert_eq!(Jid::new(&ascii).unwrap(), cherokee);
        assert_eq!(Jid::new(cherokee).unwrap(), cherokee);
        assert_eq!(JidRef::new(cherokee).unwrap(), cherokee);
    }
    assert_eq!(Jid::new("\u{13FC}.example").unwrap_err().rule(), Rule::Disallowed);
    assert_eq!(Jid::new("u@xn--BCER").unwrap(), "u@\u{13F4}\u{13EB}");
}

/// RFC 5891 §5: a name is checked as it stands, and both forms of it are one
/// name.
#[test]
fn names() {
    assert_eq!(idna::to_ascii("bücher.example.").unwrap(), "xn--bcher-kva.example.");
    assert_eq!(idna::to_unicode("XN--BCHER-KVA.EXAMPLE").unwrap(), "bücher.example");
    assert_eq!(idna::to_unicode("BÜCHER.example").unwrap_err().rule(), Rule::Disallowed);
    assert_eq!(idna::to_unicode("bu\u{308}cher").unwrap_err().rule(), Rule::NotNormalized);
    assert_eq!(idna::to_unicode(&idna::map("BÜCHER。Ｅxample")).unwrap(), "bücher.example");
}

#[test]
fn escaping() {
    each("jid-escape", |vector| {
        if let Some(escaped) = vector["unescape"].as_str() {
            assert_eq!(unescape(escaped), text(vector, "output"));
            return;
        }
        match escape(text(vector, "escape")) {
            Ok(escaped) => assert_eq!(escaped, text(vector, "output")),
            Err(violation) => assert_eq!(violation.as_str(), text(vector, "error")),
        }
    });
}

#[test]
fn uris() {
    each("xmpp-uri", |vector| {
        let text = text(vector, "uri");
        let uri = match XmppUri::new(text) {
            Ok(uri) => uri,
            Err(error) => return assert_eq!(vector["ok"], false, "{error}"),
        };
        assert_eq!(uri.to_uri(), text);
        assert_eq!(uri.to_iri(), vector["iri"].as_str().unwrap_or(text));
        assert_eq!(uri.jid().map(Jid::as_str), vector["jid"].as_str());
        assert_eq!(uri.authority().map(BareJid::as_str), vector["authority"].as_str());
        assert_eq!(uri.fragment(), vector["fragment"].as_str());
        assert_eq!(uri.query().map(Query::kind), vector["kind"].as_str());
        let pairs: Vec<_> = uri.query().into_iter().flat_map(Query::pairs).collect();
        let expected = vector["pairs"].as_array().cloned().unwrap_or_default();
        let expected: Vec<_> = expected
            .iter()
            .map(|pair| (pair[0].as_str().unwrap(), pair[1].as_str().unwrap()))
            .collect();
        assert_eq!(pairs, expected);
    });
}
