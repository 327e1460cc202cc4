"""Reads accounts with bovine and apkit, on connections that all lead to this machine."""

import contextlib
import socket
import ssl

import aiohttp
from aiohttp.abc import AbstractResolver
from apkit.client.asyncio.client import ActivityPubClient
from bovine import BovineActor
from bovine.clients import lookup_uri_with_webfinger
from bovine.crypto import generate_rsa_public_private_key

ACTIVITY = "application/activity+json"


class Here(AbstractResolver):
    """Every name is this machine, at one port."""

    def __init__(self, port):
        self.port = port

    async def resolve(self, host, port=0, family=socket.AF_INET):
        return [{"hostname": host, "host": "127.0.0.1", "port": self.port,
                 "family": socket.AF_INET, "proto": 0, "flags": socket.AI_NUMERICHOST}]

    async def close(self):
        pass


class Readers:
    """The two of them, with the certificate they are to believe."""

    def __init__(self, port, certificate):
        self.port, self.certificate = port, certificate

    def connector(self):
        trusted = ssl.create_default_context(cafile=str(self.certificate))
        return aiohttp.TCPConnector(resolver=Here(self.port), ssl=trusted)

    @contextlib.asynccontextmanager
    async def bovine(self):
        """It signs whatever it asks for, so it needs a key, though nobody looks at it here."""
        _, private = generate_rsa_public_private_key()
        actor = "https://reader.example/actor"
        async with aiohttp.ClientSession(connector=self.connector()) as session:
            reader = BovineActor(
                actor_id=actor, public_key_url=f"{actor}#main-key", secret=private)
            await reader.init(session=session)
            yield reader, session

    async def bovine_reads(self, handle, wanted):
        """By name, the actor, the outbox by its pages, and every post."""
        document = wanted["document"]
        async with self.bovine() as (reader, session):
            found, _ = await lookup_uri_with_webfinger(session, f"acct:{handle}")
            if found != document["id"]:
                yield f"{handle} leads to {found}"
                return
            if await reader.get(found) != document:
                yield "another actor"
            outbox = await reader.get(document["outbox"])
            seen, page = [], outbox.get("first")
            while page:
                part = await reader.get(page)
                for activity in part["orderedItems"]:
                    item = activity["object"]
                    seen.append(item if isinstance(item, str) else item["id"])
                page = part.get("next")
            if not len(seen) == outbox["totalItems"] == len(wanted["posts"]):
                yield f"{len(seen)} posts, and {outbox['totalItems']} are said to be there"
            for post in wanted["posts"]:
                if post["id"] not in seen or await reader.get(post["id"]) != post:
                    yield f"another post: {post['id']}"

    async def bovine_reads_what_is_left(self, address):
        async with self.bovine() as (reader, _):
            left = await reader.get(address)
            # It makes up one itself for what is not there, which has no time.
            if left["type"] != "Tombstone" or left["id"] != address or "deleted" not in left:
                yield f"{left}"

    async def apkit_reads(self, user, host, wanted):
        """By name, which has to be the subject of the answer, and then the actor."""
        document = wanted["document"]
        async with ActivityPubClient(connector=self.connector()) as client:
            finger = await client.actor.resolve(user, host)
            links = [link.href for link in finger.links
                     if link.rel == "self" and link.type == ACTIVITY]
            if links != [document["id"]]:
                yield f"{user} leads to {links}"
                return
            actor = await client.actor.fetch(links[0])
            if type(actor).__name__ != document["type"]:
                yield f"not a {document['type']}: {actor!r}"
                return
            for name, found in (("preferredUsername", actor.preferred_username),
                                ("name", actor.name), ("id", actor.id), ("inbox", actor.inbox)):
                found = getattr(found, "id", found)
                if found != document[name]:
                    yield f"{name}: {found!r}"
            if actor.public_key.public_key_pem is None or actor.public_key.owner != actor.id:
                yield f"key: {actor.public_key!r}"
            for post in wanted["posts"]:
                # It takes a collection only whole, though an address is as good (ActivityPub, 4.1).
                if "replies" in post:
                    continue
                async with client.get(post["id"], headers={"Accept": ACTIVITY}) as answer:
                    found = await answer.parse()
                if type(found).__name__ != post["type"] or found.content != post["content"]:
                    yield f"not what was written: {post['id']}: {found!r}"
