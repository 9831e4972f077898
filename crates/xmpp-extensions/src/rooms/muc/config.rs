//! The forms of rooms (XEP-0045, 16.5), by their fields.

use alloc::borrow::Cow;

use xmpp_stanza::{JidCow, Secret, Word};

use super::Role;
use crate::base::forms::form_fields;

form_fields! {
    /// How a room is configured (XEP-0045, 16.5.3), in an
    /// [`owner::Query`](super::owner::Query).
    ///
    /// ```
    /// use xmpp_extensions::base::forms::FormKind;
    /// use xmpp_extensions::rooms::muc::config::Config;
    /// use xmpp_extensions::rooms::muc::owner::Query;
    ///
    /// let mut config = Config::default();
    /// config.name = Some("A Dark Cave".into());
    /// config.members_only = Some(true);
    /// let query = Query::new().with_form(config.to_form(FormKind::Submit));
    /// assert_eq!(Config::from_form(query.form.as_ref().unwrap()), Some(config));
    /// ```
    Config = "http://jabber.org/protocol/muc#roomconfig";
    /// How many messages of before the room sends to those who enter.
    max_history: one u32 = "muc#maxhistoryfetch",
    /// Who may send private messages.
    private_messages: one PrivateMessages<'a> = "muc#roomconfig_allowpm",
    /// Whether members may invite others.
    allow_invites: one bool = "muc#roomconfig_allowinvites",
    /// Whether occupants may change the subject.
    change_subject: one bool = "muc#roomconfig_changesubject",
    /// Whether what is said is logged for everybody.
    logging: one bool = "muc#roomconfig_enablelogging",
    /// Roles and affiliations that may see the list of members.
    member_list: many Cow<'a, str> = "muc#roomconfig_getmemberlist",
    /// The language of most of what is said.
    lang: one Cow<'a, str> = "muc#roomconfig_lang",
    /// The URI of a node that belongs to the room (XEP-0060).
    pubsub: one Cow<'a, str> = "muc#roomconfig_pubsub",
    /// How many occupants there may be: a number, or `none` for no limit.
    max_users: one Cow<'a, str> = "muc#roomconfig_maxusers",
    /// Whether only members may enter.
    members_only: one bool = "muc#roomconfig_membersonly",
    /// Whether visitors have to be given voice.
    moderated: one bool = "muc#roomconfig_moderatedroom",
    /// Whether one needs the password to enter.
    password_protected: one bool = "muc#roomconfig_passwordprotectedroom",
    /// Whether the room stays when the last occupant leaves.
    persistent: one bool = "muc#roomconfig_persistentroom",
    /// Whose presence is told to the others.
    presence_broadcast: many Role = "muc#roomconfig_presencebroadcast",
    /// Whether the room can be found.
    public: one bool = "muc#roomconfig_publicroom",
    /// All admins.
    admins: many JidCow<'a> = "muc#roomconfig_roomadmins",
    /// What the room is about.
    description: one Cow<'a, str> = "muc#roomconfig_roomdesc",
    /// The name of the room, for people.
    name: one Cow<'a, str> = "muc#roomconfig_roomname",
    /// All owners.
    owners: many JidCow<'a> = "muc#roomconfig_roomowners",
    /// The password.
    secret: one Secret<'a> = "muc#roomconfig_roomsecret",
    /// Who sees real addresses.
    whois: one Whois = "muc#roomconfig_whois",
}

form_fields! {
    /// What a room tells of itself in its `disco#info` (XEP-0045, 16.5.4).
    Info = "http://jabber.org/protocol/muc#roominfo";
    /// How many messages of before the room sends to those who enter.
    max_history: one u32 = "muc#maxhistoryfetch",
    /// Whom to write to, mostly its owners.
    contact: many JidCow<'a> = "muc#roominfo_contactjid",
    /// What the room is about.
    description: one Cow<'a, str> = "muc#roominfo_description",
    /// The language of most of what is said.
    lang: one Cow<'a, str> = "muc#roominfo_lang",
    /// A group of LDAP whose members are the room's: its distinguished name.
    ldap_group: one Cow<'a, str> = "muc#roominfo_ldapgroup",
    /// Where what was said can be read: a URL.
    logs: one Cow<'a, str> = "muc#roominfo_logs",
    /// How many occupants there are.
    occupants: one u32 = "muc#roominfo_occupants",
    /// The subject.
    subject: one Cow<'a, str> = "muc#roominfo_subject",
    /// Whether participants may change the subject.
    subject_modifiable: one bool = "muc#roominfo_subjectmod",
    /// The hashes of its avatars: SHA-1, in hexadecimal digits (XEP-0486, 3).
    avatar_hashes: many Cow<'a, str> = "muc#roominfo_avatarhash",
    /// Messages an hour (XEP-0502, 3.1).
    messages_per_hour: one f64 = "{urn:xmpp:muc-activity}message-activity",
}

form_fields! {
    /// Asks for voice in a moderated room, and grants it (XEP-0045, 8.6).
    VoiceRequest = "http://jabber.org/protocol/muc#request";
    /// The role that is asked for: that of a participant.
    role: one Role = "muc#role",
    /// Who asks: the real address.
    jid: one JidCow<'a> = "muc#jid",
    /// Who asks: the nickname.
    nick: one Cow<'a, str> = "muc#roomnick",
    /// Whether it is granted.
    allow: one bool = "muc#request_allow",
}

form_fields! {
    /// Asks to be a member, and grants it (XEP-0045, 7.10 and 9.9).
    Registration = "http://jabber.org/protocol/muc#register";
    /// Whether it is granted.
    allow: one bool = "muc#register_allow",
    /// An address of e-mail.
    email: one Cow<'a, str> = "muc#register_email",
    /// What to put into the list of questions and answers; a line each.
    faq_entry: many Cow<'a, str> = "muc#register_faqentry",
    /// The given name.
    first: one Cow<'a, str> = "muc#register_first",
    /// The family name.
    last: one Cow<'a, str> = "muc#register_last",
    /// The nickname that is to be reserved.
    nick: one Cow<'a, str> = "muc#register_roomnick",
    /// A page of the web.
    url: one Cow<'a, str> = "muc#register_url",
}

/// Who may send private messages in a room (XEP-0045, 16.5.3).
#[derive(Word, Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PrivateMessages<'a> {
    /// All occupants.
    Anyone,
    /// Participants and moderators.
    Participants,
    /// Moderators.
    Moderators,
    /// Nobody.
    None,
    /// Others.
    #[word(other)]
    Other(Cow<'a, str>),
}

/// Who sees real addresses in a room (XEP-0045, 16.5.3).
#[derive(Word, Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Whois {
    /// Moderators: the room is semi-anonymous.
    Moderators,
    /// All occupants: the room is non-anonymous.
    Anyone,
}
