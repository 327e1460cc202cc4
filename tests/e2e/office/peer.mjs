// Servers of the fediverse with people who follow a site, made of Fedify, all in this process.
//
//   node peer.mjs SETTINGS.json    as `main.py` writes them
//
// It reads orders from its input, one JSON object a line, and says in its output what came of each
// (`answer`, with the number of the order) and what happens at the servers (`event`, with the time
// in milliseconds).

import { readFileSync } from "node:fs";
import { createServer } from "node:https";
import { createInterface } from "node:readline";
import {
  createFederation,
  generateCryptoKeyPair,
  MemoryKvStore,
  signRequest,
} from "@fedify/fedify";
import * as vocab from "@fedify/vocab";
import { Agent, buildConnector, setGlobalDispatcher } from "undici";

const settings = JSON.parse(readFileSync(process.argv[2], "utf8"));
const type = "application/activity+json";

const say = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);
const tell = (host, event, what) => say({ event, host, at: performance.now(), ...what });
const text = (value) => (value === null || value === undefined ? null : String(value));

// Every name is this machine, and the certificate still has to be for that name.
const connect = buildConnector({ ca: readFileSync(settings.authority) });
const toHere = (wanted, done) => {
  const port = wanted.hostname === settings.site.host ? settings.site.port : settings.port;
  const here = { hostname: "127.0.0.1", host: "127.0.0.1", port };
  connect({ ...wanted, servername: wanted.hostname, ...here }, done);
};
/** Tells in which form each message that leaves is signed: whoever is refused tries the other. */
const knocking = (dispatch) => (options, handler) => {
  if (options.method === "POST") {
    const headers = JSON.stringify(options.headers).toLowerCase();
    const form = headers.includes('"signature-input"') ? "rfc9421" : "draft-cavage";
    tell(null, "knock", { form, to: `${options.origin}${options.path}` });
  }
  return dispatch(options, handler);
};
// The web server may close a connection just when the next message is sent, so each has its own.
setGlobalDispatcher(new Agent({ connect: toHere, pipelining: 0 }).compose(knocking));

/** A server, with what it is to do with messages: `well`, `busy` (503) or `silent`. */
class Peer {
  mode = "well";
  /** The follows that were sent, by where they are. */
  follows = new Map();
  /** The newest one of each person, by whom they follow. */
  newest = new Map();

  static async start({ host, users, first_knock }) {
    const peer = new Peer();
    Object.assign(peer, { host, users, origin: `https://${host}` });
    // The second one is nobody's.
    const kind = "RSASSA-PKCS1-v1_5";
    const pairs = [generateCryptoKeyPair(kind), generateCryptoKeyPair(kind)];
    [peer.keys, peer.wrong] = await Promise.all(pairs);
    peer.federation = createFederation({
      kv: new MemoryKvStore(),
      origin: peer.origin,
      allowPrivateAddress: true,
      firstKnock: first_knock,
    });
    peer.dispatch();
    peer.listen();
    peer.context = peer.federation.createContext(new URL(peer.origin), undefined);
    return peer;
  }

  /** What can be read on the server. */
  dispatch() {
    this.federation
      .setActorDispatcher("/users/{identifier}", async (context, identifier) => {
        if (!this.users.includes(identifier)) return null;
        const [pair] = await context.getActorKeyPairs(identifier);
        return new vocab.Person({
          id: context.getActorUri(identifier),
          preferredUsername: identifier,
          inbox: context.getInboxUri(identifier),
          endpoints: new vocab.Endpoints({ sharedInbox: context.getInboxUri() }),
          publicKey: pair.cryptographicKey,
          aliases: (settings.aliases[identifier] ?? []).map((id) => new URL(id)),
        });
      })
      .setKeyPairsDispatcher(() => [this.keys]);
    this.federation.setObjectDispatcher(
      vocab.Follow,
      "/follows/{number}",
      (context, { number }) =>
        this.follows.get(context.getObjectUri(vocab.Follow, { number }).href) ?? null,
    );
  }

  /** What is done with messages, after Fedify has verified who sent them. */
  listen() {
    const heard = async (context, activity) => {
      const object = await activity.getObject(context);
      tell(this.host, activity.constructor.name, {
        id: text(activity.id),
        actor: text(activity.actorId),
        object: text(activity.objectId),
        kind: object?.constructor.name ?? null,
        name: text(object?.name),
        content: text(object?.content),
        author: text(object?.attributionId),
      });
    };
    const inbox = this.federation.setInboxListeners("/users/{identifier}/inbox", "/inbox");
    for (const kind of ["Accept", "Reject", "Create", "Update", "Delete"]) {
      inbox.on(vocab[kind], heard);
    }
    inbox.onError((_, error) => tell(this.host, "error", { reason: String(error) }));
  }

