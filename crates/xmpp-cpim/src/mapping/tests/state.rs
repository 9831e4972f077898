use super::*;
use crate::pidf::Document;
use alloc::format;
use xmpp_stanza::PresenceType;

fn juliet(resource: &str, attributes: &str) -> Presence<'static> {
    presence(&format!("from='juliet@example.com/{resource}' {attributes}"), "")
}

fn shown(document: &Document) -> Vec<String> {
    document
        .tuples()
        .iter()
        .map(|tuple| format!("{} {}", tuple.id(), tuple.status.basic().unwrap().as_str()))
        .collect()
}

// 3922-6.3.1-02, 3922-6.3.1-04, 3922-6.3.2-02
#[test]
fn a_document_has_all_resources_and_never_none() {
    let options = Options::default();
    let mut presentity = Presentity::new("juliet@example.com".parse().unwrap());
    let mut update = |resource, attributes| {
        shown(&presentity.update(&juliet(resource, attributes), &options).unwrap().value)
    };
    assert_eq!(update("balcony", ""), ["balcony open"]);
    assert_eq!(update("chamber", ""), ["balcony open", "chamber open"]);
    assert_eq!(update("balcony", "type='unavailable'"), ["balcony closed", "chamber open"]);
    assert_eq!(update("chamber", ""), ["chamber open"]);
    assert_eq!(update("chamber", "type='unavailable'"), ["chamber closed"]);
    assert_eq!(shown(&presentity.document(&options).unwrap()), ["chamber closed"]);
    assert!(!presentity.is_available());
    let mut update = |resource, attributes| {
        shown(&presentity.update(&juliet(resource, attributes), &options).unwrap().value)
    };
    assert_eq!(update("a b", ""), ["chamber closed", "r-612062 open"]);
    assert_eq!(update("a b", ""), ["r-612062 open"]);
}

#[test]
fn a_presentity_is_one_user_with_so_many_resources() {
    let options = Options::default().with_limits(Limits::default().with_max_tuples(2));
    let mut presentity = Presentity::new("juliet@example.com".parse().unwrap());
    let romeo = presence("from='romeo@example.net/x'", "");
    assert_eq!(presentity.update(&romeo, &options).unwrap_err(), MapError::OtherUser);
    presentity.update(&juliet("a", ""), &options).unwrap();
    presentity.update(&juliet("b", ""), &options).unwrap();
    presentity.update(&juliet("b", ""), &options).unwrap();
    let error = presentity.update(&juliet("c", ""), &options).unwrap_err();
    assert_eq!(error, MapError::TooManyResources);
}

// 3863-4.1.7-04
#[test]
fn no_two_documents_have_the_same_timestamp() {
    let mut presentity = Presentity::new("juliet@example.com".parse().unwrap());
    let mut seen = Vec::new();
    for time in [
        "2004-10-01T00:00:00Z",
        "2004-10-01T00:00:00Z",
        "2003-10-01T00:00:00Z",
        "2004-10-01T00:00:00.000001Z",
        "2004-10-01T02:00:00+02:00",
        "2004-10-01T00:00:01Z",
    ] {
        let options = Options::default().with_date_time(time.parse().unwrap());
        let document = presentity.update(&juliet("a", ""), &options).unwrap().value;
        seen.push(document.tuples()[0].timestamp.unwrap().since_unix_epoch());
    }
    assert!(seen.is_sorted_by(|a, b| a < b), "{seen:?}");
}

#[test]
fn a_notification_is_an_object_around_the_document() {
    let options = Options::default();
    let mut presentity = Presentity::new("juliet@example.com".parse().unwrap());
    let document = presentity.update(&juliet("a", ""), &options).unwrap().value;
    let watcher = "romeo@example.net".parse().unwrap();
    let object = presentity.notification(&document, &watcher, &options).unwrap();
    let back = presence_from_cpim(&object, &options).unwrap();
    assert_eq!(back.value[0].from.as_str(), Some("juliet@example.com/a"));
    assert_eq!(back.value[0].to.as_str(), Some("romeo@example.net"));
}

// 3922-6.3.1-03
#[test]
fn only_changes_become_stanzas() {
    let mut watched = Watched::new("romeo@example.net".parse().unwrap());
    let mut update = |tuples: &[(&str, &str, &str)]| {
        let tuples: String = tuples
            .iter()
            .map(|(id, basic, note)| {
                format!(
                    "<tuple id='{id}'><status><basic>{basic}</basic></status><note>{note}</note>\
                    <timestamp>2004-10-01T00:00:00Z</timestamp></tuple>"
                )
            })
            .collect();
        let text = format!(
            "<presence xmlns='urn:ietf:params:xml:ns:pidf' entity='pres:romeo@example.net'>{tuples}</presence>"
        );
        let document = Document::parse(text.as_bytes(), &Limits::default()).unwrap();
        let mapped = watched.update(&document, &Options::default().with_embed_pidf(true)).unwrap();
        let stanzas: Vec<_> = mapped
            .value
            .iter()
            .map(|p| {
                let from = p.from.as_str().unwrap().replace("romeo@example.net", "");
                format!("{from} {} {}", p.presence_type(), p.build().unwrap().payloads().count())
            })
            .collect();
        stanzas
    };
    assert_eq!(
        update(&[("a", "open", ""), ("b", "open", "")]),
        ["/a available 1", "/b available 0"]
    );
    assert_eq!(update(&[("b", "open", ""), ("a", "open", "")]), [""; 0]);
    assert_eq!(update(&[("a", "open", ""), ("b", "open", "x")]), ["/b available 1"]);
    assert_eq!(update(&[("a", "closed", ""), ("b", "open", "x")]), ["/a unavailable 1"]);
    assert_eq!(update(&[("c", "open", "")]), ["/c available 1", "/b unavailable 0"]);
    assert_eq!(update(&[]), [" unavailable 1", "/c unavailable 0"]);
    assert_eq!(update(&[]), [""; 0]);
    assert_eq!(watched.presences().count(), 1);
    assert!(watched.presences().all(|p| p.presence_type() == PresenceType::Unavailable));
}

// 3863-6-02
#[test]
fn outdated_presence_is_ignored() {
    let mut watched = Watched::new("romeo@example.net".parse().unwrap());
    let mut update = |tuples: &[(&str, &str, &str)]| {
        let tuples: String = tuples
            .iter()
            .map(|(id, basic, second)| {
                format!(
                    "<tuple id='{id}'><status><basic>{basic}</basic></status>\
                    <timestamp>2004-10-01T00:00:{second}Z</timestamp></tuple>"
                )
            })
            .collect();
        let text = format!(
            "<presence xmlns='urn:ietf:params:xml:ns:pidf' entity='pres:romeo@example.net'>{tuples}</presence>"
        );
        let document = Document::parse(text.as_bytes(), &Limits::default()).unwrap();
        watched.update(&document, &Options::default()).unwrap().value.len()
    };
    assert_eq!(update(&[("a", "open", "10"), ("b", "open", "20")]), 2);
    assert_eq!(update(&[("a", "closed", "09"), ("b", "open", "20")]), 0, "older");
    assert_eq!(update(&[("a", "closed", "09.999")]), 0, "older, and b is still there");
    assert_eq!(update(&[("a", "closed", "10"), ("b", "open", "20")]), 1, "no older");
    assert_eq!(update(&[("a", "open", "11")]), 2, "b is gone");
    assert_eq!(update(&[("a", "open", "11"), ("b", "open", "05")]), 1, "and came back");
}
