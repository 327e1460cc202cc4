"""Cuts the power. `tests/faults/powercut` calls this."""

import argparse
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

from scenarios import Scenario, Site, large, small, tree, write

# What the machine runs as its first program. It says on the console what has been done. Each round
# is a new state of the site: the pages are numbered.
INIT = """\
#!/bin/sh
export PATH=/usr/sbin:/usr/bin:/sbin:/bin RAYON_NUM_THREADS=1 HOME=/nobody
mount -t proc proc /proc
mount -t tmpfs tmpfs /run
disk=/run/sitegen-powercut
mkdir $disk
mount -t ext4 /dev/ubda $disk || exec echo BROKEN no disk
round=1
while :; do
    round=$((round + 1))
    if [ $((round % {every})) = 0 ]; then what=large; else what=small; fi
    rm -rf $disk/site/content $disk/site/static
    cp -r {work}/$what.$((round % 2))/* $disk/site/
    {binary} build --quiet --root $disk/site --clock 2026-06-01 --record >$disk/said 2>&1 ||
        echo "BROKEN $(cat $disk/said)"
    echo "DONE $what $((round % 2))"
done
"""
SHOWN = 10
BOOT_SECONDS_MAX = 60
# From when the machine is up; a build takes far less.
CUT_SECONDS_MAX = 4


def main():
    parser = argparse.ArgumentParser()
    for name in ("binary", "work"):
        parser.add_argument(f"--{name}", required=True, type=Path)
    parser.add_argument("--cuts", required=True, type=int)
    options = parser.parse_args()
    machine = Machine(options.binary, options.work)
    failed = states = 0
    for number in range(options.cuts):
        # How often there is a large site: always, which exchanges folders; never, which renames
        # files; each second time.
        every = (1, 1000, 2)[number % 3]
        log = machine.run(every)
        if log is None:
            print(f"skipped: the machine was not up after {BOOT_SECONDS_MAX} s")
            return
        done = [line.split()[1:] for line in log.splitlines() if line.startswith("DONE")]
        problems = [line for line in log.splitlines() if line.startswith("BROKEN")]
        problems += machine.look(done, every)
        states += len(done)
        failed += bool(problems)
        print(f"{'FAIL' if problems else 'ok  '}  F-11, cut {number + 1}: after {len(done)} builds",
              flush=True)
        for problem in problems[:SHOWN]:
            print(f"      ! {problem[:1500]}")
    print(f"{options.cuts} cuts, {states} builds said to be done, {failed} violations")
    sys.exit(1 if failed else 0)


