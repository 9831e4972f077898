//! What a client tells about itself (XEP-0388, `<user-agent/>`).

use alloc::string::String;
use core::fmt;

/// What a client tells about itself with `<authenticate/>`.
///
/// Servers tell installations apart by the `id`; tokens (XEP-0484) are bound
/// to it. It is as good as a name for the installation: not for everybody.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UserAgent {
    id: Option<String>,
    /// The software's name.
    pub software: Option<String>,
    /// The device's name.
    pub device: Option<String>,
}

impl UserAgent {
    /// With this `id`: a UUID, best of version 4, the same at every login of
    /// this installation to this account.
    ///
    /// # Errors
    ///
    /// The `id` is not a UUID as the XEP's schema has it.
    pub fn with_id(id: &str) -> Result<Self, InvalidId> {
        let lengths = [8, 4, 4, 4, 12];
        let groups = || id.split('-');
        let hex = |group: &str| group.bytes().all(|byte| byte.is_ascii_hexdigit());
        let valid = groups().map(str::len).eq(lengths) && groups().all(hex);
        let id = valid.then(|| id.into());
        Ok(Self { id: Some(id.ok_or(InvalidId)?), ..Self::default() })
    }

    /// The `id`.
    pub fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }
}

/// An `id` that is not a UUID.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidId;

impl fmt::Display for InvalidId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the id of a user-agent is a UUID (XEP-0388, XML schema)")
    }
}

impl core::error::Error for InvalidId {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_a_uuid() {
        let id = "d4565fa7-4d72-4749-b3d3-740edbf87770";
        assert_eq!(UserAgent::with_id(id).unwrap().id(), Some(id));
        for id in ["", "d4565fa7", "d4565fa7-4d72-4749-b3d3-740edbf8777g", &id.replace('-', "")] {
            assert_eq!(UserAgent::with_id(id), Err(InvalidId));
        }
    }
}
