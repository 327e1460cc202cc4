"""Injects the faults. `tests/faults/run` calls this."""

import argparse
import os
import subprocess
import sys
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import calls
from scenarios import SCENARIOS, Expected, Site

KILL = "signal=KILL"
ERRORS = ("ENOSPC", "EIO", "EROFS", "EMFILE")
# A disk that is full from now on.
FULL = "full"
SHOWN = 12
# Of the hundreds of calls of a kind in a large change, the first, the last and each so many are
# hit.
EDGE, STEP = 4, 48


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--binary", required=True, type=Path)
    parser.add_argument("--work", required=True, type=Path)
    parser.add_argument("--all", action="store_true")
    parser.add_argument("scenario", nargs="*")
    options = parser.parse_args()
    start, failed, total = time.monotonic(), 0, 0
    workers = os.cpu_count() or 1
    for scenario in SCENARIOS:
        if options.scenario and scenario.name not in options.scenario:
            continue
        begun = time.monotonic()
        bench = Bench(scenario, options.binary, options.work)
        try:
            points = bench.survey(options.all)
        except subprocess.CalledProcessError as error:
            print(f"skipped: {scenario.name}: cannot mount here: {error.stderr.decode().strip()}")
            bench.wipe()
            continue
        with ProcessPoolExecutor(max_workers=workers) as pool:
            results = list(pool.map(bench.probe, points, chunksize=8))
        problems = [f"{point}: {problem}" for point, found in zip(points, results)
                    for problem in found]
        problems += bench.problems
        total, failed = total + len(points), failed + len(problems)
        report(scenario, points, problems, time.monotonic() - begun)
        bench.wipe()
    print(f"{total} points, {failed} violations, {time.monotonic() - start:.0f} s")
    sys.exit(1 if failed or not total else 0)


def report(scenario, points, problems, seconds):
    """The number of points for each fault and call."""
    verdict = "FAIL" if problems else "ok  "
    print(f"{verdict}  {scenario.name}: {len(points)} points, {seconds:.0f} s")
    for fault in dict.fromkeys(point.fault for point in points):
        counts = Counter(point.call for point in points if point.fault == fault)
        each = ", ".join(f"{call} {count}" for call, count in sorted(counts.items()))
        print(f"        {fault.removeprefix('signal=')}: {each}")
    for problem in problems[:SHOWN]:
        print(f"      ! {problem[:1500]}")
    if len(problems) > SHOWN:
        print(f"      ! and {len(problems) - SHOWN} more")
    sys.stdout.flush()


class Point:
    """A fault at a call."""

    def __init__(self, call, fault):
        self.call, self.number, self.line, self.fault = call.name, call.number, call.line, fault

    def inject(self):
        if self.fault == FULL:
            return f"{self.call}:error=ENOSPC:when={self.number}+"
        what = self.fault if self.fault == KILL else f"error={self.fault}"
        return f"{self.call}:{what}:when={self.number}"

    def __str__(self):
        return f"{self.fault} at {self.call} {self.number}: {self.line[:160]}"


