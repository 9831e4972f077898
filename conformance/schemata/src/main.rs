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
use std::path::PathBuf;

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
    for (file, mutants) in by_file {
        let path = root.join(file);
        let text = std::fs::read_to_string(&path)?;
        let schema =
            schema::schema(&text, &mutants, &keep).map_err(|error| format!("{file}: {error}"))?;
        std::fs::write(&path, schema.text)?;
        for (id, why) in schema.without {
            println!("{id}\t{why}");
        }
    }
    let path = root.join(lib);
    let most = mutants.iter().map(|mutant| mutant.id).max().unwrap_or(0);
    let switch = include_str!("switch.txt").replace("MOST", &(most + 1).to_string());
    let text = std::fs::read_to_string(&path)?;
    std::fs::write(path, text + &switch)?;
    Ok(())
}
