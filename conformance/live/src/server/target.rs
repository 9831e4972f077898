//! The server that is judged, and what of it the cases may use.

use core::cell::{Cell, RefCell};
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::Arc;

use clap::Args as ClapArgs;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::dns::Zone;
use crate::case::{Local, Needs};
use crate::options::Options;
use crate::scene::Setting;
use crate::scram;
use crate::wire::tls::Connect;

/// Which server, and what of it may be used.
#[derive(ClapArgs, Clone, Debug)]
pub struct Args {
    /// Where it listens for clients
    #[arg(long, value_name = "HOST:PORT")]
    pub target: String,
    /// The domain that it serves
    #[arg(long)]
    pub domain: String,
    /// An account and its password; may be given several times. Two at least, so that all
    /// cases can run; more let more run at the same time. Their rosters are emptied
    #[arg(long = "account", value_name = "JID:PASSWORD")]
    pub accounts: Vec<String>,
    /// The authorities that the server's certificates are checked against, in PEM; without
    /// it those of the system
    #[arg(long, value_name = "FILE")]
    pub ca: Option<PathBuf>,
    /// Take any certificate
    #[arg(long, conflicts_with = "ca")]
    pub any_certificate: bool,
    /// Where it listens for clients that begin with TLS (XEP-0368)
    #[arg(long, value_name = "HOST:PORT")]
    pub direct_tls: Option<String>,
    /// Where it listens for components (XEP-0114), a component's name and its secret
    #[arg(long, value_name = "HOST:PORT,NAME,SECRET")]
    pub component: Option<String>,
    /// Where it listens for servers
    #[arg(long, value_name = "HOST:PORT")]
    pub s2s_target: Option<String>,
    /// Where we listen as a peer server: where the server finds the domain --s2s-domain
    #[arg(long, value_name = "ADDRESS:PORT", requires = "s2s_domain")]
    pub s2s_listen: Option<String>,
    /// The domain that we act as towards the server; `*.DOMAIN` is another one below
    /// DOMAIN for each case, so that no case finds what the one before it has left
    #[arg(long, value_name = "DOMAIN", requires = "s2s_target")]
    pub s2s_domain: Option<String>,
    /// Where we answer DNS: that --s2s-domain and all below it are at --s2s-listen
    #[arg(long, value_name = "ADDRESS:PORT", requires = "s2s_listen")]
    pub s2s_dns: Option<String>,
    /// How cases are run and what comes out.
    #[command(flatten)]
    pub options: Options,
}

/// What the cases know of the server.
#[derive(Debug)]
#[non_exhaustive]
pub struct Target {
    /// Where it listens for clients.
    pub address: String,
    /// The domain that it serves.
    pub domain: String,
    /// How TLS is begun with it.
    pub tls: Connect,
    /// Where TLS comes first (XEP-0368), and how it is begun there.
    pub direct_tls: Option<(String, Connect)>,
    /// Where it listens for components.
    pub component: Option<Component>,
    /// Where it listens for servers, and how.
    pub peer: Option<Peer>,
    accounts: Rc<RefCell<Vec<Account>>>,
    free: Arc<Semaphore>,
    count: usize,
}

/// An account.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Account {
    /// Its localpart.
    pub user: String,
    /// Its bare JID.
    pub jid: String,
    /// Its password.
    pub password: String,
}

impl core::fmt::Debug for Account {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Account({})", self.jid)
    }
}

/// A component that the server lets in.
#[derive(Clone)]
#[non_exhaustive]
pub struct Component {
    /// Where.
    pub address: String,
    /// Its domain.
    pub name: String,
    /// What it shares with the server.
    pub secret: String,
}

impl core::fmt::Debug for Component {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Component({})", self.name)
    }
}

/// How we act as a peer server.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Peer {
    /// Where the server listens.
    pub address: String,
    /// Whom we act as.
    pub domains: Domains,
    /// Where we listen.
    pub listen: Option<String>,
}

/// The domains that we act as.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Domains {
    /// This one in each case.
    One(String),
    /// Another one in each case, below this one.
    Below {
        /// What they all end in.
        domain: String,
        /// What those of this run have in common: a server may remember those of others.
        run: String,
        /// How many there were.
        count: Rc<Cell<u32>>,
    },
}

impl Domains {
    fn new(text: Option<&str>) -> Self {
        match text.map(|text| (text, text.strip_prefix("*."))) {
            Some((_, Some(domain))) => Self::Below {
                domain: domain.to_owned(),
                run: scram::random().chars().take(6).collect(),
                count: Rc::default(),
            },
            Some((domain, None)) => Self::One(domain.to_owned()),
            None => Self::One("peer.invalid".to_owned()),
        }
    }

    /// The one of all cases, or what those of all cases end in.
    fn suffix(&self) -> &str {
        match self {
            Self::One(domain) | Self::Below { domain, .. } => domain,
        }
    }