  /** Answers a request. */
  async answer(request, body) {
    const { method, headers } = request;
    const came = { method, path: request.url };
    if (method === "POST") {
      const { id, type: kind, object } = JSON.parse(body);
      Object.assign(came, { id, kind, object: object?.id ?? object, headers });
    }
    if (method === "POST" && this.mode === "silent") {
      tell(this.host, "request", { ...came, status: null });
      return null;
    }
    const answer =
      method === "POST" && this.mode === "busy"
        ? new Response("busy", { status: 503 })
        : await this.federation.fetch(
            new Request(new URL(request.url, this.origin), {
              method,
              headers: Object.entries(headers).map(([name, value]) => [name, String(value)]),
              body: method === "POST" ? body : undefined,
            }),
            { contextData: undefined, onNotFound: () => new Response("none", { status: 404 }) },
          );
    tell(this.host, "request", { ...came, status: answer.status });
    return answer;
  }

  /** Finds something as people do who paste an address or a handle. */
  async find(what) {
    const found = await this.context.lookupObject(what);
    if (!found) throw new Error(`not found: ${what}`);
    return found;
  }

  new(what) {
    return new URL(`${this.origin}/${what}/${crypto.randomUUID()}`);
  }

  async send(user, recipient, activity) {
    await this.context.sendActivity({ identifier: user }, recipient, activity);
    return { id: activity.id.href };
  }
}

const peers = new Map();
for (const wanted of settings.peers) peers.set(wanted.host, await Peer.start(wanted));

const orders = {
  async lookup(peer, { what }) {
    const found = await peer.find(what);
    const { id, name, inboxId } = found;
    return { kind: found.constructor.name, id: text(id), name: text(name), inbox: text(inboxId) };
  },

  async follow(peer, { user, what }) {
    const actor = await peer.find(what);
    const number = crypto.randomUUID();
    const id = peer.context.getObjectUri(vocab.Follow, { number });
    const me = peer.context.getActorUri(user);
    const follow = new vocab.Follow({ id, actor: me, object: actor.id, to: actor.id });
    peer.follows.set(id.href, follow);
    peer.newest.set(`${user} ${what}`, follow);
    const began = performance.now();
    return { ...(await peer.send(user, actor, follow)), began };
  },

  async unfollow(peer, { user, what }) {
    const follow = peer.newest.get(`${user} ${what}`);
    const actor = await peer.find(what);
    const about = { actor: follow.actorId, object: follow, to: actor.id };
    return await peer.send(user, actor, new vocab.Undo({ id: peer.new("undos"), ...about }));
  },

  async react(peer, { user, kind, what }) {
    const post = await peer.find(what);
    const author = await post.getAttribution(peer.context);
    const about = { id: peer.new(kind), actor: peer.context.getActorUri(user) };
    const note = new vocab.Note({
      id: peer.new("notes"),
      attribution: about.actor,
      replyTarget: post.id,
      content: "<p>Yes!</p>",
      to: vocab.PUBLIC_COLLECTION,
    });
    const activity = {
      Like: () => new vocab.Like({ ...about, object: post.id, to: author.id }),
      Announce: () =>
        new vocab.Announce({ ...about, object: post.id, to: vocab.PUBLIC_COLLECTION }),
      Create: () => new vocab.Create({ ...about, object: note, to: vocab.PUBLIC_COLLECTION }),
    };
    return await peer.send(user, author, activity[kind]());
  },

  async mode(peer, { mode }) {
    peer.mode = mode;
    return {};
  },

  /**
   * The headers of a message that is sent by other means. With `wrong`, another key has signed it.
   * When it is a follow, it can be read here, as who gets an answer to it wants to.
   */
  async sign(peer, { url, body, user, form, wrong }) {
    const request = new Request(url, { method: "POST", headers: { "Content-Type": type }, body });
    const key = (wrong ? peer.wrong : peer.keys).privateKey;
    const id = new URL(`${peer.origin}/users/${user}#main-key`);
    const signed = await signRequest(request, key, id, { spec: form });
    const activity = await vocab.Activity.fromJsonLd(JSON.parse(body), peer.context);
    if (activity instanceof vocab.Follow) peer.follows.set(activity.id.href, activity);
    return { headers: Object.fromEntries(signed.headers) };
  },
};

const tls = { key: readFileSync(settings.key), cert: readFileSync(settings.certificate) };
const server = createServer(tls, async (request, response) => {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const { host } = request.headers;
  try {
    const answer = await peers.get(host).answer(request, Buffer.concat(chunks));
    if (!answer) return;
    response.writeHead(answer.status, Object.fromEntries(answer.headers));
    response.end(Buffer.from(await answer.arrayBuffer()));
  } catch (error) {
    tell(host, "error", { reason: String(error?.stack) });
    response.writeHead(500).end();
  }
});
server.listen(settings.port, "127.0.0.1", () => say({ event: "ready" }));

for await (const line of createInterface({ input: process.stdin })) {
  const { number, order, host, ...rest } = JSON.parse(line);
  orders[order](peers.get(host), rest).then(
    (answer) => say({ answer: number, ...answer }),
    (error) => say({ answer: number, failed: String(error?.stack ?? error) }),
  );
}
process.exit();
