//! A flipped bit anywhere in a signed or encrypted object is never accepted:
//! every bit of small objects, one after the other (3923-2-03, 3923-2-10).
//!
//! What stands outside of the protected octets (the names of MIME header fields,
//! which may be in capitals or not, or the name of an attachment) can be changed
//! without a change of meaning. So there the promise is: what comes out is the
//! same object, by the same signer. Within CMS nothing at all is let pass.

mod common;

use common::{Authority, NOW};
use xmpp_e2e::cms::{self, SignedData};
use xmpp_e2e::{
    Certificate, Certificates, ContentEncryption, Identity, KeyKind, KeyTransport, Layer, Opened,
    Opener, Policy, Purpose, RsaKeyEncryption, Sha2, SignatureAlgorithm, SignedForm, TrustStore,
    encrypt, sign,
};

const ENTITY: &[u8] = b"Content-Type: text/plain\r\n\r\nGood night";

fn flips(octets: &[u8]) -> impl Iterator<Item = (usize, Vec<u8>)> + '_ {
    (0..octets.len() * 8).map(|bit| {
        let mut flipped = octets.to_vec();
        flipped[bit / 8] ^= 1 << (bit % 8);
        (bit, flipped)
    })
}

struct People {
    trust: TrustStore,
    juliet: Identity,
    romeo: [Identity; 1],
}

/// A root that certifies both directly keeps the objects small.
fn people(romeo: KeyKind) -> People {
    let authority = Authority::new();
    let mut trust = TrustStore::new();
    trust.add_anchor(&authority.intermediate).unwrap();
    let alone = |identity: Identity| {
        let certificate = identity.certificate().clone();
        Identity::new(identity.into_key(), [certificate]).unwrap()
    };
    People {
        trust,
        juliet: alone(authority.identity("j@a.example", KeyKind::P256)),
        romeo: [alone(authority.identity("r@b.example", romeo))],
    }
}

/// A whole `multipart/signed` and a whole signed and encrypted object: refused,
/// or the same object by the same signer.
#[test]
fn of_a_mime_object() {
    let people = people(KeyKind::P256);
    let policy = Policy::modern();
    let opener = Opener::new(&people.romeo, &people.trust, &policy);
    let signed = sign(ENTITY, &people.juliet, &policy, NOW, Certificates::SentAlong).unwrap();
    let same = |found: &Opened| {
        found.entity == ENTITY
            && found.signature().unwrap().certificate == *people.juliet.certificate()
    };
    assert!(same(&opener.open(&signed, NOW).unwrap()));
    let outside = signed.windows(4).position(|w| w == b"\r\n\r\n").unwrap();
    let part = signed.windows(17).rposition(|w| w == b"\r\nContent-Type: a").unwrap();
    let body = part + signed[part..].windows(4).position(|w| w == b"\r\n\r\n").unwrap() + 4;
    let mut let_pass = 0;
    for (bit, flipped) in flips(&signed) {
        let Ok(opened) = opener.open(&flipped, NOW) else { continue };
        assert!(same(&opened), "bit {bit}");
        let at = bit / 8;
        let header = at < outside || (part..body).contains(&at);
        // CR becomes a tab, and LF alone still ends the line of base64.
        let line_end = signed[at] == b'\r' && flipped[at] == b'\t';
        let epilogue = at >= signed.len() - 4;
        assert!(header || line_end || epilogue, "bit {bit} of {:?}", signed[at] as char);
        let_pass += 1;
    }
    assert!(let_pass > 100, "{let_pass}: the names of header fields are the same in capitals");
}

/// No bit of what is encrypted can be flipped unseen, in any way of encrypting: nothing
/// but the outermost MIME header is outside.
#[test]
fn of_an_encrypted_mime_object() {
    for (kind, cipher) in [
        (KeyKind::P256, ContentEncryption::Aes256Gcm),
        (KeyKind::X25519, ContentEncryption::ChaCha20Poly1305),
    ] {
        let people = people(kind);
        let mut policy = Policy::modern();
        policy.content_encryption = cipher;
        policy.accept_unsigned = true;
        let opener = Opener::new(&people.romeo, &people.trust, &policy);
        let to = [(people.romeo[0].certificate(), &[][..])];
        let sealed = encrypt(ENTITY, &to, &policy, NOW).unwrap();
        let body = sealed.windows(4).position(|w| w == b"\r\n\r\n").unwrap() + 4;
        for (bit, flipped) in flips(&sealed) {
            let Ok(opened) = opener.open(&flipped, NOW) else { continue };
            assert_eq!(opened.entity, ENTITY, "bit {bit}");
            let at = bit / 8;
            let line_end = sealed[at] == b'\r' && flipped[at] == b'\t';
            assert!(at < body || line_end, "bit {bit} of {:?}", sealed[at] as char);
            assert!(
                matches!(opened.layers[..], [Layer::Encrypted { content, .. }] if content == cipher)
            );
        }
    }
}

