//! Streams: headers, first-level elements, restarts, every cut.

use xmpp_xml::{Error, Item, Limits, RecvBuffer, StreamReader, ns};

/// What a stream gives: one line an item, the error last.
fn events(input: &[u8], piece: usize, limits: Limits) -> (Vec<String>, Option<Error>) {
    let mut rx = RecvBuffer::new(1 << 20);
    let mut reader = StreamReader::new(limits);
    let mut out = Vec::new();
    let mut rest = input;
    loop {
        match reader.poll(&mut rx) {
            Ok(Some(Item::Header(header))) => {
                let declared: Vec<_> =
                    header.declarations().map(|d| (d.prefix(), d.uri())).collect();
                out.push(format!("header {header:?} {declared:?} {}", header.source()));
            }
            Ok(Some(Item::Element(element))) => {
                let tree = format!("{:?}", element.into_shared());
                out.push(format!("{tree} {:?} {}", element.lang(), element.source()));
            }
            Ok(Some(Item::Closed)) => out.push("closed".into()),
            Ok(Some(_)) => unreachable!(),
            Ok(None) => {
                let n = piece.min(rest.len());
                if n == 0 {
                    return (out, None);
                }
                assert_eq!(rx.push(&rest[..n]), n);
                rest = &rest[n..];
            }
            Err(error) => {
                assert_eq!(reader.poll(&mut rx).unwrap_err(), error, "errors are sticky");
                return (out, Some(error));
            }
        }
    }
}

#[track_caller]
fn same_for_every_cut(input: &[u8], limits: Limits) -> (Vec<String>, Option<Error>) {
    let whole = events(input, input.len(), limits);
    for piece in [1, 2, 3, 5, 7, 16, 63, 64, 65] {
        assert_eq!(events(input, piece, limits), whole, "in pieces of {piece}");
    }
    whole
}

const HEADER: &str = "<?xml version='1.0'?><stream:stream xmlns='jabber:client' \
    xmlns:stream='http://etherx.jabber.org/streams' id='1' version='1.0' xml:lang='en'>";

#[test]
fn a_stream_gives_its_header_its_elements_and_its_end() {
    let input = format!(
        "{HEADER} <presence/>\n<message to='é@example' xml:lang='de'><body>1 &lt; 2 &#x1F600;</body>\
         <x:y xmlns:x='urn:x' x:a='1'>]] &gt;<![CDATA[<&]]]]>&gt;</x:y></message ></stream:stream >"
    );
    let (events, error) = same_for_every_cut(input.as_bytes(), Limits::default());
    assert_eq!(error, None);
    assert_eq!(events.len(), 4, "{events:#?}");
    assert!(events[1].starts_with("Element({jabber:client}presence) Some(\"en\")"));
    assert_eq!(events[3], "closed");
}

#[test]
fn elements_say_what_they_hold() {
    let mut rx = RecvBuffer::new(1 << 16);
    let mut reader = StreamReader::new(Limits::default());
    rx.push(HEADER.as_bytes());
    rx.push(
        b"<message a='&quot;1&#10;\n2' b=\"'\"><body>a&amp;b\r\nc</body><body xml:lang='de'>d</body>\
          <q:q xmlns:q='jabber:iq:roster'><q:i q:z='1'/></q:q>t</message>",
    );
    assert!(matches!(reader.poll(&mut rx), Ok(Some(Item::Header(_)))));
    let Ok(Some(Item::Element(message))) = reader.poll(&mut rx) else { panic!() };
    assert_eq!(message.attr("a").as_deref(), Some("\"1\n 2"));
    assert_eq!(message.attr("b").as_deref(), Some("'"));
    assert_eq!(message.attr("c"), None);
    let bodies: Vec<_> = message.children().filter(|c| c.is(ns::CLIENT, "body")).collect();
    assert_eq!(bodies[0].text(), "a&b\nc");
    assert_eq!(bodies[0].lang().as_deref(), Some("en"));
    assert_eq!(bodies[1].lang().as_deref(), Some("de"));
    let query = message.child(ns::ROSTER, "q").unwrap();
    let item = query.child(ns::ROSTER, "i").unwrap();
    assert_eq!(item.attr_ns(ns::ROSTER, "z").as_deref(), Some("1"));
    assert_eq!(item.attr("z"), None);
    assert_eq!(message.text(), "t");
    for shared in [query.into_shared(), item.into_shared(), message.into_shared()] {
        let again = xmpp_xml::Element::builder(ns::NONE, "x").child(&shared).build().unwrap();
        let child = again.children().next().unwrap();
        assert_eq!(child.lang(), shared.lang(), "the language of the stream stays theirs");
        assert_eq!(child.into_shared().retain_children(|_| true).unwrap(), child);
    }
    assert_eq!(rx.unread(), 0);
}

