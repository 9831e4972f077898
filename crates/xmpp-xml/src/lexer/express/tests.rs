//! How far the straight path comes, and that it comes to what the other one
//! comes to.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::{Enough, Halt, are_blanks, same};
use crate::lexer::{Fault, Lexer};
use crate::tape::FIRST;
use crate::{ErrorKind, Limits};

/// Whatever there is.
const ALL: Enough = Enough { open: 0, words: u32::MAX, at_most: u32::MAX };
/// What a stream header may have declared before the element.
const HEADER: &str = "<h:h xmlns='jabber:client' xmlns:h='urn:h' xmlns:o='urn:o' xml:lang='en'>";

/// A lexer before an element, of a document or of a stream with that header.
fn before(header: &str, text: &str, mut lexer: Lexer) -> Lexer {
    if !header.is_empty() {
        let read = lexer.header(header, 0, &Limits::default());
        assert_eq!(read, Ok(Some((header.len(), false))));
        lexer.keep_header(header);
    }
    lexer.marks.enter(header.len(), text.len());
    lexer
}

/// Reads on by the straight path alone. Gives why it ends, and how many start
/// tags it has left to be completed.
fn straight<const TOKENS: bool>(
    lexer: &mut Lexer,
    text: &str,
    limits: &Limits,
    enough: Enough,
) -> (Halt, usize) {
    let mut special = 0;
    loop {
        match lexer.express::<TOKENS>(text, limits, enough) {
            Halt::Full => lexer.tape.grow(),
            Halt::Special(tag) => {
                if !lexer.resolve_tag(text, limits, tag) {
                    return (Halt::Odd, special);
                }
                special += 1;
                if lexer.is_closed() {
                    return (Halt::Closed, special);
                }
            }
            halt => return (halt, special),
        }
    }
}

/// All that a lexer knows between two tokens.
fn known(lexer: &Lexer) -> impl PartialEq + core::fmt::Debug + use<> {
    assert!(lexer.is_between_tokens(), "{:?}", lexer.state);
    let bindings = lexer.bindings.iter().map(|b| (b.decl, b.namespace, b.default_before));
    (
        (Vec::from(lexer.tape.words()), lexer.side.clone(), bindings.collect::<Vec<_>>()),
        (lexer.at, lexer.open, lexer.depth),
        (lexer.default_ns, lexer.lang, lexer.prefixes),
    )
}

/// Reads an element token by token, by the straight path wherever it goes and
/// by the other one: both know the same after each.
#[track_caller]
fn agree<const TOKENS: bool>(header: &str, text: &str, limits: &Limits) {
    let lexer = || if TOKENS { Lexer::with_ends() } else { Lexer::new() };
    let mut fast = before(header, text, lexer());
    let mut slow = before(header, text, lexer());
    loop {
        let (halt, _) = straight::<TOKENS>(&mut fast, text, limits, ALL);
        while slow.at < fast.at {
            assert_eq!(slow.step(text, limits), Ok(true), "{text:?} at {}", slow.at);
        }
        assert_eq!(known(&fast), known(&slow), "{text:?}");
        if halt == Halt::Closed {
            assert!(fast.is_closed());
            return;
        }
        assert_eq!(halt, Halt::Odd, "{text:?}");
        let (found, expected) = (fast.step(text, limits), slow.step(text, limits));
        assert_eq!(found, expected, "{text:?}");
        if found != Ok(true) || fast.is_closed() {
            return;
        }
    }
}

/// Every sequence of up to `most` of the pieces.
fn every_sequence(pieces: &[&str], most: usize, each: &mut dyn FnMut(&str)) {
    fn longer(text: &mut String, pieces: &[&str], most: usize, each: &mut dyn FnMut(&str)) {
        each(text);
        if most == 0 {
            return;
        }
        for piece in pieces {
            let len = text.len();
            text.push_str(piece);
            longer(text, pieces, most - 1, each);
            text.truncate(len);
        }
    }
    longer(&mut String::new(), pieces, if cfg!(miri) { most / 2 } else { most }, each);
}

