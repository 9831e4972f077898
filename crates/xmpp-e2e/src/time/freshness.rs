//! Whether an object is new: RFC 3923 section 6.9.

use core::time::Duration;
use std::collections::BTreeMap;

use xmpp_jid::BareJid;

use super::Timestamp;

/// How far from now a timestamp may be (3923-6.9-03).
const WINDOW: Duration = Duration::from_secs(5 * 60);

/// For how long timestamps are remembered (3923-6.9-04).
const MEMORY: Duration = Duration::from_secs(10 * 60);

/// How many senders are remembered. Only those count whose signature was
/// verified, so nobody fills this without as many certificates.
const MAX_SENDERS: usize = 4096;

/// How many objects of one sender may bear the same second.
const MAX_IN_SECOND: usize = 1024;

/// The timestamps of the last ten minutes, by sender.
///
/// It is enough to keep the latest of each: an earlier one is less than any
/// that the five-minute window lets in once the latest is forgotten.
#[derive(Clone, Debug, Default)]
pub struct Freshness {
    seen: BTreeMap<(BareJid, Source), Seen>,
}

/// Date-times in objects and signing times have clocks of their own: the second
/// kind has no fraction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Source {
    Object,
    SigningTime,
}

#[derive(Clone, Debug)]
struct Seen {
    latest: Timestamp,
    received: Timestamp,
    /// What bore the latest signing time.
    objects: Vec<[u8; 32]>,
}

/// What [`Freshness::save`] writes begins with this line.
const HEADER: &str = "xmpp-e2e freshness 1";

/// A text that [`Freshness::save`] did not write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct NotFreshness {
    /// The line that is wrong, counted from 1.
    pub line: usize,
}

impl core::fmt::Display for NotFreshness {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "line {} is not one that was saved", self.line)
    }
}

impl core::error::Error for NotFreshness {}

/// What is wrong with a timestamp, in RFC 3923's words for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum BadTimestamp {
    /// "Old timestamp": more than five minutes ago.
    Old,
    /// "Future timestamp": more than five minutes ahead.
    Future,
    /// "Decreasing timestamp": not later than another one of the sender's.
    Decreasing,
    /// There is none, or not in UTC.
    Missing,
}

impl core::fmt::Display for BadTimestamp {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            Self::Old => "old timestamp",
            Self::Future => "future timestamp",
            Self::Decreasing => "decreasing timestamp",
            Self::Missing => "no timestamp in UTC",
        })
    }
}

impl core::error::Error for BadTimestamp {}

impl Freshness {
    /// Nothing seen yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether an object from `sender` with this timestamp, received `now`, is
    /// new; remembers it.
    ///
    /// # Errors
    ///
    /// What is wrong with the timestamp.
    pub fn check(
        &mut self,
        sender: &BareJid,
        stated: Timestamp,
        now: Timestamp,
    ) -> Result<(), BadTimestamp> {
        within_window(stated, now)?;
        let seen = self.entry(sender, Source::Object, now);
        if seen.as_ref().is_some_and(|seen| stated <= seen.latest) {
            return Err(BadTimestamp::Decreasing);
        }
        self.remember(
            sender,
            Source::Object,
            Seen { latest: stated, received: now, objects: Vec::new() },
        );
        Ok(())
    }

    /// Checks an object that bears no timestamp but the signing time of its
    /// signature, which counts whole seconds: within one, an object is new
    /// if its digest is.
    ///
    /// # Errors
    ///
    /// What is wrong with the time.
    pub fn check_signing_time(
        &mut self,
        sender: &BareJid,
        stated: Timestamp,
        digest: [u8; 32],
        now: Timestamp,
    ) -> Result<(), BadTimestamp> {
        within_window(stated, now)?;
        if let Some(seen) = self.entry(sender, Source::SigningTime, now) {
            if stated < seen.latest {
                return Err(BadTimestamp::Decreasing);
            }
            if stated == seen.latest {
                if seen.objects.contains(&digest) || seen.objects.len() >= MAX_IN_SECOND {
                    return Err(BadTimestamp::Decreasing);
                }
                seen.objects.push(digest);
                seen.received = now;
                return Ok(());
            }
        }
        let seen = Seen { latest: stated, received: now, objects: vec![digest] };
        self.remember(sender, Source::SigningTime, seen);
        Ok(())
    }

