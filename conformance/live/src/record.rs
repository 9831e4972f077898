//! What a run leaves behind: a line about the run, a line a case, a line of totals.

use core::fmt;
use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::verdict::{Level, Verdict};

/// One line of a run's JSON. A record has the key `id`, the first line `run`, the last
/// `totals`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(untagged)]
#[expect(clippy::exhaustive_enums, reason = "a run has these lines and no other")]
pub enum Line {
    /// What was held against what.
    Run {
        /// It.
        run: Run,
    },
    /// How it came out.
    Totals {
        /// It.
        totals: Totals,
    },
    /// One case.
    Record(Box<Record>),
}

/// What was held against what, and when.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Run {
    /// `server` or `client`: which half of the suite.
    pub half: String,
    /// Who was judged, for people: `Prosody 0.12.3`.
    pub name: String,
    /// Where: an address of the target's, or ours that it connected to.
    pub target: String,
    /// The domain that was spoken to, or that was played.
    pub domain: String,
    /// The suite's version.
    pub suite: String,
    /// When it began, in UTC (RFC 3339).
    pub began: String,
    /// Cases that were chosen.
    pub cases: usize,
}

/// How a run came out.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Totals {
    /// Of all cases.
    #[serde(flatten)]
    pub all: Count,
    /// By level: `must`, `should`, `may`.
    pub levels: BTreeMap<String, Count>,
    /// By RFC.
    pub rfcs: BTreeMap<String, Count>,
    /// How long the run took, in milliseconds.
    pub duration_ms: u64,
}

/// How many cases came out how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Count {
    /// Those that passed.
    pub passed: usize,
    /// Those that failed.
    pub failed: usize,
    /// Those that could not be asked.
    pub skipped: usize,
    /// Those that could not be found out.
    pub error: usize,
}

impl Count {
    /// One more.
    pub fn add(&mut self, verdict: Verdict) {
        match verdict {
            Verdict::Passed => self.passed += 1,
            Verdict::Failed => self.failed += 1,
            Verdict::Skipped => self.skipped += 1,
            Verdict::Error => self.error += 1,
        }
    }

    /// All of them.
    #[must_use]
    pub const fn sum(&self) -> usize {
        self.passed + self.failed + self.skipped + self.error
    }
}

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { passed, failed, skipped, error } = self;
        write!(f, "{passed} passed, {failed} failed, {skipped} skipped, {error} errors")
    }
}

impl Totals {
    /// Of these records.
    #[must_use]
    pub fn of<'r>(records: impl IntoIterator<Item = &'r Record>) -> Self {
        let mut totals = Self::default();
        for record in records {
            totals.all.add(record.verdict);
            let level = record.level.as_str().to_owned();
            totals.levels.entry(level).or_default().add(record.verdict);
            totals.rfcs.entry(record.rfc.clone()).or_default().add(record.verdict);
        }
        totals
    }
}

/// One case and what came of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Record {
    /// As [`Case::id`](crate::case::Case::id).
    pub id: String,
    /// The RFC's number, or the XEP's.
    pub rfc: String,
    /// The section in it.
    pub section: String,
    /// The level of the sentence.
    pub level: Level,
    /// What was found out.
    pub verdict: Verdict,
    /// What was looked at.
    pub title: String,
    /// The sentence.
    pub sentence: String,
    /// The ids of the sentence, if it has any.
    pub requirements: Vec<String>,
    /// Why, unless it passed.
    #[serde(default)]
    pub reason: String,
    /// How long it took, in milliseconds.
    pub duration_ms: u64,
    /// All that was sent, over all streams; what is no UTF-8 is replaced.
    pub sent: String,
    /// All that was received.
    pub received: String,
    /// What happened, in order.
    pub transcript: Vec<Entry>,
}

/// One thing that happened.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Entry {
    /// Milliseconds since the case began.
    pub at: u64,
    /// On whose stream: `alice/one`, `peer`.
    pub who: String,
    /// Which way, seen from the suite.
    pub direction: Direction,
    /// What went over the wire (under TLS, what was protected), or a note in UTF-8.
    pub bytes: Bytes,
    /// Whether this is what the case is about.
    pub marked: bool,
}

/// Which way bytes went, seen from the suite.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(clippy::exhaustive_enums, reason = "a wire has two ways")]
pub enum Direction {
    /// From the suite to the peer.
    Sent,
    /// From the peer to the suite.
    Received,
    /// Neither: what happened to the transport.
    Note,
}

/// Bytes: in JSON a string if they are UTF-8, else `{"base64": …}`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bytes(pub Vec<u8>);

impl Bytes {
    /// As text; what is no UTF-8 is replaced.
    #[must_use]
    pub fn text(&self) -> std::borrow::Cow<'_, str> {
        String::from_utf8_lossy(&self.0)
    }
}

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum BytesForm {
    Text(String),
    Base64 { base64: String },
}

impl Serialize for Bytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match core::str::from_utf8(&self.0) {
            Ok(text) => serializer.serialize_str(text),
            Err(_) => BytesForm::Base64 { base64: STANDARD.encode(&self.0) }.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match BytesForm::deserialize(deserializer)? {
            BytesForm::Text(text) => Ok(Self(text.into_bytes())),
            BytesForm::Base64 { base64 } => {
                STANDARD.decode(base64).map(Self).map_err(D::Error::custom)
            }
        }
    }
}