/// SignedData with its certificate: no bit of the DER is let pass, nor of the
/// content.
#[test]
fn of_signed_data() {
    let people = people(KeyKind::P256);
    let algorithm = SignatureAlgorithm::Ecdsa(Sha2::Sha256);
    let signer = cms::Signer::new(people.juliet.key(), people.juliet.certificate(), algorithm, NOW);
    let certificate = people.juliet.certificate();
    let der = cms::sign(b"Good night", SignedForm::Detached, &[signer], &[certificate]).unwrap();
    let accepted = |der: &[u8], content: &[u8]| {
        let Ok(signed) = SignedData::parse(der) else { return false };
        let others = signed.certificates();
        signed.signers().iter().any(|info| {
            others.iter().filter(|c| info.is_by(c)).any(|c: &Certificate| {
                info.verify(content, c).is_ok()
                    && people.trust.check(c, others, Purpose::Sign, NOW).is_ok()
            })
        })
    };
    assert!(accepted(&der, b"Good night"));
    for (bit, flipped) in flips(&der) {
        assert!(!accepted(&flipped, b"Good night"), "bit {bit} of {}", der.len() * 8);
    }
    for (bit, flipped) in flips(b"Good night") {
        assert!(!accepted(&der, &flipped), "bit {bit} of the content");
    }
}

/// AuthEnvelopedData to every kind of key: no bit of the DER is let pass.
#[test]
fn of_auth_enveloped_data() {
    for (kind, cipher) in [
        (KeyKind::P256, ContentEncryption::Aes128Gcm),
        (KeyKind::P384, ContentEncryption::Aes256Gcm),
        (KeyKind::X25519, ContentEncryption::ChaCha20Poly1305),
        (KeyKind::Rsa, ContentEncryption::Aes256Gcm),
    ] {
        let people = people(kind);
        let romeo = &people.romeo[0];
        let keys = [(romeo.key(), romeo.certificate())];
        let recipient = cms::Recipient::new(romeo.certificate());
        let der = cms::encrypt(b"Good night", cipher, &[recipient]).unwrap();
        assert_eq!(cms::decrypt(&der, &keys, KeyTransport::Oaep).unwrap().content, b"Good night");
        for (bit, flipped) in flips(&der) {
            let found = cms::decrypt(&flipped, &keys, KeyTransport::OaepAndPkcs1);
            assert!(found.is_err(), "{kind}: bit {bit} of {}", der.len() * 8);
        }
    }
}

/// AES-CBC does not notice: the signature inside does.
#[test]
fn of_enveloped_data_around_a_signature() {
    let people = people(KeyKind::P256);
    let mut policy = Policy::rfc3923();
    policy.form = SignedForm::Opaque;
    let opener = Opener::new(&people.romeo, &people.trust, &policy);
    let romeo = people.romeo[0].certificate();
    let recipient = cms::Recipient::new(romeo);
    let signed = sign(ENTITY, &people.juliet, &policy, NOW, Certificates::SentAlong).unwrap();
    let der = cms::encrypt(&signed, ContentEncryption::Aes128Cbc, &[recipient]).unwrap();
    let accepted = |der: &[u8]| opener.open(&cms_entity(der), NOW);
    assert_eq!(accepted(&der).unwrap().entity, ENTITY);
    for (bit, flipped) in flips(&der) {
        let Ok(opened) = accepted(&flipped) else { continue };
        // A block of the inner MIME header, or of its IV, may be changed.
        assert_eq!(opened.entity, ENTITY, "bit {bit}");
        assert_eq!(opened.signature().unwrap().certificate, *people.juliet.certificate());
    }
}

fn cms_entity(der: &[u8]) -> Vec<u8> {
    use base64::Engine as _;
    let text = base64::engine::general_purpose::STANDARD.encode(der);
    format!(
        "Content-Type: application/pkcs7-mime\r\nContent-Transfer-Encoding: base64\r\n\r\n{text}"
    )
    .into_bytes()
}

/// With PKCS #1 v1.5 a changed key decrypts to another, and all fails alike.
#[test]
fn of_a_key_encrypted_as_in_rfc_3923() {
    let people = people(KeyKind::Rsa);
    let romeo = &people.romeo[0];
    let keys = [(romeo.key(), romeo.certificate())];
    let mut recipient = cms::Recipient::new(romeo.certificate());
    recipient.rsa = RsaKeyEncryption::Pkcs1;
    let der = cms::encrypt(b"Good night", ContentEncryption::Aes256Gcm, &[recipient]).unwrap();
    let start = der.windows(4).position(|w| w == [4, 0x82, 1, 0]).unwrap() + 4;
    for (bit, flipped) in flips(&der) {
        let found = cms::decrypt(&flipped, &keys, KeyTransport::OaepAndPkcs1);
        if (start..start + 256).contains(&(bit / 8)) {
            assert_eq!(found.unwrap_err(), cms::DecryptError::Failed, "bit {bit}");
        } else {
            assert!(found.is_err(), "bit {bit}");
        }
    }
}
