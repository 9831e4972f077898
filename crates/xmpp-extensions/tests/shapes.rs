//! What holds for every model, with elements made from its table.

use arbitrary::Unstructured;
use proptest::prelude::*;
use xmpp_extensions::{Model, arbitrary as elements, models};
use xmpp_stanza::xml::{Element, Writer};
use xmpp_stanza::{Findings, Invalid};

fn rewritten(model: &Model, element: &Element, owned: bool) -> Result<(Element, usize), Invalid> {
    let mut xml = Vec::new();
    let mut w = Writer::document(&mut xml);
    let mut findings = Findings::collect(1000);
    if owned {
        model.rewrite_owned(element.as_ref(), &mut findings, &mut w)?;
    } else {
        model.rewrite(element.as_ref(), &mut findings, &mut w)?;
    }
    w.finish().unwrap();
    Ok((Element::parse(xml).unwrap(), findings.iter().len()))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// What is read is written as it was, whatever else is in it; borrowed and
    /// owned values agree; reading what was written finds the same.
    #[test]
    fn every_model_is_lossless(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        for model in models() {
            let mut u = Unstructured::new(&bytes);
            let Ok(xml) = elements::element(model.shape(), &mut u) else { continue };
            let element = Element::parse(&xml).unwrap();
            let Ok((again, found)) = rewritten(model, &element, false) else {
                prop_assert!(rewritten(model, &element, true).is_err());
                continue;
            };
            let source = String::from_utf8_lossy(&xml);
            let name = model.shape().name();
            let (owned, found_by_owned) = rewritten(model, &element, true).unwrap();
            prop_assert_eq!(&owned, &again, "XEP-{:04} {}: {}", model.xep(), name, source);
            prop_assert_eq!(found, found_by_owned);
            if found == 0 || elements::keeps_all(model.shape()) {
                prop_assert_eq!(&again, &element, "XEP-{:04} {}: {}", model.xep(), name, source);
                let (_, found_again) = rewritten(model, &again, false).unwrap();
                prop_assert_eq!(found, found_again);
            }
            // A strict reader accepts what nothing was found in.
            let mut strict = Findings::refuse();
            let mut out = Vec::new();
            let strictly = model.rewrite(element.as_ref(), &mut strict, &mut Writer::document(&mut out));
            prop_assert_eq!(strictly.is_ok(), found == 0);
        }
    }
}

#[test]
fn tables_are_of_this_crates_xeps() {
    for model in models() {
        let section = model.shape().section();
        assert!(section.starts_with(&format!("XEP-{:04}", model.xep())), "{section}");
    }
}
