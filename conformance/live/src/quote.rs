//! The sentences of the RFCs, by the ids of `conformance/requirements`.

const SENTENCES: &str = include_str!("../sentences.tsv");

/// What `quoted` stands for: ids and their sentences, a sentence without an id, or both with
/// ` | ` between them.
pub(crate) fn of(quoted: &'static str) -> (Vec<&'static str>, String) {
    if let Some((ids, sentence)) = quoted.split_once(" | ") {
        let (ids, sentences) = of(ids);
        return (ids, format!("{sentences} […] {sentence}"));
    }
    let ids: Option<Vec<_>> = quoted.split(' ').map(|id| find(id).map(|(_, s)| (id, s))).collect();
    match ids {
        Some(found) => {
            let sentences: Vec<_> = found.iter().map(|(_, sentence)| *sentence).collect();
            (found.iter().map(|(id, _)| *id).collect(), sentences.join(" […] "))
        }
        None => (Vec::new(), quoted.to_owned()),
    }
}

/// The keywords and the sentence of an id.
pub(crate) fn find(id: &str) -> Option<(&'static str, &'static str)> {
    SENTENCES.lines().find_map(|line| {
        let (found, rest) = line.split_once('\t')?;
        if found == id { rest.split_once('\t') } else { None }
    })
}
