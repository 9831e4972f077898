//! Makes a module and a row of a table of each target in `../targets.tsv`.

use std::fmt::Write;
use std::path::Path;
use std::{env, fs};

fn main() {
    let fuzz = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("this package is in fuzz/");
    println!("cargo::rerun-if-changed=../targets.tsv");
    let table = fs::read_to_string(fuzz.join("targets.tsv")).expect("the table of targets");
    let (mut modules, mut rows) = (String::new(), String::new());
    for line in table.lines().skip(1) {
        let name = line.split('\t').next().unwrap_or_default();
        let path = fuzz.join("fuzz_targets").join(name).with_extension("rs");
        // `#![no_main]` is for libFuzzer; of a harness each target uses a part.
        writeln!(
            modules,
            "#[path = {path:?}]\n#[allow(dead_code, unused_attributes)]\nmod {name};"
        )
        .expect("a string takes it");
        writeln!(rows, "    ({name:?}, {name}::run),").expect("a string takes it");
    }
    let made = format!("{modules}\nconst TARGETS: &[Target] = &[\n{rows}];\n");
    let out = env::var_os("OUT_DIR").expect("cargo says where");
    fs::write(Path::new(&out).join("targets.rs"), made).expect("a place to write to");
}
