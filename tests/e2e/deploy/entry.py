"""Runs what a client of SSH asks for. Once, where the file `cut` in the folder says so, lets a
question of the client pass up to so many bytes, and then ends the connection."""

import os
import select
import signal
import subprocess
import sys
from pathlib import Path

CHUNK = 1 << 16

asked = ["sh", "-c", os.environ["SSH_ORIGINAL_COMMAND"]]
folder = Path(sys.argv[1])
if (folder / "home").exists():
    os.chdir(folder / "home")
order = folder / "cut"
try:
    before, rest = map(int, order.read_text().split())
except FileNotFoundError:
    os.execvp("sh", asked)
if before > 0:
    order.write_text(f"{before - 1} {rest}")
    os.execvp("sh", asked)

child = subprocess.Popen(asked, stdin=subprocess.PIPE)
while rest > 0:
    if child.poll() is not None:
        sys.exit(child.returncode)
    if not select.select([0], [], [], 0.02)[0]:
        continue
    chunk = os.read(0, min(rest, CHUNK))
    if not chunk:
        child.stdin.close()
        sys.exit(child.wait())
    try:
        child.stdin.write(chunk)
        child.stdin.flush()
    except BrokenPipeError:
        sys.exit(child.wait())
    rest -= len(chunk)
order.unlink()
os.kill(os.getppid(), signal.SIGKILL)