    /// Of the next case.
    fn next(&self) -> String {
        match self {
            Self::One(domain) => domain.clone(),
            Self::Below { domain, run, count } => {
                count.set(count.get() + 1);
                format!("c{}-{run}.{domain}", count.get())
            }
        }
    }
}

impl Target {
    pub(super) fn new(args: &Args) -> Result<Self, String> {
        let connect = |alpn: &[&str]| {
            if args.any_certificate {
                Ok(Connect::unchecked(alpn))
            } else {
                Connect::trusting(args.ca.as_deref(), alpn)
            }
        };
        let direct_tls = match &args.direct_tls {
            Some(address) => Some((address.clone(), connect(&["xmpp-client"])?)),
            None => None,
        };
        let accounts =
            args.accounts.iter().map(|text| account(text)).collect::<Result<Vec<_>, _>>()?;
        let count = accounts.len();
        let domains = Domains::new(args.s2s_domain.as_deref());
        if let (Some(dns), Some(listen)) = (&args.s2s_dns, &args.s2s_listen) {
            let at = listen.parse().map_err(|error| format!("--s2s-listen {listen}: {error}"))?;
            Zone::new(domains.suffix(), at)?.serve(dns)?;
        }
        Ok(Self {
            address: args.target.clone(),
            domain: args.domain.clone(),
            tls: connect(&[])?,
            direct_tls,
            component: args.component.as_deref().map(component).transpose()?,
            peer: args.s2s_target.as_ref().map(|address| Peer {
                address: address.clone(),
                domains: domains.clone(),
                listen: args.s2s_listen.clone(),
            }),
            accounts: Rc::new(RefCell::new(accounts)),
            free: Arc::new(Semaphore::new(count)),
            count,
        })
    }
}

fn account(text: &str) -> Result<Account, String> {
    let usage = || format!("--account {text}: an account is JID:PASSWORD");
    let (jid, password) = text.split_once(':').ok_or_else(usage)?;
    let (user, _) = jid.split_once('@').ok_or_else(usage)?;
    Ok(Account { user: user.into(), jid: jid.into(), password: password.into() })
}

fn component(text: &str) -> Result<Component, String> {
    let mut parts = text.splitn(3, ',').map(str::to_owned);
    match (parts.next(), parts.next(), parts.next()) {
        (Some(address), Some(name), Some(secret)) => Ok(Component { address, name, secret }),
        _ => Err("--component: it is HOST:PORT,NAME,SECRET".into()),
    }
}

/// What one case has for itself: accounts, and whom it acts as.
#[derive(Debug)]
pub struct Lease {
    accounts: Vec<Account>,
    peer_domain: Option<String>,
    home: Rc<RefCell<Vec<Account>>>,
    _permit: Option<OwnedSemaphorePermit>,
}

impl Lease {
    /// The accounts, in the order of the options where possible.
    #[must_use]
    pub fn accounts(&self) -> &[Account] {
        &self.accounts
    }

    /// The domain that it acts as towards the server, where it needs one.
    #[must_use]
    pub fn peer_domain(&self) -> Option<&str> {
        self.peer_domain.as_deref()
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.home.borrow_mut().append(&mut self.accounts);
    }
}

impl Setting for Target {
    type Lease = Lease;

    fn lacks(&self, needs: &Needs) -> Option<String> {
        let peer = self.peer.as_ref();
        if needs.accounts > self.count {
            Some(format!("needs {} accounts (--account)", needs.accounts))
        } else if needs.direct_tls && self.direct_tls.is_none() {
            Some("needs a port that begins with TLS (--direct-tls)".into())
        } else if needs.component && self.component.is_none() {
            Some("needs a component (--component)".into())
        } else if needs.peer && peer.is_none() {
            Some("needs the port for servers (--s2s-target)".into())
        } else if needs.listening_peer && peer.is_none_or(|peer| peer.listen.is_none()) {
            Some("needs a port where the server finds us (--s2s-listen, --s2s-domain)".into())
        } else {
            None
        }
    }

    fn lease(self: Rc<Self>, needs: Needs) -> Local<'static, Lease> {
        Box::pin(async move {
            let wanted = u32::try_from(needs.accounts).unwrap_or(u32::MAX);
            let permit = Arc::clone(&self.free).acquire_many_owned(wanted).await.ok();
            let mut free = self.accounts.borrow_mut();
            let kept = free.len().saturating_sub(needs.accounts);
            let accounts = free.split_off(kept);
            drop(free);
            let peer = self.peer.as_ref().filter(|_| needs.peer);
            Lease {
                accounts,
                peer_domain: peer.map(|peer| peer.domains.next()),
                home: Rc::clone(&self.accounts),
                _permit: permit,
            }
        })
    }
}
