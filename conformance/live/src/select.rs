//! Which cases are run.

use clap::Args as ClapArgs;

use crate::case::Case;
use crate::scene::Setting;
use crate::verdict::Level;

/// Which cases are run. What is named by several options has to fit all of them.
#[derive(ClapArgs, Clone, Debug, Default)]
#[command(next_help_heading = "Cases")]
pub struct Selection {
    /// Cases whose id fits, `*` and `?` match; may be given several times: `6120/4.3.*`,
    /// `XEP-0198/*`. A section's name alone is the section and what is below it
    #[arg(long = "case", short = 'c', value_name = "GLOB")]
    pub cases: Vec<String>,
    /// Leave out cases whose id fits; may be given several times
    #[arg(long = "skip", value_name = "GLOB")]
    pub skip: Vec<String>,
    /// Cases of this level: must, should, may; may be given several times
    #[arg(long, value_name = "LEVEL", value_parser = level)]
    pub level: Vec<Level>,
}

/// A level by its name.
///
/// # Errors
///
/// There is none of that name.
pub fn level(name: &str) -> Result<Level, String> {
    Level::ALL
        .into_iter()
        .find(|level| level.as_str() == name)
        .ok_or_else(|| "must, should or may".into())
}

impl Selection {
    /// Whether a case is to be run.
    pub fn chooses<S: Setting>(&self, case: &Case<S>) -> bool {
        let fits = |globs: &[String]| globs.iter().any(|glob| names(glob, &case.id));
        (self.cases.is_empty() || fits(&self.cases))
            && !fits(&self.skip)
            && (self.level.is_empty() || self.level.contains(&case.level))
    }
}

/// Whether the glob is the id, or a section that the id is in.
fn names(glob: &str, id: &str) -> bool {
    let glob = glob.trim_end_matches('/');
    matches(glob.as_bytes(), id.as_bytes())
        || id.starts_with(glob) && matches!(id.as_bytes().get(glob.len()), Some(b'/' | b'.'))
}

/// `*` is any number of characters, `?` is one.
fn matches(glob: &[u8], text: &[u8]) -> bool {
    let (mut g, mut t) = (0, 0);
    // Where the last `*` stood, and how far the text was when it was met.
    let mut star: Option<(usize, usize)> = None;
    while t < text.len() {
        match glob.get(g) {
            Some(b'*') => {
                star = Some((g, t));
                g += 1;
            }
            Some(&c) if c == b'?' || c == text[t] => {
                g += 1;
                t += 1;
            }
            _ => {
                let Some((at, met)) = star else { return false };
                star = Some((at, met + 1));
                g = at + 1;
                t = met + 1;
            }
        }
    }
    glob[g.min(glob.len())..].iter().all(|&c| c == b'*')
}

#[cfg(test)]
mod tests {
    use super::names;

    #[test]
    fn globs() {
        for (glob, id) in [
            ("*", "6120/4.3/1"),
            ("6120/4.3/1", "6120/4.3/1"),
            ("6120/4.*", "6120/4.3/1"),
            ("6120/4", "6120/4.3/1"),
            ("6120", "6120/4.3/1"),
            ("6120/", "6120/4.3/1"),
            ("6120/11.1/1", "6120/11.1/1.comment"),
            ("*.comment", "6120/11.1/1.comment"),
            ("6120/?.3/*", "6120/4.3/1"),
        ] {
            assert!(names(glob, id), "{glob} {id}");
        }
        for (glob, id) in [
            ("6121", "6120/4.3/1"),
            ("6120/4.3", "6120/4.30/1"),
            ("6120/4.3/1", "6120/4.3/11"),
            ("", "6120/4.3/1"),
            ("612", "6120/4.3/1"),
            ("*2", "6120/4.3/1"),
        ] {
            assert!(!names(glob, id), "{glob} {id}");
        }
    }
}
