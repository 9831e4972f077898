//! The page as a value: what the template shows, in its order.
//!
//! Every text in it is a [`Plain`], a [`Text`] or a word of our own, so that nothing
//! comes to the page as the peer wrote it.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::printable::{Plain, Text};
use super::read::Run;
use crate::record::{Direction, Entry, Record};
use crate::verdict::{Level, Verdict};

/// All of it.
pub(crate) struct Report {
    pub(crate) heads: Vec<Head>,
    pub(crate) documents: Vec<Document>,
    pub(crate) cases: usize,
}

/// One run, in the table at the top.
pub(crate) struct Head {
    pub(crate) label: Plain,
    pub(crate) target: Plain,
    pub(crate) suite: Plain,
    pub(crate) began: Plain,
    pub(crate) passed: usize,
    pub(crate) failed: usize,
    pub(crate) error: usize,
    pub(crate) skipped: usize,
    /// Failed cases by level.
    pub(crate) broken: [usize; 3],
}

/// One RFC or XEP.
pub(crate) struct Document {
    pub(crate) name: Plain,
    pub(crate) title: &'static str,
    pub(crate) anchor: String,
    pub(crate) sections: Vec<Section>,
    /// Passed, and judged, of each run.
    pub(crate) totals: Vec<(usize, usize)>,
}

/// One section of it.
pub(crate) struct Section {
    pub(crate) number: Plain,
    pub(crate) title: &'static str,
    pub(crate) anchor: String,
    pub(crate) cases: Vec<Case>,
}

impl Section {
    /// What became of the section's cases in the run `index`.
    pub(crate) fn cells(&self, index: &usize) -> Cell {
        let verdicts: Vec<_> = self.cases.iter().map(|case| case.results[*index].verdict).collect();
        let is = |verdict| verdicts.iter().filter(|other| **other == Some(verdict)).count();
        Cell {
            passed: is(Verdict::Passed),
            judged: is(Verdict::Passed) + is(Verdict::Failed),
            failed: is(Verdict::Failed),
            error: is(Verdict::Error),
            skipped: is(Verdict::Skipped),
            words: verdicts.into_iter().map(word).collect(),
        }
    }
}

/// A section's cases in one run.
pub(crate) struct Cell {
    pub(crate) passed: usize,
    pub(crate) judged: usize,
    pub(crate) failed: usize,
    pub(crate) error: usize,
    pub(crate) skipped: usize,
    pub(crate) words: Vec<&'static str>,
}

/// One case, in all runs.
pub(crate) struct Case {
    pub(crate) id: Plain,
    pub(crate) anchor: String,
    pub(crate) level: Level,
    pub(crate) title: Plain,
    pub(crate) sentence: Plain,
    pub(crate) requirements: Plain,
    pub(crate) source: Option<String>,
    pub(crate) results: Vec<Shown>,
    pub(crate) differs: bool,
}

impl Case {
    /// The verdicts of all runs in their order, for the filters.
    pub(crate) fn words(&self) -> String {
        self.results.iter().map(|shown| shown.word()).collect::<Vec<_>>().join(" ")
    }

    /// The gravest of them.
    pub(crate) fn gravest(&self) -> &'static str {
        word(self.results.iter().filter_map(|shown| shown.verdict).max_by_key(|verdict| {
            match verdict {
                Verdict::Passed => 0,
                Verdict::Skipped => 1,
                Verdict::Error => 2,
                Verdict::Failed => 3,
            }
        }))
    }
}

/// What became of a case in one run.
pub(crate) struct Shown {
    pub(crate) label: Plain,
    pub(crate) verdict: Option<Verdict>,
    pub(crate) reason: Text,
    pub(crate) transcript: Vec<Line>,
}

impl Shown {
    pub(crate) fn word(&self) -> &'static str {
        word(self.verdict)
    }

    pub(crate) fn sign(&self) -> &'static str {
        match self.verdict {
            Some(Verdict::Passed) => "✓",
            Some(Verdict::Failed) => "✕",
            Some(Verdict::Skipped) => "–",
            Some(Verdict::Error) => "!",
            None => "·",
        }
    }
}

/// One message of a transcript.
pub(crate) struct Line {
    pub(crate) at: String,
    pub(crate) who: Plain,
    pub(crate) direction: &'static str,
    pub(crate) marked: bool,
    pub(crate) text: Text,
}

const fn word(verdict: Option<Verdict>) -> &'static str {
    match verdict {
        Some(verdict) => verdict.as_str(),
        None => "absent",
    }
}

