//! What must be refused, with what condition and where: as a document and as
//! an element of a stream, whole and in every cut.

use xmpp_xml::{
    DocumentReader, Element, Error, ErrorKind, ErrorKind::*, Limits, RecvBuffer, StreamReader,
};

fn read(input: &[u8], pieces: &[usize], limits: Limits) -> Result<(), Error> {
    let mut rx = RecvBuffer::new(1 << 20);
    let mut reader = DocumentReader::new(limits);
    let mut from = 0;
    for &to in pieces.iter().chain([&input.len()]) {
        rx.push(&input[from..to]);
        from = to;
        reader.read(&mut rx)?;
    }
    reader.finish(&mut rx).map(drop)
}

fn read_stream(input: &[u8], pieces: &[usize], limits: Limits) -> Result<bool, Error> {
    let mut rx = RecvBuffer::new(1 << 20);
    let mut reader = StreamReader::new(limits);
    let mut from = 0;
    for &to in pieces.iter().chain([&input.len()]) {
        rx.push(&input[from..to]);
        from = to;
        while reader.poll(&mut rx)?.is_some() {}
    }
    reader.finish(&mut rx)
}

/// Reads the input whole, cut once at each byte, and byte by byte: each gives the same answer.
#[track_caller]
fn every_cut<T: PartialEq + core::fmt::Debug>(input: &[u8], read: impl Fn(&[usize]) -> T) -> T {
    let whole = read(&[]);
    for cut in 0..=input.len() {
        assert_eq!(read(&[cut]), whole, "cut at {cut}: {:?}", String::from_utf8_lossy(input));
    }
    let bytes: Vec<usize> = (0..input.len()).collect();
    assert_eq!(read(&bytes), whole, "byte by byte: {:?}", String::from_utf8_lossy(input));
    whole
}

const HEADER: &[u8] = b"<s:s xmlns:s='urn:s'>";

#[track_caller]
fn refused(input: impl AsRef<[u8]>, kind: ErrorKind, offset: u64, stopped_at: u64) {
    let input = input.as_ref();
    let shown = String::from_utf8_lossy(input);
    let error = every_cut(input, |cuts| read(input, cuts, Limits::default())).unwrap_err();
    assert_eq!(
        (error.kind(), error.offset(), error.stopped_at()),
        (kind, offset, stopped_at),
        "{shown:?}: {error}"
    );
    // The condition is the same within a stream, if it is the element's own.
    let begins_as_element = input.starts_with(b"<") && !input.starts_with(b"<?xml");
    if begins_as_element && kind != UnexpectedEnd && kind != ContentAfterRoot {
        let streamed = [HEADER, input].concat();
        let error = every_cut(&streamed, |cuts| read_stream(&streamed, cuts, Limits::default()))
            .unwrap_err();
        if kind != TextOutsideRoot && kind != Encoding {
            assert_eq!(error.kind(), kind, "{shown:?} in a stream");
            assert_eq!(error.offset(), offset + HEADER.len() as u64, "{shown:?} in a stream");
        }
    }
}

#[track_caller]
fn accepted(input: impl AsRef<[u8]>) {
    let input = input.as_ref();
    let shown = String::from_utf8_lossy(input);
    let result = every_cut(input, |cuts| read(input, cuts, Limits::default()));
    assert_eq!(result, Ok(()), "{shown:?}");
}

#[test]
fn what_is_not_utf_8() {
    // 6120-11.6-01: of one octet to four.
    accepted("<a \u{e9}='\u{7f}\u{80}'>\u{7ff}\u{800}\u{fffd}\u{10000}\u{10ffff}</a>");
    // RFC 3629, section 3: overlong forms, surrogates, beyond Unicode.
    refused(b"<a>\xc0\xaf</a>", InvalidUtf8, 3, 4);
    refused(b"<a>\xe0\x80\xaf</a>", InvalidUtf8, 3, 4);
    refused(b"<a>\xed\xa0\x80</a>", InvalidUtf8, 3, 4);
    refused(b"<a>\xf4\x90\x80\x80</a>", InvalidUtf8, 3, 4);
    refused(b"<a b='\xff'/>", InvalidUtf8, 6, 7);
    refused(b"<a>\xe2\x82</a>", InvalidUtf8, 3, 5);
    refused(b"<\x80/>", InvalidUtf8, 1, 2);
    // What is wrong before it is told first.
    refused(b"<a><1 \xff", InvalidName, 3, 4);
    // Cut short by the end.
    refused(b"<a>\xe2\x82", InvalidUtf8, 3, 5);
    refused(b"<a/>\xf0\x9f\x98", InvalidUtf8, 4, 7);
}

