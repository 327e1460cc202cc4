"""System calls: which there are, which a run makes, and how one is made to fail."""

import os
import re
import subprocess
from dataclasses import dataclass, field

KILL = "signal=KILL"
ERRORS = ("ENOSPC", "EIO", "EROFS", "EMFILE")
# A disk that is full from now on.
FULL = "full"

# What changes something on the disk, or makes it last. `openat` does when it may write.
CHANGING = frozenset("""
    openat write writev pwrite64 pwritev pwritev2 mkdir mkdirat mknod mknodat rename renameat
    renameat2 unlink unlinkat rmdir symlink symlinkat link linkat copy_file_range sendfile splice
    truncate ftruncate fallocate fsync fdatasync sync syncfs sync_file_range chmod fchmod fchmodat
    fchmodat2 chown lchown fchown fchownat utime utimes utimensat futimesat flock setxattr
    lsetxattr fsetxattr removexattr lremovexattr fremovexattr
""".split())

# What looks. A disk that is failing fails here too.
READING = frozenset("openat openat2 read pread64 getdents64 statx newfstatat".split())

# What has to do with memory, threads, time and the process itself only.
HARMLESS = frozenset("""
    access arch_prctl brk clone3 close dup execve exit exit_group fcntl fstat futex getcwd getpid
    getrandom gettid geteuid getuid getegid getgid ioctl lseek lstat madvise mmap mprotect mremap
    munmap poll prctl prlimit64 readlink rseq rt_sigaction rt_sigprocmask rt_sigreturn sched_getaffinity
    sched_yield set_robust_list set_tid_address sigaltstack stat clock_nanosleep
    faccessat faccessat2 restart_syscall
""".split())

# One thread does all the work, so that the number of a call says which it is.
ENVIRONMENT = {**os.environ, "RAYON_NUM_THREADS": "1", "LC_ALL": "C", "NO_COLOR": "1"}


@dataclass(frozen=True)
class Call:
    """A call of a run without faults: the number of its kind, as strace counts for each thread, its
    line, and which thread it was."""

    name: str
    number: int
    line: str
    thread: int = 0

    def writes(self):
        if self.name == "openat":
            return re.search(r"O_(WRONLY|RDWR|CREAT|TRUNC)", self.line) is not None
        return self.name in CHANGING


class Point:
    """A fault at a call."""

    def __init__(self, call, fault):
        self.call, self.number, self.line, self.fault = call.name, call.number, call.line, fault
        self.thread = call.thread

    def inject(self):
        if self.fault == FULL:
            return f"{self.call}:error=ENOSPC:when={self.number}+"
        what = self.fault if self.fault == KILL else f"error={self.fault}"
        return f"{self.call}:{what}:when={self.number}"

    def __str__(self):
        return f"{self.fault} at {self.call} {self.number}: {self.line[:160]}"


@dataclass(frozen=True)
class Ran:
    code: int
    stderr: str
    log: str = field(repr=False)
    stdout: str = ""

    def injected(self, name):
        """The line of the call that was hit, or one that says that the program was killed."""
        call = rf"(?:\d+ +)?(?:<\.\.\. {name} resumed>|{name}\().*\(INJECTED\)"
        hit = re.search(rf"^{call}|^.*killed by SIGKILL", self.log, re.MULTILINE)
        return hit[0] if hit else None


def run(command, folder, variables=(), given=""):
    """Runs a command, with more variables of the environment and something to read."""
    done = subprocess.run(command, cwd=folder, env={**ENVIRONMENT, **dict(variables)}, input=given,
                          capture_output=True, text=True, errors="replace", check=False)
    return Ran(done.returncode, done.stderr, "", done.stdout)


def injections(always, fault):
    """What strace is told: faults that come always (`renameat2:error=ENOSYS`), one at a point."""
    options = []
    if fault:
        traced = {inject.split(":")[0] for inject in [*always, fault]}
        options += ["-e", f"trace={','.join(traced)}"]
    for inject in [*always, *([fault] if fault else [])]:
        options += ["-e", f"inject={inject}"]
    return options


def run_traced(command, folder, log, always, fault=None, **rest):
    """Runs a command with faults."""
    options = ["strace", "-f", "-qq", "-y", "-s", "400", "-o", str(log), *injections(always, fault)]
    # Faster, as only what is looked for stops; but signals are not injected then.
    if fault and "signal=" not in fault:
        options += ["--seccomp-bpf"]
    ran = run([*options, *command], folder, **rest)
    text = log.read_text(errors="replace") if log.exists() else ""
    return Ran(ran.code, ran.stderr, text, ran.stdout)


def calls_of(log):
    """All calls in a log, in order."""
    counts, threads, calls = {}, {}, []
    for line in log.splitlines():
        match = re.match(r"(\d+ +)?(\w+)\((.*)", line)
        if match:
            thread = threads.setdefault(match[1], len(threads))
            name = match[2]
            counts[thread, name] = counts.get((thread, name), 0) + 1
            calls.append(Call(name, counts[thread, name], match[3], thread))
    return calls


def threads_of(log):
    return {line.split()[0] for line in log.splitlines() if line}


def paths_of(line):
    """The files that a line of a log names."""
    found = re.findall(r"\"((?:[^\"\\]|\\.)*)\"", line) + re.findall(r"\d<(/[^>]*)>", line)
    return [path for path in found if "/" in path or path.endswith(".toml")]
