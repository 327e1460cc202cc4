"""The benchmark. `tests/bench/run` builds what it needs and calls this."""

import argparse
import sys
import tempfile
from contextlib import ExitStack, contextmanager
from pathlib import Path

import instructions
import preview
from disk import NewDisk
from measure import Failed, Work, difference, files, in_turn, say
from programs import Floor, Hugo, Sitegen
from sites import Edited, lay_out
from table import Table, Target

POSTS = 10_000
GROWTH = 5
SMALL = 1000
SMALL_MIB = 64


def main():
    options = arguments()
    try:
        if options.instructions:
            # A path of the same length everywhere, whose characters are counted too.
            with tempfile.TemporaryDirectory() as folder:
                sys.exit(instructions.count(options, Work(Path(folder))))
        if options.preview:
            with place(options) as work:
                table = preview.measure(options, work)
        else:
            table = Bench(options).table
    except Failed as failure:
        sys.exit(str(failure))
    print(table.markdown() if options.markdown else table.text())
    # The targets are meant for the usual size.
    sys.exit(1 if table.missed and options.posts == POSTS else 0)


def arguments():
    parser = argparse.ArgumentParser(prog="tests/bench/run")
    for name in ("binary", "floor", "target"):
        parser.add_argument(f"--{name}", required=True, type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--posts", type=int, default=POSTS, help="how large the site is")
    parser.add_argument("--runs", type=int, default=5, help="how often each program runs")
    parser.add_argument("--dir", type=Path, help="where to write, such as /dev/shm")
    parser.add_argument("--new-disk", action="store_true",
                        help="write on a new ext4 in memory, which nothing deleted slows (as root)")
    parser.add_argument("--markdown", action="store_true", help="print the table for a README")
    parser.add_argument("--all-peers", action="store_true", help="also cobalt and eleventy")
    parser.add_argument("--preview", action="store_true", help="measure the preview instead")
    parser.add_argument("--instructions", action="store_true", help="count instructions instead")
    parser.add_argument("--update", action="store_true", help="keep the counts for next time")
    return parser.parse_args()


@contextmanager
def place(options):
    """Where everything is written."""
    with ExitStack() as stack:
        folder = stack.enter_context(NewDisk()) if options.new_disk else options.dir
        yield stack.enter_context(Work((folder or options.target).resolve()))


def made_by(program):
    """The names of the files of a program's last build, and those that only it makes."""
    names = set(files(program.last))
    return names, {name for name in names if program.extra.fullmatch(name)}


class Bench:
    """All measurements, one after the other."""

    def __init__(self, options):
        self.options, self.table = options, Table()
        self.count = f"{options.posts:,} posts"
        parts = [self.clean, self.again, self.growth, self.little_memory]
        if options.all_peers:
            parts.append(self.peers)
        # A new disk is there at once, and has room for one part.
        for together in ([part] for part in parts) if options.new_disk else [parts]:
            with place(options) as self.work:
                self.lay_out()
                for part in together:
                    part()

    def lay_out(self):
        say(f"making a site of {self.count}")
        self.site = lay_out(self.work.new("site"), self.options.posts)
        self.sitegen = Sitegen(self.options.binary, self.work, self.site)
        self.hugo = Hugo(self.work, self.site)
        self.work.settle()

    def peers(self):
        import peers
        peers.compare(self.table, self.options, self.work)

    def turns(self, tasks, most=1000):
        say(f"measuring in turn: {', '.join(tasks)}")
        return in_turn(min(self.options.runs, most), tasks)

    def clean(self):
        """From nothing, against Hugo and the bare program."""
        ours, hugo = self.sitegen, self.hugo
        floor = Floor(self.options.floor, self.work, self.site)
        tasks = {"sitegen": ours.clean, "hugo": hugo.clean, "floor": floor.clean}
        with_actor = lay_out(self.work.new("fediverse"), self.options.posts, actor=True)
        fediverse = Sitegen(self.options.binary, self.work, with_actor)
        tasks["fediverse"] = fediverse.clean
        durable = self.knows_durable()
        if durable:
            tasks["durable"] = ours.durable
        runs = self.turns(tasks)
        compare = self.table.compare
        compare(f"clean build of {self.count}, time against {hugo.name}", "seconds",
                runs["sitegen"], runs["hugo"], Target(1 / 4, 1 / 6))
        documents = sum(1 for name in files(fediverse.last) if "/posts/" in name
                        and name.startswith("ap/"))
        compare(f"the same with {documents:,} fediverse documents", "seconds",
                runs["fediverse"], runs["hugo"], Target(1 / 3))
        compare(f"peak memory against {hugo.name}", "mib",
                runs["sitegen"], runs["hugo"], Target(1 / 8))
        compare("time against the bare program", "seconds",
                runs["sitegen"], runs["floor"], Target(2, 1.5))
        if durable:
            compare("time with `durable = true` against without", "seconds",
                    runs["durable"], runs["sitegen"])
        else:
            self.table.add("time with `durable = true` (this binary has no such key)", "–")
        self.same_files(ours, [hugo, floor])

    def knows_durable(self):
        try:
            self.sitegen.durable()
        except Failed:
            return False
        return True

    def same_files(self, ours, others):
        """Every program makes the same files, but for those that only it has."""
        own, own_extra = made_by(ours)
        for other in others:
            names, extra = made_by(other)
            odd = sorted((own - own_extra) ^ (names - extra))
            if odd:
                raise Failed(f"{other.name} and sitegen do not both make {odd[:10]}")
            self.table.add(f"files written, and by {other.name}",
                           f"{len(own):,} ({len(own_extra)} only ours)",
                           f"{len(names):,} ({len(extra)} only its)", target="agree", met=True)

    def again(self):
        """Over what is there: nothing changed, one post changed."""
        site = lay_out(self.work.new("again"), self.options.posts)
        ours, output = Sitegen(self.options.binary, self.work, site), self.work.new("again.out")
        hugo_output = self.work.new("hugo")
        edited = Edited(site, self.options.posts)

        def changed(change):
            def task():
                change()
                before = files(output)
                run = ours.again(output)
                run.written = difference(before, files(output))
                return run
            return task

        runs = self.turns({
            "clean": self.sitegen.clean,
            "unchanged": changed(lambda: None),
            "hugo again": lambda: self.hugo.again(hugo_output),
            "text changed": changed(edited.text),
            "title changed": changed(edited.title),
        })
        if any(run.written for run in runs["unchanged"]):
            raise Failed("a build of what has not changed wrote files")
        for name, what in (("unchanged", "nothing"), ("text changed", "one text"),
                           ("title changed", "one title")):
            written = sorted({run.written for run in runs[name]})
            written = "–".join(f"{count:,}" for count in {written[0]: 0, written[-1]: 0})
            self.table.compare(f"again, {what} changed ({written} files written), against clean",
                               "seconds", runs[name], runs["clean"], Target(1 / 4))
        self.table.compare(f"again, nothing changed, against {self.hugo.name} doing so", "seconds",
                           runs["unchanged"], runs["hugo again"], Target(1 / 10))

    def growth(self):
        """How time and memory grow with the site."""
        count = self.options.posts * GROWTH
        site = lay_out(self.work.new("large"), count)
        large = Sitegen(self.options.binary, self.work, site)
        floor = [Floor(self.options.floor, self.work, place) for place in (site, self.site)]
        # A large site takes long, and its files much room.
        tasks = {f"{count:,} posts": large.clean, self.count: self.sitegen.clean,
                 "floor with as many": floor[0].clean, "floor": floor[1].clean}
        most, least, floor_most, floor_least = self.turns(tasks, most=3).values()
        what = f"{count:,} against {self.count}"
        self.table.compare(f"time of {what}", "seconds", most, least, Target(5.5))
        self.table.compare("the same of the bare program", "seconds", floor_most, floor_least)
        self.table.compare(f"memory of {what}", "mib", most, least, Target(5))

    def little_memory(self):
        """A site of a party on the smallest of machines. The limit counts what is written to
        but for files, with the stacks of threads, and not what is only reserved."""
        site = lay_out(self.work.new("small"), SMALL)
        ours = Sitegen(self.options.binary, self.work, site)
        command = ours.clean_command(self.work.new("small.out"))
        what = f"{SMALL:,} posts with {SMALL_MIB} MiB (`prlimit --data`)"
        try:
            run = self.work.run(["prlimit", f"--data={SMALL_MIB << 20}", *command])
        except Failed as failure:
            say(str(failure))
            self.table.add(what, "fails", target="builds", met=False)
            return
        fits = run.mib <= SMALL_MIB
        self.table.add(what, f"peak {run.mib:.0f} MiB", target="builds", met=fits)


if __name__ == "__main__":
    main()