#[test]
fn characters() {
    for c in ['\0', '\u{1}', '\u{8}', '\u{b}', '\u{c}', '\u{e}', '\u{1f}', '\u{fffe}', '\u{ffff}'] {
        refused(format!("<a>{c}</a>"), InvalidCharacter, 3, 3);
        refused(format!("<a b='{c}'/>"), InvalidCharacter, 6, 6);
        refused(format!("<a><![CDATA[{c}]]></a>"), InvalidCharacter, 12, 12);
        let number = u32::from(c);
        let (decimal, hex) = (format!("&#{number};"), format!("&#x{number:x};"));
        refused(format!("<a>{decimal}</a>"), InvalidCharacter, 3, 2 + decimal.len() as u64);
        refused(format!("<a b='{hex}'/>"), InvalidCharacter, 6, 5 + hex.len() as u64);
    }
    for c in [
        '\t',
        '\n',
        '\r',
        ' ',
        '\u{7f}',
        '\u{85}',
        '\u{d7ff}',
        '\u{e000}',
        '\u{fffd}',
        '\u{feff}',
        '\u{10ffff}',
        '\u{1fffe}',
    ] {
        accepted(format!("<a b='{c}'>{c}<![CDATA[{c}]]>&#{};</a>", u32::from(c)));
    }
}

#[test]
fn references() {
    accepted(
        "<a b='&lt;&gt;&amp;&apos;&quot;&#0065;&#x000041;&#x10FFFF;'>&lt;&gt;&amp;&apos;&quot;</a>",
    );
    accepted("<a>&#x000000000000000000000000000000000000000000000000000000000041;</a>");
    refused("<a>& </a>", InvalidReference, 3, 4);
    refused("<a>&;</a>", InvalidReference, 3, 4);
    refused("<a>&amp </a>", InvalidReference, 3, 7);
    refused("<a>&#;</a>", InvalidReference, 3, 5);
    refused("<a>&#x;</a>", InvalidReference, 3, 6);
    refused("<a>&#X41;</a>", InvalidReference, 3, 5);
    refused("<a>&#41</a>", InvalidReference, 3, 7);
    refused("<a>&#4a;</a>", InvalidReference, 3, 6);
    refused("<a>&#x110000;</a>", InvalidCharacter, 3, 12);
    refused("<a>&#xD800;</a>", InvalidCharacter, 3, 10);
    refused("<a>&#99999999999999999999;</a>", InvalidCharacter, 3, 25);
    refused("<a b='&'/>", InvalidReference, 6, 7);
    refused("<a>&1;</a>", InvalidReference, 3, 4);
    // RFC 6120, section 11.1 (6120-11.1-01).
    refused("<a>&foo;</a>", EntityReference, 3, 7);
    refused("<a b='&nbsp;'/>", EntityReference, 6, 11);
    refused("<a>&LT;</a>", EntityReference, 3, 6);
    refused("<a>&lts;</a>", EntityReference, 3, 7);
    refused("<a>&\u{e9};</a>", EntityReference, 3, 6);
}