impl Report {
    pub(crate) fn new(runs: &[Run]) -> Self {
        let mut documents: BTreeMap<_, Sections<'_>> = BTreeMap::new();
        for (index, run) in runs.iter().enumerate() {
            for record in &run.records {
                documents
                    .entry(document_order(&record.rfc))
                    .or_default()
                    .entry(in_order(&record.section))
                    .or_default()
                    .entry(in_order(&record.id))
                    .or_insert_with(|| vec![None; runs.len()])[index] = Some(record);
            }
        }
        let heads = heads(runs);
        let titles = titles();
        // What the page's own places are called.
        let mut anchors = OWN.map(str::to_owned).into();
        let documents: Vec<_> = documents
            .into_values()
            .map(|sections| document(sections, &heads, &titles, &mut anchors))
            .collect();
        let sections = documents.iter().flat_map(|document| &document.sections);
        let cases = sections.map(|section| section.cases.len()).sum();
        Self { heads, documents, cases }
    }

    /// Whether there is something to compare.
    pub(crate) fn several(&self) -> bool {
        self.heads.len() > 1
    }
}

const OWN: [&str; 14] = [
    "runs-title",
    "matrix-title",
    "cases",
    "list",
    "filters",
    "search",
    "run",
    "differences",
    "count",
    "next",
    "open",
    "close",
    "reset",
    "none",
];

fn heads(runs: &[Run]) -> Vec<Head> {
    let mut labels = HashSet::new();
    runs.iter()
        .enumerate()
        .map(|(index, run)| {
            let names = [&run.label, &run.about.name, &run.about.target];
            let name = names.into_iter().find(|name| !name.is_empty());
            let mut label = Plain::new(name.map_or("", String::as_str));
            if label.is_empty() || !labels.insert(label.clone()) {
                label = Plain::new(&format!("{label} run {}", index + 1));
            }
            let broken = |level| {
                let of_level = run.records.iter().filter(|record| record.level == level);
                of_level.filter(|record| record.verdict == Verdict::Failed).count()
            };
            Head {
                label,
                target: Plain::new(&run.about.target),
                suite: Plain::new(&run.about.suite),
                began: Plain::new(&date(&run.about.began)),
                passed: run.count(Verdict::Passed),
                failed: run.count(Verdict::Failed),
                error: run.count(Verdict::Error),
                skipped: run.count(Verdict::Skipped),
                broken: Level::ALL.map(broken),
            }
        })
        .collect()
}

/// `2026-11-29T09:40:12.5Z` for people; what is not of that form as it is.
fn date(text: &str) -> String {
    match (text.get(..10), text.get(10..11), text.get(11..16), text.ends_with('Z')) {
        (Some(day), Some("T"), Some(minute), true) => format!("{day} {minute} UTC"),
        _ => text.to_owned(),
    }
}

type Order = Vec<(u64, String)>;
type Sections<'r> = BTreeMap<Order, BTreeMap<Order, Vec<Option<&'r Record>>>>;
type Titles = HashMap<(&'static str, &'static str), &'static str>;

fn document(
    sections: Sections<'_>,
    heads: &[Head],
    titles: &Titles,
    anchors: &mut HashSet<String>,
) -> Document {
    let first = sections.values().flat_map(BTreeMap::values).flatten().flatten().next();
    let rfc = first.map_or("", |record| record.rfc.as_str());
    let title = |section: &str| titles.get(&(rfc, section)).copied().unwrap_or_default();
    let own_anchor = anchor(rfc, anchors);
    let sections: Vec<_> = sections
        .into_values()
        .map(|cases| {
            let first = cases.values().flatten().flatten().next();
            let number = first.map_or("", |record| record.section.as_str());
            Section {
                title: title(number),
                anchor: anchor(&format!("{rfc}/{number}"), anchors),
                number: Plain::new(number),
                cases: cases.into_values().map(|records| case(&records, heads, anchors)).collect(),
            }
        })
        .collect();
    let total = |index| {
        let cells = sections.iter().map(|section| section.cells(&index));
        cells.fold((0, 0), |sum, cell| (sum.0 + cell.passed, sum.1 + cell.judged))
    };
    let totals = (0..heads.len()).map(total).collect();
    Document {
        name: Plain::new(&document_name(rfc)),
        title: title(""),
        anchor: own_anchor,
        sections,
        totals,
    }
}

/// `records` has at least one.
fn case(records: &[Option<&Record>], heads: &[Head], anchors: &mut HashSet<String>) -> Case {
    let first = records.iter().copied().flatten().next();
    let of_first = |field: fn(&Record) -> &str| first.map_or("", field);
    let verdicts: HashSet<_> = records.iter().map(|record| record.map(|r| r.verdict)).collect();
    Case {
        id: Plain::new(of_first(|r| &r.id)),
        anchor: anchor(of_first(|r| &r.id), anchors),
        level: first.map_or(Level::May, |r| r.level),
        title: Plain::new(of_first(|r| &r.title)),
        sentence: Plain::new(of_first(|r| &r.sentence)),
        requirements: Plain::new(&first.map(|r| r.requirements.join(", ")).unwrap_or_default()),
        source: source(of_first(|r| &r.rfc), of_first(|r| &r.section)),
        differs: verdicts.len() > 1,
        results: records.iter().zip(heads).map(|(record, head)| shown(*record, head)).collect(),
    }
}

