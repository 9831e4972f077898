//! RFC 7622: addresses. A row an input, many of them those of `conformance/vectors/jid`, in
//! `to` and in roster sets.

use xmpp_xml::Ns;

use crate::case::{Cases, Section};
use crate::server::session::{BIND, ROSTER};
use crate::server::{Target, User};
use crate::verdict::{Fault, Level, Outcome};
use crate::wire::StanzaError;
use crate::{ensure, fail, skip};

type Scene = crate::scene::Scene<Target>;

pub(super) fn cases(cases: &mut Cases<Target>) {
    localparts(cases);
    own_localpart(cases);
    domainparts(cases);
    resourceparts(cases);
    whole(cases);
}

/// Text as an attribute's value.
fn escaped(text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('\'', "&apos;");
    text.replace('\t', "&#9;")
}

/// A text of that many octets.
fn long(octets: usize, of: &str) -> String {
    of.repeat(octets / of.len())
}

/// Sends a message to a JID that breaks the rules: `jid-malformed` has to come back.
async fn malformed_in_to(scene: &Scene, jid: &str) -> Outcome {
    let mut user = scene.bound(&scene.account(0), "").await?;
    let id = user.id();
    let to = escaped(jid);
    user.send_marked(format!("<message type='chat' id='{id}' to='{to}'><body>b</body></message>"))
        .await;
    user.sync().await?;
    let back = user.take_where(|e| e.name() == "message" && e.attr("id").as_deref() == Some(&*id));
    let Some(back) = back else { fail!("the message is taken, or passed over") };
    let condition = StanzaError::of(back.as_ref()).map(|error| error.condition);
    ensure!(condition.as_deref() == Some("jid-malformed"), "the error is {condition:?}");
    Ok(())
}

/// What a roster makes of a JID that is set in it, as it is written there.
async fn in_roster(scene: &Scene, jid: &str) -> Outcome<Result<String, String>> {
    let mut user = scene.bound(&scene.account(0), "").await?;
    let before = clear(&mut user).await?;
    let set = format!("<query xmlns='{ROSTER}'><item jid='{}'/></query>", escaped(jid));
    let answer = user.iq("set", None, &set).await?;
    if let Some(error) = StanzaError::of(answer.as_ref()) {
        return Ok(Err(error.condition));
    }
    let now = jids(&mut user).await?;
    let Some(found) = now.into_iter().find(|jid| !before.contains(jid)) else {
        if before.is_empty() {
            fail!("the set is granted, and there is no item");
        }
        return Err(Fault::Error(format!("items that cannot be removed: {before:?}")));
    };
    clear(&mut user).await?;
    Ok(Ok(found))
}

async fn jids(user: &mut User) -> Outcome<Vec<String>> {
    let roster = user.roster().await?;
    Ok(roster.iter().filter_map(|item| item.attr("jid")).map(|jid| jid.into_owned()).collect())
}

/// Removes what can be removed: what a server lets in and does not find again, stays.
async fn clear(user: &mut User) -> Outcome<Vec<String>> {
    for jid in jids(user).await? {
        let item = format!("<item jid='{}' subscription='remove'/>", escaped(&jid));
        user.iq("set", None, &format!("<query xmlns='{ROSTER}'>{item}</query>")).await?;
    }
    jids(user).await
}

async fn malformed_in_roster(scene: &Scene, jid: &str) -> Outcome {
    match in_roster(scene, jid).await? {
        Err(_) => Ok(()),
        Ok(found) => fail!("it is taken, as {found}"),
    }
}

async fn becomes_in_roster(scene: &Scene, jid: &str, wanted: &str) -> Outcome {
    match in_roster(scene, jid).await? {
        Ok(found) => {
            ensure!(found == wanted, "it becomes {found}");
            Ok(())
        }
        Err(condition) => fail!("it is refused: {condition}"),
    }
}

type Malformed = &'static [(&'static str, &'static str)];
type Mapped = &'static [(&'static str, (&'static str, &'static str))];

/// JIDs that have to be refused, in `to` and in roster sets.
fn refused(
    s: &mut Section<'_, Target>,
    number: u32,
    quoted: &'static str,
    what: &str,
    rows: Malformed,
) {
    s.table(
        Level::Must,
        number,
        quoted,
        &format!("{what} in 'to'"),
        rows.iter().copied(),
        async |scene, jid| malformed_in_to(scene, jid).await,
    )
    .accounts(1);
    s.table(
        Level::Must,
        number + 1,
        quoted,
        &format!("{what} in a roster set"),
        rows.iter().copied(),
        async |scene, jid| malformed_in_roster(scene, jid).await,
    )
    .accounts(1);
}