/// How much of an element the straight path reads before it leaves a token to
/// the other one, and how many start tags it has not done in one go.
#[track_caller]
fn taken(text: &str) -> (usize, usize) {
    taken_within(text, &Limits::default())
}

#[track_caller]
fn taken_within(text: &str, limits: &Limits) -> (usize, usize) {
    let mut lexer = before("", text, Lexer::new());
    let (_, special) = straight::<false>(&mut lexer, text, limits, ALL);
    agree::<false>("", text, limits);
    agree::<true>("", text, limits);
    agree::<false>(HEADER, text, limits);
    (lexer.at, special)
}

#[test]
fn usual_stanzas_are_read_by_it_alone() {
    for (text, special) in [
        ("<presence/>", 0),
        ("<presence><show>away</show><status>Wherefore?</status></presence>", 0),
        (
            "<message from='romeo@example.net/orchard' id=\"ju2ba41c\" to='juliet@example.com' \
             type='chat' xml:lang='en'><body>Neither, fair saint.\n\t</body></message>",
            1,
        ),
        (
            "<iq type='result' id='roster_1'><query xmlns='jabber:iq:roster' ver='ver11'><item \
             jid='nurse@example.com' name='Nurse' subscription='both'><group>Servants</group>\
             </item><item jid='romeo@example.net'/></query></iq>",
            0,
        ),
        (
            "<message xmlns='jabber:server' to='a@b'><result xmlns='urn:xmpp:mam:2' id='28482'>\
             <forwarded xmlns='urn:xmpp:forward:0'><delay xmlns='urn:xmpp:delay' \
             stamp='2010-07-10T23:08:25Z'/><message xmlns='jabber:client'><body>Hail to thee\
             </body></message></forwarded></result></message>",
            0,
        ),
        ("<p:a xmlns:p='urn:p' p:b='1' b='1'><p:c/>text</p:a>", 2),
        ("<s:features xmlns:s='http://etherx.jabber.org/streams'></s:features>", 1),
        ("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>AGp1bA==</auth>", 0),
        // Names of attributes that look alike where their beginning and length
        // are all that is looked at.
        ("<x jid='1' to='2' sid='3' action='4' stamp='5' desc='6' resume='7' hash='8'/>", 0),
        // What some programs write.
        ("<a  b='1'\n   c='2'\t\td='3' ><e /><f\n/><g h='1' \r\n /></a>", 0),
        ("<a\nb='1'\n\n                                        c='2'/>", 0),
        ("<a b='he said \u{201c}so\u{201d}, \u{1f600}'>\u{e9}\u{20ac}<b/> \t\n<b/></a>", 0),
        ("<A A='1' B='2'><Z _='3' Z='4'/><z z='5' a='6'/><P:A xmlns:P='u' P:A=''/></A>", 1),
        ("<_a-1.b _c='1' d-2='2' E3='3' z.z=''></_a-1.b>", 0),
    ] {
        assert_eq!(taken(text), (text.len(), special), "{text}");
        // With another one behind it, it ends there all the same.
        let more = format!("{text}<presence from='juliet@example.com/balcony'/>");
        assert_eq!(taken(&more), (text.len(), special), "{text}");
    }
}

