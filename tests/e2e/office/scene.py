"""Who takes part: the site of a party, its web server, its post office, and servers that follow."""

import base64
import json
import re
import shutil
import signal
import sqlite3
import subprocess
import tempfile
import threading
import time
from pathlib import Path

from harness import write
from servers import Server, free_port

HOST = "www.party.example"
SITE = f"https://{HOST}"
USERS = ("news", "lowri")
START_SECONDS = 20

SETTINGS = """\
base_url = "{site}"
title = "A party"
host = "nginx"
post_office = "http://127.0.0.1:{port}"

[[actors]]
user = "news"
name = "A party"

[[actors]]
user = "lowri"
name = "Lowri"
sections = ["diary"]
"""
POST = """\
+++
title = "{title}"
date = 2026-11-20T10:00:00Z
+++
{text}
"""


class Lines:
    """The lines of a stream as they come, for whoever waits for one."""

    def __init__(self, stream, read=str):
        self.all = []
        self.changed = threading.Condition()
        threading.Thread(target=self.collect, args=(stream, read), daemon=True).start()

    def collect(self, stream, read):
        for line in stream:
            with self.changed:
                self.all.append(read(line))
                self.changed.notify_all()

    def wait(self, wanted, seconds, after=0):
        """The first line that is wanted, from the number `after` on; None when there is none."""
        def first():
            return next((line for line in self.all[after:] if wanted(line)), None)

        with self.changed:
            return self.changed.wait_for(first, seconds)


class Party:
    """The site, and what its web server is told of it."""

    def __init__(self, binary, place, office_port):
        self.binary, self.place = binary, place
        self.site, self.output = place / "site", place / "output"
        self.built = 0
        write(self.site, {
            "site.toml": SETTINGS.format(site=SITE, port=office_port),
            "content/news/_index.md": '+++\ntitle = "News"\nposts = "note"\n+++\n',
            "content/diary/_index.md": '+++\ntitle = "Diary"\nposts = "note"\n+++\n',
        })
        self.post("first", "What was there before anybody followed.")
        for user in USERS:
            self.run("key", "new", user)

    def run(self, *arguments):
        """What the program prints."""
        command = [self.binary, *arguments, "--root", self.site]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout

    def post(self, name, text):
        write(self.site / "content/news",
              {f"{name}.md": POST.format(title=name.capitalize(), text=text)})

    def rename(self, name):
        path = self.site / "site.toml"
        path.write_text(path.read_text().replace('name = "A party"', f'name = "{name}"'))

    def moves(self, user, target):
        """Says on the site that an account is somewhere else now."""
        path = self.site / "site.toml"
        line = f'user = "{user}"\n'
        path.write_text(path.read_text().replace(line, f'{line}moved_to = "{target}"\n'))

    def build(self):
        """Builds the site, in a later second than the last time: what is edited within one second
        is one edit."""
        while int(time.time()) <= self.built:
            time.sleep(0.02)
        self.built = int(time.time())
        self.run("build", "--output-dir", self.output)
        told = self.run("host", "show", "--folder", self.output)
        (self.place / "snippet").write_text(told)

    def document(self, name):
        """What the site says of a post."""
        return json.loads((self.output / f"ap/news/posts/news-{name}.json").read_text())


class Web(Server):
    """The web server of the site."""

    def reload(self, pair):
        """Has it read what it is told, as after a post was taken back."""
        self.configure(pair)
        self.process.send_signal(signal.SIGHUP)