/// JIDs that a roster shows in another form, or as they are.
fn mapped(
    s: &mut Section<'_, Target>,
    number: u32,
    quoted: &'static str,
    what: &str,
    rows: Mapped,
) {
    s.table(
        Level::Must,
        number,
        quoted,
        what,
        rows.iter().copied(),
        async |scene, (jid, wanted)| becomes_in_roster(scene, jid, wanted).await,
    )
    .accounts(1);
}

fn localparts(cases: &mut Cases<Target>) {
    let mut s = cases.section("7622", "3.3");
    refused(
        &mut s,
        21,
        "7622-4-01 7622-3.3-02",
        "a localpart that the profile does not let through",
        &[
            ("space", "foo bar@example.com"),
            ("quotation-mark", "al\"ice@example.com"),
            ("ampersand", "al&ice@example.com"),
            ("apostrophe", "al'ice@example.com"),
            ("colon", "al:ice@example.com"),
            ("less-than", "al<ice@example.com"),
            ("greater-than", "al>ice@example.com"),
            ("fullwidth-at", "a\u{FF20}b@example.com"),
            ("fullwidth-slash", "a\u{FF0F}b@example.com"),
            ("chess-king", "\u{265A}@example.com"),
            ("roman-four", "henry\u{2163}@example.com"),
            ("emoji", "a\u{1F680}@example.com"),
            ("zero-width-space", "a\u{200B}@example.com"),
            ("private-use", "a\u{E000}@example.com"),
            ("unassigned", "a\u{378}@example.com"),
            ("old-hangul", "\u{1112}\u{119E}@example.com"),
            ("control", "a\u{7F}@example.com"),
            ("tab", "a\tb@example.com"),
            ("mixed-directions", "\u{5D0}a@example.com"),
            ("digit-first-in-hebrew", "1\u{5D0}@example.com"),
            ("middle-dot", "a\u{B7}b@example.com"),
            ("two-kinds-of-digits", "\u{661}\u{6F1}@example.com"),
            ("keraia", "a\u{375}@example.com"),
            ("joiner", "a\u{200D}b@example.com"),
        ],
    );
    refused(
        &mut s,
        23,
        "7622-4-01 7622-3.3-01",
        "an empty localpart",
        &[("bare", "@example.com"), ("full", "@example.com/r"), ("nothing-else", "@")],
    );
    s.must(25, "7622-4-01 7622-3.3-01", "a localpart of 1024 octets in 'to'", async |scene| {
        malformed_in_to(scene, &format!("{}@example.com", long(1024, "a"))).await
    })
    .accounts(1);
    s.must(
        26,
        "7622-4-01 7622-3.3-01",
        "a localpart of 1024 octets in a roster set",
        async |scene| malformed_in_roster(scene, &format!("{}@example.com", long(1024, "a"))).await,
    )
    .accounts(1);
    s.must(27, "7622-3.3-01", "1026 octets, in letters of two", async |scene| {
        malformed_in_to(scene, &format!("{}@example.com", long(1026, "\u{E9}"))).await
    })
    .accounts(1);
    s.must(28, "7622-3.3-01", "a localpart of 1023 octets is none too long", async |scene| {
        let jid = format!("{}@example.com", long(1023, "a"));
        becomes_in_roster(scene, &jid, &jid).await
    })
    .accounts(1);
    mapped(
        &mut s,
        29,
        "7622-3.3-02",
        "a localpart is case-mapped and normalized",
        &[
            ("upper-case", ("Juliet@example.com", "juliet@example.com")),
            ("sigma", ("\u{3A3}@example.com", "\u{3C3}@example.com")),
            ("two-sigmas", ("\u{391}\u{3A3}@example.com", "\u{3B1}\u{3C3}@example.com")),
            ("fullwidth", ("\u{FF2A}uliet@example.com", "juliet@example.com")),
            ("combining-accent", ("jose\u{301}@example.com", "jos\u{E9}@example.com")),
            ("dotted-i", ("\u{130}@example.com", "i\u{307}@example.com")),
            ("cyrillic", ("\u{413}\u{421}@example.com", "\u{433}\u{441}@example.com")),
        ],
    );
    mapped(
        &mut s,
        30,
        "7622-3.3-02",
        "a localpart stays as it is",
        &[
            ("sharp-s", ("fu\u{DF}ball@example.com", "fu\u{DF}ball@example.com")),
            ("final-sigma", ("\u{3C2}@example.com", "\u{3C2}@example.com")),
            ("pi", ("\u{3C0}@example.com", "\u{3C0}@example.com")),
            ("hebrew", ("\u{5D0}\u{5D1}@example.com", "\u{5D0}\u{5D1}@example.com")),
            ("katakana", ("\u{30FB}\u{30A2}@example.com", "\u{30FB}\u{30A2}@example.com")),
            ("escape", ("foo\\20bar@example.com", "foo\\20bar@example.com")),
            (
                "punctuation",
                ("a.b-c_d+e=f!$%*?^`{|}~@example.com", "a.b-c_d+e=f!$%*?^`{|}~@example.com"),
            ),
        ],
    );
}