#[test]
fn what_is_unusual_is_left_from_the_beginning_of_the_token() {
    for (text, at) in [
        // Each is well-formed.
        ("<a b='&lt;'/>", 0),
        ("<a b='1\n2'/>", 0),
        ("<a b=\"it's\"/>", 0),
        ("<a b ='1'/>", 0),
        ("<a b= '1'/>", 0),
        ("<a b='\u{fffd}'/>", 0),
        ("<a \u{e9}='1'/>", 0),
        ("<\u{e9}/>", 0),
        ("<a\u{e9}/>", 0),
        ("<a></a >", 3),
        ("<a>1 &lt; 2</a>", 3),
        ("<a>1 > 2</a>", 3),
        ("<a>1\r\n2</a>", 3),
        ("<a><![CDATA[1]]></a>", 3),
        ("<a>1<![CDATA[2]]></a>", 4),
        ("<a><b/>\u{fffd}</a>", 7),
        // Each is not, or not yet.
        ("<", 0),
        ("<a", 0),
        ("<a ", 0),
        ("<a b", 0),
        ("<a b=", 0),
        ("<a b='", 0),
        ("<a b='1", 0),
        ("<a b='1'", 0),
        ("<a b='1'/", 0),
        ("<a>text", 3),
        ("<a>text<", 7),
        ("<a>text</", 7),
        ("<a>text</a", 7),
        ("<a><!-- --></a>", 3),
        ("<a><?b c?></a>", 3),
        ("</a>", 0),
        ("< a/>", 0),
        ("<1/>", 0),
        ("<-/>", 0),
        ("<:a/>", 0),
        ("<a:/>", 0),
        ("<a:b:c/>", 0),
        ("<a/b/>", 0),
        ("<a / >", 0),
        ("<a b='1'c='2'/>", 0),
        ("<a b/>", 0),
        ("<a b='<'/>", 0),
        ("<a b='1\"/>", 0),
        ("<a 1='1'/>", 0),
        ("<a .='1'/>", 0),
        ("<a ='1'/>", 0),
        ("<a b='1' b='2'/>", 0),
        ("<a p:b='1'/>", 0),
        ("<p:a/>", 0),
        ("<a xmlns='http://www.w3.org/XML/1998/namespace'/>", 0),
        ("<a xmlns='http://www.w3.org/2000/xmlns/'/>", 0),
        ("<a xmlns:p=''/>", 0),
        ("<p:a xmlns:p='u' p:b=\"1' p:c='2\"/>", 0),
        ("<p:a xmlns:p='u' p:b='1< p:c='2'/>", 0),
        ("<p:a xmlns:p='u' p:b='1\n p:c='2'/>", 0),
        ("<p:a xmlns:p='u' p:b='1& p:c='2'/>", 0),
        ("<p:a xmlns:p='u' p:b\"1\"/>", 0),
        ("<p:a xmlns:p='u' p:b='1&lt;'/>", 0),
        ("<a></b>", 3),
        ("<a><b></a></b>", 6),
        ("<a><b></bc></a>", 6),
        ("<ab></a>", 4),
        ("<a>\0</a>", 3),
        ("<a>]]></a>", 3),
    ] {
        assert_eq!(taken(text).0, at, "{text:?}");
        // Not the end of the text is the reason, as far as it goes on.
        if text.ends_with('>') {
            let more = format!("{text}<presence from='juliet@example.com/balcony'/>");
            assert_eq!(taken(&more).0, at, "{text:?}");
        }
    }
}

#[test]
fn names_are_short_and_values_as_long_as_may_be() {
    let most = super::MOST_NAME as usize;
    for n in 1..=2 * most {
        let long = "n".repeat(n);
        let text = format!("<{long}></{long}>");
        assert_eq!(taken(&text).0, if n <= most { text.len() } else { 0 });
        let text = format!("<a b='{long}' xmlns='{long}' c=\"{long}\">{long}</a>");
        assert_eq!(taken(&text), (text.len(), 0));
        // So much white space that no attribute is seen behind it is unusual.
        let text = format!("<a{0}b='1'{0}c='2'{0}/>", " \n".repeat(n));
        assert!(taken(&text).0 == text.len() || 2 * n + 3 > most);
        let text = format!("<p:{long} xmlns:p='u' p:b='1'/>");
        assert_eq!(taken(&text), if n <= most { (text.len(), 1) } else { (0, 0) });
        let text = format!("<{long}:a xmlns:{long}='u'><b {long}:{long}='{long}'/></{long}:a>");
        assert_eq!(taken(&text), if n <= most { (text.len(), 2) } else { (0, 0) });
        let text = format!("<a  {long}='1' \n{long}n='2'/>");
        assert!(taken(&text).0 == text.len() || n + 6 > most);
        // How long a name of an attribute may be depends on where it stands.
        let text = format!("<a {long}='1'/>");
        assert!(taken(&text).0 == text.len() || n > most);
        taken(&format!("<a b='1' {long}='2' c='3'/>"));
    }
    // Far behind what is looked at in one go.
    for n in [900, 950, 1000, 1024, 5000] {
        let text = format!("<a>{0}<b c='{0}' d='1'>{0}</b></a>", "long ".repeat(n / 5));
        assert_eq!(taken(&text), (text.len(), 0));
        let text = format!("<a>{}</a>", "<b c='d'>e</b><f/> ".repeat(n / 19));
        assert_eq!(taken(&text), (text.len(), 0));
    }
}

