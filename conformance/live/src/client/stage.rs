//! Where clients are waited for, and how they are started.

use core::cell::RefCell;
use core::time::Duration;
use std::path::PathBuf;
use std::process::Stdio;
use std::rc::Rc;
use std::sync::Arc;

use clap::Args as ClapArgs;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::net::TcpListener;
use tokio::process::{Child, Command};
use tokio::sync::{OnceCell, OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout_at};

use super::authority::Authority;
use crate::case::{Local, Needs};
use crate::options::Options;
use crate::scene::{Scene, Setting};
use crate::transcript::Transcript;
use crate::verdict::{Fault, Outcome};
use crate::wire::Wire;

/// Where we listen and how clients are judged.
#[derive(ClapArgs, Clone, Debug)]
pub struct Args {
    /// Where to listen. With --command and port 0, each case has a port of its own, so that
    /// several run at the same time
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:0")]
    pub listen: String,
    /// The domain that the suite plays
    #[arg(long, default_value = "im.conformance.test")]
    pub domain: String,
    /// The account that the client is to log in with
    #[arg(long, value_name = "USER:PASSWORD", default_value = "juliet:r0m30myr0m30")]
    pub account: String,
    /// How the client is started, for each case anew, by a shell. {host}, {port}, {domain},
    /// {user}, {jid}, {password} and {ca} stand for what it has to know. Without it, the
    /// suite waits for a client that somebody starts by hand
    #[arg(long, value_name = "COMMAND")]
    pub command: Option<String>,
    /// The folder with the authority that the client has to trust: ca.pem. It is made if
    /// it is not there
    #[arg(long, value_name = "FOLDER", default_value = "xmpp-conformance-authority")]
    pub authority: PathBuf,
    /// How long is waited for a connection, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 15)]
    pub wait: u64,
    /// How long a client must not do what it must not do, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 2)]
    pub quiet: u64,
    /// How cases are run and what comes out.
    #[command(flatten)]
    pub options: Options,
}

/// What the cases know of a run.
#[non_exhaustive]
pub struct Stage {
    /// The domain that is played.
    pub domain: String,
    /// The localpart of the account.
    pub user: String,
    /// Its password.
    pub password: String,
    pub(super) authority: Authority,
    pub(super) wait: Duration,
    pub(super) quiet: Duration,
    ca: PathBuf,
    listen: String,
    command: Option<String>,
    errors: bool,
    /// The one listener of a fixed port.
    listener: OnceCell<Result<Rc<TcpListener>, String>>,
    /// Whether the client logs in where all is right: without that, nothing can be said of
    /// what it refuses.
    control: OnceCell<Result<(), String>>,
    free: Arc<Semaphore>,
}

impl Stage {
    pub(super) fn new(args: &Args) -> Result<Self, String> {
        let (user, password) = args.account.split_once(':').ok_or("--account is USER:PASSWORD")?;
        let own_port = args.command.is_some() && args.listen.ends_with(":0");
        let count = if own_port { args.options.parallel.max(1) } else { 1 };
        if args.command.is_none() && args.listen.ends_with(":0") {
            return Err("--listen needs a port, or --command".into());
        }
        Ok(Self {
            domain: args.domain.clone(),
            user: user.into(),
            password: password.into(),
            authority: Authority::at(&args.authority, &args.domain)?,
            wait: Duration::from_secs(args.wait),
            quiet: Duration::from_secs(args.quiet.max(1)),
            ca: args.authority.join("ca.pem"),
            listen: args.listen.clone(),
            command: args.command.clone(),
            errors: args.options.verbose,
            listener: OnceCell::new(),
            control: OnceCell::new(),
            free: Arc::new(Semaphore::new(count)),
        })
    }

    /// The account's bare JID.
    #[must_use]
    pub fn account(&self) -> String {
        format!("{}@{}", self.user, self.domain)
    }

    async fn listener(&self) -> Result<Rc<TcpListener>, String> {
        let bind = async || {
            let listener = TcpListener::bind(&self.listen).await;
            listener.map(Rc::new).map_err(|error| format!("{}: {error}", self.listen))
        };
        if self.listen.ends_with(":0") {
            return bind().await;
        }
        self.listener.get_or_init(bind).await.clone()
    }

    async fn place(&self, permit: OwnedSemaphorePermit) -> Lease {
        Lease {
            listener: self.listener().await,
            client: None,
            shown: Rc::default(),
            control: Ok(()),
            _permit: permit,
        }
    }
}

/// What a case has for itself: a place to be connected to, and a client.
pub struct Lease {
    listener: Result<Rc<TcpListener>, String>,
    client: Option<Client>,
    shown: Rc<RefCell<String>>,
    control: Result<(), String>,
    _permit: OwnedSemaphorePermit,
}

