"""Builds with a fault at each point."""

import os
from collections import Counter
from pathlib import Path

import calls
from calls import ERRORS, FULL, KILL, Point
from scenarios import Expected, Site

# Of the hundreds of calls of a kind in a large change, the first, the last and each so many are
# hit.
EDGE, STEP = 4, 48


class Bench:
    """Runs one scenario again and again."""

    @staticmethod
    def case(fault):
        """The number of the case that a fault is part of."""
        return "F-04" if fault == KILL else "F-05"

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