#[test]
fn restricted_markup() {
    // RFC 6120, section 11.1 (6120-11.1-01).
    refused("<a><!-- c --></a>", Comment, 3, 6);
    refused("<!-- c --><a/>", Comment, 0, 3);
    refused("<a/><!-- c -->", Comment, 4, 7);
    refused("<a><?pi data?></a>", ProcessingInstruction, 3, 5);
    refused("<?pi?><a/>", ProcessingInstruction, 0, 2);
    refused("<a/><?xml-stylesheet href='x'?>", ProcessingInstruction, 4, 6);
    refused("<?xmlish?><a/>", ProcessingInstruction, 0, 2);
    refused("<!DOCTYPE a><a/>", DocumentTypeDeclaration, 0, 8);
    refused("<a><!DOCTYPE a></a>", DocumentTypeDeclaration, 3, 11);
    refused("<a><!ENTITY x 'y'></a>", DocumentTypeDeclaration, 3, 10);
    refused("<a><!doctype a></a>", InvalidMarkup, 3, 5);
    refused("<a><!- c --></a>", InvalidMarkup, 3, 6);
    refused("<a><![CDATA [x]]></a>", InvalidMarkup, 3, 11);
    refused("<a><![cdata[x]]></a>", InvalidMarkup, 3, 6);
    refused("<a><? pi?></a>", InvalidMarkup, 3, 5);
    refused("<a><?1pi?></a>", InvalidMarkup, 3, 5);
    refused("<![CDATA[x]]><a/>", TextOutsideRoot, 0, 0);
    refused("<a/><![CDATA[x]]>", TextOutsideRoot, 4, 4);
}

#[test]
fn character_data() {
    refused("<a>]]></a>", CdataEndInText, 3, 5);
    refused("<a>x]]]></a>", CdataEndInText, 5, 7);
    refused("<a><![CDATA[]]>]]></a>", CdataEndInText, 15, 17);
    accepted("<a>]]<b/>></a>");
    accepted("<a>]] ></a>");
    accepted("<a>]&#93;></a>");
    accepted("<a>>]]</a>");
    accepted("<a><![CDATA[]]]]><![CDATA[>]]></a>");
    accepted("<a><![CDATA[<&>]] >]>]]>]</a>");
    accepted("<a b=']]>'/>");
}

#[test]
fn tags() {
    accepted("<a\t\r\n b = 'c' \n d\n=\n\"'\" ></a \n>");
    accepted("<_-.1 _='' a.b-c='>'/>");
    accepted("<\u{e9}l\u{e9}ment \u{e9}='1'/>");
    accepted("<a\u{b7}\u{300}/>");
    refused("< a/>", InvalidName, 0, 1);
    refused("<1/>", InvalidName, 0, 1);
    refused("<-a/>", InvalidName, 0, 1);
    refused("<\u{b7}/>", InvalidName, 0, 1);
    refused("<a\u{d7}/>", UnexpectedCharacter, 2, 2);
    refused("<a/ >", UnexpectedCharacter, 2, 3);
    refused("<a b/>", UnexpectedCharacter, 3, 4);
    refused("<a b=c/>", UnexpectedCharacter, 3, 5);
    refused("<a b='c'd='e'/>", UnexpectedCharacter, 8, 8);
    refused("<a b='c' 'd'/>", InvalidName, 9, 9);
    refused("<a 1='c'/>", InvalidName, 3, 3);
    refused("<a b='<'/>", LessThanInAttributeValue, 6, 6);
    refused("<a b==''/>", UnexpectedCharacter, 3, 5);
    refused("<a =''/>", InvalidName, 3, 3);
    refused("<a<b/>", UnexpectedCharacter, 2, 2);
    refused("<a></b>", MismatchedEndTag, 3, 6);
    refused("<a></ab>", MismatchedEndTag, 3, 7);
    refused("<ab></a>", MismatchedEndTag, 4, 7);
    refused("<a><b></a></b>", MismatchedEndTag, 6, 9);
    refused("<a></a x>", UnexpectedCharacter, 3, 7);
    refused("<a></ a>", InvalidName, 3, 5);
    refused("<a></a/>", UnexpectedCharacter, 3, 6);
    refused("<A></a>", MismatchedEndTag, 3, 6);
    refused("<averylongname></averylongnama>", MismatchedEndTag, 15, 30);
}

