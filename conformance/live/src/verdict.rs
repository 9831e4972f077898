//! What comes out of a case.

use core::fmt;

use serde::{Deserialize, Serialize};

/// How strongly the sentence asks (RFC 2119).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(clippy::exhaustive_enums, reason = "RFC 2119 has no other")]
pub enum Level {
    /// MUST, MUST NOT, REQUIRED, SHALL.
    Must,
    /// SHOULD, SHOULD NOT, RECOMMENDED.
    Should,
    /// MAY, OPTIONAL; and what the RFC says without a keyword.
    May,
}

impl Level {
    /// All of them, the strongest first.
    pub const ALL: [Self; 3] = [Self::Must, Self::Should, Self::May];

    /// As in options and records.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Must => "must",
            Self::Should => "should",
            Self::May => "may",
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What was found out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(clippy::exhaustive_enums, reason = "records have these four and no other")]
pub enum Verdict {
    /// The peer does what the sentence says.
    Passed,
    /// It does not.
    Failed,
    /// The question cannot be asked here: the run or the peer lacks what it is about.
    Skipped,
    /// It could not be found out: something before the question went wrong.
    Error,
}

impl Verdict {
    /// As in records.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::Skipped => "skipped",
            Self::Error => "error",
        }
    }

    /// Whether it speaks against the peer, or cannot speak for it.
    #[must_use]
    pub const fn is_negative(self) -> bool {
        matches!(self, Self::Failed | Self::Error)
    }
}

/// Why a case ends before its end.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "one for each verdict but `passed`")]
pub enum Fault {
    /// The peer does not do what the sentence says, and what it does instead.
    Failed(String),
    /// What there is not, without which the question cannot be asked.
    Skipped(String),
    /// What went wrong before the question.
    Error(String),
}

impl Fault {
    /// What is a failure of the peer's where the question is something else.
    #[must_use]
    pub fn into_error(self) -> Self {
        match self {
            Self::Failed(why) => Self::Error(why),
            other => other,
        }
    }

    /// The verdict and the reason.
    #[must_use]
    pub fn into_parts(self) -> (Verdict, String) {
        match self {
            Self::Failed(why) => (Verdict::Failed, why),
            Self::Skipped(why) => (Verdict::Skipped, why),
            Self::Error(why) => (Verdict::Error, why),
        }
    }
}

impl From<std::io::Error> for Fault {
    fn from(error: std::io::Error) -> Self {
        Self::Error(error.to_string())
    }
}

/// How a case ends.
pub type Outcome<T = ()> = Result<T, Fault>;

/// What to say of an outcome on the way.
pub trait Setup<T> {
    /// This is not the question: if it fails, the question could not be asked.
    ///
    /// # Errors
    ///
    /// The same fault, as an error.
    fn setup(self, doing: &str) -> Outcome<T>;
}

impl<T> Setup<T> for Outcome<T> {
    fn setup(self, doing: &str) -> Self {
        self.map_err(|fault| match fault.into_error() {
            Fault::Error(why) => Fault::Error(format!("{doing}: {why}")),
            other => other,
        })
    }
}

/// Ends the case as failed, with a reason, unless the condition holds.
#[macro_export]
macro_rules! ensure {
    ($condition:expr, $($reason:tt)+) => {
        if !$condition {
            return Err($crate::verdict::Fault::Failed(format!($($reason)+)));
        }
    };
}

/// Ends the case as failed, with a reason.
#[macro_export]
macro_rules! fail {
    ($($reason:tt)+) => {
        return Err($crate::verdict::Fault::Failed(format!($($reason)+)))
    };
}

/// Ends the case as skipped, with a reason.
#[macro_export]
macro_rules! skip {
    ($($reason:tt)+) => {
        return Err($crate::verdict::Fault::Skipped(format!($($reason)+)))
    };
}