#[test]
fn an_end_tag_is_that_of_the_start_tag_in_each_byte() {
    for len in 1..=20 {
        let name: String = ('a'..='z').take(len).collect();
        for rest in ["", "</r>", "</r><presence/>"] {
            let text = format!("<r><{name}></{name}>{rest}");
            assert_eq!(taken(&text).0, text.len().min(2 * len + 12));
            for at in 0..len {
                let mut other = name.clone();
                other.replace_range(at..=at, "X");
                assert_eq!(taken(&format!("<r><{name}></{other}>{rest}")).0, 5 + len);
                assert_eq!(taken(&format!("<r><{name}></{}>{rest}", &name[..at])).0, 5 + len);
            }
            assert_eq!(taken(&format!("<r><{name}></{name}x>{rest}")).0, 5 + len);
            assert_eq!(taken(&format!("<r><{name}></{name} >{rest}")).0, 5 + len);
        }
    }
}

#[test]
fn start_tags_are_what_the_other_path_says() {
    let limits = Limits::default();
    let pieces =
        [" ", "\n", "b", "o:", "='1'", "=\"'\"", " = '&lt;'", " xmlns", "/", ">", "\u{e9}"];
    every_sequence(&pieces, 3, &mut |tag| {
        agree::<false>("", &format!("<a{tag}"), &limits);
        agree::<true>("", &format!("<a{tag}/>"), &limits);
        agree::<false>(HEADER, &format!("<{tag}></a><presence id='1234'/>"), &limits);
        agree::<false>(HEADER, &format!("<a{tag}></a><presence id='1234'/>"), &limits);
    });
    let pieces = [
        " b='1'",
        " c=\"2\"",
        " o:b='3'",
        " p:b='4'",
        " xmlns='u'",
        " xmlns='jabber:client'",
        " xmlns:p='u'",
        " xmlns:p='urn:o'",
        " xml:lang='de'",
        " \n",
    ];
    every_sequence(&pieces, 3, &mut |tag| {
        agree::<false>("", &format!("<a{tag}/>"), &limits);
        agree::<true>(HEADER, &format!("<p:a{tag}><c{tag}></c><o:d/></p:a><a/>"), &limits);
    });
}

#[test]
fn bytes_are_compared_eight_at_a_time() {
    for blanks in 0..20 {
        for (before, other) in
            [0, 1, 7].into_iter().flat_map(|n| [(n, b'x'), (n, b'!'), (n, b'\n')])
        {
            let mut text = alloc::vec![b'x'; before];
            text.resize(before + blanks, b' ');
            text.resize(before + blanks + 30, other);
            for len in 0..20 {
                let are = are_blanks(&text, before as u32, len as u32);
                assert_eq!(are, len <= blanks && len <= 16, "{len} of {blanks}");
                let short = &text[..before + len];
                let are = are_blanks(short, before as u32, len as u32);
                assert!(!are || len <= blanks);
            }
        }
    }
    for len in 0..20 {
        for (at, rest) in (0..len).flat_map(|at| [(at, 0), (at, 3), (at, 20)]) {
            let mut text = b"<abcdefghijklmnopqrstuvwxyz".repeat(2);
            let second = 27;
            text.truncate(second + 1 + len + rest);
            assert!(same(&text, 1, second as u32 + 1, len as u32));
            text[second + 1 + at] ^= 1;
            assert!(!same(&text, 1, second as u32 + 1, len as u32), "{at} of {len}");
            text.truncate(second + len);
            assert!(!same(&text, 1, second as u32 + 1, len as u32));
        }
    }
    assert!(!same(b"<a></a>.........", 1, 5, 0));
}

