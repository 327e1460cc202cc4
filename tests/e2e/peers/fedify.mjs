// Reads the accounts of a site with Fedify, as a server made of it would, and says for each check
// what is wrong: a line of JSON with its name and problems.
//
//   node fedify.mjs ORDERS.json    as `main.py` writes them

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { inspect } from "node:util";
import { createFederation, MemoryKvStore } from "@fedify/fedify";
import * as vocab from "@fedify/vocab";
import { exportSpki, getDocumentLoader } from "@fedify/vocab-runtime";
import jsonld from "@fedify/vocab-runtime/jsonld";
import { Agent, buildConnector, setGlobalDispatcher } from "undici";

const orders = JSON.parse(readFileSync(process.argv[2], "utf8"));
const { host } = orders;

// Every name is this machine, and the certificate still has to be for that name.
const connect = buildConnector({ ca: readFileSync(orders.certificate) });
const here = { hostname: "127.0.0.1", host: "127.0.0.1", port: orders.port };
const toHere = (wanted, done) => connect({ ...wanted, servername: wanted.hostname, ...here }, done);
setGlobalDispatcher(new Agent({ connect: toHere }));

const federation = createFederation({ kv: new MemoryKvStore(), allowPrivateAddress: true });
const peer = federation.createContext(new URL("https://reader.example"), undefined);

async function check(name, work) {
  let problems = [];
  try {
    await work();
  } catch (error) {
    problems = [error instanceof assert.AssertionError ? error.message : inspect(error)];
  }
  console.log(JSON.stringify({ name: `Fedify: ${name}`, problems }));
}

const text = (value) => (value === null ? null : String(value));
const same = (found, wanted, what) => assert.deepEqual(found, wanted, `${what}: ${inspect(found)}`);
const collect = async (items) => {
  const all = [];
  for await (const item of items) all.push(item);
  return all;
};
const members = (collection) => collect(peer.traverseCollection(collection));
const when = (value) => value && new Date(value.epochMilliseconds).getTime();

/** What an actor says of itself, and that it is the one that was asked for. */
async function account(actor, wanted) {
  const { document } = wanted;
  assert.ok(actor instanceof vocab[document.type], `not a ${document.type}: ${inspect(actor)}`);
  same(text(actor.id), document.id, "id");
  same(text(actor.preferredUsername), wanted.user, "user");
  same(text(actor.name), document.name, "name");
  same(text(actor.summary), document.summary, "summary");
  same(text(actor.url), document.url, "url");
  same(text(actor.inboxId), document.inbox, "inbox");
  same(when(actor.published), Date.parse(document.published), "published");
  for (const name of ["manuallyApprovesFollowers", "discoverable", "indexable"]) {
    same(actor[name], document[name], name);
  }
  const icon = await actor.getIcon(peer);
  same(text(icon.url), document.icon.url, "icon");
  same(icon.mediaType, document.icon.mediaType, "type of the icon");
  same(text(icon.name), document.icon.name, "alternative text of the icon");
  const header = await actor.getImage(peer);
  same(text(header?.url ?? null), document.image?.url ?? null, "header");
  same(actor.aliasIds.map(text), document.alsoKnownAs ?? [], "also known as");
  const fields = await collect(actor.getAttachments(peer));
  same(
    fields.map((field) => [field.constructor.name, text(field.name), text(field.value)]),
    document.attachment.map(({ name, value }) => ["PropertyValue", name, value]),
    "fields",
  );
  const keys = await collect(actor.getPublicKeys(peer));
  same(keys.length, 1, "keys");
  same(text(keys[0].id), `${document.id}#main-key`, "id of the key");
  same(text(keys[0].ownerId), document.id, "owner of the key");
  same((await exportSpki(keys[0].publicKey)).trim(), wanted.key.trim(), "key");
}

/** All posts, in the outbox, from the newest to the oldest. */
async function outbox(actor, wanted) {
  const collection = await actor.getOutbox(peer);
  const activities = await members(collection);
  same(collection.totalItems, wanted.posts.length, "totalItems");
  same(activities.length, wanted.posts.length, "activities");
  const ids = new Set();
  let before = Infinity;
  for (const activity of activities) {
    assert.ok(activity instanceof vocab.Create, `not a Create: ${inspect(activity)}`);
    same(text(activity.actorId), wanted.document.id, "actor");
    const post = await activity.getObject(peer);
    same(text(post.attributionId), wanted.document.id, "attribution");
    same(when(activity.published), when(post.published), "published");
    assert.ok(when(post.published) <= before, `${post.id} is newer than the one before`);
    before = when(post.published);
    ids.add(text(post.id));
  }
  same([...ids].sort(), wanted.posts.map((post) => post.id).sort(), "posts");
}

/** What is pinned, what the account is about, who follows. */
async function collections(actor, wanted) {
  const pinned = await members(await actor.getFeatured(peer));
  const known = wanted.posts.map((post) => post.id);
  assert.ok(pinned.length > 0, "nothing is pinned");
  for (const post of pinned) {
    assert.ok(known.includes(text(post.id)), `pinned, but not a post: ${inspect(post)}`);
  }
  const tags = await members(await actor.getFeaturedTags(peer));
  same(
    tags.map((tag) => [tag.constructor.name, text(tag.name)]),
    wanted.tags.map((tag) => ["Hashtag", tag]),
    "featured tags",
  );
  same((await actor.getFollowers(peer)).totalItems, 0, "followers");
  same((await actor.getFollowing(peer)).totalItems, 0, "following");
}

