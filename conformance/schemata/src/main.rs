//! Puts all mutants of a crate into one build (mutant schemata): each place that a mutant changes
//! has a switch, `crate::__mutant(7)`, which is true if the mutant of that number is on. So a
//! crate is compiled once for all its mutants, and a mutant costs no more than the tests that
//! reach it.
//!
//! `mutant-schemata ROOT LIB KEEP…` reads mutants from the standard input, as
//! `cargo mutants --list --json` writes them, each with an `id`. It rewrites their files below the
//! directory ROOT and puts the function of the switch behind the text of LIB, the `lib.rs` of the
//! crate. Functions named in KEEP stay `const`. It prints the mutants that have no switch, a line
//! each: the id and why.
//!
//! At run time the environment has `MUTANT`, the number of the one that is on, or `MUTANTS_REACHED`,
//! a file to which the number of each switch is written when it is first asked.

mod edit;
mod mutant;
mod schema;
#[cfg(test)]
mod tests;

use core::error::Error;
use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};

use mutant::Mutant;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(root), Some(lib)) = (arguments.next(), arguments.next()) else {
        return Err("usage: mutant-schemata ROOT LIB KEEP… < MUTANTS".into());
    };
    let (root, keep) = (PathBuf::from(root), arguments.collect::<HashSet<_>>());
    let mutants: Vec<Mutant> = serde_json::from_reader(std::io::stdin().lock())?;
    let mut by_file: BTreeMap<&str, Vec<&Mutant>> = BTreeMap::new();
    for mutant in &mutants {
        by_file.entry(&mutant.file).or_default().push(mutant);
    }
    // A function that loses `const` may be called from any file of the crate.
    let files = sources(&root.join(&lib))?;
    let files: Vec<String> = files
        .iter()
        .filter_map(|path| Some(path.strip_prefix(&root).ok()?.to_str()?.to_owned()))
        .collect();
    for file in &files {
        let mutants = by_file.remove(file.as_str()).unwrap_or_default();
        let path = root.join(file);
        let text = std::fs::read_to_string(&path)?;
        let schema =
            schema::schema(&text, &mutants, &keep).map_err(|error| format!("{file}: {error}"))?;
        std::fs::write(&path, schema.text)?;
        for (id, why) in schema.without {
            println!("{id}\t{why}");
        }
    }
    if let Some(file) = by_file.keys().next() {
        return Err(format!("{file} is not beside {lib}").into());
    }
    let path = root.join(lib);
    let most = mutants.iter().map(|mutant| mutant.id).max().unwrap_or(0);
    let switch = include_str!("switch.txt").replace("MOST", &(most + 1).to_string());
    let text = std::fs::read_to_string(&path)?;
    std::fs::write(path, text + &switch)?;
    Ok(())
}

/// The files of a crate.
fn sources(lib: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let mut folders: Vec<PathBuf> = lib.parent().map(Path::to_owned).into_iter().collect();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                files.push(path);
            }
        }
    }
    Ok(files)
}