#[test]
fn uniqueness_of_attributes() {
    refused("<a b='1' b='2'/>", DuplicateAttribute, 9, 9);
    refused("<a b='1' c='' b='2'/>", DuplicateAttribute, 14, 14);
    // Namespaces in XML 1.0, section 6.3.
    refused("<a xmlns:x='urn:x' xmlns:y='urn:x' x:b='1' y:b='2'/>", DuplicateAttribute, 43, 43);
    refused("<a xmlns='u' xmlns='u'/>", DuplicateAttribute, 13, 13);
    refused("<a xmlns:x='u' xmlns:x='v'/>", DuplicateAttribute, 15, 15);
    accepted("<a xmlns:x='urn:x' xmlns:y='urn:y' x:b='1' y:b='2' b='3'/>");
    accepted("<x:a xmlns:x='urn:x' xmlns='urn:x' x:b='1' b='3'/>");
    // Escaped or not, it is the same namespace.
    refused(
        "<a xmlns:x='urn:x' xmlns:y='urn:&#x78;' x:b='1' y:b='2'/>",
        DuplicateAttribute,
        48,
        48,
    );
    // Any two of many.
    for twice in 0..40 {
        let names: String = (0..40).map(|i| format!(" a{i}=''")).collect();
        let tag = format!("<a{names} a{twice}=''/>");
        let at = tag.rfind(" a").unwrap() as u64 + 1;
        let error = read(tag.as_bytes(), &[], Limits::default()).unwrap_err();
        assert_eq!((error.kind(), error.offset()), (DuplicateAttribute, at));
    }
}

#[test]
fn namespaces() {
    refused("<x:a/>", UnboundPrefix, 0, 2);
    refused("<a x:b=''/>", UnboundPrefix, 3, 4);
    refused("<a><b xmlns:x='u'/><x:c/></a>", UnboundPrefix, 19, 21);
    refused("<:a/>", InvalidQualifiedName, 0, 1);
    refused("<a:/>", InvalidQualifiedName, 0, 3);
    refused("<x:a:b/>", InvalidQualifiedName, 0, 4);
    refused("<a :b=''/>", InvalidQualifiedName, 3, 3);
    refused("<x:1/>", InvalidName, 0, 3);
    // Section 3, reserved prefixes.
    refused("<a xmlns:xml='urn:x'/>", ReservedPrefix, 3, 14);
    refused("<a xmlns:x='http://www.w3.org/XML/1998/namespace'/>", ReservedPrefix, 3, 12);
    refused("<a xmlns='http://www.w3.org/XML/1998/namespace'/>", ReservedPrefix, 3, 10);
    refused("<a xmlns:xmlns='urn:x'/>", ReservedPrefix, 3, 16);
    refused("<a xmlns:x='http://www.w3.org/2000/xmlns/'/>", ReservedPrefix, 3, 12);
    refused("<a xmlns='http://www.w3.org/2000/xmlns/'/>", ReservedPrefix, 3, 10);
    refused("<xmlns:a/>", ReservedPrefix, 0, 1);
    refused("<a xmlns:x=''/>", EmptyPrefixDeclaration, 3, 12);
    accepted("<a xmlns:xml='http://www.w3.org/XML/1998/namespace' xml:lang='en'/>");
    accepted("<xml:a/>");
    accepted("<a xmlns='u'><b xmlns=''/></a>");
    accepted("<x:a x:b='' xmlns:x='u'/>");
    accepted("<xmlfoo xmlish=''/>");
}

#[test]
fn documents() {
    refused("", UnexpectedEnd, 0, 0);
    refused(" ", UnexpectedEnd, 1, 1);
    refused("<a", UnexpectedEnd, 2, 2);
    refused("<a b='c", UnexpectedEnd, 7, 7);
    refused("<a>", UnexpectedEnd, 3, 3);
    refused("<a>b", UnexpectedEnd, 4, 4);
    refused("<a><![CDATA[b", UnexpectedEnd, 13, 13);
    refused("<a></a", UnexpectedEnd, 6, 6);
    refused("<a>&am", UnexpectedEnd, 6, 6);
    refused("<a/><", UnexpectedEnd, 5, 5);
    refused("<a/><b/>", ContentAfterRoot, 4, 5);
    refused("<a/></a>", MismatchedEndTag, 4, 5);
    refused("</a>", MismatchedEndTag, 0, 3);
    refused("x<a/>", TextOutsideRoot, 0, 0);
    refused("<a/> &lt;", TextOutsideRoot, 5, 5);
    accepted(" \t\r\n<a/> \t\r\n");
}