fn own_localpart(cases: &mut Cases<Target>) {
    let mut s = cases.section("7622", "3.3");
    s.must(33, "7622-3.3-02", "a request to the account's name in upper case", async |scene| {
        let mut user = scene.bound(&scene.account(0), "").await?;
        let (local, domain) = user.bare().split_once('@').unwrap_or_default();
        let to = format!("{}@{domain}", local.to_uppercase());
        let answer = user.iq("get", Some(&to), &format!("<query xmlns='{ROSTER}'/>")).await?;
        ensure!(answer.attr("type").as_deref() == Some("result"), "it is {}", answer.source());
        Ok(())
    })
    .accounts(1);
    s.must(34, "7622-3.3-02", "two forms of a JID are one item of a roster", async |scene| {
        let mut user = scene.bound(&scene.account(0), "").await?;
        let before = clear(&mut user).await?.len();
        for jid in ["Jos\u{E9}@example.com", "jose\u{301}@EXAMPLE.com", "JOS\u{C9}@example.com"] {
            user.granted("set", &format!("<query xmlns='{ROSTER}'><item jid='{jid}'/></query>"))
                .await?;
        }
        let jids = jids(&mut user).await?;
        ensure!(jids.len() == before + 1, "they are {jids:?}");
        Ok(())
    })
    .accounts(1);
}

fn domainparts(cases: &mut Cases<Target>) {
    let mut s = cases.section("7622", "3.2");
    refused(
        &mut s,
        21,
        "7622-4-01 7622-3.2.1-01 7622-3.2-02",
        "a domainpart that cannot be",
        &[
            ("two-dots", "a@b..c"),
            ("leading-dot", "a@.example.com"),
            ("two-final-dots", "a@example.com.."),
            ("space", "u@a b.example"),
            ("second-at", "a@b@c"),
            ("underscore", "u@a_b.example"),
            ("leading-hyphen", "u@-a.example"),
            ("trailing-hyphen", "u@a-.example"),
            ("hyphens-in-3-and-4", "u@ab--cd.example"),
            ("snowman", "u@\u{2603}.example"),
            ("leading-mark", "u@\u{301}a.example"),
            ("mixed-directions", "u@\u{5D3}1a.example"),
            ("no-a-label", "u@xn--zzzzzzzzzzzz999999.example"),
            ("empty-a-label", "u@xn--.example"),
            ("a-label-of-a-symbol", "u@xn--n3h.example"),
            (
                "label-of-64",
                "u@aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.example",
            ),
            ("bracket-alone", "u@[::1"),
            ("no-address", "u@[::g]"),
            ("colons", "u@::1"),
        ],
    );
    refused(
        &mut s,
        23,
        "7622-4-01 7622-3.2-05",
        "an empty domainpart",
        &[
            ("after-at", "juliet@"),
            ("slash-first", "/foobar"),
            ("between", "a@/r"),
            ("dot-alone", "u@."),
        ],
    );
    s.must(25, "7622-4-01 7622-3.2-05", "a domainpart of 1024 octets", async |scene| {
        malformed_in_to(scene, &format!("u@{}", long(1024, "a."))).await
    })
    .accounts(1);
    mapped(
        &mut s,
        26,
        "7622-3.2.2-01",
        "a domainpart is mapped and normalized",
        &[
            ("upper-case", ("u@EXAMPLE.Com", "u@example.com")),
            ("u-umlaut", ("u@B\u{DC}CHER.Example", "u@b\u{FC}cher.example")),
            ("combining-umlaut", ("u@bu\u{308}cher.example", "u@b\u{FC}cher.example")),
            (
                "fullwidth",
                ("u@\u{FF45}\u{FF58}\u{FF41}\u{FF4D}\u{FF50}\u{FF4C}\u{FF45}.org", "u@example.org"),
            ),
        ],
    );
    mapped(
        &mut s,
        27,
        "7622-3.2.1-02",
        "an A-label becomes a U-label",
        &[
            ("lower-case", ("u@xn--bcher-kva.example", "u@b\u{FC}cher.example")),
            ("upper-case", ("u@XN--BCHER-KVA.Example", "u@b\u{FC}cher.example")),
            (
                "cyrillic",
                ("u@xn--e1afmkfd.example", "u@\u{43F}\u{440}\u{438}\u{43C}\u{435}\u{440}.example"),
            ),
        ],
    );
    mapped(
        &mut s,
        28,
        "7622-5-01",
        "a domainpart of IDNA2008 stays as it is",
        &[
            ("sharp-s", ("u@fa\u{DF}.example", "u@fa\u{DF}.example")),
            ("final-sigma", ("u@\u{3C2}.example", "u@\u{3C2}.example")),
            (
                "hebrew",
                (
                    "u@\u{5D3}\u{5D5}\u{5D2}\u{5DE}\u{5D4}.example",
                    "u@\u{5D3}\u{5D5}\u{5D2}\u{5DE}\u{5D4}.example",
                ),
            ),
            (
                "joiner",
                (
                    "u@\u{915}\u{94D}\u{200D}\u{937}.example",
                    "u@\u{915}\u{94D}\u{200D}\u{937}.example",
                ),
            ),
        ],
    );
    mapped(
        &mut s,
        29,
        "7622-3.2-03 7622-3.2-04",
        "a final dot is stripped",
        &[
            ("bare", ("juliet@example.com.", "juliet@example.com")),
            ("domain", ("example.com.", "example.com")),
            ("upper-case", ("EXAMPLE.com.", "example.com")),
        ],
    );
    mapped(
        &mut s,
        30,
        "7622-3.2-02",
        "addresses of hosts and names without a dot",
        &[
            ("ipv4", ("u@192.0.2.1", "u@192.0.2.1")),
            ("ipv6", ("u@[2001:db8::1]", "u@[2001:db8::1]")),
            ("unqualified", ("u@localhost", "u@localhost")),
        ],
    );
}