#[test]
fn a_restart_forgets_the_former_stream() {
    // 6120-4.8.5-05
    let second =
        "<stream:stream xmlns='jabber:server' xmlns:stream='http://etherx.jabber.org/streams'>";
    let mut rx = RecvBuffer::new(1 << 16);
    let mut reader = StreamReader::new(Limits::default());
    rx.push(format!("{HEADER}<a/> \n<?xml version='1.0'?>{second}<b/>").as_bytes());
    assert!(matches!(reader.poll(&mut rx), Ok(Some(Item::Header(_)))));
    assert!(matches!(reader.poll(&mut rx), Ok(Some(Item::Element(_)))));
    reader.restart();
    assert!(matches!(reader.poll(&mut rx), Ok(Some(Item::Header(_)))));
    let Ok(Some(Item::Element(b))) = reader.poll(&mut rx) else { panic!() };
    assert!(b.is(ns::SERVER, "b"));
    assert_eq!(b.lang(), None);
}

#[test]
fn character_data_is_borrowed_wherever_it_stands_so() {
    // What was decoded before says nothing of what follows.
    let input = format!(
        "{HEADER}<a>1 &lt; 2<b/>3 > 4<b>5\r6</b>7<![CDATA[8\r9]]>10<![CDATA[11 & 12]]>13 > 14\
         &amp;<![CDATA[15]]>&amp;<b>16</b>17&#49;<b c='1'>18 > 19</b>20 > 21</a>"
    );
    let expected = [
        None,
        Some("3 > 4"),
        Some("7"),
        None,
        Some("10"),
        Some("11 & 12"),
        None,
        Some("15"),
        None,
        None,
        Some("20 > 21"),
    ];
    for piece in [1, 2, 3, 7, 1000] {
        let mut rx = RecvBuffer::new(1 << 16);
        let mut reader = StreamReader::new(Limits::default());
        let mut read = Vec::new();
        for piece in input.as_bytes().chunks(piece) {
            rx.push(piece);
            while let Some(item) = reader.poll(&mut rx).unwrap() {
                if let Item::Element(a) = item {
                    read.push(a.into_shared());
                }
            }
        }
        let found: Vec<_> = read[0].as_ref().texts().map(|text| text.as_str()).collect();
        assert_eq!(found, expected, "in pieces of {piece}");
        let inner: Vec<_> = read[0].children().map(|b| b.text().into_owned()).collect();
        assert_eq!(inner, ["", "5\n6", "16", "18 > 19"]);
    }
}

#[test]
fn a_restart_has_the_room_that_the_former_header_took() {
    // What is behind the header in a small buffer is all that is counted.
    let first = "<s:s xmlns='jabber:client' xmlns:s='http://etherx.jabber.org/streams'>";
    let mut rx = RecvBuffer::new(first.len() + 30);
    let mut reader = StreamReader::new(Limits::default());
    rx.push(format!("{first}\n<?xml versi").as_bytes());
    assert!(matches!(reader.poll(&mut rx), Ok(Some(Item::Header(_)))));
    reader.restart();
    assert!(reader.poll(&mut rx).unwrap().is_none());
    rx.push(b"on='1.0'?>");
    assert!(reader.poll(&mut rx).unwrap().is_none());
    rx.push(first.as_bytes());
    assert!(matches!(reader.poll(&mut rx), Ok(Some(Item::Header(_)))));
}

#[test]
fn each_item_has_its_place_among_all_bytes() {
    let header = HEADER.strip_prefix("<?xml version='1.0'?>").unwrap();
    let input = format!("{HEADER} <a/>\n\n<b>\u{e9}</b><c/></stream:stream> ");
    let expected: Vec<usize> = [header, "<a/>", "<b>", "<c/>", "</stream"]
        .iter()
        .map(|item| input.find(item).unwrap())
        .collect();
    for piece in [1, 3, 1000] {
        let mut rx = RecvBuffer::new(1 << 16);
        let mut reader = StreamReader::new(Limits::default());
        let mut found = Vec::new();
        for piece in input.as_bytes().chunks(piece) {
            rx.push(piece);
            while let Some(item) = reader.poll(&mut rx).unwrap() {
                let closed = matches!(item, Item::Closed);
                found.push(if closed { expected[4] } else { reader.item_offset() as usize });
            }
        }
        assert_eq!(found, expected);
        assert_eq!(rx.received(), input.len() as u64);
        assert!(reader.finish(&mut rx).unwrap());
    }
}
