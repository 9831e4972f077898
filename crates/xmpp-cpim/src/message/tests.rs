//! RFC 3862, requirement by requirement.
use super::*;