#[test]
fn white_space_is_nothing_but_white_space() {
    let limits = Limits::default();
    for len in 1..20 {
        let spaces = " ".repeat(len);
        for (at, other) in
            (0..len).flat_map(|at| "\n\t/='&>\0\u{e9}.:".chars().map(move |c| (at, c)))
        {
            let mut text = spaces.clone();
            text.replace_range(at..=at, other.encode_utf8(&mut [0; 4]));
            agree::<false>("", &format!("<a{text}b='1'/><presence id='1234'/>"), &limits);
            agree::<false>("", &format!("<a{text}b='             '/>"), &limits);
            agree::<false>("", &format!("<a b='1'{text}/>"), &limits);
            agree::<false>("", &format!("<a b='1'{text}>"), &limits);
        }
    }
    // As much as is looked at in one go, wherever it begins.
    for (name, spaces) in (1..=8).flat_map(|name| (45..70).map(move |spaces| (name, spaces))) {
        for space in [" ", "\n"] {
            let (name, spaces) = ("n".repeat(name), space.repeat(spaces));
            taken(&format!("<{name}{spaces}b='1'{spaces}/>"));
            taken(&format!("<{name} b='1'{spaces}b='1'/><presence id='1234'/>"));
        }
    }
}

#[test]
fn content_is_what_the_other_path_says() {
    let limits = Limits::default();
    let pieces =
        ["<b>", "</b>", "</a>", "<b/>", "text", " ", "&amp;", "<b xmlns='u'>", "<![CDATA[c]]>"];
    every_sequence(&pieces, 4, &mut |content| {
        agree::<false>("", &format!("<a>{content}"), &limits);
        agree::<true>(HEADER, &format!("<a>{content}</b></a><presence id='1234'/>"), &limits);
    });
    let pieces =
        ["<p:b xmlns:p='v'>", "</p:b>", "<b xml:lang='de'>", "</b>", "<p:c/>", "<b xmlns=''>"];
    every_sequence(&pieces, 4, &mut |content| {
        agree::<false>(HEADER, &format!("<a xmlns:p='u'>{content}<c/></a>"), &limits);
        agree::<true>("", &format!("<a xmlns='u'>{content}</b>"), &limits);
    });
}

#[test]
fn limits_are_those_of_the_other_path() {
    let check = |text: &str, limit: &dyn Fn(u32) -> Limits, most: u32, kind: ErrorKind| {
        for limit_is in most.saturating_sub(2)..most + 3 {
            let limits = limit(limit_is);
            let mut lexer = before("", text, Lexer::new());
            let fits = limit_is >= most;
            let found = lexer.element(text, 0, &limits);
            assert_eq!(
                found.map_err(|Fault { kind, .. }| kind),
                match fits {
                    true => Ok(Some(text.len())),
                    false => Err(kind),
                }
            );
            // What fits is not left to the other path for the limit's sake.
            let taken = taken_within(text, &limits).0;
            assert_eq!(taken == text.len(), fits, "{text} with {limit_is}");
        }
    };
    let limits = Limits::default;
    let named = |n: usize| "n".repeat(n);
    use ErrorKind::*;
    check("<a><b><c/></b><b/></a>", &|n| limits().max_depth(n), 3, TooDeep);
    check("<a><b/><b>x</b><b><c/></b></a>", &|n| limits().max_children(n), 3, TooManyChildren);
    check(
        "<a b='1' c='2' d='3'><e f='1'/></a>",
        &|n| limits().max_attributes(n),
        3,
        TooManyAttributes,
    );
    check(
        "<a xmlns='1'><b xmlns='2'/><b xmlns='2'><c xmlns='3'/></b></a>",
        &|n| limits().max_namespaces(n),
        3,
        TooManyNamespaces,
    );
    check(
        "<p:a xmlns:p='1'><b xmlns:p='2'/><p:b xmlns:q='2'><c xmlns:r='3'/></p:b></p:a>",
        &|n| limits().max_namespaces(n),
        3,
        TooManyNamespaces,
    );
    check("<a xmlns='urn:x'/>", &|n| limits().max_uri_bytes(n), 5, UriTooLong);
    check("<a xmlns:p='urn:x'/>", &|n| limits().max_uri_bytes(n), 5, UriTooLong);
    check("<a xml:lang='en-GB'/>", &|n| limits().max_lang_bytes(n), 5, LanguageTooLong);
    // Wherever a name may be read here, it is not longer than the limit.
    for n in 50..70 {
        for shift in 1..9 {
            for text in [
                format!("<a {}='{}' {1}='1'/>", named(shift), named(n)),
                format!("<{}:a xmlns:{0}='u' {0}:{1}='1'/>", named(shift), named(n)),
                format!("<{} b='1'/>", named(n)),
            ] {
                for limit in n as u32 - 2..n as u32 + 3 {
                    taken_within(&text, &limits().max_name_bytes(limit));
                }
            }
        }
    }
}

