//! A client in a browser: `xmpp-core` through WebAssembly, over the browser's own
//! WebSocket (RFC 7395). The page has the user interface, this has the protocol.
//!
//! ```js
//! import init, { XmppClient } from "./pkg/xmpp_browser.js";
//! await init();
//! const client = new XmppClient("wss://x.example/xmpp-websocket", "bob@x.example", "secret",
//!     event => console.log(event.type, event));
//! ```

mod host;

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use wasm_bindgen::prelude::*;
use web_sys::{MessageEvent, WebSocket};
use xmpp_core::jid::{BareJid, Jid};
use xmpp_core::role::ClientToServer;
use xmpp_core::sasl::client::Credentials;
use xmpp_core::stanza::ping::Ping;
use xmpp_core::stanza::{Iq, Message, MessageType, Presence, PresenceType, StanzaKind};
use xmpp_core::tls::TlsFacts;
use xmpp_core::{Client, ClientConfig, Event, MessageFault, Output, Precis};

/// While the browser holds more than this many bytes that it has not sent, it is given
/// no more.
const MOST_BUFFERED: u32 = 256 << 10;
/// When to look again whether it has.
const LOOK_AGAIN_MS: i32 = 50;

/// A client, from the opening of its WebSocket to the end of its stream.
#[wasm_bindgen]
pub struct XmppClient {
    driver: Rc<Driver>,
}

struct Driver {
    config: Arc<ClientConfig>,
    socket: WebSocket,
    state: RefCell<State>,
    /// What is told to the page.
    tell: js_sys::Function,
}

#[derive(Default)]
struct State {
    /// Once the WebSocket is open.
    client: Option<Client>,
    /// What the browser calls, kept for as long as it may.
    callbacks: Vec<JsValue>,
    wake: Option<js_sys::Function>,
    timer: Option<JsValue>,
    pings: u32,
}

#[wasm_bindgen]
impl XmppClient {
    /// Connects to a WebSocket and logs in. `tell` is called with an object for each
    /// event: its `type` is `established`, `message`, `pong` or `closed`.
    #[wasm_bindgen(constructor)]
    pub fn new(
        url: &str,
        jid: &str,
        password: &str,
        tell: js_sys::Function,
    ) -> Result<Self, JsError> {
        // In a browser TLS is the browser's, and whether there is any is in the URL.
        if !url.starts_with("wss://") {
            return Err(JsError::new("expected a URL that begins with wss://"));
        }
        let jid = Jid::new(jid)?;
        let account = jid.to_bare();
        let name = account.localpart().ok_or_else(|| JsError::new("no localpart"))?;
        let credentials = Credentials::new(name.as_str()).with_password(password);
        let mut config = ClientConfig::new(account.clone(), credentials);
        config.resource = jid.resourcepart().map(|resource| resource.into_owned());
        // RFC 7613 in place of SASLprep, whose tables are large.
        config.sasl = config.sasl.preparation(&Precis);
        let socket = WebSocket::new_with_str(url, "xmpp").map_err(|error| host::error(&error))?;
        let state = RefCell::default();
        let driver = Rc::new(Driver { config: Arc::new(config), socket, state, tell });
        driver.listen();
        Ok(Self { driver })
    }

    /// Sends a chat message.
    pub fn send(&self, to: &str, body: &str) -> Result<(), JsError> {
        let message = Message::builder(MessageType::Chat).with_to(Jid::new(to)?).with_body(body);
        self.driver.with(|client, _| client.send(&message))?;
        self.driver.run();
        Ok(())
    }

    /// Pings the server (XEP-0199). The answer is told as `pong`.
    pub fn ping(&self) -> Result<(), JsError> {
        let domain = Jid::from(BareJid::from(self.driver.config.account.domainpart()));
        self.driver.with(|client, state| {
            state.pings += 1;
            let id = format!("ping-{}", state.pings);
            client.send(&Iq::get(&*id, &Ping).with_to(domain))
        })?;
        self.driver.run();
        Ok(())
    }

    /// Closes the stream. That it is closed is told.
    pub fn close(&self) -> Result<(), JsError> {
        self.driver.with(|client, _| {
            client.close(host::now(), None);
            Ok::<(), JsError>(())
        })?;
        self.driver.run();
        Ok(())
    }
}

