// A server of the fediverse with people who follow a site, made of Fedify.
//
//   node peer.mjs SETTINGS.json    as `main.py` writes them
//
// It reads orders from its input, one JSON object a line, and says in its output what came of each
// (`answer`, with the number of the order) and what arrives (`event`, with the time in
// milliseconds).

import { readFileSync } from "node:fs";
import { createServer } from "node:https";
import { createInterface } from "node:readline";
import { createFederation, generateCryptoKeyPair, MemoryKvStore, signRequest } from "@fedify/fedify";
import * as vocab from "@fedify/vocab";
import { Agent, buildConnector, setGlobalDispatcher } from "undici";

const settings = JSON.parse(readFileSync(process.argv[2], "utf8"));
const { host, users } = settings;
const origin = `https://${host}`;
const say = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);
const text = (value) => (value ? String(value) : null);

// Every name is this machine, and the certificate still has to be for that name.
let site = null;
const connect = buildConnector({ ca: readFileSync(settings.authority) });
const toHere = (wanted, done) => {
  const port = wanted.hostname === settings.site ? site : settings.port;
  const here = { hostname: "127.0.0.1", host: "127.0.0.1", port };
  connect({ ...wanted, servername: wanted.hostname, ...here }, done);
};
setGlobalDispatcher(new Agent({ connect: toHere, pipelining: 0 }));

const keys = await generateCryptoKeyPair("RSASSA-PKCS1-v1_5");
const federation = createFederation({ kv: new MemoryKvStore(), origin, allowPrivateAddress: true });
federation
  .setActorDispatcher("/users/{identifier}", async (context, identifier) => {
    if (!users.includes(identifier)) return null;
    const [pair] = await context.getActorKeyPairs(identifier);
    return new vocab.Person({
      id: context.getActorUri(identifier),
      preferredUsername: identifier,
      inbox: context.getInboxUri(identifier),
      endpoints: new vocab.Endpoints({ sharedInbox: context.getInboxUri() }),
      publicKey: pair.cryptographicKey,
    });
  })
  .setKeyPairsDispatcher(() => [keys]);
const follows = new Map();
federation.setObjectDispatcher(vocab.Follow, "/follows/{number}", (context, { number }) =>
  follows.get(context.getObjectUri(vocab.Follow, { number }).href) ?? null);
const inbox = federation.setInboxListeners("/users/{identifier}/inbox", "/inbox");
for (const kind of ["Accept", "Reject", "Create"]) {
  inbox.on(vocab[kind], (_, activity) =>
    say({ event: kind, at: performance.now(), object: text(activity.objectId) }));
}
const peer = federation.createContext(new URL(origin), undefined);

/** The newest follow of each person. */
const newest = new Map();

async function send(user, activity, what) {
  const actor = await peer.lookupObject(what);
  if (!actor) throw new Error(`not found: ${what}`);
  const began = performance.now();
  await peer.sendActivity({ identifier: user }, actor, activity(actor));
  return { began };
}

const orders = {
  async follow({ user, what }) {
    const id = peer.getObjectUri(vocab.Follow, { number: crypto.randomUUID() });
    const made = await send(user, (actor) => {
      const follow = new vocab.Follow({ id, actor: peer.getActorUri(user), object: actor.id });
      follows.set(id.href, follow);
      newest.set(user, follow);
      return follow;
    }, what);
    return { id: id.href, ...made };
  },

  async unfollow({ user, what }) {
    const object = newest.get(user);
    const id = new URL(`${origin}/undos/${crypto.randomUUID()}`);
    return await send(user, () => new vocab.Undo({ id, actor: object.actorId, object }), what);
  },

  /** The headers of a message that is not sent. */
  async sign({ user, url, body }) {
    const headers = { "Content-Type": "application/activity+json" };
    const request = new Request(url, { method: "POST", headers, body });
    const id = new URL(`${origin}/users/${user}#main-key`);
    const signed = await signRequest(request, keys.privateKey, id, { spec: "rfc9421" });
    return { headers: Object.fromEntries(signed.headers) };
  },
};

const tls = { key: readFileSync(settings.key), cert: readFileSync(settings.certificate) };
const server = createServer(tls, async (request, response) => {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const { method } = request;
  const answer = await federation.fetch(
    new Request(new URL(request.url, origin), {
      method,
      headers: Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
      body: method === "POST" ? Buffer.concat(chunks) : undefined,
    }),
    { contextData: undefined, onNotFound: () => new Response("none", { status: 404 }) },
  );
  response.writeHead(answer.status, Object.fromEntries(answer.headers));
  response.end(Buffer.from(await answer.arrayBuffer()));
});
server.listen(settings.port, "127.0.0.1", () => say({ event: "ready" }));

for await (const line of createInterface({ input: process.stdin })) {
  const { number, order, port, ...rest } = JSON.parse(line);
  site = port;
  orders[order](rest).then(
    (answer) => say({ answer: number, ...answer }),
    (error) => say({ answer: number, failed: String(error?.stack ?? error) }),
  );
}
process.exit();
