"""The checks. `tests/e2e/office_cgi/run` gets what they need and calls this."""

import argparse
import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE.parent / "hosts")]

from harness import Checks, write
from servers import MODULES, Server, certificate, free_port

HOST, PEER = "www.party.example", "peer.example"
SITE = f"https://{HOST}"
HANDLE, ACTOR = f"@news@{HOST}", f"{SITE}/ap/news/actor.json"
USERS = ("gwenllian", "siencyn", "eluned", "tegwen", "arwel")
ACTIVITY = "application/activity+json"
PROGRAM = "/cgi-bin/inbox.cgi"
AT_ONCE = 200

SETTINGS = """\
base_url = "{site}"
title = "A party"
host = "{host}"
post_office = "{post_office}"

[[actors]]
user = "news"
name = "A party"
"""
POST = """\
+++
title = "{title}"
date = 2026-11-20T10:00:00Z
+++
Text.
"""


class Party:
    """The site, and what its web server is told of it."""

    def __init__(self, binary, place, host, post_office):
        self.binary, self.place = binary, place
        self.site, self.output = place / "site", place / "public"
        text = SETTINGS.format(site=SITE, host=host, post_office=post_office)
        write(self.site, {
            "site.toml": text,
            "content/news/_index.md": '+++\ntitle = "News"\nposts = "note"\n+++\n'})
        self.run("key", "new", "news")
        self.run("inbox", "init")
        self.publish("first")

    def run(self, *arguments):
        command = [self.binary, *arguments, "--root", self.site]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout

    def publish(self, name):
        """Writes a post and builds the site; gives the post's id."""
        write(self.site / "content/news", {f"{name}.md": POST.format(title=name.capitalize())})
        self.run("build", "--output-dir", self.output)
        told = self.run("host", "show", "--folder", self.output)
        (self.place / "snippet").write_text(told)
        return f"{SITE}/ap/news/posts/news-{name}.json"


class Office:
    """A folder with what a post office needs; without keys it can only store requests."""

    def __init__(self, party, place, authority, pinned, port=None, keys=True):
        self.binary, self.place, self.spool = party.binary, place, place / "spool"
        place.mkdir()
        shutil.copy(authority, place / "ca.pem")
        if keys:
            shutil.copytree(party.site / ".sitegen/keys", place / ".sitegen/keys")
        text = (party.site / "inbox.toml").read_text()
        text = re.sub(r'(?m)^listen = ".*"$', f'listen = "127.0.0.1:{port or 8025}"', text)
        (place / "inbox.toml").write_text(
            f'allow_addresses = ["127.0.0.0/8"]\nca_file = "ca.pem"\n'
            f'resolve = {json.dumps(pinned)}\nfolder = "{party.output}"\n{text}')

    def script(self, path, *options):
        """Writes the program that the web server starts: as in README.md."""
        words = " ".join(map(str, ("inbox", "--cgi", "--root", self.place, *options)))
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"#!/bin/sh\nexec {self.binary} {words}\n")
        path.chmod(0o755)

    def deliver(self, *options):
        command = [self.binary, "deliver", *map(str, options), "--root", self.place]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
        return done.returncode, done.stderr

    def rows(self, sql, *values):
        """What is on its disk; nothing when there is nothing yet. It is only read."""
        path = self.place / ".sitegen/office/office.db"
        if not path.exists():
            return []
        store = sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=10)
        try:
            return store.execute(sql, values).fetchall()
        finally:
            store.close()

    def let_a_minute_pass(self):
        """Makes the last look at the site a minute older."""
        path = self.place / ".sitegen/office/office.db"
        store = sqlite3.connect(path, timeout=10)
        with store:
            store.execute("UPDATE site SET looked = looked - 61")
        store.close()
        # Closing has put all changes into the file itself.
        path.with_name("office.db-wal").touch(0o600)

    def followers(self):
        sql = "SELECT uri FROM follower JOIN remote ON remote.id = remote WHERE accepted"
        return {uri.rpartition("/")[2] for uri, in self.rows(sql)}

    def lying(self):
        return sorted(self.spool.glob("*.request")) if self.spool.exists() else []

    def processes(self):
        """Programs of this post office that run."""
        found = []
        for path in Path("/proc").glob("[0-9]*/cmdline"):
            try:
                words = path.read_bytes().split(b"\0")
            except OSError:
                continue
            if os.fsencode(self.place) in words and os.fsencode(self.binary) in words:
                found.append(path.parent.name)
        return found


class Lighttpd(Server):
    """lighttpd, which passes requests on or starts the program of the post office."""

    def __init__(self, place, pair, program=None):
        self.program = program
        super().__init__("lighttpd", place, pair, HOST)

    def lighttpd(self, snippet, pair):
        if self.program:
            snippet, count = re.subn(
                r'proxy\.server = \( "" => \(\( .*?\)\) \)',
                f'alias.url = ( "/ap/" => "{self.program}/" )\n    cgi.assign = ( ".cgi" => "" )',
                snippet, flags=re.DOTALL)
            assert count == 1, snippet
            snippet = snippet.replace('"mod_proxy"', '"mod_cgi"')
        return super().lighttpd(snippet, pair)


