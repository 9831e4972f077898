//! RFC 6120 section 4.7: stream attributes.

use crate::case::Cases;
use crate::ensure;
use crate::server::Target;
use crate::server::session::Open;
use crate::verdict::Outcome;

pub(super) fn cases(cases: &mut Cases<Target>) {
    from_and_to(cases);
    id(cases);
    lang(cases);
    version(cases);
}

type Scene = crate::scene::Scene<Target>;

/// The stream that follows a header with these attributes.
async fn opened(scene: &Scene, attributes: &str) -> Outcome<Open> {
    let mut wire = scene.dial("client").await?;
    wire.send_marked(scene.header_with(attributes)).await;
    let header = wire.header().await?;
    let features = wire.element("features").await?;
    Ok(Open { wire, header, features })
}

fn from_and_to(cases: &mut Cases<Target>) {
    let mut s = cases.section("6120", "4.7.1");
    s.must(1, "6120-4.7.1-03", "the response header has the domain as its 'from'", async |scene| {
        let open = scene.open("client").await?;
        let from = open.header.attr("from");
        ensure!(from.as_deref() == Some(scene.domain()), "'from' is {from:?}");
        Ok(())
    });
    s.must(2, "6120-4.7.1-03", "'from' is there under TLS", async |scene| {
        let open = scene.secure("client").await?;
        let from = open.header.attr("from");
        ensure!(from.as_deref() == Some(scene.domain()), "'from' is {from:?}");
        Ok(())
    });
    let mut s = cases.section("6120", "4.7.2");
    s.must(
        1,
        "6120-4.7.2-02",
        "'to' in the response is the 'from' of the initial header",
        async |scene| {
            let jid = scene.account(0).jid;
            let mut secure = scene.open("client").await?;
            secure.wire.send("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>").await;
            secure.wire.element("proceed").await?;
            scene.begin_tls(&mut secure.wire).await?;
            secure
                .wire
                .send_marked(scene.header_with(&format!("from='{jid}' version='1.0'")))
                .await;
            let header = secure.wire.header().await?;
            let to = header.attr("to");
            ensure!(to.as_deref() == Some(&*jid), "'to' is {to:?}");
            Ok(())
        },
    )
    .accounts(1);
    s.must(
        2,
        "6120-4.7.2-03",
        "no 'to' in the response where the initial header had no 'from'",
        async |scene| {
            let open = scene.open("client").await?;
            let to = open.header.attr("to");
            ensure!(to.is_none(), "'to' is {to:?}");
            Ok(())
        },
    );
    s.must(3, "6120-4.7.2-03", "the same under TLS", async |scene| {
        let open = scene.secure("client").await?;
        let to = open.header.attr("to");
        ensure!(to.is_none(), "'to' is {to:?}");
        Ok(())
    });
}

fn id(cases: &mut Cases<Target>) {
    let mut s = cases.section("6120", "4.7.3");
    s.must(1, "6120-4.7.3-04", "the response header has an id", async |scene| {
        let open = scene.open("client").await?;
        let id = open.header.attr("id");
        ensure!(id.as_deref().is_some_and(|id| !id.is_empty()), "it has {id:?}");
        Ok(())
    });
    s.must(2, "6120-4.7.3-01", "twenty streams have twenty ids", async |scene| {
        let mut ids = Vec::new();
        for _ in 0..20 {
            let open = scene.open("client").await?;
            ids.push(open.header.attr("id").unwrap_or_default().into_owned());
        }
        let different: std::collections::HashSet<_> = ids.iter().collect();
        ensure!(different.len() == ids.len(), "some are the same: {ids:?}");
        Ok(())
    });
    s.must(3, "6120-4.7.3-02", "ids do not follow each other", async |scene| {
        let mut ids = Vec::new();
        for _ in 0..8 {
            let open = scene.open("client").await?;
            ids.push(open.header.attr("id").unwrap_or_default().into_owned());
        }
        for pair in ids.windows(2) {
            let same = pair[0].bytes().zip(pair[1].bytes()).filter(|(a, b)| a == b).count();
            let length = pair[0].len().min(pair[1].len());
            ensure!(length >= 8, "an id is too short to guess at: {:?}", pair[0]);
            ensure!(length - same >= 5, "{} and {} differ too little", pair[0], pair[1]);
        }
        Ok(())
    });
    s.must(4, "6120-4.7.3-03", "an id in the initial header is ignored", async |scene| {
        let open = opened(scene, "id='mine' version='1.0'").await?;
        let id = open.header.attr("id");
        ensure!(id.as_deref() != Some("mine"), "it comes back");
        Ok(())
    });
}

