//! Certificates (RFC 6120 section 13.7): whom they are for, and what they prove.

mod accounts;
mod external;
mod foreign;
mod handshakes;
mod make;
mod matching;
mod reading;
mod refusals;
mod table;
mod trust;