class Machine:
    """A disk, and what runs on it until the power is cut."""

    def __init__(self, binary, work):
        self.binary, self.work = binary, work
        self.disk, self.mounted = work / "disk", work / "mounted"
        self.mounted.mkdir()
        self.nowhere = work / "nowhere"
        self.nowhere.mkdir()
        self.sources, self.outputs = {}, {}
        for kind, make in (("large", large), ("small", small)):
            for number in (0, 1):
                name = (kind, str(number))
                self.sources[name] = make(bool(number))
                write(work / f"{kind}.{number}", self.sources[name])

    def site(self, folder):
        scenario = Scenario("powercut", {}, {}, "exchange", durable=True)
        return Site(scenario, self.binary, folder)

    def run(self, every):
        """What the console said; `None` when there was no starting the machine."""
        with self.disk.open("wb") as disk:
            disk.truncate(64 << 20)
        subprocess.run(["mkfs.ext4", "-q", "-F", self.disk], check=True)
        # The first state is not what is tested.
        self.mount()
        site = self.site(self.mounted)
        site.root.mkdir()
        site.take(self.sources["small", "1"])
        site.build()
        self.unmount()
        init = self.work / "init"
        init.write_text(INIT.format(every=every, work=self.work, binary=self.binary))
        init.chmod(0o755)
        console = self.work / "console"
        with console.open("wb") as out:
            process = subprocess.Popen(
                ["linux.uml", "root=/dev/root", "rootfstype=hostfs", "rw", "mem=256M",
                 f"init={init}", f"ubda={self.disk}", f"uml_dir={self.work}", "con=null",
                 "con0=null,fd:1", "quiet"],
                stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT,
                cwd=self.nowhere, start_new_session=True)
        try:
            end = time.monotonic() + BOOT_SECONDS_MAX
            while b"DONE" not in console.read_bytes():
                if process.poll() is not None or time.monotonic() > end:
                    return None
                time.sleep(0.05)
            time.sleep(random.uniform(0, CUT_SECONDS_MAX))
        finally:
            self.cut(process)
        return console.read_text(errors="replace")

    def cut(self, process):
        """Ends the machine, and in the same moment all that runs on it. Then its helpers, which
        keep the disk open: they have its session or name its disk."""
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        for _ in range(20):
            for helper in self.helpers(process.pid):
                try:
                    os.kill(helper, signal.SIGKILL)
                except ProcessLookupError:
                    pass
            process.poll()
            if not self.helpers(process.pid):
                break
            time.sleep(0.05)
        process.wait()

    def helpers(self, session):
        for process in Path("/proc").glob("[0-9]*"):
            try:
                command = (process / "cmdline").read_bytes()
                state = (process / "stat").read_text().rsplit(")", 1)[1].split()
            except (FileNotFoundError, ProcessLookupError):
                continue
            # The fields after the name: state, parent, group, session.
            ours = int(state[3]) == session or f"ubda={self.disk}".encode() in command.split(b"\0")
            if ours and state[0] != "Z":
                yield int(process.name)

    def mount(self):
        subprocess.run(["mount", "-o", "loop", self.disk, self.mounted], check=True)

    def unmount(self):
        subprocess.run(["umount", self.mounted], check=True)

    def look(self, done, every):
        self.mount()
        try:
            return list(self.problems(done, every))
        finally:
            self.unmount()

    def problems(self, done, every):
        site = self.site(self.mounted)
        last = tuple(done[-1])
        number = str(1 - int(last[1]))
        # Round 2 is the first; the next one is not known to have begun.
        kind = "large" if (len(done) + 2) % every == 0 else "small"
        allowed = {name: self.output(name) for name in (last, (kind, number))}
        found = tree(site.output) if site.output.exists() else {}
        before, after = allowed.values()
        if found not in (before, after):
            changed = sum(before.get(p) != after.get(p) for p in {*before, *after})
            if changed > 100:
                yield f"neither {' nor '.join(map(str, allowed))}: {differing(found, before)}"
            for path, content in found.items():
                if content not in (before.get(path), after.get(path)):
                    yield f"{path} is torn: {content[:80]!r}"
            for path in sorted(set(before) & set(after) - set(found)):
                yield f"{path} is missing"
        if any(self.nowhere.iterdir()):
            yield "a program of the machine has outlived it"
        # The sources were not flushed, so they are written anew.
        for name in ((kind, number), last):
            site.take(self.sources[name])
            try:
                site.build()
            except RuntimeError as error:
                yield f"the next build: {error}"
                return
            if tree(site.output) != self.output(name):
                difference = differing(tree(site.output), self.output(name))
                yield f"not right after the next build: {difference}"
            left = [path for path in tree(site.root) if "sitegen-" in path
                    or path.startswith(".sitegen/manifests/") and "." in path[20:]]
            if left:
                yield f"left behind: {left}"

    def output(self, name):
        """What a build into nothing makes, with the record as it is on the disk."""
        if name not in self.outputs:
            site = self.site(self.work / f"clean.{'.'.join(name)}")
            site.root.mkdir(parents=True)
            shutil.copy(self.mounted / "site/published.toml", site.root)
            site.take(self.sources[name])
            site.build()
            self.outputs[name] = tree(site.output)
        return self.outputs[name]


def differing(found, wanted):
    paths = [path for path in {*found, *wanted} if found.get(path) != wanted.get(path)]
    return f"{len(paths)} files, such as {sorted(paths)[:5]}"


if __name__ == "__main__":
    main()
