//! Extended key usage (RFC 5280 section 4.2.1.12).

use alloc::vec::Vec;

use webpki::{
    Error, ExtendedKeyUsageValidator, KeyPurposeIdIter, KeyUsage, RequiredEkuNotFoundContext,
};

use super::Purpose;

/// Which uses are good for a purpose. A certificate that is not limited is good for all.
#[derive(Clone, Copy)]
pub(super) struct Usage {
    purpose: Purpose,
    server_auth_of_initiators: bool,
}

/// `id-on-xmppAddr` as a usage: for the XMPP network, whatever for (`6120-13.7.1.4-03`).
const XMPP: [usize; 9] = [1, 3, 6, 1, 5, 5, 7, 8, 5];

impl Usage {
    pub(super) const fn new(purpose: Purpose, server_auth_of_initiators: bool) -> Self {
        Self { purpose, server_auth_of_initiators }
    }

    fn allows(&self, usage: &[usize]) -> bool {
        match usage {
            KeyUsage::SERVER_AUTH_REPR => match self.purpose {
                Purpose::ClientToServer | Purpose::ServerToServer => true,
                Purpose::ServerFromServer => self.server_auth_of_initiators,
                Purpose::ServerFromClient => false,
            },
            KeyUsage::CLIENT_AUTH_REPR => self.purpose.is_of_initiator(),
            other => other == XMPP,
        }
    }
}

impl ExtendedKeyUsageValidator for Usage {
    fn validate(&self, usages: KeyPurposeIdIter<'_, '_>) -> Result<(), Error> {
        let mut present = Vec::new();
        for usage in usages {
            let usage = usage?.to_decoded_oid();
            if self.allows(&usage) {
                return Ok(());
            }
            present.push(usage);
        }
        if present.is_empty() {
            // The extension is there with nothing in it, or is not there.
            return Ok(());
        }
        let required = if self.purpose.is_of_initiator() {
            KeyUsage::client_auth()
        } else {
            KeyUsage::server_auth()
        };
        Err(Error::RequiredEkuNotFoundContext(RequiredEkuNotFoundContext { required, present }))
    }
}
