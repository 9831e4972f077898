//! Tasks between authentication and success: XEP-0388, "Continue"; XEP-0480.

use alloc::string::String;
use alloc::vec::Vec;

use xmpp_xml::{Element, ElementRef, Ns, WriteXml, Writer};

use super::{Data, NS, SECTION, data, names, required, write_all, write_data};
use crate::invalid::Rule;
use crate::{Invalid, Payload};

/// The namespace of `<salt/>` and `<hash/>` (XEP-0480, section 3).
const SCRAM_UPGRADE: Ns<'static> = Ns::new("urn:xmpp:scram-upgrade:0");

/// `<continue/>`: authenticated, but there is something to do first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Continue {
    /// The additional data of the mechanism, which the client may have to verify.
    pub additional_data: Option<Data>,
    /// The names of the tasks, of which one is to be done.
    pub tasks: Vec<String>,
    /// Why, for people.
    pub text: Option<String>,
}

impl Continue {
    /// With these tasks.
    pub fn new<S: Into<String>>(tasks: impl IntoIterator<Item = S>) -> Self {
        Self { tasks: tasks.into_iter().map(Into::into).collect(), ..Self::default() }
    }
}

impl Payload<'_> for Continue {
    const NS: Ns<'static> = NS;
    const NAME: &'static str = "continue";

    fn parse(element: ElementRef<'_>) -> Result<Self, Invalid> {
        Self::check(element)?;
        let tasks = element
            .child(NS, "tasks")
            .ok_or_else(|| Invalid::new(Self::NAME, Rule::MissingChild("tasks"), SECTION))?;
        Ok(Self {
            additional_data: element.child(NS, "additional-data").map(data).transpose()?,
            tasks: names(tasks, NS, "task"),
            text: element.child(NS, "text").map(|text| text.text().into_owned()),
        })
    }
}

impl WriteXml for Continue {
    fn write_xml(&self, w: &mut Writer<'_>) {
        w.start(NS, Self::NAME);
        write_data(w, "additional-data", self.additional_data.as_ref());
        w.start(NS, "tasks");
        for task in &self.tasks {
            w.leaf(NS, "task", task);
        }
        w.end();
        if let Some(text) = &self.text {
            w.leaf(NS, "text", text);
        }
        w.end();
    }
}

/// `<next/>`: the client picks a task.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Next {
    /// The task's name.
    pub task: String,
    /// What the task begins with, each an element.
    pub payloads: Vec<Element>,
}

impl Next {
    /// This task.
    pub fn new(task: impl Into<String>) -> Self {
        Self { task: task.into(), payloads: Vec::new() }
    }
}

impl Payload<'_> for Next {
    const NS: Ns<'static> = NS;
    const NAME: &'static str = "next";

    fn parse(element: ElementRef<'_>) -> Result<Self, Invalid> {
        Self::check(element)?;
        let task = required(element, Self::NAME, "task")?;
        Ok(Self { task, payloads: element.children().map(ElementRef::into_shared).collect() })
    }
}

impl WriteXml for Next {
    fn write_xml(&self, w: &mut Writer<'_>) {
        w.start(NS, Self::NAME).attr("task", &self.task);
        write_all(w, &self.payloads);
        w.end();
    }
}

/// `<task-data/>`: what a task exchanges behind `<next/>`, in a namespace of its own.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct TaskData {
    /// The task's own elements.
    pub payloads: Vec<Element>,
}

impl TaskData {
    /// These elements.
    #[must_use]
    pub const fn new(payloads: Vec<Element>) -> Self {
        Self { payloads }
    }
}

impl Payload<'_> for TaskData {
    const NS: Ns<'static> = NS;
    const NAME: &'static str = "task-data";

    fn parse(element: ElementRef<'_>) -> Result<Self, Invalid> {
        Self::check(element)?;
        Ok(Self::new(element.children().map(ElementRef::into_shared).collect()))
    }
}

impl WriteXml for TaskData {
    fn write_xml(&self, w: &mut Writer<'_>) {
        w.start(NS, Self::NAME);
        write_all(w, &self.payloads);
        w.end();
    }
}

/// `<task-data/>` of an upgrade to SCRAM (XEP-0480, section 3). Others have data
/// of their own.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ScramUpgrade {
    /// `<salt/>`: the server says what the password is to be hashed with.
    Salt {
        /// The salt; not empty.
        salt: Data,
        /// The count.
        iterations: u32,
    },
    /// `<hash/>`: the client's SaltedPassword.
    Hash(Data),
}

impl Payload<'_> for ScramUpgrade {
    const NS: Ns<'static> = NS;
    const NAME: &'static str = "task-data";

    fn parse(element: ElementRef<'_>) -> Result<Self, Invalid> {
        const SECTION: &str = "XEP-0480, 3";
        Self::check(element)?;
        let filled = |child, name| match Data::read(child, name)? {
            empty if empty.as_base64().is_empty() => {
                Err(Invalid::new(name, Rule::Base64, SECTION).found(""))
            }
            data => Ok(data),
        };
        if let Some(salt) = element.child(SCRAM_UPGRADE, "salt") {
            let count = salt.attr("iterations").and_then(|count| count.parse().ok());
            let iterations = count.ok_or_else(|| {
                Invalid::new("salt", Rule::NotInRange(1, u32::MAX.into()), SECTION)
                    .in_attribute("iterations")
            })?;
            return Ok(Self::Salt { salt: filled(salt, "salt")?, iterations });
        }
        match element.child(SCRAM_UPGRADE, "hash") {
            Some(hash) => filled(hash, "hash").map(Self::Hash),
            None => Err(Invalid::new(Self::NAME, Rule::MissingChild("hash"), SECTION)),
        }
    }
}

impl WriteXml for ScramUpgrade {
    fn write_xml(&self, w: &mut Writer<'_>) {
        w.start(NS, Self::NAME);
        match self {
            Self::Salt { salt, iterations } => {
                w.start(SCRAM_UPGRADE, "salt");
                w.attr("iterations", &alloc::format!("{iterations}")).text(salt.as_base64()).end();
            }
            Self::Hash(hash) => {
                w.leaf(SCRAM_UPGRADE, "hash", hash.as_base64());
            }
        }
        w.end();
    }
}
