"""The checks. `tests/e2e/peers/run` gets what they need and calls this."""

import argparse
import asyncio
import json
import re
import shutil
import struct
import subprocess
import sys
import tomllib
import zlib
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE.parent / "hosts")]

from harness import Built, Checks, write
from readers import Readers
from servers import Server, self_signed

SITE = ("site.toml", "published.toml", "content", "data", "keys", "static", "themes")
CLOCK, LATER = "2026-11-24T18:00:00Z", "2026-11-25T18:00:00Z"
# Files for machines that are no documents of the fediverse.
OURS = ("index.json", "webfinger.json")

MORE_OF_THE_ACTOR = '''
header = "/img/lowri-maddox.png"
header_alt = "A picture"
also_known_as = ["https://old.example/@news"]
'''
MORE = """\
+++
title = "One more: {0}"
date = 2026-01-02T10:{0:02}:00Z
+++
Short.
"""


def dot(grey):
    """A picture of one dot."""
    def chunk(name, data):
        check = struct.pack(">I", zlib.crc32(name + data))
        return struct.pack(">I", len(data)) + name + data + check
    head = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    data = zlib.compress(bytes([0, grey]))
    parts = chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts


# By their paths, posts that have what others have not.
MORE_POSTS = {
    "news/warned/index.md": """\
+++
title = "With <a warning> & a picture"
date = 2026-02-01
updated = 2026-02-03T10:00:00Z
content_warning = "Timetables & \\"quotes\\""
image = "picture.png"
image_alt = "A \\"picture\\""
image_focus = [0.0, -0.25]
replies = ["https://other.example/notes/1"]
tags = ["buses", "öffentlicher Verkehr"]
+++
Text <em>with</em> all that.

![Another](other.png)
""",
    "news/warned/picture.png": dot(0),
    "news/warned/other.png": dot(255),
    "news/spoken/index.md": """\
+++
title = "A recording"
date = 2026-02-02
enclosure = "talk.mp3"
+++
Listen.
""",
    "news/spoken/talk.mp3": b"ID3",
    "news/hidden.md": """\
+++
title = "A post without a page"
date = 2026-02-03
page = false
+++
Nothing but a post.
""",
    "plans/_index.md": """\
+++
title = "Plans"
posts = "article"
+++
""",
    "plans/bus.md": """\
+++
title = "A plan for buses"
date = 2026-02-04
description = "In short"
+++
## Why

At length.
""",
    "fairs/_index.md": """\
+++
title = "Events"
posts = "event"
+++
""",
    "fairs/fair.md": """\
+++
title = "The fair"
date = 2026-02-05
start = 2026-12-10T18:00:00Z
end = 2026-12-10T20:00:00Z
location = "The hall"
+++
Come.
""",
}


class Example:
    """The example site of the repository: a copy, its output, what a server is told of it."""

    def __init__(self, binary, repository, place):
        self.binary, self.place = binary, place
        self.site, self.output = place / "site", place / "output"
        for name in SITE:
            source, target = repository / name, self.site / name
            if source.is_dir():
                shutil.copytree(source, target)
            else:
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(source, target)
        settings = tomllib.loads((self.site / "site.toml").read_text())
        self.host = settings["base_url"].removeprefix("https://")
        self.users = {actor["user"]: actor for actor in settings["actors"]}

    def build(self, clock):
        self.built = Built(self.binary, self.site, self.output, clock)
        told = subprocess.run(
            [self.binary, "host", "show", "--host", "nginx", "--root", str(self.site),
             "--folder", str(self.output), "--clock", clock],
            capture_output=True, text=True, check=True)
        (self.place / "snippet").write_text(told.stdout)
        # The server gives up its rights and still has to read.
        for path in [self.place, *self.place.rglob("*")]:
            path.chmod(0o755 if path.is_dir() else 0o644)

    def actor(self, user):
        """What there is to be read of an actor."""
        folder = self.output / "ap" / user
        paths = [path for path in sorted(folder.rglob("*.json")) if path.name not in OURS]
        documents = {path: json.loads(path.read_text()) for path in paths}
        posts = [document for path, document in documents.items()
                 if path.parent.name == "posts" and document["type"] != "Tombstone"]
        return {
            "user": user,
            "document": documents[folder / "actor.json"],
            "key": (self.site / "keys" / f"{user}.pem").read_text(),
            "tags": [f"#{tag}" for tag in self.users[user].get("featured_tags", [])],
            "posts": posts,
            "documents": list(documents.values()),
        }

    def grow(self):
        """Adds all that an account and a post may have and the example has not."""
        settings = self.site / "site.toml"
        known = 'icon_alt = "A white willow leaf on green"\n'
        text = settings.read_text()
        assert known in text
        settings.write_text(text.replace(known, known + MORE_OF_THE_ACTOR))
        write(self.site / "content", {
            **{f"news/more-{number}.md": MORE.format(number) for number in range(1, 46)},
            **MORE_POSTS})

    def withdraw(self, post):
        """Takes the page of a post back, as its author would."""
        pages = {page["url"]: page["source"] for page in self.built.pages}
        path = self.site / pages[post["url"]]
        text = path.read_text()
        path.write_text(re.sub(r"\A\+\+\+\n", "+++\nwithdrawn = true\n", text))


