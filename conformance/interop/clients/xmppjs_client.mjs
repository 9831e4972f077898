// An xmpp.js client that speaks the line protocol of `lines.py`: over TCP with STARTTLS,
// with TLS from the first byte (--direct-tls), or over WebSocket (--websocket PATH).
//
// NODE_PATH does not count for modules: the library is looked for in XMPPJS, a folder with
// `node_modules` in it.

// Standard output is for the lines of the protocol alone.
console.log = console.info = console.debug = console.error;

import dns from "node:dns";
import { createRequire } from "node:module";
import path from "node:path";
import readline from "node:readline";
import tls from "node:tls";
import { parseArgs } from "node:util";

const require = createRequire(path.join(process.env.XMPPJS, "package.json"));
// Node has a WebSocket of its own from version 22 on.
globalThis.WebSocket ??= require("ws");
const { client, xml, jid: parse } = await import(require.resolve("@xmpp/client"));
const debug = (await import(require.resolve("@xmpp/debug"))).default;

const { values: options } = parseArgs({
  options: {
    jid: { type: "string" },
    password: { type: "string" },
    connect: { type: "string" },
    ca: { type: "string" },
    mechanism: { type: "string" },
    "direct-tls": { type: "boolean" },
    websocket: { type: "string" },
    resume: { type: "boolean" },
  },
});
const say = (...words) => process.stdout.write(words.join(" ") + "\n");
const escape = body => body.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
const unescape = body => body.replace(/\\(.)/g, (_, c) => (c === "n" ? "\n" : c));

const { local, domain, resource } = parse(options.jid);
const colon = options.connect.lastIndexOf(":");
const [host, port] = [options.connect.slice(0, colon), options.connect.slice(colon + 1)];

// The name of the domain is nobody's but ours: it leads to where we are told to connect.
const lookup = dns.lookup;
dns.lookup = (name, how, done) => lookup(name === domain ? host : name, how, done);
// What is negotiated is not told; the sockets know.
let version = "none";
const connect = tls.connect;
tls.connect = (...how) => {
  const socket = connect(...how);
  socket.once("secureConnect", () => (version = socket.getProtocol()));
  return socket;
};

const scheme = options.websocket ? "wss" : options["direct-tls"] ? "xmpps" : "xmpp";
const service = `${scheme}://${domain}:${port}${options.websocket ?? ""}`;
let mechanism = "unknown";
const xmpp = client({
  service,
  domain,
  resource,
  credentials: async (authenticate, mechanisms) => {
    mechanism = options.mechanism ?? mechanisms.find(name => name.startsWith("SCRAM-")) ?? mechanisms[0];
    await authenticate({ username: local, password: options.password }, mechanism);
  },
});
xmpp.reconnect.stop();
// Its SCRAM is JavaScript, and the machine may be busy.
xmpp.timeout = 30000;
debug(xmpp, true);

const end = () => {
  say("closed");
  process.exit(0);
};
xmpp.on("error", error => say("failed", error.condition ?? error.code ?? "", String(error.message).replace(/\s+/g, " ")));
xmpp.on("offline", end);
xmpp.on("stanza", stanza => {
  const from = stanza.attrs.from ?? String(xmpp.jid);
  if (stanza.is("message") && stanza.getChild("body")) {
    say("message", from, escape(stanza.getChildText("body")));
  } else if (stanza.is("presence")) {
    say("presence", from, stanza.attrs.type ?? "available");
  }
});

// Stream management is on in any case.
xmpp.streamManagement.on("resumed", () => say("resumed", xmpp.jid.toString()));
let broken = false;
xmpp.on("disconnect", () => broken && say("broken"));

const obey = {
  break() {
    broken = true;
    const socket = xmpp.socket.socket ?? xmpp.socket;
    if (socket.terminate) socket.terminate();
    else socket.destroy();
  },
  async resume() {
    broken = false;
    await xmpp.reconnect.reconnect();
  },
  message: (to, body) => xmpp.send(xml("message", { to, type: "chat" }, xml("body", {}, unescape(body)))),
  subscribe: to => xmpp.send(xml("presence", { to, type: "subscribe" })),
  approve: to => xmpp.send(xml("presence", { to, type: "subscribed" })),
  async roster() {
    const query = await xmpp.iqCaller.get(xml("query", { xmlns: "jabber:iq:roster" }));
    for (const item of query.getChildren("item")) say("item", item.attrs.jid, item.attrs.subscription ?? "none");
    say("roster-end");
  },
  async ping(to) {
    await xmpp.iqCaller.request(xml("iq", { type: "get", to: to || domain }, xml("ping", { xmlns: "urn:xmpp:ping" })));
    say("pong");
  },
};

try {
  // A header of the server that comes before xmpp.js knows its own to be written is missed,
  // and start() does not end.
  const online = new Promise(resolve => xmpp.once("online", resolve));
  await Promise.race([xmpp.start(), online]);
} catch (error) {
  console.error(error);
  say("failed", error.condition ?? error.code ?? "", String(error.message).replace(/\s+/g, " "));
  process.exit(1);
}
say("ready", xmpp.jid.toString(), version, mechanism);
await xmpp.send(xml("presence"));
for await (const line of readline.createInterface({ input: process.stdin })) {
  const [verb, first = "", ...rest] = line.split(" ");
  if (verb === "quit") break;
  try {
    await obey[verb](first, rest.join(" "));
  } catch (error) {
    console.error(error);
    say("failed", verb, error.condition ?? error);
  }
}
await xmpp.stop();
end();
