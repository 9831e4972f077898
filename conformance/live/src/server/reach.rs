//! Whether something listens where cases connect to: one message if not, in place of an
//! error for each case.

use core::time::Duration;
use std::net::{TcpStream, ToSocketAddrs as _};

use super::target::Args;

const PATIENCE: Duration = Duration::from_secs(5);

/// Connects once to each address of the options.
///
/// # Errors
///
/// Nothing listens at one of them, or its name is not found.
pub(super) fn check(args: &Args) -> Result<(), String> {
    let component = args.component.as_deref().and_then(|text| text.split(',').next());
    let addresses = [
        ("--target", Some(args.target.as_str())),
        ("--direct-tls", args.direct_tls.as_deref()),
        ("--component", component),
        ("--s2s-target", args.s2s_target.as_deref()),
    ];
    for (option, address) in addresses {
        let Some(address) = address else { continue };
        connect(address).map_err(|error| format!("{option} {address}: {error}"))?;
    }
    Ok(())
}

fn connect(address: &str) -> std::io::Result<()> {
    let mut last = std::io::Error::new(std::io::ErrorKind::NotFound, "no such host");
    for at in address.to_socket_addrs()? {
        match TcpStream::connect_timeout(&at, PATIENCE) {
            Ok(_) => return Ok(()),
            Err(error) => last = error,
        }
    }
    Err(last)
}
