//! Object identifiers, as the octets of their DER contents.

use der::asn1::ObjectIdentifier;

macro_rules! oids {
    ($($(#[$doc:meta])* $name:ident = $dotted:literal;)*) => {$(
        $(#[$doc])*
        pub(crate) const $name: &[u8] = {
            const OID: ObjectIdentifier = ObjectIdentifier::new_unwrap($dotted);
            OID.as_bytes()
        };
    )*};
}

oids! {
    // RFC 5652, RFC 5083: content types
    DATA = "1.2.840.113549.1.7.1";
    SIGNED_DATA = "1.2.840.113549.1.7.2";
    ENVELOPED_DATA = "1.2.840.113549.1.7.3";
    AUTH_ENVELOPED_DATA = "1.2.840.113549.1.9.16.1.23";
    // RFC 5652 section 11, RFC 8551 section 2.5, RFC 6211: signed attributes
    CONTENT_TYPE = "1.2.840.113549.1.9.3";
    MESSAGE_DIGEST = "1.2.840.113549.1.9.4";
    SIGNING_TIME = "1.2.840.113549.1.9.5";
    SMIME_CAPABILITIES = "1.2.840.113549.1.9.15";
    ALGORITHM_PROTECTION = "1.2.840.113549.1.9.52";
    // RFC 3370, RFC 5754: digests
    SHA1 = "1.3.14.3.2.26";
    SHA256 = "2.16.840.1.101.3.4.2.1";
    SHA384 = "2.16.840.1.101.3.4.2.2";
    SHA512 = "2.16.840.1.101.3.4.2.3";
    // RFC 8017, RFC 4055: RSA
    RSA_ENCRYPTION = "1.2.840.113549.1.1.1";
    SHA1_WITH_RSA = "1.2.840.113549.1.1.5";
    RSAES_OAEP = "1.2.840.113549.1.1.7";
    MGF1 = "1.2.840.113549.1.1.8";
    P_SPECIFIED = "1.2.840.113549.1.1.9";
    RSASSA_PSS = "1.2.840.113549.1.1.10";
    SHA256_WITH_RSA = "1.2.840.113549.1.1.11";
    SHA384_WITH_RSA = "1.2.840.113549.1.1.12";
    SHA512_WITH_RSA = "1.2.840.113549.1.1.13";
    // RFC 5480, RFC 5758, RFC 8410: elliptic curves
    EC_PUBLIC_KEY = "1.2.840.10045.2.1";
    P256 = "1.2.840.10045.3.1.7";
    P384 = "1.3.132.0.34";
    P521 = "1.3.132.0.35";
    ECDSA_SHA256 = "1.2.840.10045.4.3.2";
    ECDSA_SHA384 = "1.2.840.10045.4.3.3";
    ECDSA_SHA512 = "1.2.840.10045.4.3.4";
    X25519 = "1.3.101.110";
    ED25519 = "1.3.101.112";
    // RFC 5753 section 7.1.4, RFC 8418 section 2.2: key agreement schemes
    ECDH_SHA1_KDF = "1.3.133.16.840.63.0.2";
    ECDH_SHA256_KDF = "1.3.132.1.11.1";
    ECDH_SHA384_KDF = "1.3.132.1.11.2";
    ECDH_SHA512_KDF = "1.3.132.1.11.3";
    ECDH_HKDF_SHA256 = "1.2.840.113549.1.9.16.3.19";
    ECDH_HKDF_SHA384 = "1.2.840.113549.1.9.16.3.20";
    ECDH_HKDF_SHA512 = "1.2.840.113549.1.9.16.3.21";
    // RFC 3565, RFC 5084, RFC 8103: ciphers and key wrap
    AES128_CBC = "2.16.840.1.101.3.4.1.2";
    AES128_WRAP = "2.16.840.1.101.3.4.1.5";
    AES128_GCM = "2.16.840.1.101.3.4.1.6";
    AES256_CBC = "2.16.840.1.101.3.4.1.42";
    AES256_WRAP = "2.16.840.1.101.3.4.1.45";
    AES256_GCM = "2.16.840.1.101.3.4.1.46";
    CHACHA20_POLY1305 = "1.2.840.113549.1.9.16.3.18";
    // RFC 5280: extensions and purposes
    SUBJECT_KEY_IDENTIFIER = "2.5.29.14";
    KEY_USAGE = "2.5.29.15";
    SUBJECT_ALT_NAME = "2.5.29.17";
    BASIC_CONSTRAINTS = "2.5.29.19";
    NAME_CONSTRAINTS = "2.5.29.30";
    CRL_DISTRIBUTION_POINTS = "2.5.29.31";
    AUTHORITY_KEY_IDENTIFIER = "2.5.29.35";
    EXTENDED_KEY_USAGE = "2.5.29.37";
    COMMON_NAME = "2.5.4.3";
    ANY_EXTENDED_KEY_USAGE = "2.5.29.37.0";
    EMAIL_PROTECTION = "1.3.6.1.5.5.7.3.4";
    // RFC 6120 section 13.7.1.4
    XMPP_ADDR = "1.3.6.1.5.5.7.8.5";
}
