"""How long a saved file takes to the browser, and whether a long day of edits takes memory."""

import http.client
import json
import signal
import socket
import subprocess
import threading
import time
from dataclasses import dataclass
from statistics import median
from urllib.parse import urlsplit

from measure import Failed, say
from programs import Sitegen
from sites import Edited, lay_out
from table import Table, Target, amount, ratio_text

# As many as somebody makes in an hour of hard work.
EDITS = 1000
# By then everything has been used once.
SETTLED = 200
# What an allocator may hold back without anything being lost.
MEMORY_GROWTH_MOST = 1.05
SAVED_MS_MOST = 100


class Preview:
    """A running preview, and a client that has a page open."""

    def __init__(self, binary, site):
        self.process = subprocess.Popen(
            [binary, "serve", "--root", site, "--port", "0", "--format", "json"],
            stdout=subprocess.PIPE, text=True)
        start = time.perf_counter()
        try:
            self.url = self.event("ready")["url"]
            self.host = urlsplit(self.url).netloc
            self.page("/")
            self.first_page = time.perf_counter() - start
            self.news = News(self.host)
            # Nobody reads on, and a full pipe would stop it.
            threading.Thread(target=self.process.stdout.read, daemon=True).start()
        except BaseException:
            self.process.kill()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGINT)
        if self.process.wait(timeout=20) != 0:
            raise Failed(f"the preview ended with {self.process.returncode}")

    def event(self, name):
        """The next line of this kind that the preview prints."""
        for line in self.process.stdout:
            said = json.loads(line)
            if said.get("event") == name:
                return said
        raise Failed(f"the preview has ended without saying {name}")

    def page(self, path):
        """The text of a page."""
        connection = http.client.HTTPConnection(self.host, timeout=20)
        connection.request("GET", path)
        text = connection.getresponse().read().decode()
        connection.close()
        return text

    def rss_mib(self):
        """How much memory it has now."""
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as status:
            line = next(line for line in status if line.startswith("VmRSS"))
        return int(line.split()[1]) / 1024

    def saved(self, change, path, expected):
        """The seconds from a change of a file to a page that shows it."""
        start = time.perf_counter()
        change()
        self.news.next()
        text = self.page(path)
        seconds = time.perf_counter() - start
        if expected not in text:
            raise Failed(f"{path} does not show {expected!r}")
        return seconds


class News:
    """The stream that an open page follows."""

    def __init__(self, host):
        name, port = host.split(":")
        self.socket = socket.create_connection((name, int(port)), timeout=20)
        self.socket.sendall(f"GET /.sitegen/news HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
        self.lines = self.socket.makefile("rb")
        # What everybody gets to know first.
        self.next()

    def next(self):
        """Waits for the next piece of news."""
        for line in self.lines:
            if line.startswith(b"data: "):
                return json.loads(line[6:])
        raise Failed("the stream of news has ended")


@dataclass
class Change:
    """Something that somebody does, and where it shows."""

    do: object
    path: str
    expected: str


def changes(site, count):
    """What somebody does to a site again and again."""
    edited = Edited(site, count)
    name = f"post-{count // 2:05}"
    new = site / "content/posts/new.md"
    while True:
        yield Change(edited.text, f"/posts/{name}/", f"Sentence {edited.changes + 1}.")
        yield Change(edited.title, f"/posts/{name}/", f"Word{edited.changes + 1} ")
        text = f'+++\ntitle = "New {edited.changes}"\ndate = 2026-01-01\n+++\n\nNew.\n'
        yield Change(lambda: new.write_text(text), "/posts/new/", f"New {edited.changes}")
        edited.text()
        yield Change(new.unlink, "/posts/new/", "")


def measure(options, work):
    """The table of the preview."""
    table = Table()
    count = options.posts
    say(f"making a site of {count:,} posts")
    site = lay_out(work.new("site"), count)
    ours = Sitegen(options.binary, work, lay_out(work.new("clean-site"), count))
    work.settle()
    say("building from nothing and starting the preview, in turn")
    clean, starts = [], []
    for number in range(options.runs + 1):
        built = ours.clean().seconds
        with Preview(options.binary, site) as preview:
            started = preview.first_page
        if number > 0:
            clean.append(built)
            starts.append(started)
    with Preview(options.binary, site) as preview:
        say(f"editing {EDITS:,} times")
        saved, memory = [], []
        todo = changes(site, count)
        for number in range(EDITS):
            change = next(todo)
            saved.append(preview.saved(change.do, change.path, change.expected))
            if number >= SETTLED and number % 20 == 0:
                memory.append(preview.rss_mib())
    built = median(clean)
    share = median(starts) / built
    table.add("start to first page, against a clean build", amount(median(starts), "seconds"),
              amount(built, "seconds"), ratio_text(share), Target(1 / 2), share <= 1 / 2)
    share = median(saved) / built
    milliseconds = median(saved) * 1000
    table.add("from a saved file to the new page, median", f"{milliseconds:.0f} ms",
              amount(built, "seconds"), ratio_text(share),
              f"≤ {SAVED_MS_MOST} ms and {Target(1 / 8)}",
              milliseconds <= SAVED_MS_MOST and share <= 1 / 8)
    slow = sorted(saved)[int(len(saved) * 0.95)] * 1000
    table.add("the slowest of twenty", f"{slow:.0f} ms")
    # It goes up and down a little with what is being made.
    first, last = median(memory[:10]), median(memory[-10:])
    grown = last / first
    table.add(f"memory after {EDITS:,} edits, against after {SETTLED}", amount(last, "mib"),
              amount(first, "mib"), ratio_text(grown), "does not grow",
              grown <= MEMORY_GROWTH_MOST)
    return table
