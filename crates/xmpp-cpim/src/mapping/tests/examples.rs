//! The examples of RFC 3922 that can be used; the project's notes on CPIM list
//! the others and why they cannot.

use super::*;
use crate::pidf::Document;

fn to_headers(children: &str) -> Vec<String> {
    let stanza =
        message("from='juliet@example.com/balcony' to='romeo@example.net/orchard'", children);
    let options =
        Options::default().with_from_name("Juliet Capulet").with_to_name("Romeo Montague");
    let mapped = message_to_cpim(&stanza, &options).unwrap();
    mapped.value.headers().iter().map(|header| header.line().to_string()).collect()
}

/// §4.1.1, §4.1.2, §4.1.6: `cz` is a country, but the tag has the form of one.
#[test]
fn headers_of_a_message() {
    assert_eq!(
        to_headers("<subject>Hi!</subject><subject xml:lang='cz'>Ahoj!</subject><body/>"),
        [
            "From: Juliet Capulet <im:juliet@example.com>",
            "To: Romeo Montague <im:romeo@example.net>",
            "Subject: Hi!",
            "Subject:;lang=cz Ahoj!",
        ]
    );
}

/// §4.2.1, §4.2.2, §4.2.5, §4.2.8, §4.2.9; the resource of §4.2.2 is one that
/// the gateway knows.
#[test]
fn a_message_from_an_object() {
    let object = object(
        "From: Romeo Montague <im:romeo@example.net>\n\
        To: Juliet Capulet <im:juliet@example.com>\n\
        Subject: Hi!\n\
        Subject:;lang=cz Ahoj!\n\
        \n\
        Content-type: text/plain; charset=utf-8\n\
        Content-ID: <123456789@example.net>\n\
        \n\
        Wherefore art thou?",
    );
    let mapped = messages(message_from_cpim(&object, &Options::default()).unwrap());
    let expected = message(
        "from='romeo@example.net' to='juliet@example.com' id='123456789@example.net'",
        "<subject>Hi!</subject><subject xml:lang='cz'>Ahoj!</subject>\
        <body>Wherefore art thou?</body>",
    );
    assert_eq!(mapped.value, [expected]);
}

fn pidf(text: &str) -> Document {
    Document::parse(text.as_bytes(), &Limits::default()).unwrap()
}

fn to_pidf(attributes: &str, children: &str) -> Document {
    let options = Options::default().with_pidf_im(true).with_without_contact(true);
    presence_to_pidf(&presence(attributes, children), &options).unwrap().value
}

/// §5.1.4, its first example, and the second with the right entity.
#[test]
fn available_and_unavailable() {
    for (attribute, basic) in [("", "open"), ("type='unavailable'", "closed")] {
        let expected = pidf(&alloc::format!(
            "<?xml version='1.0' encoding='UTF-8'?>
            <presence xmlns='urn:ietf:params:xml:ns:pidf'
                      entity='pres:juliet@example.com'>
              <tuple id='balcony'>
                <status>
                  <basic>{basic}</basic>
                </status>
              </tuple>
            </presence>"
        ));
        let attributes = alloc::format!("from='juliet@example.com/balcony' {attribute}");
        assert_eq!(to_pidf(&attributes, ""), expected);
    }
}

/// §5.1.5 and §5.1.6.
#[test]
fn show_and_status() {
    let expected = pidf(
        "<?xml version='1.0' encoding='UTF-8'?>
        <presence xmlns='urn:ietf:params:xml:ns:pidf'
                  xmlns:im='urn:ietf:params:xml:ns:pidf:im'
                  entity='pres:juliet@example.com'>
          <tuple id='balcony'>
            <status>
              <basic>open</basic>
              <im:im>away</im:im>
            </status>
            <note>retired to the chamber</note>
          </tuple>
        </presence>",
    );
    let children = "<show>away</show><status>retired to the chamber</status>";
    assert_eq!(to_pidf("from='juliet@example.com/balcony'", children), expected);
}

/// §5.1.7, with the rest of the tuple in place of the dots.
#[test]
fn priority() {
    let stanza = presence("from='juliet@example.com/balcony'", "<priority>13</priority>");
    let document = presence_to_pidf(&stanza, &Options::default()).unwrap().value;
    let octets = document.to_vec().unwrap();
    let text = String::from_utf8(octets).unwrap().replace('"', "'");
    assert!(text.contains("<contact priority='0.102'>im:juliet@example.com</contact>"), "{text}");
}

/// §5.2.9, §5.2.10 and §5.2.11.
#[test]
fn presence_from_documents() {
    let options = Options::default().with_pidf_im(true);
    for (inside, after, expected) in [
        ("<basic>open</basic>", "", presence("from='romeo@example.net/orchard'", "")),
        (
            "<basic>closed</basic>",
            "",
            presence("from='romeo@example.net/orchard' type='unavailable'", ""),
        ),
        (
            "<basic>open</basic><im:im>busy</im:im>",
            "<note>Wooing Juliet</note>",
            presence(
                "from='romeo@example.net/orchard'",
                "<show>dnd</show><status>Wooing Juliet</status>",
            ),
        ),
    ] {
        let document = pidf(&alloc::format!(
            "<?xml version='1.0' encoding='UTF-8'?>
            <presence xmlns='urn:ietf:params:xml:ns:pidf'
                      xmlns:im='urn:ietf:params:xml:ns:pidf:im'
                      entity='pres:romeo@example.net'>
              <tuple id='orchard'>
                <status>{inside}</status>{after}
              </tuple>
            </presence>"
        ));
        let from = "romeo@example.net".parse().unwrap();
        let mapped = presences(presence_from_pidf(&document, &from, &options).unwrap());
        assert_eq!(mapped.value, [expected]);
    }
}

/// §6.3.2, which has no XML declaration.
#[test]
fn zero_tuples() {
    let document = pidf(
        "<presence entity='pres:juliet@example.com'
                   xmlns='urn:ietf:params:xml:ns:pidf'/>",
    );
    let from = "juliet@example.com".parse().unwrap();
    let mapped = presences(presence_from_pidf(&document, &from, &Options::default()).unwrap());
    assert_eq!(mapped.value, [presence("from='juliet@example.com' type='unavailable'", "")]);
}
