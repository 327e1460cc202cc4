"""The post office with a fault at each point: what was answered is kept, what is published arrives.

A follow comes in by CGI, or to the post office that runs; or there is a round of deliveries.
"""

import os
import re
import shutil
import socket
import sqlite3
import time
from collections import Counter
from dataclasses import dataclass

import calls
from calls import ERRORS, FULL, KILL, Point
from peer import HOSTS, INBOX, Peer, follow, inbox, letter, make_keys, person
from running import Running

CONFIG = """\
base_url = "https://www.party.example"
title = "A party"
host = "nginx"
post_office = "http://127.0.0.1:8025"

[[actors]]
user = "news"
name = "A party"
"""
POST = '+++\ntitle = "{0}"\ndate = 2026-05-01T10:00:00Z\n+++\nText.\n'
SECTION = '+++\ntitle = "News"\nposts = "note"\n+++\n'
SECOND = "https://www.party.example/ap/news/posts/news-second.json"

# Nobody finds out what the program is called, so that the one that answers starts no other one, and
# the calls of one process are counted. (No path here has a link in it.)
ALONE = ("readlink:error=EINVAL",)
# Rounds after which everything has arrived.
ROUNDS = 4
# Where not all points are hit, one of so many of a kind is.
SAMPLE = 6
# How often it is tried to meet a fault, and how many runs without one show where there can be one.
TRIES, RUNS = 5, 3
# A signature is good for an hour.
FRESH_SECONDS = 1200

# What only the post office calls, and what has to do with the net.
HARMLESS = calls.HARMLESS | frozenset("""
    accept4 bind connect epoll_create1 epoll_ctl epoll_pwait epoll_wait eventfd2 getpeername
    getsockname getsockopt listen mbind recvfrom recvmsg sendmsg sendto setsockopt shutdown socket
    socketpair uname sysinfo tgkill kill wait4
""".split())
# What needs a free descriptor.
OPENING = frozenset("openat socket accept4 epoll_create1 eventfd2".split())
# What others see of us.
SENDING = frozenset("sendto sendmsg writev write".split())


@dataclass(frozen=True)
class Scenario:
    name: str
    # `cgi`: one process for a request. `inbox`: the post office. `deliver`: one round.
    way: str
    # Whether there is a store, with others who follow.
    old: bool
    # Of the post office that runs, the thread that is hit: `store`, or the one that talks.
    thread: str = ""

    def followers(self):
        """Who follows before."""
        if not self.old:
            return ()
        return HOSTS if self.way == "deliver" else HOSTS[:2]


SCENARIOS = [
    Scenario("first-follow-by-cgi", "cgi", old=False),
    Scenario("follow-by-cgi", "cgi", old=True),
    Scenario("follow-store", "inbox", old=True, thread="store"),
    Scenario("follow-talk", "inbox", old=True, thread="talk"),
    Scenario("deliver", "deliver", old=True),
]


class Worker:
    """What each process has of its own: servers that follow, and letters of theirs."""

    def __init__(self, keys):
        self.pid, self.keys, self.peer, self.letters = os.getpid(), keys, Peer(keys), {}

    def letter(self, host):
        when, written = self.letters.get(host, (0, None))
        if time.monotonic() - when > FRESH_SECONDS or not written:
            written = letter(self.keys, host)
            self.letters[host] = time.monotonic(), written
        return written


