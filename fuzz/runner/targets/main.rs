//! All fuzz targets in one program that any stable compiler makes, without libFuzzer.
//! `fuzz/smoke` runs each target with it. It can also run one input again.
//!
//! ```text
//! fuzz-targets --list
//! fuzz-targets TARGET FILE-OR-FOLDER… [--runs N] [--number S] [--seconds T]
//!              [--dictionary FILE] [--crash FILE]
//! ```
//!
//! First the files are given to the target as they are, then N inputs made of them;
//! the same ones for the same number S. After T seconds of processor time, where the
//! system tells it, no further input is made. The input at work is in the file of `--crash`, which is there afterwards only if
//! the target did not come to its end.

// Each target is a program by itself for libFuzzer, and has its own copy of a harness.
#![allow(clippy::duplicate_mod)]

use std::ffi::OsString;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};
use std::{env, fs, io};

mod mutate;

/// Its name, and what takes an input.
type Target = (&'static str, fn(&[u8]));

include!(concat!(env!("OUT_DIR"), "/targets.rs"));

#[derive(Default)]
struct Options {
    seeds: Vec<PathBuf>,
    runs: u64,
    number: u64,
    time: Option<Duration>,
    dictionary: Option<PathBuf>,
    crash: Option<PathBuf>,
}

fn options(mut args: impl Iterator<Item = OsString>) -> Option<Options> {
    let mut options = Options::default();
    while let Some(arg) = args.next() {
        let mut number = || args.next()?.to_str()?.parse().ok();
        match arg.to_str() {
            Some("--runs") => options.runs = number()?,
            Some("--number") => options.number = number()?,
            Some("--seconds") => options.time = Some(Duration::from_secs(number()?)),
            Some("--dictionary") => options.dictionary = Some(args.next()?.into()),
            Some("--crash") => options.crash = Some(args.next()?.into()),
            Some(text) if text.starts_with("--") => return None,
            _ => options.seeds.push(arg.into()),
        }
    }
    Some(options)
}

/// The contents of the file, or of all files in the folder, by name.
fn read(path: &Path) -> io::Result<Vec<Vec<u8>>> {
    if !path.is_dir() {
        return Ok(vec![fs::read(path)?]);
    }
    let mut paths = fs::read_dir(path)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<io::Result<Vec<_>>>()?;
    paths.sort();
    paths.into_iter().map(fs::read).collect()
}

/// What has been spent: of processor time on Linux, so that it makes no difference what
/// else the machine does.
fn spent(start: Instant) -> Duration {
    let told = fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanoseconds = told.split(' ').next().and_then(|first| first.parse().ok());
    nanoseconds.map_or_else(|| start.elapsed(), Duration::from_nanos)
}

/// Whether the target held on all inputs.
fn run(target: fn(&[u8]), options: &Options) -> io::Result<bool> {
    let start = Instant::now();
    let mut seeds = Vec::new();
    for path in &options.seeds {
        seeds.extend(read(path)?);
    }
    let words = match &options.dictionary {
        Some(path) => mutate::words(&fs::read_to_string(path)?),
        None => Vec::new(),
    };
    let once = |input: &[u8]| {
        // An overflow of the stack or a limit of memory ends the process at once.
        if let Some(path) = &options.crash {
            fs::write(path, input)?;
        }
        io::Result::Ok(catch_unwind(AssertUnwindSafe(|| target(input))).is_ok())
    };
    for seed in &seeds {
        if !once(seed)? {
            return Ok(false);
        }
    }
    let mut random = mutate::Random::new(options.number);
    let mut made = 0;
    while made < options.runs && options.time.is_none_or(|time| spent(start) < time) {
        if !once(&mutate::input(&mut random, &seeds, &words))? {
            return Ok(false);
        }
        made += 1;
    }
    if let Some(path) = &options.crash {
        // It is not there if nothing was run.
        let _ = fs::remove_file(path);
    }
    println!("{} seeds, {made} runs, {:.1} s", seeds.len(), spent(start).as_secs_f32());
    Ok(true)
}

fn main() -> ExitCode {
    let mut args = env::args_os().skip(1);
    let name = args.next().unwrap_or_default();
    if name == "--list" {
        TARGETS.iter().for_each(|(name, _)| println!("{name}"));
        return ExitCode::SUCCESS;
    }
    let target = TARGETS.iter().find(|(target, _)| name == *target);
    let (Some((_, target)), Some(options)) = (target, options(args)) else {
        eprintln!("usage: --list, or TARGET FILE-OR-FOLDER... [options], as main.rs says");
        return ExitCode::from(2);
    };
    match run(*target, &options) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(2)
        }
    }
}