fn shown(record: Option<&Record>, head: &Head) -> Shown {
    Shown {
        label: head.label.clone(),
        verdict: record.map(|r| r.verdict),
        reason: Text::new(record.map_or("", |r| &r.reason).as_bytes()),
        transcript: record.map_or(&[][..], |r| &r.transcript).iter().map(line).collect(),
    }
}

fn line(entry: &Entry) -> Line {
    Line {
        at: format!("{}.{:03}", entry.at / 1000, entry.at % 1000),
        who: Plain::new(&entry.who),
        direction: match entry.direction {
            Direction::Sent => "sent",
            Direction::Received => "received",
            Direction::Note => "note",
        },
        marked: entry.marked,
        text: Text::new(&entry.bytes.0),
    }
}

/// RFCs first, then XEPs, each by number.
fn document_order(name: &str) -> (bool, u64, String) {
    let number = name.strip_prefix("XEP-");
    (number.is_some(), number.unwrap_or(name).parse().unwrap_or(u64::MAX), name.to_owned())
}

fn document_name(name: &str) -> String {
    if name.parse::<u32>().is_ok() { format!("RFC {name}") } else { name.to_owned() }
}

/// By numbers where there are numbers: 4.9 before 4.10.
fn in_order(name: &str) -> Order {
    name.split(['.', '/']).map(|part| (part.parse().unwrap_or(u64::MAX), part.to_owned())).collect()
}

/// Where the sentence can be read. Made of digits alone.
fn source(document: &str, section: &str) -> Option<String> {
    let digits = |text: &str| {
        !text.is_empty() && text.len() < 16 && text.bytes().all(|byte| byte.is_ascii_digit())
    };
    if let Some(number) = document.strip_prefix("XEP-").filter(|number| digits(number)) {
        return Some(format!("https://xmpp.org/extensions/xep-{number}.html"));
    }
    let part = section.split('.').all(digits).then(|| format!("#section-{section}"));
    let part = part.unwrap_or_default();
    digits(document).then(|| format!("https://www.rfc-editor.org/rfc/rfc{document}{part}"))
}

/// A name for a place of the page, which no other place has.
fn anchor(name: &str, taken: &mut HashSet<String>) -> String {
    let name: String = name
        .chars()
        .take(80)
        .map(|c| if c.is_ascii_alphanumeric() || matches!(c, '.' | '/' | '-') { c } else { '_' })
        .collect();
    let mut wanted = name.clone();
    let mut n = 2_u64;
    while !taken.insert(wanted.clone()) {
        wanted = format!("{name}_{n}");
        n += 1;
    }
    wanted
}

fn titles() -> Titles {
    include_str!("sections.tsv")
        .lines()
        .skip(1)
        .filter_map(|line| {
            let mut columns = line.split('\t');
            Some(((columns.next()?, columns.next()?), columns.next()?))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_and_cases_stand_in_the_order_of_the_document() {
        let mut sections = ["4.10", "4.9.1", "10", "4.9", "4", "appendix"];
        sections.sort_by_key(|section| in_order(section));
        assert_eq!(sections, ["4", "4.9", "4.9.1", "4.10", "10", "appendix"]);
        let mut ids = ["6120/4/10", "6120/4/9", "6120/4/9.b", "6120/4/9.a"];
        ids.sort_by_key(|id| in_order(id));
        assert_eq!(ids, ["6120/4/9", "6120/4/9.a", "6120/4/9.b", "6120/4/10"]);
        let mut documents = ["XEP-0198", "7622", "XEP-0030", "6120"];
        documents.sort_by_key(|name| document_order(name));
        assert_eq!(documents, ["6120", "7622", "XEP-0030", "XEP-0198"]);
    }

    #[test]
    fn anchors_are_of_harmless_characters_and_differ() {
        let mut taken = HashSet::new();
        assert_eq!(anchor("6120/4.3.2/1", &mut taken), "6120/4.3.2/1");
        assert_eq!(anchor("\"><script>", &mut taken), "___script_");
        assert_eq!(anchor("'<>script ", &mut taken), "___script__2");
    }

    #[test]
    fn addresses_of_documents_are_made_of_numbers_alone() {
        let rfc = "https://www.rfc-editor.org/rfc/rfc6120";
        assert_eq!(source("6120", "4.3"), Some(format!("{rfc}#section-4.3")));
        assert_eq!(source("6120", "\" onclick="), Some(rfc.into()));
        assert_eq!(
            source("XEP-0198", "5"),
            Some("https://xmpp.org/extensions/xep-0198.html".into())
        );
        assert_eq!(source("javascript:alert(1)", "4"), None);
        assert_eq!(source("XEP-0\"", "4"), None);
    }

    #[test]
    fn dates_are_for_people() {
        assert_eq!(date("2026-11-29T09:40:12.123Z"), "2026-11-29 09:40 UTC");
        for odd in ["", "yesterday", "2026-11-29T09:40:12+01:00", "äöüäöüäöüäöüäöüZ"]
        {
            assert_eq!(date(odd), odd);
        }
    }
}
