"""Counts the instructions of a build with Callgrind, and compares them with the last ones kept.

Unlike seconds, the counts are nearly the same in every run and on a busy machine too. They differ
by up to 0.03 % because hash tables of the standard library have random keys, and by half a percent
when the site lies at a path twice as long. Other processors and versions of Rust give other
counts, so after such a change `--update` keeps new ones.
"""

import re
import subprocess
from pathlib import Path

from measure import Failed
from programs import Sitegen
from sites import Edited, lay_out

KEPT = Path(__file__).with_name("instructions.txt")
POSTS = 1000
WORSE_MOST = 3.0


def count(options, work):
    """Prints the counts beside those kept; the exit code."""
    counts = measured(options.binary, work)
    kept = read()
    worst = 0.0
    for name, instructions in counts.items():
        before = kept.get(name)
        change = (instructions / before - 1) * 100 if before else 0.0
        worst = max(worst, change)
        print(f"{name:<18} {instructions / 1e6:>10,.1f} million  "
              f"{f'{change:+.2f} %' if before else 'new'}")
    if options.update:
        KEPT.write_text("".join(f"{name} {number}\n" for name, number in counts.items()))
        return 0
    if worst > WORSE_MOST:
        print(f"more than {WORSE_MOST} % worse; `--update` keeps the new counts")
        return 1
    return 0


def measured(binary, work):
    """The scenarios and their counts."""
    site = lay_out(work.new("site"), POSTS)
    sitegen = Sitegen(binary, work, site)
    # Makes `published.toml`.
    sitegen.clean()
    counts = {"clean": callgrind(work, sitegen.clean_command(work.new("clean")))}
    output = work.new("again")
    sitegen.again(output)
    counts["again-unchanged"] = callgrind(work, sitegen.command(output))
    Edited(site, POSTS).text()
    counts["again-one-changed"] = callgrind(work, sitegen.command(output))
    return counts


def callgrind(work, command):
    """How many instructions a command takes on one thread."""
    # The environment lies in memory too, so it is the same everywhere.
    environment = {"RAYON_NUM_THREADS": "1", "TZ": "UTC"}
    options = ["--tool=callgrind", f"--callgrind-out-file={work.new('callgrind')}"]
    done = subprocess.run(["valgrind", *options, *map(str, command)], capture_output=True,
                          text=True, check=False, env=environment)
    found = re.search(r"Collected : (\d+)", done.stderr)
    if done.returncode != 0 or not found:
        raise Failed(done.stdout[-2000:] + done.stderr[-2000:])
    return int(found[1])


def read():
    """The counts that were kept."""
    lines = KEPT.read_text().splitlines() if KEPT.exists() else []
    return {name: int(number) for name, number in (line.split() for line in lines)}
