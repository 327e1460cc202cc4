"""The sites that are built, and what must be true of what a fault leaves."""

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import calls

CONFIG = """\
base_url = "https://party.example"
title = "The Party"
description = "Whom to vote for"
default_language = "en"
keep = ["stats", "deep/er/kept.txt"]
"""
KEPT = {
    ".git/HEAD": b"ref: refs/heads/main\n",
    ".git/objects/ab/cd": b"\0\1\2",
    ".well-known/acme-challenge/token": b"token",
    "stats/index.html": b"visitors",
    "deep/er/kept.txt": b"kept",
}
# What nobody has named. A build that replaces the whole folder would have to stop.
FOREIGN = {"news/theirs.txt": b"theirs"}
BESIDE = {".sitegen/keys/x": b"secret", "notes.txt": b"notes", ".public.mine": b"mine"}


def page(title, text="Text."):
    dates = "date = 2026-05-01\nupdated = 2026-05-02"
    return f'+++\ntitle = "{title}"\n{dates}\n+++\n{text}\n'.encode()


def small(new):
    """A changed page, a new one, a removed one; a file that becomes a folder, and the reverse."""
    files = {
        "content/about.md": page("About"),
        "content/news/first.md": page("First"),
        "static/.well-known/security.txt": b"Contact: mailto:a@party.example\n",
        "static/leaflet.pdf": b"PDF\n",
    }
    if new:
        files["content/about.md"] = page("About", "Other text.")
        files["content/news/third.md"] = page("Third")
        files["static/file/inside.txt"] = b"a folder by now\n"
        files["static/folder"] = b"a file by now\n"
    else:
        files["content/news/second.md"] = page("Second")
        files["static/file"] = b"a file\n"
        files["static/folder/inside.txt"] = b"a folder\n"
    return files


def large(new):
    """So many changes that the whole folder is replaced."""
    word = b"new" if new else b"old"
    return {**small(new), **{f"static/files/{n}.txt": b"%s %d\n" % (word, n) for n in range(101)}}


@dataclass(frozen=True)
class Scenario:
    name: str
    old: dict
    new: dict
    # `exchange`: the output is one of the two sites. `batch`: whole files of both.
    way: str
    durable: bool = False
    # Injected at each call of this name, in all runs but those that mend.
    always: tuple = ()
    # The run that is looked at follows one that was killed at the call of this name and number.
    crash: tuple = ()
    options: tuple = ()
    # Killed at each call in any case, however many there are.
    complete: bool = False
    # The output may be missing for a moment.
    gap: bool = False
    # `tmpfs`: the output is a mount point. `overlay`: the site lies on a layered file system.
    mount: str = ""

    def is_large(self):
        return len(self.new) > 100

    def config(self):
        return CONFIG + ("durable = true\n" if self.durable else "")


NO_EXCHANGE = ("renameat2:error=ENOSYS",)
NO_LINKS = ("linkat:error=EPERM",)
# The renames of a build are: the record, the journal; then one for each file, or the new folder to
# where it is exchanged from.
FIRST_PUT = 3
FORCE = ("--force",)

