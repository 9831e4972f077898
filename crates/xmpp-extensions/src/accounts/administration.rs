//! Service administration: XEP-0133. These are nodes of
//! [commands](super::commands).

/// The `FORM_TYPE` of the forms of these commands (XEP-0133, 4).
pub const FORM_TYPE: &str = "http://jabber.org/protocol/admin";

/// To add an account (4.1).
pub const ADD_USER: &str = "http://jabber.org/protocol/admin#add-user";
/// To end accounts (4.2).
pub const DELETE_USER: &str = "http://jabber.org/protocol/admin#delete-user";
/// To disable accounts (4.3).
pub const DISABLE_USER: &str = "http://jabber.org/protocol/admin#disable-user";
/// To enable accounts again (4.4).
pub const REENABLE_USER: &str = "http://jabber.org/protocol/admin#reenable-user";
/// To end sessions of accounts (4.5).
pub const END_USER_SESSION: &str = "http://jabber.org/protocol/admin#end-user-session";
/// To change the password of an account (4.7).
pub const CHANGE_USER_PASSWORD: &str = "http://jabber.org/protocol/admin#change-user-password";
/// To get rosters (4.8).
pub const GET_USER_ROSTER: &str = "http://jabber.org/protocol/admin#get-user-roster";
/// When an account was last online (4.9).
pub const GET_USER_LASTLOGIN: &str = "http://jabber.org/protocol/admin#get-user-lastlogin";
/// Numbers about an account (4.10).
pub const USER_STATS: &str = "http://jabber.org/protocol/admin#user-stats";
/// To edit who may not come in (4.11).
pub const EDIT_BLACKLIST: &str = "http://jabber.org/protocol/admin#edit-blacklist";
/// To edit who may come in (4.12).
pub const EDIT_WHITELIST: &str = "http://jabber.org/protocol/admin#edit-whitelist";
/// How many accounts there are (4.13).
pub const GET_REGISTERED_USERS_NUM: &str =
    "http://jabber.org/protocol/admin#get-registered-users-num";
/// How many accounts are disabled (4.14).
pub const GET_DISABLED_USERS_NUM: &str = "http://jabber.org/protocol/admin#get-disabled-users-num";
/// How many accounts are online (4.15).
pub const GET_ONLINE_USERS_NUM: &str = "http://jabber.org/protocol/admin#get-online-users-num";
/// How many accounts are active (4.16).
pub const GET_ACTIVE_USERS_NUM: &str = "http://jabber.org/protocol/admin#get-active-users-num";
/// How many accounts are idle (4.17).
pub const GET_IDLE_USERS_NUM: &str = "http://jabber.org/protocol/admin#get-idle-users-num";
/// Which accounts there are (4.18).
pub const GET_REGISTERED_USERS_LIST: &str =
    "http://jabber.org/protocol/admin#get-registered-users-list";
/// Which accounts are disabled (4.19).
pub const GET_DISABLED_USERS_LIST: &str =
    "http://jabber.org/protocol/admin#get-disabled-users-list";
/// Which accounts are online (4.20).
pub const GET_ONLINE_USERS_LIST: &str = "http://jabber.org/protocol/admin#get-online-users-list";
/// Which accounts are active (4.21).
pub const GET_ACTIVE_USERS: &str = "http://jabber.org/protocol/admin#get-active-users";
/// Which accounts are idle (4.22).
pub const GET_IDLE_USERS: &str = "http://jabber.org/protocol/admin#get-idle-users";
/// To send a message to all that are online (4.23).
pub const ANNOUNCE: &str = "http://jabber.org/protocol/admin#announce";
/// To set the message of the day (4.24).
pub const SET_MOTD: &str = "http://jabber.org/protocol/admin#set-motd";
/// To edit the message of the day (4.25).
pub const EDIT_MOTD: &str = "http://jabber.org/protocol/admin#edit-motd";
/// To delete the message of the day (4.26).
pub const DELETE_MOTD: &str = "http://jabber.org/protocol/admin#delete-motd";
/// To set the message to new accounts (4.27).
pub const SET_WELCOME: &str = "http://jabber.org/protocol/admin#set-welcome";
/// To delete the message to new accounts (4.28).
pub const DELETE_WELCOME: &str = "http://jabber.org/protocol/admin#delete-welcome";
/// To edit who administrates (4.29).
pub const EDIT_ADMIN: &str = "http://jabber.org/protocol/admin#edit-admin";
/// To restart the service (4.30).
pub const RESTART: &str = "http://jabber.org/protocol/admin#restart";
/// To shut the service down (4.31).
pub const SHUTDOWN: &str = "http://jabber.org/protocol/admin#shutdown";
