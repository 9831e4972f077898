//! The pool between servers: RFC 6120 sections 3.2, 3.3, 8.3.3 and 10.4, RFC 2782,
//! XEP-0220, XEP-0288, XEP-0368.

mod both_ways;
mod bounces;
mod discovery;
mod fairness;
mod harness;
mod keys;
mod limits;
mod links;
mod rig;
mod schedules;
mod turns;
