//! Cases: what is asked of a peer, by which sentence, and how it is found out.

use core::future::Future;
use core::pin::Pin;
use std::rc::Rc;

use crate::quote;
use crate::scene::{Scene, Setting};
use crate::verdict::{Level, Outcome};

/// A future that stays on its thread: cases wait for sockets and compute next to nothing.
pub type Local<'a, T> = Pin<Box<dyn Future<Output = T> + 'a>>;

type Body<S> = Rc<dyn for<'a> Fn(&'a mut Scene<S>) -> Local<'a, Outcome>>;

/// One question to a peer.
pub struct Case<S: Setting> {
    /// RFC, section and number: `6120/4.3.2/1`; of a row of a table also the row:
    /// `6120/11.1/1.comment`. Ids stay what they are, so that runs can be compared.
    pub id: String,
    /// The RFC's number, or the XEP's: `6120`, `XEP-0198`.
    pub rfc: &'static str,
    /// The section in it.
    pub section: &'static str,
    /// The level of the sentence.
    pub level: Level,
    /// The ids in `conformance/requirements` of what it asserts. None for XEPs, whose
    /// sentences are quoted.
    pub requirements: Vec<&'static str>,
    /// The sentence, word by word.
    pub sentence: String,
    /// What is looked at, in a few words.
    pub title: String,
    /// What it cannot do without.
    pub needs: Needs,
    body: Body<S>,
}

impl<S: Setting> Case<S> {
    /// Asks the question.
    pub fn run<'a>(&self, scene: &'a mut Scene<S>) -> Local<'a, Outcome> {
        (self.body)(scene)
    }

    /// It needs that many accounts for itself.
    pub fn accounts(&mut self, count: usize) -> &mut Self {
        self.needs.accounts = count;
        self
    }

    /// It acts as a component (XEP-0114).
    pub fn component(&mut self) -> &mut Self {
        self.needs.component = true;
        self
    }

    /// It opens streams as a peer server.
    pub fn peer(&mut self) -> &mut Self {
        self.needs.peer = true;
        self
    }

    /// It is a peer server that is also connected to.
    pub fn listening_peer(&mut self) -> &mut Self {
        self.needs.peer = true;
        self.needs.listening_peer = true;
        self
    }

    /// It begins with TLS (XEP-0368).
    pub fn direct_tls(&mut self) -> &mut Self {
        self.needs.direct_tls = true;
        self
    }

    /// It runs while no other does.
    pub fn alone(&mut self) -> &mut Self {
        self.needs.alone = true;
        self
    }

    /// It may take that many seconds, in place of the run's `--timeout`.
    pub fn seconds(&mut self, seconds: u64) -> &mut Self {
        self.needs.seconds = Some(seconds);
        self
    }
}

/// What a case cannot do without. Where a run lacks it, the case is skipped.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Needs {
    /// Accounts that no other case uses at the time.
    pub accounts: usize,
    /// A component's name and secret.
    pub component: bool,
    /// The target's port for servers.
    pub peer: bool,
    /// A port of ours that the target reaches for the domain we act as.
    pub listening_peer: bool,
    /// The target's port that begins with TLS.
    pub direct_tls: bool,
    /// No other case at the time.
    pub alone: bool,
    /// Seconds that it may take, if not the run's.
    pub seconds: Option<u64>,
}

/// The cases of one half, in order.
pub struct Cases<S: Setting> {
    list: Vec<Case<S>>,
}

impl<S: Setting> Default for Cases<S> {
    fn default() -> Self {
        Self { list: Vec::new() }
    }
}

impl<S: Setting> Cases<S> {
    /// The cases of one section.
    pub fn section(&mut self, rfc: &'static str, section: &'static str) -> Section<'_, S> {
        Section { cases: self, rfc, section }
    }

    /// All of them.
    #[must_use]
    pub fn into_list(self) -> Vec<Case<S>> {
        self.list
    }
}

/// Where the cases of one section are declared.
///
/// `quoted` is one id or several of `conformance/requirements`, with spaces between, whose
/// sentences are quoted; or else the sentence itself.
pub struct Section<'c, S: Setting> {
    cases: &'c mut Cases<S>,
    rfc: &'static str,
    section: &'static str,
}

