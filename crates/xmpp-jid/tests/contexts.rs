//! The rules that look at more than one code point, by all strings of a few
//! code points that stand for their kinds: the Bidi Rule (RFC 5893 §2) and the
//! contextual rules (RFC 5892 appendix A). The rules are written here once
//! more, as the RFCs have them.

use xmpp_jid::precis::{Class, Profile};
use xmpp_jid::{Jid, Rule, idna};

/// All strings of one to `most` of these.
fn each(pieces: &[char], most: usize, mut check: impl FnMut(&[char])) {
    let mut all = vec![Vec::new()];
    for _ in 0..most {
        let longer = all.iter().flat_map(|text: &Vec<char>| {
            pieces.iter().map(move |&c| text.iter().copied().chain([c]).collect())
        });
        all = longer.collect();
        all.iter().for_each(|text| check(text));
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Bidi {
    L,
    R,
    Al,
    An,
    En,
    /// ES, CS, ET and ON, which the rule treats alike.
    Neutral,
    Nsm,
}

/// One of each class, all of them in the IdentifierClass.
const CLASSES: [(char, Bidi); 11] = [
    ('a', Bidi::L),
    ('\u{5D0}', Bidi::R),
    ('\u{628}', Bidi::Al),
    ('\u{660}', Bidi::An),
    ('1', Bidi::En),
    // ES, CS, ET, ON
    ('+', Bidi::Neutral),
    (',', Bidi::Neutral),
    ('#', Bidi::Neutral),
    ('!', Bidi::Neutral),
    ('\u{5B0}', Bidi::Nsm),
    // EN that is no ASCII
    ('\u{6F1}', Bidi::En),
];

fn bidi(c: char) -> Bidi {
    CLASSES.iter().find(|(known, _)| *known == c).unwrap().1
}

/// RFC 5893 §2, rule by rule.
fn keeps_the_bidi_rule(text: &[char]) -> bool {
    let classes: Vec<Bidi> = text.iter().map(|&c| bidi(c)).collect();
    let has = |class| classes.contains(&class);
    let last = classes.iter().rfind(|&&class| class != Bidi::Nsm);
    match classes[0] {
        Bidi::R | Bidi::Al => {
            !has(Bidi::L)
                && matches!(last, Some(Bidi::R | Bidi::Al | Bidi::En | Bidi::An))
                && !(has(Bidi::En) && has(Bidi::An))
        }
        Bidi::L => {
            !has(Bidi::R)
                && !has(Bidi::Al)
                && !has(Bidi::An)
                && matches!(last, Some(Bidi::L | Bidi::En))
        }
        _ => false,
    }
}

/// RFC 8265 §3.3.1, rule 5: of user names with right-to-left characters.
#[test]
fn user_names_keep_the_bidi_rule() {
    let pieces = CLASSES.map(|(c, _)| c);
    each(&pieces, 4, |text| {
        // RFC 5892 A.8 and A.9: not both kinds of digits.
        if text.contains(&'\u{660}') && text.contains(&'\u{6F1}') {
            return;
        }
        let is_rtl = text.iter().any(|&c| matches!(bidi(c), Bidi::R | Bidi::Al | Bidi::An));
        let name: String = text.iter().collect();
        let result = Profile::UsernameCaseMapped.enforce(&name);
        if !is_rtl || keeps_the_bidi_rule(text) {
            assert_eq!(result.as_deref(), Ok(&*name), "{text:?}");
        } else {
            assert_eq!(result.unwrap_err().rule(), Rule::Bidi, "{text:?}");
        }
    });
}

/// RFC 5893 §2: one right-to-left label makes all labels of the name subject to
/// it.
#[test]
fn names_keep_the_bidi_rule() {
    let pieces = ['a', '\u{5D0}', '\u{628}', '\u{660}', '1', '\u{5B0}'];
    each(&pieces, 3, |text| {
        if bidi(text[0]) == Bidi::Nsm {
            return;
        }
        let label: String = text.iter().collect();
        let is_rtl = text.iter().any(|&c| matches!(bidi(c), Bidi::R | Bidi::Al | Bidi::An));
        for (name, others_keep, others_are_rtl) in [
            (label.clone(), true, false),
            (format!("b.{label}"), true, false),
            (format!("1b.{label}"), false, false),
            (format!("{label}.\u{5D1}"), true, true),
            (format!("{label}.1"), false, false),
            (format!("{label}.1.\u{5D1}"), false, true),
        ] {
            let fine = !(is_rtl || others_are_rtl) || keeps_the_bidi_rule(text) && others_keep;
            for result in [
                idna::to_unicode(&name).map(String::from).map_err(|error| error.rule()),
                Jid::new(&name).map(String::from).map_err(|error| error.rule()),
            ] {
                assert_eq!(result, if fine { Ok(name.clone()) } else { Err(Rule::Bidi) });
            }
        }
    });
}

/// Where the rule is broken: the first character that is not allowed, or the
/// last before those that do not count.
#[test]
fn where_the_bidi_rule_is_broken() {
    for (text, at, c) in [
        ("1\u{5D0}", 0, '1'),
        ("\u{5D0}a", 2, 'a'),
        ("a\u{5D0}", 1, '\u{5D0}'),
        ("\u{5D0}1\u{660}", 3, '\u{660}'),
        ("\u{5D0}\u{660}1", 4, '1'),
        ("\u{5D0}+", 2, '+'),
        ("\u{5D0}+\u{5B0}\u{5B0}", 2, '+'),
        ("\u{5D0}#\u{5D0}!", 5, '!'),
    ] {
        let error = Profile::UsernameCaseMapped.enforce(text).unwrap_err();
        assert_eq!((error.rule(), error.at()), (Rule::Bidi, at), "{text:?}");
        assert_eq!(error.code_point(), Some(c), "{text:?}");
    }
    let error = Jid::new("u@x.1a.\u{5D0}").unwrap_err();
    assert_eq!((error.rule(), error.at(), error.code_point()), (Rule::Bidi, 4, Some('1')));
    // Of an A-label, the code point at fault is not there to be seen.
    let error = Jid::new("u@x.xn--a-zhc").unwrap_err();
    assert_eq!((error.rule(), error.at(), error.code_point()), (Rule::Bidi, 4, None));
}

/// A.1: after a virama, or between what joins: `(L|D) T* ZWNJ T* (R|D)`. A.2:
/// after a virama alone.
#[test]
fn joiners_stand_where_they_join() {
    // U+094D is a virama, U+0628 joins on both sides, U+0627 to the right, U+A872 to the
    // left, U+064B is transparent, and the last joins nothing.
    const VIRAMA: char = '\u{94D}';
    let pieces = [VIRAMA, '\u{628}', '\u{627}', '\u{A872}', '\u{64B}', '\u{5D0}'];
    // A virama is a mark, and marks are transparent.
    let joins = |c: &&char| **c != '\u{64B}' && **c != VIRAMA;
    let mut sides: Vec<Vec<char>> = vec![Vec::new()];
    each(&pieces, 2, |text| sides.push(text.to_vec()));
    for before in &sides {
        for after in &sides {
            let virama = before.last() == Some(&VIRAMA);
            let left = matches!(before.iter().rfind(joins), Some('\u{628}' | '\u{A872}'));
            let right = matches!(after.iter().find(joins), Some('\u{628}' | '\u{627}'));
            for (joiner, fine) in [('\u{200C}', virama || left && right), ('\u{200D}', virama)] {
                let text: String = before.iter().chain([&joiner]).chain(after).collect();
                for class in [Class::Identifier, Class::Freeform] {
                    let rule = class.check(&text).err().map(|error| error.rule());
                    assert_eq!(rule, (!fine).then_some(Rule::ContextJ), "{text:?}");
                }
            }
        }
    }
}

/// A.3 to A.9
#[test]
fn other_characters_stand_beside_theirs() {
    for (text, fine) in [
        // A.3: between two l.
        ("l\u{B7}l", true),
        ("al\u{B7}la", true),
        ("l\u{B7}", false),
        ("\u{B7}l", false),
        ("l\u{B7}a", false),
        ("a\u{B7}l", false),
        ("L\u{B7}L", false),
        ("l\u{B7}\u{B7}l", false),
        ("l\u{B7}l\u{B7}l", true),
        // A.4: before a Greek character.
        ("\u{375}\u{3B1}", true),
        ("a\u{375}\u{3B1}", true),
        ("\u{3B1}\u{375}", false),
        ("\u{375}a", false),
        ("\u{375}\u{5D0}", false),
        // A.5 and A.6: after a Hebrew one.
        ("\u{5D0}\u{5F3}", true),
        ("\u{5D0}\u{5F4}", true),
        ("\u{5D0}\u{5F3}a", true),
        ("\u{5F3}\u{5D0}", false),
        ("\u{5F4}\u{5D0}", false),
        ("a\u{5F3}", false),
        ("\u{3B1}\u{5F4}", false),
        // A.7: with Hiragana, Katakana or Han anywhere.
        ("\u{30FB}\u{3042}", true),
        ("\u{30A2}a\u{30FB}", true),
        ("\u{30FB}a\u{4E00}", true),
        ("\u{30FB}", false),
        ("a\u{30FB}b", false),
        ("\u{5D0}\u{30FB}", false),
        // A.8 and A.9: not both kinds of digits.
        ("\u{660}", true),
        ("\u{669}1", true),
        ("\u{6F0}", true),
        ("\u{6F9}1", true),
        ("\u{660}\u{6F0}", false),
        ("\u{669}a\u{6F9}", false),
        ("\u{6F9}\u{669}", false),
        ("\u{6F0}1\u{660}", false),
    ] {
        for class in [Class::Identifier, Class::Freeform] {
            let rule = class.check(text).err().map(|error| error.rule());
            assert_eq!(rule, (!fine).then_some(Rule::ContextO), "{text:?}");
        }
    }
    let error = Class::Identifier.check("a\u{30FB}").unwrap_err();
    assert_eq!((error.at(), error.code_point()), (1, Some('\u{30FB}')));
}