def fedify(check, node, example, server, pair, tombstone=None):
    """Runs the reader that is in JavaScript; its lines are checks."""
    orders = example.place / "orders.json"
    orders.write_text(json.dumps({
        "host": example.host, "port": server.secure, "certificate": str(pair[0]),
        "tombstone": tombstone, "actors": [example.actor(user) for user in example.users]}))
    done = subprocess.run([node, HERE / "fedify.mjs", orders], capture_output=True, text=True,
                          check=False, timeout=120)
    for line in done.stdout.splitlines():
        told = json.loads(line)
        check(told["name"], lambda problems=told["problems"]: problems)
    check("Fedify: ran to its end",
          lambda: [done.stderr[-2000:]] if done.returncode or not done.stdout else [])


async def gathered(problems):
    return [problem async for problem in problems]


def others(check, example, server, pair):
    """Runs those that are in Python."""
    readers = Readers(server.secure, pair[0])
    for user in example.users:
        wanted = example.actor(user)
        handle = f"{user}@{example.host}"
        check(f"bovine: @{handle}",
              lambda: asyncio.run(gathered(readers.bovine_reads(handle, wanted))))
        check(f"apkit: @{handle}",
              lambda: asyncio.run(gathered(readers.apkit_reads(user, example.host, wanted))))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--binary", required=True)
    parser.add_argument("--node", required=True)
    parser.add_argument("--repository", required=True, type=Path)
    parser.add_argument("--work", required=True, type=Path)
    options = parser.parse_args()
    check = Checks()

    example = Example(options.binary, options.repository, options.work / "example")
    pair = self_signed(options.work, example.host)
    example.build(CLOCK)
    check("the example site is built", example.built.fine)
    read(check, options, example, pair)
    newest = max((post for user in example.users for post in example.actor(user)["posts"]),
                 key=lambda post: post["published"])

    example.grow()
    example.build(CLOCK)
    check("the example site is built with more posts", example.built.fine)
    kinds = {post["type"] for post in example.actor("news")["posts"]}
    check("there are posts of all kinds", lambda: {"Note", "Article", "Event"} ^ kinds)
    read(check, options, example, pair)

    example.withdraw(newest)
    example.build(LATER)
    check("the example site is built without a post", example.built.fine)
    with Server("nginx", example.place, pair, example.host) as server:
        fedify(check, options.node, example, server, pair, newest["id"])
        readers = Readers(server.secure, pair[0])
        check("bovine: a post that was taken back is a Tombstone",
              lambda: asyncio.run(gathered(readers.bovine_reads_what_is_left(newest["id"]))))
    check.finish()


def read(check, options, example, pair):
    """What every reader says of the site as it is."""
    with Server("nginx", example.place, pair, example.host) as server:
        fedify(check, options.node, example, server, pair)
        others(check, example, server, pair)


if __name__ == "__main__":
    main()