/// Binds a resource: the resourcepart that comes out, or the error.
async fn bound(scene: &Scene, resource: &str) -> Outcome<Result<String, String>> {
    let mut open = scene.login(&scene.account(0), "client").await?;
    let resource = escaped(resource);
    open.wire.send_marked(format!("<iq type='set' id='bind'><bind xmlns='{BIND}'><resource>{resource}</resource></bind></iq>")).await;
    let answer = open.wire.element("the answer to binding").await?;
    if let Some(error) = StanzaError::of(answer.as_ref()) {
        return Ok(Err(error.condition));
    }
    let jid = answer
        .child(Ns::new(BIND), "bind")
        .and_then(|bind| bind.child(Ns::new(BIND), "jid"))
        .map(|jid| jid.text().into_owned());
    open.wire.send("</stream:stream>").await;
    let Some(jid) = jid else { fail!("there is no JID") };
    Ok(Ok(jid.split_once('/').map(|(_, resource)| resource.to_owned()).unwrap_or_default()))
}

fn resourceparts(cases: &mut Cases<Target>) {
    let mut s = cases.section("7622", "3.4");
    let rows: Malformed = &[
        ("tab", "a@example.com/x\ty"),
        ("delete", "a@example.com/x\u{7F}"),
        ("zero-width-space", "a@example.com/\u{200B}"),
        ("joiner", "a@example.com/a\u{200D}"),
        ("old-hangul", "a@example.com/\u{1112}\u{119E}"),
        ("private-use", "a@example.com/\u{E000}"),
        ("unassigned", "a@example.com/\u{378}"),
        ("empty", "a@example.com/"),
        ("empty-of-a-domain", "example.com/"),
    ];
    s.table(
        Level::Must,
        21,
        "7622-4-01 7622-3.4-03 7622-3.4-02",
        "a resourcepart that cannot be, in 'to'",
        rows.iter().copied(),
        async |scene, jid| malformed_in_to(scene, jid).await,
    )
    .accounts(1);
    s.must(22, "7622-4-01 7622-3.4-02", "a resourcepart of 1024 octets in 'to'", async |scene| {
        malformed_in_to(scene, &format!("a@example.com/{}", long(1024, "a"))).await
    })
    .accounts(1);
    s.must(23, "7622-4-01 7622-3.4-02", "1024 octets, in letters of four", async |scene| {
        malformed_in_to(scene, &format!("a@example.com/{}", long(1024, "\u{1F680}"))).await
    })
    .accounts(1);
    let rows: Mapped = &[
        ("king", ("\u{265A}", "\u{265A}")),
        ("emoji", ("\u{1F680}", "\u{1F680}")),
        ("upper-case", ("Foo Bar", "Foo Bar")),
        ("slash-and-at", ("c/d@e/f", "c/d@e/f")),
        ("markup", ("<&>'\"", "<&>'\"")),
        ("fullwidth", ("\u{FF26}", "\u{FF26}")),
        ("combining-accent", ("e\u{301}", "\u{E9}")),
        ("ideographic-space", ("foo\u{3000}bar", "foo bar")),
        ("mixed-directions", ("\u{5D0}a1", "\u{5D0}a1")),
    ];
    s.table(
        Level::Must,
        24,
        "7622-3.4-03",
        "a resourcepart that is bound",
        rows.iter().copied(),
        async |scene, (resource, wanted)| {
            match bound(scene, resource).await? {
                Ok(found) if found == wanted => Ok(()),
                // It may choose another one: RFC 6120 section 7.7.1.
                Ok(found) if !found.contains(wanted) && found != resource => {
                    skip!("the server binds another one: {found}")
                }
                Ok(found) => fail!("{found} is bound"),
                Err(condition) => fail!("it is refused: {condition}"),
            }
        },
    )
    .accounts(1);
    let rows: Malformed = &[
        ("delete", "x\u{7F}"),
        ("zero-width-space", "\u{200B}"),
        ("tab", "x\ty"),
        ("old-hangul", "\u{1112}\u{119E}"),
    ];
    s.table(
        Level::Must,
        25,
        "7622-4-01 7622-3.4-03",
        "a resourcepart that cannot be is not bound",
        rows.iter().copied(),
        async |scene, resource| {
            match bound(scene, resource).await? {
                Ok(found) if found.contains(resource) => fail!("it is bound: {found:?}"),
                // Refused, or another one.
                Ok(_) | Err(_) => Ok(()),
            }
        },
    )
    .accounts(1);
    s.must(26, "7622-3.4-02", "a resourcepart of 1024 octets is not bound", async |scene| {
        match bound(scene, &long(1024, "r")).await? {
            Ok(found) if found.len() > 1023 => fail!("it is bound"),
            Ok(_) | Err(_) => Ok(()),
        }
    })
    .accounts(1);
}