impl Driver {
    /// Has the browser call when something happens on the socket.
    fn listen(self: &Rc<Self>) {
        let wake = self.callback(|driver, _: JsValue| driver.run());
        let opened = self.callback(|driver, _: JsValue| {
            let client = Client::connect_websocket(
                Arc::clone(&driver.config),
                TlsFacts::new(),
                host::now(),
                host::seed(),
            );
            driver.state.borrow_mut().client = Some(client);
            driver.run();
        });
        let received = self.callback(|driver, event: JsValue| {
            if let Some(client) = &mut driver.state.borrow_mut().client {
                let data = event.unchecked_into::<MessageEvent>().data();
                match data.as_string() {
                    // Taken: all that came before has been looked at by `run`.
                    Some(text) => _ = client.handle_message(text.as_bytes()),
                    None => client.handle_bad_message(MessageFault::NotText),
                }
            }
            driver.run();
        });
        let ended = self.callback(|driver, _: JsValue| {
            match &mut driver.state.borrow_mut().client {
                Some(client) => client.handle_eof(),
                None => return driver.tell_all(vec![host::closed(Some("no connection"))]),
            }
            driver.run();
        });
        self.socket.set_onopen(Some(&opened));
        self.socket.set_onmessage(Some(&received));
        self.socket.set_onclose(Some(&ended));
        self.state.borrow_mut().wake = Some(wake);
    }

    fn callback(self: &Rc<Self>, call: impl Fn(&Rc<Self>, JsValue) + 'static) -> js_sys::Function {
        let driver = Rc::downgrade(self);
        let closure = Closure::<dyn FnMut(JsValue)>::new(move |event| {
            if let Some(driver) = driver.upgrade() {
                call(&driver, event);
            }
        });
        let function = closure.into_js_value();
        self.state.borrow_mut().callbacks.push(function.clone());
        function.unchecked_into()
    }

    fn with<T, E: Into<JsError>>(
        &self,
        call: impl FnOnce(&mut Client, &mut State) -> Result<T, E>,
    ) -> Result<T, JsError> {
        let state = &mut *self.state.borrow_mut();
        let mut client = state.client.take().ok_or_else(|| JsError::new("not connected"))?;
        let done = call(&mut client, state);
        state.client = Some(client);
        done.map_err(Into::into)
    }

    /// The loop: does what the client says until it waits.
    fn run(&self) {
        let mut told = Vec::new();
        {
            let state = &mut *self.state.borrow_mut();
            if let Some(timer) = state.timer.take() {
                host::clear_timeout(&timer);
            }
            let Some(client) = &mut state.client else { return };
            let wait = loop {
                match client.poll(host::now()) {
                    Ok(Output::Event(event)) => handle(client, event, &mut told),
                    Ok(Output::Transmit(_)) if self.socket.buffered_amount() > MOST_BUFFERED => {
                        break Some(LOOK_AGAIN_MS);
                    }
                    Ok(Output::Transmit(message)) => {
                        // Always UTF-8; a socket that is gone is told by its callback.
                        if let Ok(message) = core::str::from_utf8(message) {
                            let _ = self.socket.send_with_str(message);
                        }
                        let sent = message.len();
                        client.transmitted(sent);
                    }
                    Ok(Output::Wait(deadline)) => {
                        break deadline.map(|deadline| host::millis(deadline.after(host::now())));
                    }
                    Ok(Output::Shutdown) => _ = self.socket.close(),
                    ended => {
                        let error = ended.err().map(|error| error.to_string());
                        told.push(host::closed(error.as_deref()));
                        let _ = self.socket.close();
                        state.client = None;
                        break None;
                    }
                }
            };
            state.timer = wait.zip(state.wake.as_ref()).map(|(ms, f)| host::set_timeout(f, ms));
        }
        // The page may call back.
        self.tell_all(told);
    }

    fn tell_all(&self, told: Vec<JsValue>) {
        for event in told {
            // What the page throws is its own affair.
            let _ = self.tell.call1(&JsValue::NULL, &event);
        }
    }
}

fn handle(client: &mut Client, event: Event<'static, ClientToServer>, told: &mut Vec<JsValue>) {
    match event {
        Event::Established { jid, .. } => {
            // Refused only if the stream has ended meanwhile, which is told next.
            let _ = client.send(&Presence::builder(PresenceType::Available));
            told.push(host::object(&[("type", "established"), ("jid", jid.as_str())]));
        }
        Event::Stanza(received) => {
            let Some(stanza) = received.stanza() else { return };
            let from = stanza.from().as_str().unwrap_or_default().to_owned();
            if stanza.kind() == StanzaKind::Message
                && let Ok(message) = Message::parse(received.element())
                && let Some(body) = message.body()
            {
                told.push(host::object(&[("type", "message"), ("from", &from), ("body", &body)]));
            } else if stanza.kind() == StanzaKind::Iq && stanza.is_response() {
                let id = stanza.id().unwrap_or_default().into_owned();
                told.push(host::object(&[("type", "pong"), ("from", &from), ("id", &id)]));
            }
        }
        _ => {}
    }
}