#[test]
fn xml_declarations() {
    // 6120-11.5-02, 6120-11.5-04
    accepted("<?xml version='1.0'?><a/>");
    accepted("<?xml version = \"1.0\" encoding='utf-8' standalone='yes' ?>\n<a/>");
    accepted("<?xml version='1.0' standalone='no'?><a/>");
    accepted("<?xml version='1.1'?><a/>");
    accepted("\u{feff}<?xml version='1.0'?><a/>");
    accepted("\u{feff}<a/>");
    refused("<?xml version='2.0'?><a/>", InvalidXmlDeclaration, 0, 19);
    refused("<?xml version='1.'?><a/>", InvalidXmlDeclaration, 0, 18);
    refused("<?xml?><a/>", InvalidXmlDeclaration, 0, 2);
    refused("<?xml ?><a/>", InvalidXmlDeclaration, 0, 6);
    refused("<?xml encoding='UTF-8'?><a/>", InvalidXmlDeclaration, 0, 6);
    refused("<?xml version='1.0'encoding='UTF-8'?><a/>", InvalidXmlDeclaration, 0, 19);
    refused("<?xml version='1.0' standalone='maybe'?><a/>", InvalidXmlDeclaration, 0, 38);
    refused(
        "<?xml version='1.0' standalone='yes' encoding='UTF-8'?><a/>",
        InvalidXmlDeclaration,
        0,
        37,
    );
    refused("<?xml version='1.0' encoding=''?><a/>", InvalidXmlDeclaration, 0, 31);
    refused("<?xml version='1.0' ><a/>", InvalidXmlDeclaration, 0, 20);
    refused("<?xml version='1&0'?><a/>", InvalidXmlDeclaration, 0, 16);
    refused("<?xml version='1 0'?><a/>", InvalidXmlDeclaration, 0, 16);
    refused("<?xml version='1<0'?><a/>", InvalidXmlDeclaration, 0, 16);
    refused("<?xml version='1\"0'?><a/>", InvalidXmlDeclaration, 0, 16);
    refused("<?xml version='1\u{e9}0'?><a/>", InvalidXmlDeclaration, 0, 16);
    refused("<?xml version='1.0'?", UnexpectedEnd, 20, 20);
    refused(" <?xml version='1.0'?><a/>", InvalidXmlDeclaration, 1, 3);
    refused("<a><?xml version='1.0'?></a>", InvalidXmlDeclaration, 3, 5);
    refused("<?XML version='1.0'?><a/>", InvalidXmlDeclaration, 0, 2);
    refused("\u{feff}\u{feff}<a/>", TextOutsideRoot, 3, 3);
    let long = format!("<?xml version='1.0'{}?><a/>", " ".repeat(1100));
    refused(long, TooManyBytes, 0, 1024);
    let declaration = |len: usize| format!("<?xml version='1.0'{}?>", " ".repeat(len - 21));
    accepted(declaration(1024) + "<a/>");
    refused(declaration(1025) + "<a/>", TooManyBytes, 0, 1024);
    refused(&declaration(1026)[..1024], UnexpectedEnd, 1024, 1024);
}

#[test]
fn encodings() {
    // RFC 6120, section 11.6 (6120-11.6-03).
    refused("<?xml version='1.0' encoding='UTF-16'?><a/>", Encoding, 30, 36);
    refused("<?xml version='1.0' encoding='ISO-8859-1'?><a/>", Encoding, 30, 40);
    refused("<?xml version='1.0' encoding='US-ASCII'?><a/>", Encoding, 30, 38);
    refused(b"\xff\xfe<\0a\0/\0>\0", Encoding, 0, 0);
    refused(b"\xfe\xff\0<\0a\0/\0>", Encoding, 0, 0);
    refused(b"<\0?\0x\0", Encoding, 0, 0);
    refused(b"\0<\0?\0x", Encoding, 0, 0);
    refused(b"\0\0\xfe\xff\0\0\0<", Encoding, 0, 0);
}

