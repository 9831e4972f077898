//! The /me command: XEP-0245.

use alloc::string::String;

/// What the sender does, if the body is a `/me` command (XEP-0245, 2).
///
/// ```
/// use xmpp_extensions::messaging::action::action;
///
/// assert_eq!(action("/me shrugs in disgust"), Some("shrugs in disgust"));
/// assert_eq!(action("/me's disgusted"), None);
/// ```
#[must_use]
pub fn action(body: &str) -> Option<&str> {
    body.strip_prefix("/me ")
}

/// The body as it is shown: `* Atlas shrugs in disgust` for a `/me` command.
/// `None` if it is none.
#[must_use]
pub fn present(sender: &str, body: &str) -> Option<String> {
    let action = action(body)?;
    let mut shown = String::with_capacity(3 + sender.len() + action.len());
    shown.push_str("* ");
    shown.push_str(sender);
    shown.push(' ');
    shown.push_str(action);
    Some(shown)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// XEP-0245, 2: its two examples.
    #[test]
    fn what_is_a_command_and_what_is_not() {
        assert_eq!(
            present("Atlas", "/me shrugs in disgust").as_deref(),
            Some("* Atlas shrugs in disgust")
        );
        for body in [
            "/meshrugs in disgust",
            "/me's disgusted",
            " /me shrugs in disgust",
            "\"/me shrugs in disgust\"",
            "* Atlas shrugs in disgust",
            "Why did Atlas say \"/me shrugs in disgust\"?",
            "/me",
            "",
        ] {
            assert_eq!(present("Atlas", body), None, "{body}");
        }
    }
}