impl<S: Setting> Section<'_, S> {
    /// A case of that level. `number` is the last part of its id.
    pub fn case<F>(
        &mut self,
        level: Level,
        number: u32,
        quoted: &'static str,
        title: impl Into<String>,
        body: F,
    ) -> &mut Case<S>
    where
        F: AsyncFn(&mut Scene<S>) -> Outcome + 'static,
    {
        let id = format!("{}/{}/{number}", self.rfc, self.section);
        self.push(level, id, quoted, title.into(), body)
    }

    /// A case for what MUST be, or MUST NOT.
    pub fn must<F>(
        &mut self,
        number: u32,
        quoted: &'static str,
        title: impl Into<String>,
        body: F,
    ) -> &mut Case<S>
    where
        F: AsyncFn(&mut Scene<S>) -> Outcome + 'static,
    {
        self.case(Level::Must, number, quoted, title, body)
    }

    /// A case for what SHOULD be, or SHOULD NOT.
    pub fn should<F>(
        &mut self,
        number: u32,
        quoted: &'static str,
        title: impl Into<String>,
        body: F,
    ) -> &mut Case<S>
    where
        F: AsyncFn(&mut Scene<S>) -> Outcome + 'static,
    {
        self.case(Level::Should, number, quoted, title, body)
    }

    /// A case for what MAY be: it is negative if the peer does it in another way than the
    /// RFC lets it.
    pub fn may<F>(
        &mut self,
        number: u32,
        quoted: &'static str,
        title: impl Into<String>,
        body: F,
    ) -> &mut Case<S>
    where
        F: AsyncFn(&mut Scene<S>) -> Outcome + 'static,
    {
        self.case(Level::May, number, quoted, title, body)
    }

    /// A case for each row of a table: the row's name, which becomes the last part of its
    /// id, and what the case gets.
    pub fn table<R, F>(
        &mut self,
        level: Level,
        number: u32,
        quoted: &'static str,
        title: &str,
        rows: impl IntoIterator<Item = (&'static str, R)>,
        body: F,
    ) -> Rows<'_, S>
    where
        R: Clone + 'static,
        F: AsyncFn(&mut Scene<S>, R) -> Outcome + 'static,
    {
        let first = self.cases.list.len();
        let body = Rc::new(body);
        for (name, row) in rows {
            let body = Rc::clone(&body);
            let id = format!("{}/{}/{number}.{name}", self.rfc, self.section);
            let title = format!("{title}: {}", name.replace('-', " "));
            self.push(level, id, quoted, title, async move |scene: &mut Scene<S>| {
                body(scene, row.clone()).await
            });
        }
        Rows { cases: &mut self.cases.list[first..] }
    }

    fn push<F>(
        &mut self,
        level: Level,
        id: String,
        quoted: &'static str,
        title: String,
        body: F,
    ) -> &mut Case<S>
    where
        F: AsyncFn(&mut Scene<S>) -> Outcome + 'static,
    {
        let (requirements, sentence) = quote::of(quoted);
        let body = Rc::new(body);
        let at = self.cases.list.len();
        self.cases.list.push(Case {
            id,
            rfc: self.rfc,
            section: self.section,
            level,
            requirements,
            sentence,
            title,
            needs: Needs::default(),
            body: Rc::new(move |scene| {
                let body = Rc::clone(&body);
                Box::pin(async move { body(scene).await })
            }),
        });
        &mut self.cases.list[at]
    }
}

/// The cases of a table, to say what they all need.
pub struct Rows<'c, S: Setting> {
    cases: &'c mut [Case<S>],
}

impl<S: Setting> Rows<'_, S> {
    /// Says it of each: `.each(|case| { case.accounts(2); })`.
    pub fn each(self, say: impl Fn(&mut Case<S>)) -> Self {
        for case in &mut *self.cases {
            say(case);
        }
        self
    }

    /// Each needs that many accounts for itself.
    pub fn accounts(self, count: usize) -> Self {
        self.each(|case| {
            case.accounts(count);
        })
    }
}
