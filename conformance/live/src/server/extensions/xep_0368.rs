//! XEP-0368: connections that begin with TLS.

use crate::case::Cases;
use crate::ensure;
use crate::server::Target;
use crate::server::session::{SASL, TLS};
use crate::verdict::{Fault, Outcome};
use crate::wire::Wire;

type Scene = crate::scene::Scene<Target>;

pub(super) fn cases(cases: &mut Cases<Target>) {
    let mut s = cases.section("XEP-0368", "3");
    s.must(
        1,
        "Where 'service' starts with 'xmpps-' the client or server MUST connect with direct TLS enabled.",
        "a connection that begins with TLS",
        async |scene| {
            let wire = direct(scene).await?;
            let open = scene.open_on(wire).await?;
            ensure!(open.offers(SASL, "mechanisms"), "SASL is not offered");
            Ok(())
        },
    )
    .direct_tls();
    s.must(
        2,
        "6120-5.4.3.3-06 | STARTTLS MUST NOT be used over direct TLS connections.",
        "STARTTLS is not offered on it",
        async |scene| {
            let wire = direct(scene).await?;
            let open = scene.open_on(wire).await?;
            ensure!(!open.offers(TLS, "starttls"), "it is");
            Ok(())
        },
    )
    .direct_tls();
    s.should(3, "Client or server SHOULD set the ALPN", "ALPN: xmpp-client", async |scene| {
        let wire = direct(scene).await?;
        let alpn = wire.tls_facts().and_then(|facts| facts.alpn);
        ensure!(alpn.as_deref() == Some(b"xmpp-client"), "it is {alpn:?}");
        Ok(())
    })
    .direct_tls();
}

async fn direct(scene: &Scene) -> Outcome<Wire> {
    let Some((address, how)) = &scene.setting.direct_tls else {
        return Err(Fault::Skipped("no --direct-tls".into()));
    };
    let mut wire = Wire::connect(&**address, "client", &scene.transcript).await?;
    wire.connect_tls(how, scene.domain()).await?;
    Ok(wire)
}