SCENARIOS = [
    Scenario("first", {}, small(True), "exchange"),
    Scenario("batch", small(False), small(True), "batch"),
    Scenario("batch-durable", small(False), small(True), "batch", durable=True),
    Scenario("batch-force", small(False), small(True), "batch", options=FORCE),
    Scenario("batch-mount", small(False), small(True), "batch", mount="tmpfs"),
    Scenario("large-mount", large(False), large(True), "batch", mount="tmpfs"),
    Scenario("large-overlay", large(False), large(True), "batch", mount="overlay"),
    Scenario("recover-batch", small(False), small(True), "batch",
             crash=("rename", FIRST_PUT + 4)),
    Scenario("recover-batch-durable", small(False), small(True), "batch", durable=True,
             crash=("rename", FIRST_PUT + 4)),
    Scenario("recover-batch-mount", small(False), small(True), "batch", mount="tmpfs",
             crash=("rename", FIRST_PUT + 4)),
    Scenario("exchange", large(False), large(True), "exchange", complete=True),
    Scenario("exchange-durable", large(False), large(True), "exchange", durable=True),
    Scenario("exchange-no-links", large(False), large(True), "exchange", always=NO_LINKS),
    Scenario("exchange-in-two-steps", large(False), large(True), "exchange", always=NO_EXCHANGE,
             gap=True),
    Scenario("recover-before-exchange", large(False), large(True), "exchange",
             crash=("renameat2", 1)),
    Scenario("recover-after-exchange", large(False), large(True), "exchange",
             crash=("rename", FIRST_PUT + 1)),
    Scenario("recover-after-exchange-force", large(False), large(True), "exchange",
             crash=("rename", FIRST_PUT + 1), options=FORCE),
    Scenario("recover-in-sweep", large(False), large(True), "exchange", crash=("unlinkat", 60)),
    Scenario("recover-in-gap", large(False), large(True), "exchange", always=NO_EXCHANGE,
             crash=("rename", FIRST_PUT + 2), gap=True),
    Scenario("recover-after-gap", large(False), large(True), "exchange", always=NO_EXCHANGE,
             crash=("rename", FIRST_PUT + 3), gap=True),
]


def write(root, files):
    for path, content in files.items():
        path = root / path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def names(folder):
    """The files below a folder. Empty folders do not count, as nobody sees them."""
    for parent, _, files in os.walk(folder):
        for name in files:
            yield os.path.join(parent, name)[len(str(folder)) + 1:]


def tree(folder):
    """What is in the files below a folder, by path."""
    return {path: Path(folder, path).read_bytes() for path in names(folder)}


class Site:
    """A site on the disk in a scenario."""

    def __init__(self, scenario, binary, folder):
        self.scenario, self.binary, self.folder = scenario, binary, folder
        self.root = folder / "site"
        self.output = self.root / "public"
        alone = scenario.way == "batch" and not scenario.is_large() and not scenario.options
        self.foreign = FOREIGN if alone else {}

    def wipe(self):
        for mounted in [self.output, self.root]:
            if os.path.ismount(mounted):
                subprocess.run(["umount", mounted], check=True)
        shutil.rmtree(self.folder, ignore_errors=True)

    def mount(self, kind, where):
        options = {
            "tmpfs": ["size=8m"],
            "overlay": [f"{key}dir={self.folder}/{key}" for key in ("lower", "upper", "work")],
        }[kind]
        if kind == "overlay":
            for name in ("upper", "work"):
                Path(self.folder, name).mkdir()
        where.mkdir(parents=True, exist_ok=True)
        subprocess.run(["mount", "-t", kind, "none", "-o", ",".join(options), where],
                       check=True, capture_output=True)

    def prepare(self):
        """The old site, built, with what others have put there; then the sources of the new."""
        self.wipe()
        self.root.mkdir(parents=True)
        if self.scenario.mount == "tmpfs":
            self.mount("tmpfs", self.output)
        write(self.root, BESIDE)
        if self.scenario.old:
            self.take(self.scenario.old)
            self.build()
            write(self.output, {**KEPT, **self.foreign})
        if self.scenario.mount == "overlay":
            self.root.rename(self.folder / "lower")
            self.mount("overlay", self.root)
        self.take(self.scenario.new)

    def take(self, sources):
        for name in ("content", "static"):
            shutil.rmtree(self.root / name, ignore_errors=True)
        write(self.root, {"site.toml": self.scenario.config().encode(), **sources})

    def command(self):
        # The clock stands still, as a changed page is dated.
        clock = ["--clock", "2026-06-01", "--record"]
        return [str(self.binary), "build", "--root", str(self.root), *clock,
                *self.scenario.options]

    def build(self):
        ran = calls.run(self.command(), self.folder)
        if ran.code != 0:
            raise RuntimeError(f"exit code {ran.code}: {ran.stderr}")

    def record(self):
        file = self.root / "published.toml"
        return file.read_bytes() if file.exists() else None

    def made(self):
        """What a build has made of the output."""
        others = {**KEPT, **self.foreign}
        files = tree(self.output)
        return {path: content for path, content in files.items() if path not in others}