    /// What is remembered, as text: to be kept over a restart, since what was
    /// accepted in the last ten minutes could else be played back after it.
    ///
    /// After a line that names the format, there is one for each sender and
    /// clock: the clock (`object` or `signing-time`), the latest timestamp and
    /// the time at which it was received, both in seconds since 1970 with nine
    /// digits after the point, the digests of what bore the latest signing time,
    /// separated by commas (or `-`), and the sender.
    ///
    /// ```
    /// # use core::time::Duration;
    /// use xmpp_e2e::{BadTimestamp, Freshness, Timestamp};
    ///
    /// let now = Timestamp::from_unix(Duration::from_secs(1_767_225_600));
    /// let juliet = "juliet@example.com".parse()?;
    /// let mut seen = Freshness::new();
    /// seen.check(&juliet, now, now)?;
    /// let mut seen = Freshness::restore(&seen.save())?;
    /// assert_eq!(seen.check(&juliet, now, now), Err(BadTimestamp::Decreasing));
    /// # Ok::<(), Box<dyn core::error::Error>>(())
    /// ```
    #[must_use]
    pub fn save(&self) -> String {
        let mut out = format!("{HEADER}\n");
        for ((sender, source), seen) in &self.seen {
            let objects: Vec<String> = seen.objects.iter().map(|digest| hex(digest)).collect();
            let objects = if objects.is_empty() { "-".into() } else { objects.join(",") };
            out.push_str(&format!(
                "{} {} {} {objects} {sender}\n",
                source.as_str(),
                stamp(seen.latest),
                stamp(seen.received),
            ));
        }
        out
    }

    /// What [`save`](Self::save) wrote.
    ///
    /// # Errors
    ///
    /// The first line that is not one of those.
    pub fn restore(text: &str) -> Result<Self, NotFreshness> {
        let mut lines = text.lines().zip(1..);
        if lines.next().is_none_or(|(line, _)| line != HEADER) {
            return Err(NotFreshness { line: 1 });
        }
        let mut restored = Self::new();
        for (text, line) in lines {
            let (key, seen) = read_line(text).ok_or(NotFreshness { line })?;
            if restored.seen.len() < 2 * MAX_SENDERS {
                restored.seen.insert(key, seen);
            }
        }
        Ok(restored)
    }

    fn entry(&mut self, sender: &BareJid, source: Source, now: Timestamp) -> Option<&mut Seen> {
        let seen = self.seen.get_mut(&(sender.clone(), source))?;
        (seen.received.later(MEMORY) >= now).then_some(seen)
    }

    fn remember(&mut self, sender: &BareJid, source: Source, seen: Seen) {
        let now = seen.received;
        self.seen.insert((sender.clone(), source), seen);
        if self.seen.len() > MAX_SENDERS {
            self.seen.retain(|_, seen| seen.received.later(MEMORY) >= now);
        }
        if self.seen.len() > MAX_SENDERS {
            let oldest = self.seen.iter().min_by_key(|(_, seen)| seen.received);
            if let Some(key) = oldest.map(|(key, _)| key.clone()) {
                self.seen.remove(&key);
            }
        }
    }
}

impl Source {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Object => "object",
            Self::SigningTime => "signing-time",
        }
    }
}

fn stamp(time: Timestamp) -> String {
    let since = time.since_unix();
    format!("{}.{:09}", since.as_secs(), since.subsec_nanos())
}

fn hex(octets: &[u8]) -> String {
    octets.iter().map(|octet| format!("{octet:02x}")).collect()
}

fn read_line(line: &str) -> Option<((BareJid, Source), Seen)> {
    let mut fields = line.splitn(5, ' ');
    let source = match fields.next()? {
        "object" => Source::Object,
        "signing-time" => Source::SigningTime,
        _ => return None,
    };
    let time = |text: &str| {
        let (seconds, nanos) = text.split_once('.').filter(|(_, nanos)| nanos.len() == 9)?;
        Some(Timestamp::from_unix(Duration::new(seconds.parse().ok()?, nanos.parse().ok()?)))
    };
    let (latest, received) = (time(fields.next()?)?, time(fields.next()?)?);
    let objects = match fields.next()? {
        "-" => Vec::new(),
        list => list.split(',').take(MAX_IN_SECOND).map(digest).collect::<Option<_>>()?,
    };
    let sender = fields.next()?.parse().ok()?;
    Some(((sender, source), Seen { latest, received, objects }))
}

fn digest(hex: &str) -> Option<[u8; 32]> {
    let mut out = [0; 32];
    if hex.len() != 64 || !hex.is_ascii() {
        return None;
    }
    for (octet, at) in out.iter_mut().zip((0..64).step_by(2)) {
        *octet = u8::from_str_radix(&hex[at..at + 2], 16).ok()?;
    }
    Some(out)
}