class Office:
    """The post office on the disk, with what it is made of."""

    def __init__(self, binary, folder, template, worker):
        self.binary, self.folder, self.template, self.worker = binary, folder, template, worker
        self.root = folder / "office"
        self.store = self.root / ".sitegen/office/office.db"

    def prepare(self):
        """As it is before anything happens."""
        shutil.rmtree(self.folder, ignore_errors=True)
        shutil.copytree(self.template / "office", self.root)
        settings = self.root / "inbox.toml"
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        text = settings.read_text().replace("127.0.0.1:8025", f"127.0.0.1:{self.port}")
        settings.write_text(text.replace(":PORT", f":{self.worker.peer.port}"))
        self.worker.peer.taken.clear()

    def command(self, *words):
        return [str(self.binary), *words, "--root", str(self.root)]

    def run(self, words, fault=None, traced=True, **rest):
        """Runs a command, to its end, with a fault."""
        if not traced:
            return calls.run(self.command(*words), self.folder, **rest)
        log = self.folder / "log"
        log.unlink(missing_ok=True)
        return calls.run_traced(self.command(*words), self.folder, log, ALONE, fault, **rest)

    def follow(self, host, fault=None):
        """A follow comes in by CGI; gives also the status of the answer."""
        headers, body = self.worker.letter(host)
        variables = {f"HTTP_{name.upper().replace('-', '_')}": value
                     for name, value in headers.items() if name != "Content-Type"}
        variables |= {"REQUEST_METHOD": "POST", "REQUEST_URI": INBOX, "REMOTE_ADDR": "127.0.0.1",
                      "CONTENT_TYPE": headers["Content-Type"], "CONTENT_LENGTH": str(len(body))}
        ran = self.run(["inbox", "--cgi"], fault, variables=variables, given=body)
        status = re.match(r"Status: (\d+)\n(?s:.)*\n\n", ran.stdout)
        return ran, int(status[1]) if status else None

    def rows(self, sql, change=False):
        """What the store has."""
        path = f"file:{self.store}?mode={'rw' if change else 'ro'}"
        store = sqlite3.connect(path, uri=True, timeout=10)
        try:
            found = store.execute(sql).fetchall()
            store.commit()
            return found
        finally:
            store.close()
            if change:
                # Its log has gone into it, and is expected to be there.
                self.store.with_name("office.db-wal").touch(0o600)

    def rows_of_copy(self, sql):
        """What the store has, without touching what was left of it."""
        copy = Office(self.binary, self.folder / "copy", self.template, self.worker)
        shutil.rmtree(copy.folder, ignore_errors=True)
        ignore = shutil.ignore_patterns("*-shm")
        shutil.copytree(self.store.parent, copy.store.parent, ignore=ignore)
        return copy.rows(sql, change=True)

    def followers(self):
        sql = "SELECT uri FROM follower JOIN remote ON remote.id = remote WHERE accepted"
        return {uri for uri, in self.rows(sql)}

    def waiting(self, rows):
        """The messages that are on their way: to which inbox, and which."""
        return set(rows("""SELECT inbox.uri, activity.uri FROM delivery
                           JOIN inbox ON inbox.id = inbox
                           JOIN activity ON activity.id = activity"""))

    def settles(self, *words):
        """Rounds without a fault, until nothing waits; what is wrong then."""
        for _ in range(ROUNDS):
            ran = self.run(["deliver", *words], traced=False)
            if ran.code != 0 or "panicked" in ran.stderr:
                yield f"a round without a fault: {ran.code} {ran.stderr}"
                return
            if not self.waiting(self.rows):
                break
            # Time passes.
            self.rows("UPDATE inbox SET until = 0", change=True)
            self.rows("UPDATE delivery SET due = 1 WHERE due IS NOT NULL", change=True)
            self.rows("UPDATE host SET until = 0", change=True)
        else:
            yield f"still on their way: {self.waiting(self.rows)}"
        if (found := self.rows("PRAGMA integrity_check")) != [("ok",)]:
            yield f"the store is damaged: {found}"

    def has_followers(self, hosts):
        wanted = {person(host) for host in hosts}
        if (found := self.followers()) != wanted:
            yield f"who follows: {sorted(found)} instead of {sorted(wanted)}"