#[test]
fn a_byte_order_mark_is_a_character_in_a_stream() {
    // RFC 6120, section 11.6: U+FEFF is a zero width no-break space there.
    let input = "\u{feff}<s:s xmlns:s='urn:s'>".as_bytes();
    let error = every_cut(input, |cuts| read_stream(input, cuts, Limits::default())).unwrap_err();
    assert_eq!((error.kind(), error.offset()), (TextOutsideRoot, 0));
}

#[test]
fn streams() {
    let stream = |rest: &str| {
        let input = [HEADER, rest.as_bytes()].concat();
        every_cut(&input, |cuts| read_stream(&input, cuts, Limits::default()))
            .map_err(|error| (error.kind(), error.offset() - HEADER.len() as u64))
    };
    assert_eq!(stream(""), Ok(false));
    assert_eq!(stream(" \n<a/>\t"), Ok(false));
    assert_eq!(stream("</s:s\n>  "), Ok(true));
    assert_eq!(stream("<a"), Err((UnexpectedEnd, 2)));
    assert_eq!(stream("</s:t>"), Err((MismatchedEndTag, 0)));
    assert_eq!(stream("</s>"), Err((MismatchedEndTag, 0)));
    assert_eq!(stream("text"), Err((TextOutsideRoot, 0)));
    assert_eq!(stream("&lt;"), Err((TextOutsideRoot, 0)));
    assert_eq!(stream("\u{1}"), Err((InvalidCharacter, 0)));
    assert_eq!(stream("<?xml version='1.0'?>"), Err((InvalidXmlDeclaration, 0)));
    assert_eq!(stream("</s:s><a/>"), Err((ContentAfterRoot, 6)));
    assert_eq!(stream("</s:s><!-- -->"), Err((Comment, 6)));
    assert_eq!(stream("<s:a xmlns:s='urn:other'></s:a><s:b/>"), Ok(false));
}

#[test]
fn limits() {
    let limits = Limits::default()
        .max_element_bytes(200)
        .max_depth(3)
        .max_attributes(3)
        .max_namespaces(2)
        .max_name_bytes(5)
        .max_children(2);
    let check = |input: &str| {
        every_cut(input.as_bytes(), |cuts| read(input.as_bytes(), cuts, limits))
            .map_err(|error| (error.kind(), error.offset(), error.stopped_at()))
    };
    assert_eq!(check("<a><b><c></c></b></a>"), Ok(()));
    assert_eq!(check("<a><b><c><d/></c></b></a>"), Err((TooDeep, 9, 9)));
    assert_eq!(check("<a b='' c='' d='' xmlns='u'/>"), Ok(()));
    assert_eq!(check("<a b='' c='' d='' e=''/>"), Err((TooManyAttributes, 18, 21)));
    assert_eq!(check("<a xmlns='u' xmlns:v='v'/>"), Ok(()));
    assert_eq!(check("<a xmlns='u'><b xmlns='v'/><b xmlns='v'/></a>"), Ok(()));
    assert_eq!(
        check("<a xmlns='u'><b xmlns='v'><c xmlns='w'/></b></a>"),
        Err((TooManyNamespaces, 29, 37))
    );
    assert_eq!(check("<abcde fghij=''/>"), Ok(()));
    assert_eq!(check("<abcdef/>"), Err((NameTooLong, 0, 6)));
    assert_eq!(check("<a abcdef=''/>"), Err((NameTooLong, 3, 8)));
    assert_eq!(check("<a><b/><b/></a>"), Ok(()));
    assert_eq!(check("<a><b/><b/><b/></a>"), Err((TooManyChildren, 11, 11)));
    let fits = format!("<a>{}</a>", "x".repeat(193));
    assert_eq!(check(&fits), Ok(()));
    let over = format!("<a>{}</a>", "x".repeat(194));
    assert_eq!(check(&over), Err((TooManyBytes, 0, 200)));
    // What is wrong within the limit is told first, what is wrong behind it
    // never.
    assert_eq!(check(&format!("<a>{}\u{1}", "x".repeat(196))), Err((InvalidCharacter, 199, 199)));
    assert_eq!(check(&format!("<a>{}\u{1}", "x".repeat(197))), Err((TooManyBytes, 0, 200)));
    // A character across the limit.
    assert_eq!(check(&format!("<a>{}\u{1F600}", "x".repeat(195))), Err((TooManyBytes, 0, 200)));
}

