"""Cobalt and Eleventy, which are too slow to be measured every time and at the usual size.

They are installed from their registries when they are first wanted. Neither gives headings ids;
apart from that, their templates make the same pages.
"""

import json
import shutil
import subprocess

from measure import Failed, files, in_turn, say
from posts import Posts
from programs import Sitegen
from sites import HERE, lay_out

POSTS = 1000
COBALT = "0.20.4"
# What the programs must have in common; the rest is feeds and the like, and files of the theme.
PAGES = ("index.html", "404.html")


class Peer:
    """A program whose posts have front matter in YAML."""

    def __init__(self, work, home):
        self.work, self.home = work, home
        self.site = work.new(self.name)
        shutil.copytree(HERE / self.name, self.site)
        (self.site / "posts").mkdir(exist_ok=True)
        for post in Posts(POSTS):
            front = f'title: "{post.title}"\n{self.date(post)}\ntags: {json.dumps(post.tags)}\n'
            path = self.site / "posts" / f"{post.name}.md"
            path.write_text(f"---\n{front}---\n{post.markdown}")
        self.install()

    def clean(self):
        self.last = self.work.new(f"{self.name}.out")
        return self.work.run(self.command())


class Cobalt(Peer):
    name = "cobalt"

    def date(self, post):
        # Its feed of RSS cannot have years before 1900.
        date = post.date.replace(year=post.date.year + 100)
        return f"published_date: {date} 00:00:00 +0000"

    def install(self):
        self.program = self.home / "bin/cobalt"
        if not self.program.exists():
            say(f"installing cobalt {COBALT}")
            wanted = ["cobalt-bin", "--version", COBALT, "--root", self.home, "--locked", "--quiet"]
            subprocess.run(["cargo", "install", *wanted], check=True)

    def command(self):
        return [self.program, "build", "--config", self.site / "_cobalt.yml",
                "--destination", self.last]


class Eleventy(Peer):
    name = "eleventy"

    def date(self, post):
        return f"date: {post.date}"

    def install(self):
        self.program = self.home / "node_modules/.bin/eleventy"
        shutil.copy(HERE / "eleventy/package.json", self.home)
        if not self.program.exists():
            say("installing eleventy")
            subprocess.run(["npm", "install", "--silent", "--prefix", self.home], check=True)

    def command(self):
        # It takes paths relative to where it runs.
        return ["env", "-C", self.site, self.program, f"--output={self.last}"]


def compare(table, options, work):
    """Adds a row for each peer."""
    home = options.target / "peers"
    home.mkdir(parents=True, exist_ok=True)
    ours = Sitegen(options.binary, work, lay_out(work.new("few"), POSTS))
    peers = [Cobalt(work, home), Eleventy(work, home)]
    say("measuring in turn: sitegen, cobalt, eleventy")
    tasks = {program.name: program.clean for program in (ours, *peers)}
    runs = in_turn(options.runs, tasks)
    for peer in peers:
        for unit, what in (("seconds", "time"), ("mib", "memory")):
            table.compare(f"{what} for {POSTS:,} posts against {peer.name}", unit,
                          runs[ours.name], runs[peer.name])
        odd = sorted(pages(ours) ^ pages(peer))
        if odd:
            raise Failed(f"{peer.name} and sitegen do not both make {odd[:10]}")


def pages(program):
    """The documents that a program made. Cobalt puts `all/` before the pagers of a section."""
    names = (name.replace("posts/all/", "posts/") for name in files(program.last))
    return {name for name in names if name.endswith(PAGES)}