fn lang(cases: &mut Cases<Target>) {
    let mut s = cases.section("6120", "4.7.4");
    s.must(1, "6120-4.7.4-03", "the response header has xml:lang", async |scene| {
        let open = scene.open("client").await?;
        ensure!(open.header.lang().is_some_and(|lang| !lang.is_empty()), "it has none");
        Ok(())
    });
    s.must(2, "6120-4.7.4-03", "the same where the initial header has none", async |scene| {
        let open = opened(scene, "version='1.0'").await?;
        ensure!(open.header.lang().is_some_and(|lang| !lang.is_empty()), "it has none");
        Ok(())
    });
    s.must(
        3,
        "6120-4.7.4-06",
        "the default language in place of one that nobody speaks",
        async |scene| {
            let default = opened(scene, "version='1.0'").await?;
            let other = opened(scene, "version='1.0' xml:lang='qaa-x-nobody'").await?;
            let (default, other) = (default.header.lang(), other.header.lang());
            ensure!(other.is_some() && default == other, "{other:?}; without a wish {default:?}");
            Ok(())
        },
    );
    s.should(
        4,
        "6120-4.7.4-09",
        "the stream's language is added to stanzas that have none",
        async |scene| {
            let (mut user, mut other) = german(scene).await?;
            let to = other.jid.clone();
            user.send_marked(format!("<message to='{to}' id='m'><body>hallo</body></message>"))
                .await;
            let message =
                other.wait_for("the message", |e| e.attr("id").as_deref() == Some("m")).await?;
            let lang = message.lang();
            ensure!(lang.as_deref() == Some("de"), "it has {lang:?}");
            Ok(())
        },
    )
    .accounts(2);
    s.must(
        5,
        "6120-4.7.4-10 6120-8.1.5-06",
        "the language of a stanza stays what it is",
        async |scene| {
            let (mut user, mut other) = german(scene).await?;
            let to = other.jid.clone();
            user.send_marked(format!(
                "<message to='{to}' id='m' xml:lang='pt-BR'><body>oi</body></message>"
            ))
            .await;
            let message =
                other.wait_for("the message", |e| e.attr("id").as_deref() == Some("m")).await?;
            let lang = message.lang();
            ensure!(lang.as_deref() == Some("pt-BR"), "it has {lang:?}");
            Ok(())
        },
    )
    .accounts(2);
}

/// A user whose stream is in German, and another.
async fn german(scene: &Scene) -> Outcome<(crate::server::User, crate::server::User)> {
    let other = scene.bound(&scene.account(1), "").await?;
    let header = scene.header_with("version='1.0' xml:lang='de'");
    let user = scene.bound_with(&scene.account(0), "", &header).await?;
    Ok((user, other))
}

fn version(cases: &mut Cases<Target>) {
    let mut s = cases.section("6120", "4.7.5");
    s.must(1, "6120-4.7.5-05", "the version is 1.0", async |scene| {
        let open = scene.open("client").await?;
        let version = open.header.attr("version");
        ensure!(version.as_deref() == Some("1.0"), "it is {version:?}");
        Ok(())
    });
    let lower = "6120-4.7.5-05 6120-4.7.5-06";
    for (number, version, quoted) in [
        (2, "1.1", "6120-4.7.5-03 6120-4.7.5-05"),
        (3, "1.10", "6120-4.7.5-01 6120-4.7.5-05"),
        (4, "10.0", lower),
        (5, "2.0", lower),
    ] {
        let title = format!("the lower version is answered to version {version}");
        s.must(number, quoted, title, async move |scene| {
            let mut wire = scene.dial("client").await?;
            wire.send_marked(scene.header_with(&format!("version='{version}'"))).await;
            let header = wire.header().await?;
            let version = header.attr("version");
            ensure!(version.as_deref() == Some("1.0"), "it is {version:?}");
            Ok(())
        });
    }
    s.must(6, "6120-4.7.5-02", "leading zeros are ignored", async |scene| {
        let open = opened(scene, "version='01.00'").await?;
        let version = open.header.attr("version");
        ensure!(version.as_deref() == Some("1.0"), "it is {version:?}");
        Ok(())
    });
    s.should(7, "6120-4.7.5-08", "no version is answered with none", async |scene| {
        let mut wire = scene.dial("client").await?;
        wire.send_marked(scene.header_with("")).await;
        let header = wire.header().await?;
        let version = header.attr("version");
        ensure!(version.is_none(), "it is {version:?}");
        Ok(())
    });
}