#[test]
fn an_element_larger_than_the_buffer_is_over_a_limit() {
    let mut rx = RecvBuffer::new(64);
    let mut reader = StreamReader::new(Limits::default());
    assert_eq!(rx.push(&[HEADER, b"<a>"].concat()), 24);
    while let Ok(Some(_)) = reader.poll(&mut rx) {}
    let error = loop {
        assert_eq!(rx.push(b"x"), 1, "never stuck: {rx:?}");
        if let Err(error) = reader.poll(&mut rx) {
            break error;
        }
    };
    assert_eq!(error.kind(), TooManyBytes);
    assert_eq!(error.condition().as_str(), "policy-violation");
}

#[test]
fn every_error_reads_as_a_sentence() {
    // To be read by a person: cargo test every_error -- --nocapture
    for input in [
        "<a>&x;</a>",
        "<a><!-- --></a>",
        "<x:a/>",
        "<a b='<'/>",
        "<a/><b/>",
        "<?xml version='1.0' encoding='KOI8-R'?>",
    ] {
        let error = read(input.as_bytes(), &[], Limits::default()).unwrap_err();
        println!("{input}: {error} -> {}", error.condition());
        assert!(error.to_string().contains("section"));
    }
}

#[test]
fn limits_are_exact_in_plain_elements() {
    let parse = |document: &str, limits: Limits| {
        let whole = Element::parse_within(document, limits).map(drop);
        let mut rx = RecvBuffer::new(1 << 16);
        let mut reader = DocumentReader::new(limits);
        let dripped = document
            .bytes()
            .try_for_each(|byte| {
                rx.push(&[byte]);
                reader.read(&mut rx)
            })
            .and_then(|()| reader.finish(&mut rx).map(drop));
        assert_eq!(whole, dripped, "{document}");
        whole.map_err(|error| (error.kind(), error.offset()))
    };
    let limits = Limits::default;
    let three = "<a b='1' c='2' d='3'/>";
    assert_eq!(parse(three, limits().max_attributes(3)), Ok(()));
    assert_eq!(parse(three, limits().max_attributes(2)), Err((TooManyAttributes, 15)));
    let family = "<a><b/><c>text</c><d/></a>";
    assert_eq!(parse(family, limits().max_children(3)), Ok(()));
    assert_eq!(parse(family, limits().max_children(2)), Err((TooManyChildren, 18)));
    let nested = "<a><b><c><d/></c></b></a>";
    assert_eq!(parse(nested, limits().max_depth(4)), Ok(()));
    assert_eq!(parse(nested, limits().max_depth(3)), Err((TooDeep, 9)));
    let declared = "<a xmlns='1'><b xmlns='2'><c xmlns='3'/></b></a>";
    assert_eq!(parse(declared, limits().max_namespaces(3)), Ok(()));
    assert_eq!(parse(declared, limits().max_namespaces(2)), Err((TooManyNamespaces, 29)));
    let named = format!("<{0} {0}=''/>", "n".repeat(60));
    assert_eq!(parse(&named, limits().max_name_bytes(60)), Ok(()));
    assert_eq!(parse(&named, limits().max_name_bytes(59)), Err((NameTooLong, 0)));
    // Of an attribute as well, wherever it stands.
    for bytes in 50..70 {
        for shift in 1..9 {
            let named = format!("<a {}='' {}=''/>", "b".repeat(shift), "n".repeat(bytes));
            assert_eq!(parse(&named, limits().max_name_bytes(bytes as u32)), Ok(()));
            let at = shift as u64 + 7;
            let limits = limits().max_name_bytes(bytes as u32 - 1);
            assert_eq!(parse(&named, limits), Err((NameTooLong, at)), "{named}");
        }
    }
}
