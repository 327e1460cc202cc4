"""One line per check, a count at the end; and how sites are built."""

import json
import os
import subprocess
import sys
import traceback
from pathlib import Path

SHOWN = 8


class Checks:
    """Runs checks: functions that return or yield what is wrong, one string each."""

    def __init__(self):
        self.count = 0
        self.failed = 0

    def __call__(self, name, check, *arguments):
        self.count += 1
        try:
            problems = list(check(*arguments))
        except Exception:
            problems = [traceback.format_exc()]
        if not problems:
            print(f"ok    {name}", flush=True)
            return
        self.failed += 1
        print(f"FAIL  {name}", flush=True)
        for problem in problems[:SHOWN]:
            print(f"        {problem[:2000]}")
        if len(problems) > SHOWN:
            print(f"        and {len(problems) - SHOWN} more")

    def note(self, text):
        print(f"      {text}", flush=True)

    def skip(self, reason):
        print(f"skipped: {reason}", flush=True)

    def finish(self):
        print(f"{self.count} checks, {self.failed} failed")
        sys.exit(1 if self.failed else 0)


class Built:
    """A site, its output, and what the program said."""

    def __init__(self, binary, site, output, clock, *options, environment=None):
        self.site, self.output, self.clock, self.binary = site, output, clock, binary
        environment = {**os.environ, **(environment or {})}
        common = ["--format", "json", "--root", str(site), "--clock", clock]
        done = subprocess.run(
            [binary, "build", "--output-dir", str(output), *common, *options],
            capture_output=True, text=True, env=environment, check=False)
        self.code = done.returncode
        self.stderr = done.stderr
        said = objects(done.stdout)
        self.problems = [line for line in said if line["kind"] == "diagnostic"]
        self.summary = next((line for line in said if line["kind"] == "summary"), None)
        done = subprocess.run([binary, "list", *common], capture_output=True, text=True, check=False)
        self.pages = [line for line in objects(done.stdout) if line["kind"] == "page"]

    def coded(self, code):
        return [problem for problem in self.problems if problem["code"] == code]

    def files(self, pattern):
        return sorted(path for path in self.output.rglob(pattern) if path.is_file())

    def name(self, path):
        return path.relative_to(self.output).as_posix()

    def fine(self):
        """Built without an error."""
        if self.code != 0:
            yield f"exit code {self.code}"
            yield self.stderr
            for problem in self.problems:
                if problem["severity"] == "error":
                    yield json.dumps(problem, ensure_ascii=False)


def objects(text):
    """One JSON object a line. (`splitlines` would also split inside of strings, at U+2028.)"""
    return [json.loads(line) for line in text.split("\n") if line]


def write(root, files):
    """Writes files (path: text or bytes) below a folder, in the order given."""
    for path, content in files.items():
        path = Path(root, path)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
