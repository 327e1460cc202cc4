"""System calls: which there are, which a run makes, and how one is made to fail."""

import os
import re
import subprocess
from dataclasses import dataclass

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
    """A call of a run without faults: the number of its kind, as strace counts, and its line."""

    name: str
    number: int
    line: str

    def writes(self):
        if self.name == "openat":
            return re.search(r"O_(WRONLY|RDWR|CREAT|TRUNC)", self.line) is not None
        return self.name in CHANGING


@dataclass(frozen=True)
class Ran:
    code: int
    stderr: str
    log: str

    def injected(self, name):
        """The line of the call that was hit, or one that says that the program was killed."""
        hit = re.search(rf"^\d+ +{name}\(.*\(INJECTED\)|^.*killed by SIGKILL", self.log,
                        re.MULTILINE)
        return hit[0] if hit else None


def run(command, folder):
    done = subprocess.run(command, cwd=folder, env=ENVIRONMENT, capture_output=True, text=True,
                          errors="replace", check=False)
    return Ran(done.returncode, done.stderr, "")


def run_traced(command, folder, log, always, fault=None):
    """Runs a command with faults: some always (`renameat2:error=ENOSYS`), and one at a point."""
    options = ["strace", "-f", "-qq", "-y", "-s", "400", "-o", str(log)]
    if fault:
        traced = {inject.split(":")[0] for inject in [*always, fault]}
        options += ["-e", f"trace={','.join(traced)}"]
        # Faster, as only what is looked for stops; but signals are not injected then.
        if "signal=" not in fault:
            options += ["--seccomp-bpf"]
    for inject in [*always, *([fault] if fault else [])]:
        options += ["-e", f"inject={inject}"]
    ran = run([*options, *command], folder)
    text = log.read_text(errors="replace") if log.exists() else ""
    return Ran(ran.code, ran.stderr, text)


def calls_of(log):
    """All calls in a log, in order."""
    counts, calls = {}, []
    for line in log.splitlines():
        match = re.match(r"\d+ +(\w+)\((.*)", line)
        if match:
            name = match[1]
            counts[name] = counts.get(name, 0) + 1
            calls.append(Call(name, counts[name], match[2]))
    return calls


def threads_of(log):
    return {line.split()[0] for line in log.splitlines() if line}


def paths_of(line):
    """The files that a line of a log names."""
    found = re.findall(r"\"((?:[^\"\\]|\\.)*)\"", line) + re.findall(r"\d<(/[^>]*)>", line)
    return [path for path in found if "/" in path or path.endswith(".toml")]