class Office:
    """The post office, which is started and ended many times."""

    def __init__(self, binary, place, port):
        self.binary, self.place, self.port = binary, place, port
        self.process = None
        self.log = []

    def move_in(self, party, authority, pinned):
        """Gets what `sitegen inbox init` says it needs, and what is needed only here."""
        party.run("inbox", "init")
        shutil.copytree(party.site / ".sitegen/keys", self.place / ".sitegen/keys")
        shutil.copy(authority, self.place / "ca.pem")
        text = (party.site / "inbox.toml").read_text()
        text, count = re.subn(r'(?m)^listen = ".*"$', f'listen = "127.0.0.1:{self.port}"', text)
        assert count == 1, "inbox.toml names no place to listen at"
        here = ['allow_addresses = ["127.0.0.0/8"]', 'ca_file = "ca.pem"',
                f"resolve = {json.dumps(pinned)}", text]
        (self.place / "inbox.toml").write_text("\n".join(here))

    def reads(self, folder):
        """Has it read the site in a folder from now on, instead of asking the web server."""
        path = self.place / "inbox.toml"
        path.write_text(f"folder = {json.dumps(str(folder))}\n{path.read_text()}")

    def start(self):
        command = [self.binary, "inbox", "--root", self.place]
        self.process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        self.lines = Lines(self.process.stderr)
        self.log.append(self.lines.all)
        if not self.lines.wait(lambda line: " listens at " in line, START_SECONDS):
            raise RuntimeError(f"the post office does not start: {self.lines.all}")

    def kill(self):
        """Ends it as a power cut would."""
        self.process.kill()
        self.process.wait()

    def stop(self):
        """Ends it in peace; gives its exit code."""
        self.process.terminate()
        return self.process.wait(START_SECONDS)

    def end(self):
        if self.process and self.process.poll() is None:
            self.kill()

    def deliver(self, *options):
        """One round without a post office that runs; what is said of it."""
        command = [self.binary, "deliver", *options, "--root", self.place]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
        self.log.append(done.stderr.splitlines())
        return done.returncode, done.stderr

    def run(self, *arguments, code=0):
        """What another command says beside a post office that runs."""
        command = [self.binary, *arguments, "--root", self.place]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == code, done
        return done.stdout + done.stderr

    def rows(self, sql, *values):
        """What is on its disk. It is only read."""
        path = self.place / ".sitegen/office/office.db"
        store = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
        try:
            return store.execute(sql, values).fetchall()
        finally:
            store.close()

    def followers(self, user="news"):
        sql = """SELECT uri FROM follower JOIN remote ON remote.id = remote
                 WHERE user = ? AND accepted"""
        return {uri for uri, in self.rows(sql, user)}


class Peers:
    """The servers that follow; they are one process, `peer.mjs`."""

    def __init__(self, node, work, pair, authority, web, wanted, aliases):
        self.hosts = [one["host"] for one in wanted]
        self.port = free_port()
        settings = work / "peers.json"
        settings.write_text(json.dumps({
            "port": self.port, "certificate": str(pair[0]), "key": str(pair[1]),
            "authority": str(authority), "site": {"host": HOST, "port": web.secure},
            "peers": wanted, "aliases": aliases}))
        self.said = open(work / "peers.log", "w+")
        self.process = subprocess.Popen(
            [node, Path(__file__).with_name("peer.mjs"), settings], text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.said)
        self.lines = Lines(self.process.stdout, json.loads)
        self.orders = 0
        if not self.lines.wait(lambda line: line.get("event") == "ready", START_SECONDS):
            self.said.seek(0)
            raise RuntimeError(f"the peers do not start: {self.said.read()}")

    def end(self):
        self.process.kill()
        self.process.wait()
        self.said.close()

    def ask(self, host, order, **rest):
        """Gives an order, and what came of it."""
        self.orders += 1
        number = self.orders
        line = json.dumps({"number": number, "order": order, "host": host, **rest})
        self.process.stdin.write(f"{line}\n")
        self.process.stdin.flush()
        answer = self.lines.wait(lambda line: line.get("answer") == number, 20)
        assert answer and "failed" not in answer, answer
        return answer

    def now(self):
        """How much has happened, for `wait`."""
        return len(self.lines.all)

    def wait(self, host, event, seconds=5, after=0, **wanted):
        """The first such event at a server; None when it did not come in time."""
        def fits(line):
            return (line.get("event") == event and line["host"] == host
                    and all(line.get(name) == value for name, value in wanted.items()))

        return self.lines.wait(fits, seconds, after)

    def events(self, host, event, after=0, **wanted):
        """All such events until now."""
        return [line for line in self.lines.all[after:]
                if line.get("event") == event and line["host"] == host
                and all(line.get(name) == value for name, value in wanted.items())]


def is_signed_with(message, key):
    """Whether the private part of a key has signed a message that came in the form of the draft, by
    the word of OpenSSL. `message` is what a server says of the request, `key` a file with the public
    part."""
    headers = message["headers"]
    fields = dict(re.findall(r'(\w+)="([^"]*)"', headers["signature"]))
    lines = (f"(request-target): post {message['path']}" if name == "(request-target)"
             else f"{name}: {headers[name]}" for name in fields["headers"].split())
    with tempfile.TemporaryDirectory() as folder:
        signature = Path(folder) / "signature"
        signature.write_bytes(base64.b64decode(fields["signature"]))
        command = ["openssl", "dgst", "-sha256", "-verify", key, "-signature", signature]
        done = subprocess.run(command, input="\n".join(lines), capture_output=True, text=True,
                              check=False)
    return done.returncode == 0


def until(is_so, seconds):
    """Whether something becomes so in time."""
    deadline = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True