fn within_window(stated: Timestamp, now: Timestamp) -> Result<(), BadTimestamp> {
    if stated.later(WINDOW) < now {
        Err(BadTimestamp::Old)
    } else if now.later(WINDOW) < stated {
        Err(BadTimestamp::Future)
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: u64) -> Timestamp {
        Timestamp::from_unix(Duration::from_millis(1_700_000_000_000 + millis))
    }

    fn juliet() -> BareJid {
        "juliet@example.com".parse().unwrap()
    }

    // 3923-6.9-03, to the millisecond on both sides
    #[test]
    fn five_minutes_and_no_more() {
        let mut seen = Freshness::new();
        let now = at(600_000);
        assert_eq!(seen.check(&juliet(), at(299_999), now), Err(BadTimestamp::Old));
        assert_eq!(seen.check(&juliet(), at(900_001), now), Err(BadTimestamp::Future));
        assert_eq!(seen.check(&juliet(), at(300_000), now), Ok(()));
        assert_eq!(seen.check(&juliet(), at(900_000), now), Ok(()));
    }

    // 3923-6.9-04, 3923-2-04
    #[test]
    fn later_than_what_came_in_the_last_ten_minutes() {
        let mut seen = Freshness::new();
        assert_eq!(seen.check(&juliet(), at(300_000), at(0)), Ok(()));
        assert_eq!(seen.check(&juliet(), at(300_000), at(1)), Err(BadTimestamp::Decreasing));
        assert_eq!(seen.check(&juliet(), at(1), at(2)), Err(BadTimestamp::Decreasing));
        let nurse: BareJid = "nurse@example.com".parse().unwrap();
        assert_eq!(seen.check(&nurse, at(1), at(2)), Ok(()), "another sender");
        assert_eq!(seen.check(&juliet(), at(300_000), at(600_000)), Err(BadTimestamp::Decreasing));
        assert_eq!(seen.check(&juliet(), at(300_001), at(600_000)), Ok(()));
    }

    #[test]
    fn signing_times_count_seconds_and_objects() {
        let mut seen = Freshness::new();
        let mut check =
            |time, object, now| seen.check_signing_time(&juliet(), at(time), [object; 32], at(now));
        assert_eq!(check(1000, 1, 1500), Ok(()));
        assert_eq!(check(1000, 2, 1600), Ok(()));
        assert_eq!(check(1000, 1, 1700), Err(BadTimestamp::Decreasing));
        assert_eq!(check(2000, 1, 2000), Ok(()));
        assert_eq!(check(1000, 3, 2000), Err(BadTimestamp::Decreasing));
    }

    /// What is kept over a restart refuses what it would have refused.
    #[test]
    fn memory_survives_a_restart() {
        let mut seen = Freshness::new();
        let nurse: BareJid = "nurse@example.com".parse().unwrap();
        seen.check(&juliet(), at(300_000), at(0)).unwrap();
        seen.check_signing_time(&nurse, at(1000), [1; 32], at(1)).unwrap();
        seen.check_signing_time(&nurse, at(1000), [2; 32], at(2)).unwrap();
        let saved = seen.save();
        let mut again = Freshness::restore(&saved).unwrap();
        assert_eq!(again.save(), saved);
        assert_eq!(again.check(&juliet(), at(300_000), at(3)), Err(BadTimestamp::Decreasing));
        for (digest, verdict) in
            [(1, Err(BadTimestamp::Decreasing)), (2, Err(BadTimestamp::Decreasing)), (3, Ok(()))]
        {
            assert_eq!(again.check_signing_time(&nurse, at(1000), [digest; 32], at(4)), verdict);
        }
        for (wrong, line) in [
            ("", 1),
            ("x", 1),
            ("xmpp-e2e freshness 1\nobject 1.0 2.000000000 - a@b", 2),
            ("xmpp-e2e freshness 1\nclock 1.000000000 2.000000000 - a@b", 2),
            ("xmpp-e2e freshness 1\nobject 1.000000000 2.000000000 0z a@b", 2),
        ] {
            assert_eq!(Freshness::restore(wrong).unwrap_err(), NotFreshness { line }, "{wrong}");
        }
    }

    #[test]
    fn memory_is_bounded() {
        let mut seen = Freshness::new();
        for number in 0..MAX_SENDERS as u64 + 10 {
            let sender: BareJid = format!("user{number}@example.com").parse().unwrap();
            assert_eq!(seen.check(&sender, at(number), at(number)), Ok(()));
        }
        assert_eq!(seen.seen.len(), MAX_SENDERS);
    }
}