class Expected:
    """The two sites as they are when nothing goes wrong, and what is between them."""

    def __init__(self, site):
        site.prepare()
        self.old, self.old_record = site.made(), site.record()
        self.new = self.clean(site)
        site.build()
        self.new_record = site.record()
        self.taken_back = {}
        assert self.old != self.new and self.new

    def after_fault(self, site):
        """What must hold at once."""
        yield from untouched(site)
        if site.record() not in (self.old_record, self.new_record):
            yield "published.toml is neither the old one nor the new one"
        is_begun = any((site.root / ".sitegen/manifests").glob("*.journal"))
        waiting = [site.root / f".public.sitegen-{name}" for name in ("swap", "old")]
        for path, content in KEPT.items() if site.scenario.old else ():
            places = [site.output, *(waiting if is_begun else [])]
            if not any(read(place / path) == content for place in places):
                yield f"public/{path}, which is kept, is gone"
        for path, content in site.foreign.items():
            if read(site.output / path) != content:
                yield f"public/{path}, which is not ours, is gone"
        found = {path: content for path, content in site.made().items()
                 if not path.startswith(".sitegen-new/")}
        if site.scenario.way == "exchange":
            if site.scenario.gap and is_begun and not site.output.exists():
                found = {path: content for path, content in tree(waiting[1]).items()
                         if path not in KEPT}
            if found not in (self.old, self.new):
                yield f"neither the old site nor the new one: {self.difference(found)}"
        else:
            for path, content in found.items():
                if content not in (self.old.get(path), self.new.get(path)):
                    yield f"public/{path} is neither the old file nor the new one"
            for path in sorted(set(self.old) & set(self.new) - set(found)):
                yield f"public/{path} is missing"

    def after_build(self, site, is_new=True):
        """What must hold when a build has succeeded."""
        yield from untouched(site)
        wanted = self.new if is_new else self.again(site)
        sources = site.scenario.new if is_new else site.scenario.old
        if (made := site.made()) != wanted:
            yield f"the output is not right: {self.difference(made)}"
        for path, content in {**(KEPT if site.scenario.old else {}), **site.foreign}.items():
            if read(site.output / path) != content:
                yield f"public/{path} is gone"
        if is_new and site.record() != self.new_record:
            yield "published.toml is not right"
        there = {path for path in names(site.root) if not path.startswith("public/")}
        known = {"site.toml", "published.toml", ".sitegen/recorded", *BESIDE, *sources}
        # Builds with a clock of their own are previews, and that is noted.
        left = {path for path in there - known - {".sitegen/preview"}
                if not (path.startswith(".sitegen/manifests/") and "." not in path[20:])
                and not path.startswith(".sitegen/cache/")}
        left |= {path.name for path in site.root.iterdir() if "sitegen-" in path.name}
        if left:
            yield f"left behind: {sorted(left)}"
        if missing := known - there:
            yield f"gone: {sorted(missing)}"

    def again(self, site):
        """The old site when it is built anew: the record knows by now that a page has changed."""
        record = site.record()
        if record not in self.taken_back:
            self.taken_back[record] = self.clean(site)
        return self.taken_back[record]

    def clean(self, site):
        """What a build into nothing makes of the sources."""
        other = Site(site.scenario, site.binary, site.folder / "clean")
        shutil.rmtree(other.root, ignore_errors=True)
        ignore = shutil.ignore_patterns("public", ".sitegen", ".public*")
        shutil.copytree(site.root, other.root, ignore=ignore)
        other.build()
        return tree(other.output)

    def difference(self, found):
        """In words."""
        def version(path):
            content = found.get(path)
            names = [name for name, site in (("old", self.old), ("new", self.new))
                     if site.get(path) == content]
            return "/".join(names) or ("missing" if content is None else "torn")
        paths = {path for path in {*found, *self.old, *self.new}
                 if self.old.get(path) != self.new.get(path) or path not in self.old}
        return ", ".join(f"{path}: {version(path)}" for path in sorted(paths)[:12])


def untouched(site):
    for path, content in BESIDE.items():
        if read(site.root / path) != content:
            yield f"{path} was touched"


def read(path):
    try:
        return path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None
