//! Addresses: ns and allocations to make one of its text.

use std::fs;
use std::hint::black_box;
use std::path::PathBuf;
use std::process::exit;
use std::sync::Arc;
use std::time::Duration;

use precis_profiles::UsernameCaseMapped;
use precis_profiles::precis_core::profile::PrecisFastInvocation;
use serde_json::{Map, Value};
use xmpp_jid::{Jid, JidRef};

use crate::{measure, report};

/// Addresses: parsing, preparing and copying them.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Valid addresses, a line each.
    #[arg(long, default_value = concat!(env!("CARGO_MANIFEST_DIR"), "/corpora/jids.txt"))]
    corpus: PathBuf,
    /// Invalid ones, a line each, after a reason and a tab.
    #[arg(long, default_value = concat!(env!("CARGO_MANIFEST_DIR"), "/corpora/jids-invalid.txt"))]
    invalid: PathBuf,
    /// Milliseconds a class of addresses.
    #[arg(long, default_value_t = 3000)]
    budget: u64,
}

type Subject<'a> = (&'static str, Box<dyn FnMut() -> u64 + 'a>);

pub(crate) fn run(args: &Args, json: bool) {
    let read = |path: &PathBuf| {
        fs::read_to_string(path).unwrap_or_else(|error| {
            eprintln!("{}: {error}", path.display());
            exit(2)
        })
    };
    let valid = read(&args.corpus);
    let invalid = read(&args.invalid);
    let (ascii, other): (Vec<&str>, Vec<&str>) = valid.lines().partition(|line| line.is_ascii());
    let (canonical, mapped): (Vec<&str>, Vec<&str>) =
        ascii.into_iter().partition(|line| JidRef::new(line).is_ok());
    let invalid: Vec<&str> =
        invalid.split('\n').filter_map(|line| Some(line.split_once('\t')?.1)).collect();
    let mut rows = Vec::new();
    for (class, lines) in [
        ("ASCII canonical", &canonical),
        ("ASCII, case to map", &mapped),
        ("non-ASCII", &other),
        ("invalid", &invalid),
    ] {
        let mut subjects = subjects(lines);
        let mut work: Vec<&mut dyn FnMut() -> u64> =
            subjects.iter_mut().map(|(_, work)| &mut **work as &mut dyn FnMut() -> u64).collect();
        let costs = measure::compare(&mut work, Duration::from_millis(args.budget));
        let each = |time: Duration| time.as_nanos() as f64 / lines.len() as f64;
        let ours = each(costs[0].time);
        for ((name, _), cost) in subjects.iter().zip(&costs) {
            let time = each(cost.time);
            let round = |x: f64| (x * 100.0).round() / 100.0;
            rows.push(Map::from_iter([
                ("addresses".into(), Value::from(class)),
                ("count".into(), Value::from(lines.len())),
                ("subject".into(), Value::from(*name)),
                ("ns".into(), Value::from(round(time))),
                (
                    "allocations".into(),
                    Value::from(round(cost.allocations as f64 / lines.len() as f64)),
                ),
                ("times xmpp-jid".into(), Value::from(round(time / ours))),
            ]));
        }
    }
    report::print(&rows, json);
}

fn subjects<'a>(lines: &'a [&'a str]) -> Vec<Subject<'a>> {
    let owned: Vec<Jid> = lines.iter().filter_map(|line| Jid::new(line).ok()).collect();
    let mut subjects: Vec<Subject<'a>> = vec![
        ("xmpp-jid, owned", each(lines, |line| Jid::new(line).is_ok())),
        ("xmpp-jid, borrowed", each(lines, |line| JidRef::new(line).is_ok())),
        ("bound: separators, ASCII check, one allocation", each(lines, bound)),
        (
            "bound: one allocation and the copy",
            each(lines, |line| !black_box(Box::<str>::from(line)).is_empty()),
        ),
        ("jid 0.12", each(lines, |line| jid::Jid::new(line).is_ok())),
        ("precis-profiles 0.2 + idna 1.1", each(lines, precis_profiles)),
    ];
    if !owned.is_empty() {
        subjects.push((
            "xmpp-jid, clone of an owned one",
            Box::new(move || {
                owned.iter().filter(|jid| !black_box((*jid).clone()).as_str().is_empty()).count()
                    as u64
            }),
        ));
    }
    subjects
}

fn each<'a>(
    lines: &'a [&'a str],
    work: impl Fn(&str) -> bool + 'a,
) -> Box<dyn FnMut() -> u64 + 'a> {
    Box::new(move || lines.iter().filter(|line| work(black_box(line))).count() as u64)
}

/// What nobody can do without: find the separators, see that all is ASCII, and
/// keep a copy.
fn bound(text: &str) -> bool {
    let slash = text.bytes().position(|b| b == b'/').unwrap_or(text.len());
    let at = text.as_bytes()[..slash].iter().position(|&b| b == b'@').unwrap_or(0);
    text.is_ascii() && black_box((Arc::<str>::from(text), at, slash)).1 < text.len()
}

/// What can be put together of the crates for PRECIS and IDNA.
fn precis_profiles(text: &str) -> bool {
    let (bare, resource) = match text.split_once('/') {
        Some((bare, resource)) => (bare, Some(resource)),
        None => (text, None),
    };
    let (local, domain) = match bare.split_once('@') {
        Some((local, domain)) => (Some(local), domain),
        None => (None, bare),
    };
    let local = local.map(UsernameCaseMapped::enforce);
    let (domain, valid) = idna::domain_to_unicode(domain);
    let resource = resource.map(precis_profiles::OpaqueString::enforce);
    if matches!(local, Some(Err(_))) || valid.is_err() || matches!(resource, Some(Err(_))) {
        return false;
    }
    let mut jid = String::with_capacity(text.len());
    if let Some(Ok(local)) = local {
        jid.push_str(&local);
        jid.push('@');
    }
    jid.push_str(&domain);
    if let Some(Ok(resource)) = resource {
        jid.push('/');
        jid.push_str(&resource);
    }
    !black_box(jid).is_empty()
}