fn whole(cases: &mut Cases<Target>) {
    let mut s = cases.section("7622", "4");
    let rows = [
        ("message", "<message type='chat' id='x' to='a b@example.com'><body>b</body></message>"),
        ("presence", "<presence id='x' to='a b@example.com'/>"),
        ("subscribe", "<presence type='subscribe' id='x' to='a b@example.com'/>"),
        ("get", "<iq type='get' id='x' to='a b@example.com'><query xmlns='urn:example:q'/></iq>"),
        ("set", "<iq type='set' id='x' to='a b@example.com'><query xmlns='urn:example:q'/></iq>"),
    ];
    s.table(
        Level::Must,
        21,
        "7622-4-01",
        "jid-malformed to the sender",
        rows,
        async |scene, stanza| {
            let mut user = scene.online(&scene.account(0), "").await?;
            user.send_marked(stanza).await;
            user.sync().await?;
            let back = user.take_where(|e| e.attr("id").as_deref() == Some("x"));
            let Some(back) = back else { fail!("no error is returned") };
            let condition = StanzaError::of(back.as_ref()).map(|error| error.condition);
            ensure!(condition.as_deref() == Some("jid-malformed"), "the error is {condition:?}");
            Ok(())
        },
    )
    .accounts(1);
    let rows = [
        ("result", "<iq type='result' id='x' to='a b@example.com'/>"),
        (
            "error",
            "<message type='error' id='x' to='a b@example.com'><error type='cancel'><item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>",
        ),
    ];
    s.table(
        Level::Must,
        22,
        "6120-8.3.1-11",
        "an answer or an error to who cannot be is not answered",
        rows,
        async |scene, stanza| {
            let mut user = scene.online(&scene.account(0), "").await?;
            user.send_marked(stanza).await;
            user.sync().await?;
            if let Some(back) = user.take_where(|e| e.attr("id").as_deref() == Some("x")) {
                fail!("it is: {}", back.source());
            }
            Ok(())
        },
    )
    .accounts(1);
    s.must(23, "7622-4-01", "a JID that cannot be ends no stream", async |scene| {
        let mut user = scene.bound(&scene.account(0), "").await?;
        user.send_marked("<message to='@'><body>b</body></message><message to=''><body>b</body></message><message to='/'><body>b</body></message>").await;
        user.sync().await
    })
    .accounts(1);
}
