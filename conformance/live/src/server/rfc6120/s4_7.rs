//! RFC 6120 section 4.7: stream attributes.

use crate::case::Cases;
use crate::ensure;
use crate::server::{Scene, Target};

pub(super) fn cases(cases: &mut Cases<Target>) {
    from(&mut cases.section("6120", "4.7.1"));
}

fn from(section: &mut crate::server::Section<'_>) {
    section.must(
        1,
        "6120-4.7.1-03",
        "the response header has the domain as its 'from'",
        async |scene: &mut Scene| {
            let open = scene.open("client").await?;
            let from = open.header.attr("from");
            ensure!(from.as_deref() == Some(scene.domain()), "'from' is {from:?}");
            Ok(())
        },
    );
}