/** A post, found by its id or by its page, is what was written. */
async function post(address, document) {
  const note = await peer.lookupObject(address);
  assert.ok(note instanceof vocab[document.type], `not a ${document.type}: ${inspect(note)}`);
  same(text(note.id), document.id, "id");
  same(text(note.attributionId), document.attributedTo, "attribution");
  const contents = note.contents.map(String);
  assert.ok(contents[0]?.length > 0, "no content");
  same([...new Set(contents)], [document.content], "content");
  const [language] = Object.keys(document.contentMap);
  const languages = note.contents.map((content) => content.locale?.baseName).filter(Boolean);
  same(languages, [language], "language");
  same(text(note.summary), document.summary ?? null, "content warning");
  same(note.sensitive, document.sensitive, "sensitive");
  same(text(note.name), document.name ?? null, "name");
  same(text(note.url), document.url ?? null, "url");
  same(when(note.published), Date.parse(document.published), "published");
  same(when(note.updated), document.updated ? Date.parse(document.updated) : null, "updated");
  same(when(note.startTime), document.startTime ? Date.parse(document.startTime) : null, "start");
  same(when(note.endTime), document.endTime ? Date.parse(document.endTime) : null, "end");
  const place = await note.getLocation(peer);
  same(text(place?.name ?? null), document.location?.name ?? null, "where");
  same(text(note.repliesId), document.replies ?? null, "replies");
  same(note.toIds.map(text), [vocab.PUBLIC_COLLECTION.href], "to");
  same(note.ccIds.map(text), document.cc, "cc");
  const shape = (media) => [text(media.url?.href ?? media.url), media.mediaType, text(media.name)];
  same(
    (await collect(note.getAttachments(peer))).map(shape),
    (document.attachment ?? []).map((media) => [media.url, media.mediaType, media.name ?? null]),
    "attachments",
  );
  same(
    (await collect(note.getTags(peer))).map((tag) => [text(tag.href), text(tag.name)]),
    (document.tag ?? []).map((tag) => [tag.href, tag.name]),
    "tags",
  );
}

const contexts = getDocumentLoader();
const known = ["https://www.w3.org/ns/activitystreams", "https://w3id.org/security/v1"];

/** Expands a document with contexts that are not fetched; refuses what would be lost by it. */
async function expand(document, base) {
  const documentLoader = (url) => {
    assert.ok(known.includes(url), `a context that not everybody has: ${url}`);
    return contexts(url);
  };
  return await jsonld.expand(document, { base, documentLoader, safe: true });
}

/** Every word of a document means something. */
async function words(document) {
  const expanded = await expand(document, document.id);
  same(expanded.length, 1, "documents in it");
  // The vocabulary of ActivityStreams makes a nameless node of a word that it does not have.
  const nameless = JSON.stringify(expanded).match(/"_:[^"]*"/g);
  same(nameless, null, "words without a meaning");
}

/** What documents point to is there, as what they say it is. */
async function pointers(documents) {
  const targets = new Map();
  const visit = (value) => {
    if (value === null || typeof value !== "object") return;
    for (const name of ["url", "href"]) {
      if (typeof value[name] === "string") targets.set(value[name], value.mediaType ?? "text/html");
    }
    Object.values(value).forEach(visit);
  };
  documents.forEach(visit);
  assert.ok(targets.size > 5, `only ${targets.size} addresses`);
  for (const [target, mediaType] of targets) {
    const answer = await fetch(target, { redirect: "manual" });
    const found = answer.headers.get("content-type")?.split(";")[0];
    same([answer.status, found], [200, mediaType], target);
    await answer.arrayBuffer();
  }
}

if (orders.tombstone) {
  await check("a post that was taken back is a Tombstone", async () => {
    const headers = { Accept: "application/activity+json" };
    const answer = await fetch(orders.tombstone, { headers });
    const document = await answer.json();
    same(answer.status, 410, "status");
    await words(document);
    const left = await vocab.Object.fromJsonLd(document, peer);
    assert.ok(left instanceof vocab.Tombstone, `not a Tombstone: ${inspect(left)}`);
    same(text(left.id), orders.tombstone, "id");
    assert.ok(left.deleted, "no time");
  });
  await check("a post that was taken back is not found", async () => {
    same(await peer.lookupObject(orders.tombstone), null, "found");
  });
} else {
  await check("a word that is in no context would be found", async () => {
    const document = { "@context": known[0], id: `https://${host}/a`, type: "Note" };
    await words(document);
    await assert.rejects(words({ ...document, sensitiv: true }));
    await assert.rejects(words({ ...document, type: "Nota" }));
  });
  await check("nobody else is found", async () => {
    same(await peer.lookupObject(`@nobody@${host}`), null, "found");
  });
}

for (const wanted of orders.actors) {
  const handle = `@${wanted.user}@${host}`;
  const actor = await peer.lookupObject(handle).catch((error) => error);
  await check(`${handle} is found`, () => account(actor, wanted));
  await check(`${handle}: the outbox, to its end`, () => outbox(actor, wanted));
  if (orders.tombstone) continue;
  await check(`${handle} is found by the page`, async () => {
    const found = await peer.lookupObject(wanted.document.url);
    same(text(found?.id ?? null), wanted.document.id, "id");
  });
  await check(`${handle}: what is pinned, tags, followers`, () => collections(actor, wanted));
  for (const document of wanted.posts) {
    const name = document.id.split("/").pop();
    await check(`${handle}: ${name}`, () => post(document.id, document));
    if (document.url) {
      await check(`${handle}: ${name} by its page`, () => post(document.url, document));
    }
  }
  await check(`${handle}: every word means something`, async () => {
    for (const document of wanted.documents) await words(document);
  });
  await check(`${handle}: what is pointed to is there`, () => pointers(wanted.documents));
}
