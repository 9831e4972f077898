//! Compiles the shims of the peers written in C and C++, where their headers
//! are installed; the comparison says which are not.

fn main() {
    println!("cargo::rerun-if-changed=c");
    println!("cargo::rustc-check-cfg=cfg(has_expat, has_pugixml)");
    let mut expat = cc::Build::new();
    expat.file("c/expat.c").opt_level(3).cargo_warnings(false);
    if expat.try_compile("xmpp_bench_expat").is_ok() {
        println!("cargo::rustc-link-lib=expat");
        println!("cargo::rustc-cfg=has_expat");
    }
    let mut pugixml = cc::Build::new();
    pugixml.cpp(true).file("c/pugixml.cpp").opt_level(3).cargo_warnings(false);
    if pugixml.try_compile("xmpp_bench_pugixml").is_ok() {
        println!("cargo::rustc-link-lib=pugixml");
        println!("cargo::rustc-cfg=has_pugixml");
    }
}
