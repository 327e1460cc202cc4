"""Runs programs, and says how long they took and how much memory they had.

Seconds on a busy machine say little. So programs run in turn (A B A B), each run is compared with
the one of the other program beside it, and the median of these ratios counts. A first round warms
the caches and does not count.

Every run has a new output folder, and nothing is deleted before the end: on ext4 the inodes of
files that were deleted less than a minute ago make new files up to five times as slow. What
earlier runs wrote is on the disk before the next one starts, so nobody waits for another's files.
"""

import itertools
import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median


# How long ext4 minds, and a little more.
DELETED_SECONDS = 65


def say(text):
    """What is going on, apart from the results."""
    print(f"== {text}", file=sys.stderr, flush=True)


class Failed(Exception):
    """A program did not do what it should."""


@dataclass
class Run:
    """What a run of a program took."""

    seconds: float
    mib: float
    # How many files of the output are new or different; where somebody has looked.
    written: int = 0


class Work:
    """The folder in which everything lies, until the end."""

    def __init__(self, parent):
        self.emptied = parent / "emptied"
        parent.mkdir(parents=True, exist_ok=True)
        self.folder = Path(tempfile.mkdtemp(prefix="run-", dir=parent))
        self.numbers = itertools.count(1)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        say("deleting what was written")
        shutil.rmtree(self.folder)
        os.sync()
        self.emptied.touch()

    def settle(self):
        """Waits until the files of the last benchmark are long enough gone."""
        if self.emptied.exists():
            left = self.emptied.stat().st_mtime + DELETED_SECONDS - time.time()
            if left > 0:
                say(f"waiting {left:.0f} s, because the last run has just deleted its files")
                time.sleep(left)

    def new(self, name):
        """A path that nobody has used."""
        return self.folder / f"{next(self.numbers):03}-{name}"

    def run(self, command, environment=None):
        """Runs a command. `time` stands between: a child of Python counts Python's memory."""
        memory = self.folder / "memory"
        command = ["/usr/bin/time", "--format=%M", f"--output={memory}", *map(str, command)]
        os.sync()
        start = time.perf_counter()
        done = subprocess.run(command, capture_output=True, text=True, check=False,
                              env={**os.environ, **(environment or {})})
        seconds = time.perf_counter() - start
        if done.returncode != 0:
            raise Failed(f"{' '.join(command)}\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
        return Run(seconds, int(memory.read_text().split()[-1]) / 1024)


def in_turn(runs, tasks):
    """Runs tasks in turn and gives the runs of each."""
    results = {name: [] for name in tasks}
    for number in range(runs + 1):
        for name, task in tasks.items():
            run = task()
            if number > 0:
                results[name].append(run)
    return results


def middle(runs, what):
    """The median of the seconds or MiB of some runs."""
    return median(getattr(run, what) for run in runs)


def ratio(ours, others, what):
    """The median of the ratios between runs that were beside each other."""
    pairs = zip(ours, others, strict=True)
    return median(getattr(a, what) / getattr(b, what) for a, b in pairs)


def files(folder):
    """Every file of a folder, with what tells whether it was written since."""
    found = {}
    for root, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(root, name)
            state = os.stat(path)
            found[os.path.relpath(path, folder)] = (state.st_ino, state.st_mtime_ns)
    return found


def difference(before, after):
    """How many files were written, replaced or removed."""
    return len(dict(before.items() ^ after.items()))