class Apache(Server):
    """Apache as at a provider of web space: a folder with programs, and `.htaccess`."""

    def apache(self, snippet, pair):
        command = super().apache(snippet, pair)
        folder = self.place / "cgi-bin"
        with open(self.place / "apache.conf", "a") as conf:
            conf.write(f"""\
LoadModule cgi_module {MODULES}/mod_cgi.so
ScriptAlias /cgi-bin/ {folder}/
<Directory {folder}>
Require all granted
</Directory>
""")
        return command


class Peer:
    """The server that follows: `peer.mjs`."""

    def __init__(self, options, pair, authority, port):
        self.lines, self.changed, self.orders = [], threading.Condition(), 0
        settings = options.work / "peer.json"
        settings.write_text(json.dumps({
            "host": PEER, "port": port, "users": USERS, "site": HOST, "authority": str(authority),
            "certificate": str(pair[0]), "key": str(pair[1])}))
        self.process = subprocess.Popen([options.node, options.peer, settings], text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        threading.Thread(target=self.collect, daemon=True).start()
        assert self.wait("event", "ready", 30), "the peer does not start"

    def collect(self):
        for line in self.process.stdout:
            with self.changed:
                self.lines.append(json.loads(line))
                self.changed.notify_all()

    def end(self):
        self.process.kill()
        self.process.wait()

    def wait(self, key, value, seconds=10, **wanted):
        """The first line that fits; None when it does not come in time."""
        wanted = {key: value, **wanted}

        def first():
            return next((line for line in self.lines if wanted.items() <= line.items()), None)

        with self.changed:
            return self.changed.wait_for(first, seconds)

    def ask(self, order, server, **rest):
        self.orders += 1
        line = {"number": self.orders, "order": order, "port": server.secure, **rest}
        self.process.stdin.write(f"{json.dumps(line)}\n")
        self.process.stdin.flush()
        answer = self.wait("answer", self.orders, 30)
        assert answer and "failed" not in answer, answer
        return answer

    def has(self, kind, object, seconds=10):
        if not self.wait("event", kind, seconds, object=object):
            yield f"no {kind} of {object}: {self.lines}"

    def follows(self, server, office, user, most=1000):
        """The follow is answered in so many milliseconds."""
        sent = self.ask("follow", server, user=user, what=HANDLE)
        accept = self.wait("event", "Accept", 30, object=sent["id"])
        took = accept["at"] - sent["began"] if accept else None
        if took is None or took > most:
            yield f"answered after {took} ms"
        if user not in office.followers():
            yield f"the followers: {office.followers()}"

    def unfollows(self, server, office, user):
        self.ask("unfollow", server, user=user, what=HANDLE)
        if user in office.followers():
            yield "still a follower"


def until(is_so, seconds):
    deadline = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def asks_for_a_look(server, office):
    """At most once a minute; whoever comes too early has to come again."""
    if (status := server.ask("/ap/check", "POST", b"").status) != 202:
        yield f"{status}"
    if not until(lambda: office.rows("SELECT 1 FROM site"), 30):
        yield "nobody has looked"
    answer = server.ask("/ap/check", "POST", b"")
    if answer.status != 503 or not str(answer.one("Retry-After")).isdigit():
        yield f"again: {answer.status} {answer.fields}"
    office.let_a_minute_pass()


def hears_of(peer, party, server, name):
    post = party.publish(name)
    if (status := server.ask("/ap/check", "POST", b"").status) != 202:
        yield f"{status}"
    yield from peer.has("Create", post, 30)


def knows_its_paths(server):
    for method, target, status in (("GET", "/ap/news/inbox", 405), ("GET", "/ap/check", 405),
                                   ("POST", "/ap/nobody/inbox", 404),
                                   ("POST", "/ap/news/inbox?a=%2Fb", 415),
                                   ("GET", "/ap/news/actor.json", 200)):
        answer = server.ask(target, method, b"{}" if method == "POST" else None)
        if answer.status != status:
            yield f"{method} {target}: {answer.status} {answer.body}"


def survives_a_crowd(peer, server, office):
    """Two hundred at once: each is answered, nobody for ever, and nothing stays behind."""
    url = f"{SITE}/ap/news/inbox"
    follow = {"@context": "https://www.w3.org/ns/activitystreams", "type": "Follow",
              "id": f"https://{PEER}/follows/crowd", "object": ACTOR,
              "actor": f"https://{PEER}/users/{USERS[-1]}"}
    body = json.dumps(follow)
    signed = peer.ask("sign", server, user=USERS[-1], url=url, body=body)["headers"]
    signed.pop("host", None)

    def post(number):
        headers = signed if number % 2 else {"Content-Type": ACTIVITY}
        answer = server.ask("/ap/news/inbox", "POST", body.encode(), headers, timeout=60)
        return answer.status

    with ThreadPoolExecutor(AT_ONCE) as pool:
        statuses = list(pool.map(post, range(AT_ONCE)))
    counts = {status: statuses.count(status) for status in sorted(set(statuses))}
    if not counts.keys() <= {202, 401, 503} or not {202, 401} <= counts.keys():
        yield f"{counts}"
    yield from peer.has("Accept", follow["id"], 30)
    if not until(lambda: not office.processes(), 90):
        yield f"they still run: {office.processes()}"
    if office.rows("PRAGMA integrity_check") != [("ok",)]:
        yield "the file is damaged"


def waits(peer, server, keeper, user):
    """The follow is taken, and nobody answers it here."""
    sent = peer.ask("follow", server, user=user, what=HANDLE)
    if len(keeper.lying()) != 1:
        yield f"in the spool: {keeper.lying()}"
    if peer.wait("event", "Accept", 0, object=sent["id"]):
        yield "it is answered"


def is_worked_off(peer, keeper, laptop, user):
    sent = next(line for line in reversed(peer.lines) if "id" in line and "answer" in line)
    code, said = laptop.deliver("--spool", keeper.spool)
    if code != 0 or "1 request from the spool" not in said:
        yield f"{code} {said}"
    yield from peer.has("Accept", sent["id"])
    if user not in laptop.followers() or keeper.lying():
        yield f"{laptop.followers()} {keeper.lying()}"


def unit(party, office, work, system, name, *command):
    """What `sitegen inbox unit` prints is understood by those who read it."""
    done = subprocess.run([party.binary, "inbox", "unit", system, "--root", office.place],
                          capture_output=True, text=True, check=True)
    path = work / name
    path.write_text(done.stdout)
    done = subprocess.run([*command, path], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        yield f"{done.stdout}{done.stderr}"


def main():
    parser = argparse.ArgumentParser()
    for name in ("--binary", "--node"):
        parser.add_argument(name, required=True)
    for name in ("--peer", "--work"):
        parser.add_argument(name, required=True, type=Path)
    options = parser.parse_args()
    check, work = Checks(), options.work
    pair, authority = certificate(work, [HOST, PEER])
    port, listening = free_port(), free_port()
    pinned = [f"{PEER}:443:127.0.0.1:{port}"]

    party = Party(options.binary, work / "party", "lighttpd", f"http://127.0.0.1:{listening}")
    cgi = Office(party, work / "cgi", authority, pinned)
    keeper = Office(party, work / "keeper", authority, pinned, listening, keys=False)
    laptop = Office(party, work / "laptop", authority, pinned)
    program = work / "inbox.cgi"
    peer = Peer(options, pair, authority, port)
    try:
        cgi.script(program)
        with Lighttpd(party.place, pair, program) as server:
            check("lighttpd: addresses are what they are", knows_its_paths, server)
            check("a follow is accepted within a second", peer.follows, server, cgi, USERS[0])
            check("somebody may ask for a look", asks_for_a_look, server, cgi)
            check("a new post arrives", hears_of, peer, party, server, "second")
            check("who has unfollowed is no follower", peer.unfollows, server, cgi, USERS[0])
            check("and may follow again", peer.follows, server, cgi, USERS[0])
            check("two hundred requests at once", survives_a_crowd, peer, server, cgi)
            keeper.script(program, "--spool", keeper.spool)
            check("a program stores a follow", waits, peer, server, keeper, USERS[1])
            check("another machine answers it", is_worked_off, peer, keeper, laptop, USERS[1])

        process = subprocess.Popen([options.binary, "inbox", "--quiet", "--root", keeper.place,
                                    "--spool", keeper.spool])
        try:
            with Lighttpd(party.place, pair) as server:
                assert until(lambda: server.ask("/ap/news/inbox").status == 405, 20)
                check("a post office without keys stores a follow",
                      waits, peer, server, keeper, USERS[2])
                check("another machine answers that too",
                      is_worked_off, peer, keeper, laptop, USERS[2])
                post = party.publish("third")
                check("and sends a new post", lambda: [] if laptop.deliver()[0] == 0 else ["no"])
                check("which arrives", peer.has, "Create", post)
        finally:
            process.terminate()
            process.wait()

        party = Party(options.binary, work / "space", "apache", PROGRAM)
        space = Office(party, work / "space-office", authority, pinned)
        space.script(party.place / PROGRAM.lstrip("/"))
        if os.geteuid() == 0:
            # Where Apache is somebody else's, it starts programs as their owner.
            for path in (space.place, *space.place.rglob("*")):
                shutil.chown(path, "www-data", "www-data")
        with Apache("apache", party.place, pair, HOST) as server:
            check("Apache: addresses are what they are", knows_its_paths, server)
            check("Apache: a follow is accepted", peer.follows, server, space, USERS[3], 5000)
            check("Apache: who has unfollowed is no follower",
                  peer.unfollows, server, space, USERS[3])
    finally:
        peer.end()

    check("the unit for systemd is good", unit, party, cgi, work, "systemd", "sitegen.service",
          "systemd-analyze", "verify")
    check("and closes all doors", unit, party, cgi, work, "systemd", "sitegen.service",
          "systemd-analyze", "security", "--offline=yes", "--threshold=20")
    check("the script for OpenWrt is good", unit, party, cgi, work, "openwrt", "sitegen.init",
          "shellcheck", "--shell=sh")
    check.finish()


if __name__ == "__main__":
    main()
