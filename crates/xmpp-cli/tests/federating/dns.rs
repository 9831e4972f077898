//! A DNS of the test's own, on loopback.

use core::net::Ipv4Addr;
use std::collections::HashMap;
use std::net::UdpSocket;
use std::sync::{Arc, Mutex};

use hickory_resolver::proto::op::{Message, MessageType, ResponseCode};
use hickory_resolver::proto::rr::rdata::{A, SRV};
use hickory_resolver::proto::rr::{Name, RData, Record, RecordType};

/// What is known of a domain: the ports of its servers, all of them on 127.0.0.1.
#[derive(Clone, Debug, Default)]
pub(crate) struct Zone {
    /// `_xmpp-server`
    pub(crate) start_tls: Vec<u16>,
    /// `_xmpps-server`
    pub(crate) direct_tls: Vec<u16>,
    /// There is a record that says that there is no such service.
    pub(crate) not_offered: bool,
    /// Nothing about it is ever answered.
    pub(crate) silent: bool,
}

pub(crate) struct Dns {
    pub(crate) address: String,
    zones: Arc<Mutex<HashMap<String, Zone>>>,
}

impl Dns {
    pub(crate) fn start() -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        let address = socket.local_addr().unwrap().to_string();
        let zones: Arc<Mutex<HashMap<String, Zone>>> = Arc::default();
        let known = Arc::clone(&zones);
        std::thread::spawn(move || {
            let mut buffer = [0; 1500];
            while let Ok((length, from)) = socket.recv_from(&mut buffer) {
                let Ok(mut message) = Message::from_vec(&buffer[..length]) else { continue };
                let query = message.queries()[0].clone();
                let zones = known.lock().unwrap().clone();
                if is_silent(&zones, query.name()) {
                    continue;
                }
                let answers = answers(&zones, query.name(), query.query_type());
                message.set_message_type(MessageType::Response);
                message.set_response_code(ResponseCode::NoError);
                for answer in answers {
                    message.add_answer(Record::from_rdata(query.name().clone(), 0, answer));
                }
                socket.send_to(&message.to_vec().unwrap(), from).unwrap();
            }
        });
        Self { address, zones }
    }

    pub(crate) fn set(&self, domain: &str, zone: Zone) {
        self.zones.lock().unwrap().insert(domain.to_owned(), zone);
    }
}

fn is_silent(zones: &HashMap<String, Zone>, name: &Name) -> bool {
    let name = name.to_ascii();
    let domain = name.trim_end_matches('.').rsplit("._tcp.").next().unwrap();
    zones.get(domain).is_some_and(|zone| zone.silent)
}

fn answers(zones: &HashMap<String, Zone>, name: &Name, kind: RecordType) -> Vec<RData> {
    let name = name.to_ascii();
    let name = name.trim_end_matches('.');
    match kind {
        RecordType::SRV => {
            let Some((service, domain)) = name.split_once("._tcp.") else { return Vec::new() };
            let Some(zone) = zones.get(domain) else { return Vec::new() };
            let ports = match service {
                "_xmpp-server" => &zone.start_tls,
                "_xmpps-server" => &zone.direct_tls,
                _ => return Vec::new(),
            };
            let target = Name::from_ascii(format!("{domain}.")).unwrap();
            let mut records: Vec<RData> = ports
                .iter()
                .zip(0..)
                .map(|(port, priority)| RData::SRV(SRV::new(priority, 0, *port, target.clone())))
                .collect();
            if zone.not_offered {
                records.push(RData::SRV(SRV::new(0, 0, 0, Name::root())));
            }
            records
        }
        RecordType::A if zones.contains_key(name) => vec![RData::A(A(Ipv4Addr::LOCALHOST))],
        _ => Vec::new(),
    }
}