/// A client that was started. It ends with the case.
struct Client(Child);

impl Drop for Client {
    fn drop(&mut self) {
        // What the shell has started, too.
        if let Some(pid) = self.0.id().and_then(|id| i32::try_from(id).ok())
            && let Some(pid) = rustix::process::Pid::from_raw(pid)
        {
            let _ = rustix::process::kill_process_group(pid, rustix::process::Signal::KILL);
        }
    }
}

impl Setting for Stage {
    type Lease = Lease;

    fn lacks(&self, _: &Needs) -> Option<String> {
        None
    }

    fn lease(self: Rc<Self>, _: Needs) -> Local<'static, Lease> {
        Box::pin(async move {
            let permit = Arc::clone(&self.free).acquire_owned().await;
            let mut lease = self.place(permit.expect("it is never closed")).await;
            if self.control.initialized() {
                lease.control = self.control.get().cloned().unwrap_or(Ok(()));
                return lease;
            }
            let stage = Rc::clone(&self);
            let control = self.control.get_or_init(async || {
                let mut last = String::new();
                // Once may be bad luck on a busy machine.
                for _ in 0..3 {
                    let free = Arc::new(Semaphore::new(1));
                    let permit = free.acquire_owned().await.expect("it is new");
                    let place = stage.place(permit).await;
                    let (setting, transcript) = (Rc::clone(&stage), Transcript::default());
                    let mut scene = Scene { setting, lease: place, transcript };
                    match scene.session().await {
                        Ok(_) => return Ok(()),
                        Err(fault) => last = fault.into_parts().1,
                    }
                }
                Err(last)
            });
            let control = control.await.clone();
            lease.control = control;
            lease
        })
    }
}

impl Scene<Stage> {
    /// A connection of the client, which is started if it is not.
    pub(super) async fn accept(&mut self, who: &str) -> Outcome<Wire> {
        self.accept_within(who, self.setting.wait).await
    }

    /// The same, within another time.
    pub(super) async fn accept_within(&mut self, who: &str, wait: Duration) -> Outcome<Wire> {
        if let Err(why) = &self.lease.control {
            return Err(Fault::Error(format!(
                "the client does not log in where all is right: {why}"
            )));
        }
        let listener = self.lease.listener.clone().map_err(Fault::Error)?;
        if self.lease.client.is_none() {
            self.start(&listener)?;
        }
        let until = Instant::now() + wait;
        match timeout_at(until, listener.accept()).await {
            Ok(Ok((stream, _))) => {
                let mut wire = Wire::of(stream, who, &self.transcript);
                // Clients that people use are not in a hurry.
                wire.patience = Duration::from_secs(20);
                Ok(wire)
            }
            Ok(Err(error)) => Err(Fault::Error(error.to_string())),
            Err(_) => Err(Fault::Error("no client has connected".into())),
        }
    }

    fn start(&mut self, listener: &TcpListener) -> Outcome {
        let at = listener.local_addr()?;
        let stage = &self.setting;
        let Some(command) = &stage.command else {
            eprintln!("waiting for a client: {} at {at}", stage.account());
            return Ok(());
        };
        let command = command
            .replace("{host}", &at.ip().to_string())
            .replace("{port}", &at.port().to_string())
            .replace("{domain}", &stage.domain)
            .replace("{user}", &stage.user)
            .replace("{jid}", &stage.account())
            .replace("{password}", &stage.password)
            .replace("{ca}", &stage.ca.to_string_lossy());
        self.transcript.note("client", "is started");
        let mut child = Command::new("sh")
            .args(["-c", &command])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(if stage.errors { Stdio::inherit() } else { Stdio::null() })
            .process_group(0)
            .kill_on_drop(true)
            .spawn()?;
        if let Some(out) = child.stdout.take() {
            let (shown, transcript) = (Rc::clone(&self.lease.shown), self.transcript.clone());
            tokio::task::spawn_local(async move {
                let mut lines = BufReader::new(out).lines();
                while let Ok(Some(line)) = lines.next_line().await {
                    transcript.note("client", &format!("shows: {line}"));
                    let mut shown = shown.borrow_mut();
                    // A client that shows without an end does not fill the memory.
                    if shown.len() < 1 << 20 {
                        shown.push_str(&line);
                        shown.push('\n');
                    }
                }
            });
        }
        self.lease.client = Some(Client(child));
        Ok(())
    }

    /// Whether the client has shown a text on its standard output.
    pub(super) fn has_shown(&self, text: &str) -> bool {
        self.lease.shown.borrow().contains(text)
    }

    /// Waits until it has, or the time is over.
    pub(super) async fn shows(&self, text: &str, wait: Duration) -> bool {
        let until = Instant::now() + wait;
        while !self.has_shown(text) {
            if Instant::now() >= until {
                return false;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        true
    }
}
