"""A site to deploy, and the servers it is deployed to, while they run."""

import contextlib
import copy
import functools
import hashlib
import http.server
import json
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
import urllib.parse
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))
from harness import objects, write
from hosts.servers import certificate

LEDGER = ".well-known/sitegen/deployed.txt"
SITE = """\
base_url = "https://www.party.example"
title = "Party"
default_language = "en"
timezone = "Europe/London"
theme = "campaign"
generate_feeds = true
"""
ACTOR = """\
post_office = "http://127.0.0.1:8025"
host = "nginx"

[[actors]]
user = "news"
name = "News"
summary = "News"
"""
START_SECONDS = 15
ENTRY = Path(__file__).with_name("entry.py").resolve()


class Site:
    """A site with some posts, and the program to deploy it."""

    def __init__(self, binary, root, posts=40):
        self.binary, self.root = binary, root
        self.more = ""
        self.environment = {}
        write(root, {
            "site.toml": SITE,
            "content/_index.md": "+++\ntitle = \"Party\"\n+++\nHello.\n",
            "content/news/_index.md": "+++\ntitle = \"News\"\ngenerate_feeds = true\n+++\n",
            "static/odd [1] \"name\".txt": "odd",
            "static/#odd.txt": "odd",
            "static/;odd.txt": "odd",
            **{post(n): text(n) for n in range(posts)},
        })

    def copy(self, root):
        """The same site in another folder, with all that this one knows."""
        shutil.copytree(self.root, root, symlinks=True)
        other = copy.copy(self)
        other.root = root
        return other

    @property
    def output(self):
        return self.root / "public"

    def open_account(self):
        """The site can be followed from now on."""
        self.set(ACTOR + self.more)
        subprocess.run([self.binary, "key", "new", "news", "--root", self.root], check=True,
                       capture_output=True)

    def target(self, name, **keys):
        lines = [f"{key} = {json.dumps(value)}" for key, value in keys.items()]
        self.set("\n".join([self.more, f"[deploy.{name}]", *lines, ""]))

    def set(self, more):
        self.more = more
        (self.root / "site.toml").write_text(SITE + more)

    def command(self, *options):
        return [self.binary, "deploy", "--root", str(self.root), "--format", "json", *options]

    def deploy(self, *options, before=(), verified=False):
        options = options if verified else ["--no-verify", *options]
        done = subprocess.run([*before, *self.command(*options)], capture_output=True, text=True,
                              stdin=subprocess.DEVNULL, check=False,
                              env={**os.environ, **self.environment})
        return Done(done)

    def files(self):
        """What a target should hold, besides the ledger."""
        return {path.relative_to(self.output).as_posix(): path.read_bytes()
                for path in self.output.rglob("*") if path.is_file()}


def post(number):
    return f"content/news/2026-01-{number % 28 + 1:02}-post-{number}.md"


def text(number, word="text"):
    return f"+++\ntitle = \"Post {number}\"\n+++\n{word} of post {number}. " + "More of it. " * 200


class Done:
    """What came of a deploy."""

    def __init__(self, done):
        self.code, self.stderr = done.returncode, done.stderr
        self.said = objects(done.stdout)

    def one(self, kind):
        return next((line for line in self.said if line["kind"] == kind), {})

    @property
    def error(self):
        return self.one("error").get("message", "")

    def fine(self):
        if self.code != 0:
            yield f"exit code {self.code}: {self.error or self.stderr or self.said}"

    def refused(self, code, words):
        if self.code != code:
            yield f"exit code {self.code} instead of {code}: {self.said}"
        if words not in self.error:
            yield f"“{words}” is not in: {self.error}"
        if not self.one("error").get("help"):
            yield "no help"


def files_in(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes()
            for path in Path(folder).rglob("*") if path.is_file() and ".git/" not in str(path)}


def same(wanted, found, theirs=()):
    """Whether a target holds the site, its ledger, and what is others'."""
    found = {path: content for path, content in found.items() if path != LEDGER}
    for path in theirs:
        if found.pop(path, None) != b"theirs":
            yield f"{path}, which is somebody else's, is gone or changed"
    for path in sorted(wanted.keys() | found.keys()):
        if path not in found:
            yield f"{path} is missing"
        elif path not in wanted:
            yield f"{path} is too much"
        elif found[path] != wanted[path]:
            yield f"{path} is not what it should be"


def ledger_is_done(text, wanted):
    lines = text.decode().split("\n")
    if "state done" not in lines:
        yield f"the ledger says {lines[3]}"
    for path, content in wanted.items():
        if f"{hashlib.sha256(content).hexdigest()} {path}" not in lines:
            yield f"{path} is not in the ledger"


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


@contextlib.contextmanager
def running(command, port, log, **more):
    """A server, until it answers at its port, and until this is over."""
    with open(log, "wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output,
                                   stdin=subprocess.DEVNULL, **more)
    try:
        end = time.monotonic() + START_SECONDS
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                if process.poll() is not None or time.monotonic() > end:
                    raise RuntimeError(f"{command[0]}: {Path(log).read_text()}") from None
                time.sleep(0.05)
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(10)


