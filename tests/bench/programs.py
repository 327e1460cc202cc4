"""The programs that are measured: how each builds the site into a folder."""

import re
import subprocess

from sites import DURABLE, hugo_source


class Sitegen:
    """The release binary, with a site of its own."""

    name = "sitegen"
    # Files that no other program makes, from the built-in theme.
    extra = re.compile(r"campaign\.css|favicon\.svg")

    def __init__(self, binary, work, site):
        self.binary, self.work, self.site = binary, work, site
        said = subprocess.run([binary, "build", "--help"],
                              capture_output=True, text=True, check=True)
        self.no_cache = ["--no-cache"] if "--no-cache" in said.stdout else []

    def command(self, output, *options):
        return [self.binary, "build", "--root", self.site, "--output-dir", output, "--quiet",
                *options]

    def clean_command(self, output, *options):
        """A build that has nothing to go by but the sources and `published.toml`."""
        state = self.site / ".sitegen"
        if state.exists():
            state.rename(self.work.new("state"))
        return self.command(output, *self.no_cache, *options)

    def clean(self, *options):
        """Builds from nothing into a new folder."""
        self.last = self.work.new(self.name)
        return self.work.run(self.clean_command(self.last, *options))

    def durable(self):
        """Builds from nothing, and waits for the disk."""
        return self.clean("--config", DURABLE)

    def again(self, output):
        """Builds over what is there."""
        return self.work.run(self.command(output))


class Hugo:
    """Hugo, with the content of a site and templates that make the same of it."""

    # The first page of a list has a second address, which leads to the first.
    extra = re.compile(r".*page/1/index\.html")

    def __init__(self, work, site):
        self.work, self.site = work, site
        said = subprocess.run(["hugo", "version"], capture_output=True, text=True, check=True)
        self.name = "hugo " + re.search(r"v(\d+\.\d+)", said.stdout)[1]

    def clean(self):
        self.last = self.work.new("hugo")
        return self.again(self.last)

    def again(self, output):
        return self.work.run(["hugo", "--quiet", "--source", hugo_source(self.site),
                              "--contentDir", self.site / "content", "--destination", output])


class Floor:
    """The bare program of `floor.rs`."""

    name = "floor"
    extra = re.compile(r"(?!)")

    def __init__(self, binary, work, site):
        self.binary, self.work, self.site = binary, work, site

    def clean(self):
        self.last = self.work.new("floor")
        return self.work.run([self.binary, self.site, self.last])
