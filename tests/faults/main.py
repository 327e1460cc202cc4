"""Injects the faults. `tests/faults/run` calls this."""

import argparse
import os
import subprocess
import sys
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import build
import office
import scenarios

SHOWN = 12


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--binary", required=True, type=Path)
    parser.add_argument("--work", required=True, type=Path)
    parser.add_argument("--all", action="store_true")
    parser.add_argument("scenario", nargs="*")
    options = parser.parse_args()
    start, failed, total = time.monotonic(), 0, 0
    workers = os.cpu_count() or 1
    benches = [(build.Bench, scenario) for scenario in scenarios.SCENARIOS]
    benches += [(office.Bench, scenario) for scenario in office.SCENARIOS]
    for kind, scenario in benches:
        if options.scenario and scenario.name not in options.scenario:
            continue
        begun = time.monotonic()
        bench = kind(scenario, options.binary, options.work)
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
        report(bench, points, problems, time.monotonic() - begun)
        bench.wipe()
    print(f"{total} points, {failed} violations, {time.monotonic() - start:.0f} s")
    sys.exit(1 if failed or not total else 0)


def report(bench, points, problems, seconds):
    """The number of points for each fault and call."""
    verdict = "FAIL" if problems else "ok  "
    print(f"{verdict}  {bench.scenario.name}: {len(points)} points, {seconds:.0f} s")
    for fault in dict.fromkeys(point.fault for point in points):
        counts = Counter(point.call for point in points if point.fault == fault)
        each = ", ".join(f"{call} {count}" for call, count in sorted(counts.items()))
        print(f"        {bench.case(fault)}, {fault.removeprefix('signal=')}: {each}")
    for problem in problems[:SHOWN]:
        print(f"      ! {problem[:1500]}")
    if len(problems) > SHOWN:
        print(f"      ! and {len(problems) - SHOWN} more")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