class Shell:
    """A server of OpenSSH with keys of its own."""

    def __init__(self, folder):
        self.folder = folder
        self.port = free_port()
        folder.mkdir()
        for name in ("host", "other-host", "user", "stranger"):
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder / name],
                           check=True)
        (folder / "authorized").write_text((folder / "user.pub").read_text())
        self.know("host")
        self.log = folder / "log"
        self.log_of_sftp = folder / "sftp-log"
        server = folder / "sftp"
        server.write_text(f"#!/bin/sh\nexec /usr/lib/openssh/sftp-server -e -l INFO "
                          f"2>>{self.log_of_sftp}\n")
        server.chmod(0o755)
        (folder / "sshd_config").write_text(f"""\
Port {self.port}
ListenAddress 127.0.0.1
HostKey {folder}/host
AuthorizedKeysFile {folder}/authorized
PidFile {folder}/pid
StrictModes no
UsePAM no
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin prohibit-password
Subsystem sftp {folder}/sftp
ForceCommand {sys.executable} {ENTRY} {folder}
LogLevel VERBOSE
""")
        for key in ("user", "stranger"):
            (folder / f"{key}-config").write_text(f"""\
Host web
  HostName 127.0.0.1
  Port {self.port}
  IdentityFile {folder}/{key}
  IdentitiesOnly yes
  IdentityAgent none
  UserKnownHostsFile {folder}/known
""")

    def know(self, key):
        """The client knows the machine by this key, or not at all."""
        known = self.folder / "known"
        if key is None:
            known.write_text("")
            return
        public = " ".join((self.folder / f"{key}.pub").read_text().split()[:2])
        known.write_text(f"[127.0.0.1]:{self.port} {public}\n")

    def run(self):
        sshd = subprocess.run(["which", "sshd"], capture_output=True, text=True, check=True)
        command = [sshd.stdout.strip(), "-D", "-e", "-f", str(self.folder / "sshd_config")]
        return running(command, self.port, self.log)

    def changes(self, below):
        """The files that have got their names by SFTP or lost them, in order, as the server logged
        it."""
        below = re.escape(str(below))
        pattern = (rf'posix-rename old ".*" new "{below}/(?P<put>.*)"'
                   rf'|remove name "{below}/(?P<remove>.*)"')
        found = re.finditer(pattern, self.log_of_sftp.read_text(errors="replace"))
        return [(one.lastgroup, one[one.lastgroup]) for one in found]

    def cut_after(self, questions, size=0):
        """The next question after so many ends the connection when so many bytes of it are there;
        none for no question at all."""
        order = self.folder / "cut"
        order.unlink(missing_ok=True)
        if questions is not None:
            order.write_text(f"{questions} {size}")

    def has_cut(self):
        return not (self.folder / "cut").exists()


class Store:
    """A store with the interface of S3."""

    key = {"AWS_ACCESS_KEY_ID": "party", "AWS_SECRET_ACCESS_KEY": "secret-of-the-party"}

    def __init__(self, binary, folder):
        self.binary, self.folder, self.port = binary, folder, free_port()
        (folder / "bucket").mkdir(parents=True)
        self.log = folder.parent / "store.log"

    def run(self):
        command = [str(self.binary), "--host", "127.0.0.1", "--port", str(self.port),
                   "--access-key", self.key["AWS_ACCESS_KEY_ID"],
                   "--secret-key", self.key["AWS_SECRET_ACCESS_KEY"], str(self.folder)]
        return running(command, self.port, self.log, env={**os.environ, "RUST_LOG": "debug"})

    def changes(self, below=""):
        """The files that were put there or removed, in order, as the store logged it."""
        said = re.sub(r"\x1b\[[0-9;]*m", "", self.log.read_text(errors="replace"))
        pattern = r"req: Request \{ method: (PUT|DELETE), uri: /bucket/" + below + r"([^?]*)\?"
        what = {"PUT": "put", "DELETE": "remove"}
        return [(what[method], urllib.parse.unquote(path))
                for method, path in re.findall(pattern, said)]

    def files(self):
        found = files_in(self.folder / "bucket")
        return {path: content for path, content in found.items() if not hidden(path)}


def hidden(path):
    """What the store keeps for itself."""
    return Path(path).name.startswith(".bucket-") or Path(path).name.startswith(".upload")


class Web(http.server.SimpleHTTPRequestHandler):
    """Serves a folder as the site, by https, and says yes to the post office's bell."""

    extensions_map = {
        **http.server.SimpleHTTPRequestHandler.extensions_map, ".html": "text/html; charset=utf-8",
        ".txt": "text/plain", ".xml": "application/xml", ".svg": "image/svg+xml",
    }

    def guess_type(self, path):
        name = Path(path).name
        types = {"atom.xml": "application/atom+xml", "rss.xml": "application/rss+xml",
                 "feed.json": "application/feed+json"}
        if "/ap/" in path:
            return "application/activity+json"
        return types.get(name) or super().guess_type(path)

    def do_POST(self):
        self.server.bells.append(self.path)
        self.send_response(202)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


@contextlib.contextmanager
def serving(folder, work):
    """The options by which the program asks this server, and the bells that were rung."""
    work.mkdir()
    pair, authority = certificate(work, ["www.party.example"])
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*pair)
    handler = functools.partial(Web, directory=str(folder))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.bells = []
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    port = server.server_address[1]
    try:
        yield ["--resolve", f"www.party.example:443:127.0.0.1:{port}",
               "--allow-address", "127.0.0.1", "--ca-file", str(authority)], server.bells
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
