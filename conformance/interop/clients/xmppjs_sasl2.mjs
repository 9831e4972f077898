// xmpp.js at a server that offers SASL2 (XEP-0388), Bind 2 (XEP-0386), FAST (XEP-0484) and
// inline stream management: a login by password that asks for a token, one by the token
// with a wrong password, a replaced token, and one without either that is refused.
//
//   node xmppjs_sasl2.mjs MODULES xmpp://HOST:PORT DOMAIN USER PASSWORD
//
// MODULES is the directory that @xmpp/client is installed in.

import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const [modules, service, domain, username, password] = process.argv.slice(2);
const require = createRequire(pathToFileURL(`${modules}/`));
const { client, xml } = await import(pathToFileURL(require.resolve("@xmpp/client")));

const userAgent = xml("user-agent", { id: "d4565fa7-4d72-4749-b3d3-740edbf87770" }, [
  xml("software", {}, "xmpp.js"),
]);
let token = null;

// One login; what was asked for, and who the server says it is.
async function login(password, useToken) {
  const xmpp = client({
    service,
    domain,
    resource: "js",
    userAgent,
    credentials: undefined,
    username,
    password,
  });
  xmpp.reconnect.stop();
  const mechanisms = [];
  let inline = [];
  xmpp.on("send", (element) => {
    if (element.name !== "authenticate") return;
    mechanisms.push(element.attrs.mechanism);
    inline = element.getChildElements().map((child) => child.name);
  });
  let success;
  xmpp.on("element", (element) => {
    if (element.name === "success") success = element;
  });
  xmpp.on("error", () => {});
  xmpp.fast.fetchToken = async () => (useToken ? token : null);
  xmpp.fast.saveToken = async (issued) => {
    token = issued;
  };
  xmpp.fast.deleteToken = async () => {};
  const timeout = new Promise((_, reject) => {
    setTimeout(() => reject(new Error("nothing within ten seconds")), 10_000).unref();
  });
  try {
    const jid = await Promise.race([xmpp.start(), timeout]);
    const pong = await xmpp.iqCaller.request(
      xml("iq", { type: "get", to: domain }, xml("ping", "urn:xmpp:ping")),
      5000,
    );
    return { jid: jid.toString(), mechanisms, inline, success, pong: pong.attrs.type };
  } finally {
    await Promise.race([xmpp.stop(), timeout]).catch(() => {});
  }
}

function check(what, condition, seen) {
  if (condition) return;
  console.error(`${what}: ${JSON.stringify(seen, (_, value) => value?.toString?.() ?? value)}`);
  process.exit(1);
}

const first = await login(password, true);
check("the first login", first.mechanisms.join() === "SCRAM-SHA-1", first.mechanisms);
check("bound inline", first.inline.includes("bind") && first.success.getChild("bound"), first.inline);
check("the resource begins with the tag", first.jid.startsWith(`${username}@${domain}/js/`), first.jid);
check("a token", token?.token && token.mechanism === "HT-SHA-256-NONE", token);
check("a pong", first.pong === "result", first.pong);

const second = await login("wrong", true);
check("by the token", second.mechanisms.join() === "HT-SHA-256-NONE", second.mechanisms);
check("the same installation, the same resource", second.jid === first.jid, second.jid);

token = { ...token, token: "made-up" };
const third = await login(password, true);
check(
  "from a refused token to the password",
  third.mechanisms.join() === "HT-SHA-256-NONE,SCRAM-SHA-1",
  third.mechanisms,
);
check("another token", token.token !== "made-up", token);

let refused;
try {
  await login("wrong", false);
} catch (error) {
  refused = error;
}
check("a wrong password", refused?.condition === "not-authorized", `${refused}`);

console.log(`note: SASL2, ${first.inline.join(" ")}; ${first.mechanisms}, then ${second.mechanisms}`);
process.exit(0);