class Bench:
    """Runs one scenario again and again."""

    worker = None

    @staticmethod
    def case(_):
        """The number of the case that a fault is part of."""
        return "Q-01"

    def __init__(self, scenario, binary, work):
        self.scenario, self.binary, self.work = scenario, binary, work
        self.template, self.problems = work / f"{scenario.name}.template", []

    def office(self):
        """Each process has a folder of its own, and servers."""
        if not Bench.worker or Bench.worker.pid != os.getpid():
            keys = self.work / "keys"
            if not keys.exists():
                make_keys(keys)
            Bench.worker = Worker(keys)
        folder = self.work / f"{self.scenario.name}.{os.getpid()}"
        return Office(self.binary, folder, self.template, Bench.worker)

    def wipe(self):
        for folder in self.work.glob(f"{self.scenario.name}.*"):
            shutil.rmtree(folder)

    def build(self):
        """The site, and its post office as it is before a point."""
        site, place = self.template / "site", self.template / "office"
        office = self.office()

        def run(*words):
            ran = calls.run([str(self.binary), *words, "--root", str(site)], self.template)
            if ran.code != 0:
                raise RuntimeError(f"{words}: {ran.code} {ran.stderr}")

        def publish(name):
            write(site / f"content/news/{name}.md", POST.format(name))
            run("build", "--output-dir", str(self.template / "public"))

        write(site / "site.toml", CONFIG)
        write(site / "content/news/_index.md", SECTION)
        run("key", "new", "news")
        run("inbox", "init")
        publish("first")
        shutil.copytree(site / ".sitegen/keys", place / ".sitegen/keys")
        shutil.copy(self.work / "keys/authority.pem", place / "ca.pem")
        pinned = ", ".join(f'"{host}:443:127.0.0.1:PORT"' for host in HOSTS)
        write(place / "inbox.toml", f'''\
allow_addresses = ["127.0.0.0/8"]
ca_file = "ca.pem"
folder = "{self.template}/public"
resolve = [{pinned}]
{(site / "inbox.toml").read_text()}''')
        if not self.scenario.old:
            return
        office.prepare()
        for host in self.scenario.followers():
            ran, status = office.follow(host)
            assert status == 202, f"{host}: {status} {ran}"
        for problem in office.settles():
            raise RuntimeError(problem)
        assert len(office.worker.peer.taken) == len(self.scenario.followers())
        # As if nobody had looked at the site for long.
        office.rows("UPDATE site SET looked = 0", change=True)
        shutil.copytree(office.store.parent, place / ".sitegen/office")
        if self.scenario.way == "deliver":
            publish("second")

    def survey(self, every):
        """Runs without a fault, and says where there can be one."""
        self.wipe()
        self.build()
        runs = [self.run_well() for _ in range(RUNS)]
        counts = [Counter((call.thread, call.name) for call in found) for found in runs]
        # How much is stored together, and how often a thread looks whether another is done, is a
        # matter of moments: what comes in each of the runs.
        found = [call for call in runs[0]
                 if all(call.number <= count[call.thread, call.name] for count in counts)]
        used = {call.name for call in found}
        if unknown := used - calls.CHANGING - calls.READING - HARMLESS:
            self.problems.append(f"calls that no list knows: {sorted(unknown)}")
        points = list(self.points(found, every))
        wanted = {call.name for call in found if is_changing(call)}
        if forgotten := wanted - {point.call for point in points if point.fault == KILL}:
            self.problems.append(f"no point at {sorted(forgotten)}")
        return points

    def run_well(self):
        """Runs without a fault, and gives the calls."""
        office = self.office()
        office.prepare()
        if self.scenario.way == "deliver":
            ran = office.run(["deliver"])
            self.problems += self.is_delivered(office, set())
        else:
            if self.scenario.way == "cgi":
                ran, status = office.follow(HOSTS[-1])
                statuses = [status]
            else:
                ran, statuses = self.serve(office)
            if set(statuses) != {202}:
                self.problems.append(f"without a fault: {statuses} {ran.stderr}")
            self.problems += self.follow_is_kept(office)
        return calls.calls_of(ran.log)

    def points(self, found, every):
        # Before its folder is looked for, the program is loaded.
        start = next((number for number, call in enumerate(found) if "inbox.toml" in call.line), 0)
        seen, counts = set(), Counter()
        for call in found[start:]:
            # What is counted for each thread is hit where the first of them comes to it. What comes
            # later, `follow-store` hits.
            if (call.name, call.number) in seen:
                continue
            seen.add((call.name, call.number))
            for fault in faults(call):
                counts[call.name, fault] += 1
                is_in_sample = counts[call.name, fault] % SAMPLE == 1
                if every or self.scenario.way == "cgi" or is_in_sample:
                    yield Point(call, fault)

    def probe(self, point):
        try:
            return list(self.look(point))
        except Exception as error:
            return [f"{type(error).__name__}: {error}"]

    def meet(self, office, point):
        """Runs until a fault was met, and gives what came of it, and the answers. How much is
        stored together, and so how many calls there are, is a matter of moments."""
        for _ in range(TRIES):
            office.prepare()
            fault, statuses = point.inject(), []
            if self.scenario.way == "cgi":
                ran, status = office.follow(HOSTS[-1], fault)
                statuses = [status]
            elif self.scenario.way == "inbox":
                ran, statuses = self.serve(office, fault)
            else:
                ran = office.run(["deliver"], fault)
            if ran.injected(point.call) is not None:
                return ran, statuses
        raise RuntimeError(f"was not reached: {ran}")

    def look(self, point):
        office = self.office()
        ran, statuses = self.meet(office, point)
        if "panicked" in ran.stderr:
            yield f"it panics: {ran.stderr}"
        if point.fault != KILL and ran.code not in (0, 1, 3):
            yield f"exit code {ran.code}: {ran.stderr}"
        if self.scenario.way == "deliver":
            yield from self.is_delivered(office, office.waiting(office.rows_of_copy))
        else:
            yield from self.is_answered(office, point, statuses)
            yield from self.follow_is_kept(office)

    def is_answered(self, office, point, statuses):
        """Who was not answered can send it again."""
        if not set(statuses) <= {202, 503, None}:
            yield f"our own trouble is taken for a fault of others: {statuses}"
        # A server that could not be asked is left alone for a while; and what the system keeps
        # locked is locked until the process ends.
        passes = point.fault not in (KILL, FULL) and "F_UNLCK" not in point.line
        if passes and self.scenario.thread == "store" and statuses[-1] != 202:
            yield f"the same process does not recover: {statuses}"
        if 202 not in statuses:
            ran, status = office.follow(HOSTS[-1])
            if status != 202:
                yield f"sent again: {status} {ran.stderr}"

    def follow_is_kept(self, office):
        """Who was answered follows, hears of it, and nobody else is lost."""
        yield from office.settles("--no-look")
        yield from office.has_followers((*self.scenario.followers(), HOSTS[-1]))
        answers = [about for to, kind, _, about in office.worker.peer.taken
                   if (to, kind) == (inbox(HOSTS[-1]), "Accept")]
        if follow(HOSTS[-1])["id"] not in answers:
            yield f"the follow is not accepted: {office.worker.peer.taken}"

    def is_delivered(self, office, waiting):
        """All get the post; twice only where nothing had been stored of its arrival."""
        yield from office.settles()
        yield from office.has_followers(HOSTS)
        taken = office.worker.peer.taken
        for host in HOSTS:
            ids = [id for to, kind, id, about in taken
                   if (to, kind, about) == (inbox(host), "Create", SECOND)]
            if len(set(ids)) != 1:
                yield f"{host} has got {ids}"
            elif len(ids) > (2 if (inbox(host), ids[0]) in waiting else 1):
                yield f"{host} has got it {len(ids)} times"
        if others := [one for one in taken if one[3] != SECOND]:
            yield f"also sent: {others}"

    def serve(self, office, fault=None):
        """Runs the post office, and has a follow come in twice, while a thread of it is watched.
        Gives what came of it, and the status of each answer."""
        server = Running(office, self.scenario.thread, fault)
        try:
            statuses = [server.follow(HOSTS[-1]), server.follow(HOSTS[-1])]
            if statuses[-1] != 202 and server.runs():
                statuses.append(server.follow(HOSTS[-1]))
            server.wait(lambda: not server.runs() or fault and server.is_hit()
                        or not office.waiting(office.rows))
            return server.end(), statuses
        finally:
            server.kill()


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def is_changing(call):
    """Whether a call changes something on the disk, keeps others out, or is seen by others."""
    if call.name == "fcntl":
        return "SETLK" in call.line
    if call.name == "mmap":
        return "MAP_SHARED" in call.line
    # Threads that wake each other do so when there is need.
    return "eventfd" not in call.line and (call.writes() or call.name in SENDING)


def faults(call):
    """What can happen to a call."""
    if is_changing(call):
        yield KILL
    # What is no file is not full, and does not break.
    is_file = call.name not in SENDING or re.match(r"\d+</", call.line)
    if "F_UNLCK" in call.line:
        # All errors mean the same, and it takes long until others have waited in vain.
        yield "EIO"
    elif is_changing(call) and is_file:
        yield from ERRORS
    elif call.name in OPENING and "/proc/" not in call.line:
        yield "EMFILE"
    if call.name in ("pwrite64", "write") and is_file:
        yield FULL
