//! RFC 6120 section 13.7.2: which certificates a client takes.

use crate::case::Cases;
use crate::client::authority::Shown;
use crate::client::host::PROCEED;
use crate::client::{Scene, Stage};
use crate::skip;
use crate::verdict::{Fault, Level};

pub(super) fn cases(cases: &mut Cases<Stage>) {
    let mut section = cases.section("6120", "13.7.2");
    section.table(
        Level::Must,
        1,
        "6120-13.7.2-03",
        "a certificate that proves nothing ends the session",
        [
            ("for-another-name", Shown::OtherName),
            ("for-a-name-below", Shown::NameBelow),
            ("for-a-wildcard-too-high", Shown::WildcardTooHigh),
            ("common-name-alone", Shown::CommonNameAlone),
            ("expired", Shown::Expired),
            ("not-yet-valid", Shown::NotYetValid),
            ("self-signed", Shown::SelfSigned),
            ("unknown-authority", Shown::UnknownAuthority),
            ("signed-by-no-authority", Shown::SignedByNoAuthority),
            ("for-clients", Shown::ForClients),
        ],
        async |scene: &mut Scene, shown: Shown| {
            if shown == Shown::WildcardTooHigh && scene.setting.domain.matches('.').count() < 2 {
                skip!("the domain has less than three labels");
            }
            let mut wire = scene.asked_for_tls().await?;
            wire.send(PROCEED).await;
            match scene.begin_tls(&mut wire, shown).await {
                Err(Fault::Failed(_)) => Ok(()),
                Err(other) => Err(other),
                // Some look at a certificate when the handshake is over.
                Ok(()) => scene.must_give_up(&mut wire, "the certificate proves nothing").await,
            }
        },
    );
    section.must(
        3,
        "6120-13.7.2-02",
        "an authority between is taken",
        async |scene: &mut Scene| {
            let mut wire = scene.asked_for_tls().await?;
            wire.send(PROCEED).await;
            scene.begin_tls(&mut wire, Shown::ThroughIntermediate).await?;
            wire.header().await?;
            Ok(())
        },
    );
}
