//! Authorities and what they sign.

use rcgen::{
    BasicConstraints, CertificateParams, CertificateRevocationListParams, CustomExtension, DnType,
    ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose, RevokedCertParams,
    SerialNumber, date_time_ymd,
};
use rustls::pki_types::{CertificateDer, TrustAnchor};

/// 2027-01-15T08:00:00Z
pub(crate) const NOW: u64 = 1_800_000_000;

pub(crate) enum San {
    Dns(&'static str),
    Srv(&'static str),
    Xmpp(&'static str),
    Ip(&'static [u8]),
}

/// The names that most cases have.
pub(crate) const USUAL: &[San] = &[San::Dns("im.example.com"), San::Xmpp("juliet@im.example.com")];

pub(crate) fn tlv(tag: u8, contents: &[u8]) -> Vec<u8> {
    let mut out = vec![tag];
    match contents.len() {
        short @ ..=127 => out.push(u8::try_from(short).unwrap()),
        long => {
            out.push(0x82);
            out.extend(u16::try_from(long).unwrap().to_be_bytes());
        }
    }
    out.extend_from_slice(contents);
    out
}

fn other_name(last: u8, value: Vec<u8>) -> Vec<u8> {
    let oid = tlv(0x06, &[0x2b, 6, 1, 5, 5, 7, 8, last]);
    tlv(0xa0, &[oid, tlv(0xa0, &value)].concat())
}

impl San {
    fn to_der(&self) -> Vec<u8> {
        match self {
            Self::Dns(name) => tlv(0x82, name.as_bytes()),
            Self::Srv(name) => other_name(7, tlv(0x16, name.as_bytes())),
            Self::Xmpp(name) => other_name(5, tlv(0x0c, name.as_bytes())),
            Self::Ip(octets) => tlv(0x87, octets),
        }
    }
}

pub(crate) fn subject_alt_name(names: &[San]) -> Vec<u8> {
    let names: Vec<Vec<u8>> = names.iter().map(San::to_der).collect();
    tlv(0x30, &names.concat())
}

/// A certificate for an end entity, from 2025 to 2035.
pub(crate) fn leaf(names: &[San]) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.not_before = date_time_ymd(2025, 1, 1);
    params.not_after = date_time_ymd(2035, 1, 1);
    params.serial_number = Some(SerialNumber::from(7_u64));
    params.distinguished_name.push(DnType::CommonName, "an end entity");
    if !names.is_empty() {
        let value = subject_alt_name(names);
        params.custom_extensions = vec![CustomExtension::from_oid_content(&[2, 5, 29, 17], value)];
    }
    params
}

pub(crate) fn limited_to(usages: &[ExtendedKeyUsagePurpose]) -> CertificateParams {
    let mut params = leaf(USUAL);
    params.extended_key_usages = usages.to_vec();
    params
}

/// What signs.
pub(crate) struct Authority {
    issuer: Issuer<'static, KeyPair>,
    /// From itself to below the root, the order in which a peer presents them.
    chain: Vec<CertificateDer<'static>>,
    root: CertificateDer<'static>,
}

impl Authority {
    pub(crate) fn root(name: &str) -> Self {
        Self::root_by(Self::params(name))
    }

    pub(crate) fn root_by(params: CertificateParams) -> Self {
        let key = KeyPair::generate().unwrap();
        let root = params.self_signed(&key).unwrap().der().clone();
        Self { issuer: Issuer::new(params, key), chain: Vec::new(), root }
    }

    pub(crate) fn params(name: &str) -> CertificateParams {
        let mut params = CertificateParams::default();
        params.not_before = date_time_ymd(2025, 1, 1);
        params.not_after = date_time_ymd(2036, 1, 1);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        params.distinguished_name.push(DnType::CommonName, name);
        params
    }

    /// One that this one has signed.
    pub(crate) fn below(&self, params: CertificateParams) -> Self {
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap().der().clone();
        let chain = core::iter::once(certificate).chain(self.chain.iter().cloned()).collect();
        Self { issuer: Issuer::new(params, key), chain, root: self.root.clone() }
    }

    /// A chain, end entity first, without the root; and its key.
    pub(crate) fn sign(
        &self,
        params: &CertificateParams,
    ) -> (Vec<CertificateDer<'static>>, KeyPair) {
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap().der().clone();
        (core::iter::once(certificate).chain(self.chain.iter().cloned()).collect(), key)
    }

    pub(crate) fn chain(&self, params: &CertificateParams) -> Vec<CertificateDer<'static>> {
        self.sign(params).0
    }

    pub(crate) fn anchors(&self) -> Vec<TrustAnchor<'static>> {
        let mut roots = rustls::RootCertStore::empty();
        roots.add(self.root.clone()).unwrap();
        roots.roots
    }

    pub(crate) fn root_der(&self) -> &CertificateDer<'static> {
        &self.root
    }

    /// A list of what it has revoked, good until `year`.
    pub(crate) fn revocation_list(&self, serials: &[u64], year: i32) -> Vec<u8> {
        let revoked = |serial: &u64| RevokedCertParams {
            serial_number: SerialNumber::from(*serial),
            revocation_time: date_time_ymd(2026, 1, 1),
            reason_code: None,
            invalidity_date: None,
        };
        let list = CertificateRevocationListParams {
            this_update: date_time_ymd(2026, 1, 1),
            next_update: date_time_ymd(year, 1, 1),
            crl_number: SerialNumber::from(1_u64),
            issuing_distribution_point: None,
            revoked_certs: serials.iter().map(revoked).collect(),
            key_identifier_method: rcgen::KeyIdMethod::Sha256,
        };
        list.signed_by(&self.issuer).unwrap().der().to_vec()
    }
}

/// A certificate that has signed itself.
pub(crate) fn self_signed(params: &CertificateParams) -> Vec<CertificateDer<'static>> {
    let key = KeyPair::generate().unwrap();
    vec![params.self_signed(&key).unwrap().der().clone()]
}