class Bench:
    """Runs one scenario again and again."""

    def __init__(self, scenario, binary, work):
        self.scenario, self.binary, self.work = scenario, binary, work
        self.expected, self.problems = None, []

    def site(self):
        """Each worker has a folder of its own."""
        return Site(self.scenario, self.binary, self.work / f"{self.scenario.name}.{os.getpid()}")

    def wipe(self):
        for folder in self.work.glob(f"{self.scenario.name}.*"):
            Site(self.scenario, self.binary, folder).wipe()

    def trace(self, site, fault=None):
        log = site.folder / "log"
        log.unlink(missing_ok=True)
        return calls.run_traced(site.command(), site.folder, log, self.scenario.always, fault)

    def interrupt(self, site):
        """Kills a first run, where the scenario is about the one that follows."""
        if self.scenario.crash:
            name, number = self.scenario.crash
            ran = self.trace(site, f"{name}:{KILL}:when={number}")
            assert ran.code in (-9, 137), f"not killed: {ran}"

    def survey(self, every):
        """Runs without a fault, and says where there can be one."""
        site = self.site()
        self.expected = Expected(site)
        site.prepare()
        if self.scenario.crash:
            self.interrupt(site)
            self.problems += self.expected.after_fault(site)
        ran = self.trace(site)
        found = calls.calls_of(ran.log)
        self.problems += self.expected.after_build(site)
        if ran.code != 0:
            self.problems.append(f"without a fault: {ran.code} {ran.stderr}")
        if self.scenario.mount and self.scenario.is_large() and "not-at-once" not in ran.stderr:
            self.problems.append(f"it was not said that not all is done at once: {ran.stderr}")
        if len(calls.threads_of(ran.log)) != 1:
            self.problems.append("more than one thread is at work, so that calls are miscounted")
        used = {call.name for call in found}
        if unknown := used - calls.CHANGING - calls.READING - calls.HARMLESS:
            self.problems.append(f"calls that no list in calls.py knows: {sorted(unknown)}")
        exchanged = any(call.name == "renameat2" and "= 0" in call.line for call in found)
        at_once = self.scenario.way == "exchange" and self.scenario.old and not self.scenario.gap
        if not self.scenario.crash and exchanged != bool(at_once):
            self.problems.append("the output was put into place in another way")
        points = list(self.points(found, every))
        always = {inject.split(":")[0] for inject in self.scenario.always}
        writing = {call.name for call in found if call.writes()} - always
        if forgotten := writing - {point.call for point in points if point.fault == KILL}:
            self.problems.append(f"no point at {sorted(forgotten)}")
        return points

    def points(self, found, every):
        always = {inject.split(":")[0] for inject in self.scenario.always}
        counts = Counter(call.name for call in found)
        # Before the lock is taken, the program is loaded and looks where it is.
        locked = [call.name for call in found].index("flock")
        for call in found[locked:]:
            if call.name in always:
                continue
            reads = call.name in calls.READING and not call.writes()
            if not reads and not call.writes():
                continue
            last = counts[call.name] - call.number
            alike = call.number > EDGE and last > EDGE and call.number % STEP != 0
            skipped = alike and self.scenario.is_large() and not every
            if call.writes() and (self.scenario.complete or not skipped):
                yield Point(call, KILL)
            if skipped:
                continue
            opens = call.name.startswith("open")
            for error in ERRORS:
                # Reading needs a disk that works and a free descriptor, and no more.
                if reads and error != "EIO" and not (error == "EMFILE" and opens):
                    continue
                # Only opening runs out of descriptors; what is read-only fails like what is broken.
                rare = error == "EMFILE" and not opens
                rare |= error == "EROFS" and self.scenario.is_large()
                if every or not rare:
                    yield Point(call, error)
            if call.name == "write":
                yield Point(call, FULL)

    def probe(self, point):
        try:
            return list(self.look(point))
        except Exception as error:
            return [f"{type(error).__name__}: {error}"]

    def look(self, point):
        site = self.site()
        site.prepare()
        self.interrupt(site)
        ran = self.trace(site, point.inject())
        hit = ran.injected(point.call)
        if hit is None:
            yield f"was not reached: {ran}"
            return
        yield from self.expected.after_fault(site)
        if point.fault != KILL:
            yield from self.said(site, point, ran, hit)
        # What is begun must be harmless also when the author has thought better of it.
        is_new = point.number % 2 == 0 or not self.scenario.old
        if not is_new:
            site.take(self.scenario.old)
        ran = calls.run(site.command(), site.folder)
        if ran.code != 0:
            yield f"the next build: exit code {ran.code}: {ran.stderr}"
        else:
            for problem in self.expected.after_build(site, is_new):
                yield f"after the next build{'' if is_new else ' of the old sources'}: {problem}"

    def said(self, site, point, ran, hit):
        """A failure is said, with the file; what is not said was no failure."""
        if "panicked" in ran.stderr or ran.code not in (0, 1, 3):
            yield f"exit code {ran.code}: {ran.stderr}"
        elif ran.code == 0:
            for problem in self.expected.after_build(site):
                yield f"taken for a success: {problem}"
        elif point.fault != FULL:
            # The file, or a folder that it is in.
            paths = [folder for path in calls.paths_of(hit)
                     for folder in [Path(path), *Path(path).parents] if site.root in folder.parents]
            # For the author, the new record is the record; and a copy may be named by its original.
            said = ran.stderr + ran.stderr.replace("/published.toml", "/.published.toml.new")
            named = [str(path) for path in paths] + [f"/{path.name}" for path in paths[:1]]
            if paths and not any(name in said for name in named):
                yield f"the message names none of {[str(path) for path in paths]}: {ran.stderr}"


if __name__ == "__main__":
    main()