/// Where reading is to pause, by what [`Enough`] says.
fn pause(lexer: &mut Lexer, text: &str, enough: Enough) -> Halt {
    let next = |lexer: &Lexer, ahead: usize| text.as_bytes().get(lexer.at + ahead).copied();
    let step = |lexer: &mut Lexer| assert_eq!(lexer.step(text, &Limits::default()), Ok(true));
    loop {
        let (top, open) = (lexer.tape.len() as u32, lexer.open);
        let ended = open != 0 && open < enough.open;
        if ended || (open <= enough.open && top >= enough.words) {
            return Halt::Enough;
        }
        if next(lexer, 0) != Some(b'<') {
            step(lexer);
        }
        if next(lexer, 1) != Some(b'/') && lexer.tape.len() as u32 >= enough.at_most {
            return Halt::Enough;
        }
        step(lexer);
        if lexer.is_closed() {
            return Halt::Closed;
        }
    }
}

#[test]
fn there_is_enough_when_enough_is_on_the_tape() {
    let deep = format!("<a>{}text{}<b/></a>", "<b c='1'>".repeat(40), "</b>".repeat(40));
    let wide = format!("<a b='1'>{}</a>", "<c>text<d/></c><e f='1' g='2'/>text".repeat(20));
    let both = format!("<a>{}</a>", "<b><c><d>text</d>text<d e='1'/></c><c/></b>".repeat(10));
    for text in [&deep, &wide, &both] {
        for (words, times) in (1..60).map(|words| (words, 8)).chain([(3, 1), (10, 1), (20, 2)]) {
            let mut fast = before("", text, Lexer::with_ends());
            let mut slow = before("", text, Lexer::with_ends());
            for pauses in 0.. {
                let len = fast.tape.len() as u32;
                let open = fast.open.max(FIRST as u32);
                let enough = Enough { open, words: len + words, at_most: len + times * words };
                let (halt, _) = straight::<true>(&mut fast, text, &Limits::default(), enough);
                assert_eq!(halt, pause(&mut slow, text, enough), "{text} {words}");
                assert_eq!(known(&fast), known(&slow), "{text} {words}");
                if halt == Halt::Closed {
                    assert!(pauses > 0);
                    break;
                }
                fast.forget_closed();
                slow.forget_closed();
            }
        }
    }
}

#[test]
fn what_drips_in_is_not_looked_at_ahead() {
    let text = "<iq type='result' id='1'><query xmlns='jabber:iq:roster'>text</query><a/></iq>";
    for (piece, ahead) in [(1, false), (2, false), (5, false), (13, true), (30, true), (100, true)]
    {
        let mut lexer = Lexer::new();
        let mut read = None;
        for end in (piece..text.len()).step_by(piece).chain([text.len()]) {
            assert_eq!(read, None);
            read = lexer.element(&text[..end], 0, &Limits::default()).unwrap();
        }
        assert_eq!(read, Some(text.len()));
        assert_eq!(lexer.marks.held_bytes() != 0, ahead, "in pieces of {piece}");
    }
}
