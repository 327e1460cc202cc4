"""A disk that nobody has used yet.

How long it takes to make files on ext4 depends on what was deleted before: the inodes of those
files, and the blocks that are given back, make new ones up to five times as slow, for minutes. On
a new file system in memory nothing is left from before, and no other program waits for the same
disk; it is still ext4 that makes the files.
"""

import subprocess
import tempfile
from pathlib import Path

from measure import Failed, say

# As large as a usual disk, for the journal goes by it: that of a small one is full in the middle of
# a large build. Only what is written takes memory.
BYTES = 256 << 30
INODES = 3_000_000


class NewDisk:
    """A folder on a new ext4, until the end."""

    def __enter__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="bench-", dir="/dev/shm"))
        image, self.mounted = self.folder / "image", self.folder / "disk"
        self.mounted.mkdir()
        with image.open("wb") as file:
            file.truncate(BYTES)
        say("making a new ext4 in memory")
        try:
            tool("mkfs.ext4", "-q", "-N", INODES, image)
            tool("mount", "-o", "loop,noinit_itable", image, self.mounted)
        except Failed:
            self.remove()
            raise
        return self.mounted

    def __exit__(self, *_):
        tool("umount", self.mounted)
        self.remove()

    def remove(self):
        (self.folder / "image").unlink()
        self.mounted.rmdir()
        self.folder.rmdir()


def tool(*command):
    """Runs a tool of the system."""
    command = [str(part) for part in command]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError as missing:
        raise Failed(f"there is no {command[0]}; install e2fsprogs and mount") from missing
    if done.returncode != 0:
        raise Failed(f"{' '.join(command)}\n{done.stderr.strip()}\n--new-disk needs root and loop "
                     "devices; without it, the benchmark runs on the disk that is there")
