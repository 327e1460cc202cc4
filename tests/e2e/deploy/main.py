"""The checks. `tests/e2e/deploy/run` installs what they need and calls this."""

import argparse
import os
import shutil
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))
from harness import Checks
from scene import (LEDGER, Shell, Site, Store, files_in, post, ledger_is_done, same, serving,
                   text)

WAYS = ("rsync", "sftp", "s3", "git", "local", "command", "live")
RANKS = [
    ("an asset", lambda path: path.endswith((".css", ".svg", ".js", ".txt")) and path != "robots.txt"),
    ("a page", lambda path: path.endswith("index.html") and "/post-" in path),
    ("a list", lambda path: path in ("index.html", "news/index.html")),
    ("a feed", lambda path: path.endswith((".xml", ".json")) and not path.startswith(("ap/", "."))),
]


def main():
    parser = argparse.ArgumentParser()
    for name in ("binary", "work", "store"):
        parser.add_argument(f"--{name}", required=True, type=Path)
    parser.add_argument("ways", nargs="*", choices=[*WAYS, []])
    options = parser.parse_args()
    check = Checks()
    for way in options.ways or WAYS:
        work = options.work / way
        work.mkdir()
        globals()[f"check_{way}"](check, options, work)
    check.finish()


def check_rsync(check, options, work):
    check_shell(check, options, work, "rsync")


def check_sftp(check, options, work):
    check_shell(check, options, work, "sftp")


def check_shell(check, options, work, by):
    shell = Shell(work / "ssh")
    www = work / "www"
    www.mkdir()
    there = www / "site"
    site = Site(options.binary, work / "site")
    keys = {"by": by, "to": f"web:{there}", "ssh_config": "../ssh/user-config"}
    site.target("web", **keys)
    with shell.run():
        shell.know(None)
        check(f"{by}: a machine whose key nobody has seen is not trusted",
              site.deploy("web").refused, 3, "key of the machine is not known")
        shell.know("other-host")
        check(f"{by}: a machine with another key than before is not trusted",
              site.deploy("web").refused, 3, "another key than before")
        shell.know("host")
        site.target("stranger", **{**keys, "ssh_config": "../ssh/stranger-config"})
        check(f"{by}: who has no right to enter is told so",
              site.deploy("stranger").refused, 3, "does not let us in")
        check(f"{by}: so far nothing is there", lambda: [] if not there.exists() else ["it is"])

        check_life(check, by, site, there, lambda: files_in(there))
        if by == "sftp":
            check("sftp: the server has seen everything in order",
                  in_order, shell.renamed(there))
        check_interrupted(check, by, options, site, www, shell)
        check_full(check, by, site, www)


def check_life(check, by, site, there, found, theirs="photos/1.jpg"):
    """From the first deploy on: changes, removals, what is others', what is refused."""
    dry = site.deploy("web", "--dry-run")
    check(f"{by}: a dry run says what would be added", lambda: [
        *dry.fine(),
        *([] if dry.one("plan").get("add") == len(site.files()) else [f"{dry.one('plan')}"]),
        *([] if not found() else ["and yet it has put something there"])])
    check(f"{by}: deploys", site.deploy("web", "--no-build").fine)
    check(f"{by}: everything has arrived", lambda: [
        *same(site.files(), found()), *ledger_is_done(found()[LEDGER], site.files())])
    again = site.deploy("web")
    check(f"{by}: a second deploy has nothing to do", lambda: [
        *again.fine(), *([] if again.one("deployed").get("put") == 0 else [f"{again.said}"])])

    put_theirs(there, theirs)
    (site.root / post(3)).write_text(text(3, "new text"))
    (site.root / post(4)).unlink()
    done = site.deploy("web")
    check(f"{by}: only what has changed goes there", lambda: [
        *done.fine(), *same(site.files(), found(), [theirs]),
        *([] if 0 < done.one("deployed").get("put", 0) < 20 else [f"{done.one('deployed')}"])])

    (site.root / "static" / theirs).parent.mkdir(parents=True)
    (site.root / "static" / theirs).write_bytes(b"ours")
    check(f"{by}: what others have put there is not overwritten",
          site.deploy("web").refused, 1, "would be overwritten")
    check(f"{by}: and has not been", lambda: same({}, {
        theirs: found().get(theirs)}, [theirs]))
    (site.root / "static" / theirs).unlink()

    kept = [(site.root / post(n), (site.root / post(n)).read_text()) for n in range(5, 38)]
    for path, _ in kept:
        path.unlink()
    check(f"{by}: no more files are removed than may be",
          site.deploy("web").refused, 1, "files would be removed")
    check(f"{by}: unless it is said", lambda: [
        *site.deploy("web", "--max-deletes", "60").fine(), *same(site.files(), found(), [theirs])])
    for path, content in kept:
        path.write_text(content)
    check(f"{by}: what was removed can come back", lambda: [
        *site.deploy("web").fine(), *same(site.files(), found(), [theirs])])

    record = site.root / "published.toml"
    newest = record.read_text()
    serial = int(newest.split("serial = ")[1].split()[0])
    record.write_text(newest.replace(f"serial = {serial}", f"serial = {serial - 1}"))
    check(f"{by}: an older state is refused",
          site.deploy("web", "--no-build").refused, 1, "newer state")
    record.write_text(newest)

    other = Site(site.binary, site.root.parent / "other", posts=1)
    other.environment = site.environment
    other.targets = site.targets
    other.target("unused", by="local", to="/srv/unused")
    settings = other.root / "site.toml"
    settings.write_text(settings.read_text().replace("www.party", "www.other"))
    check(f"{by}: the place of another site is left alone", lambda: [
        *other.deploy("web").refused(1, "place of another site"),
        *same(site.files(), found(), [theirs])])


def put_theirs(there, path):
    """Somebody else puts a file there."""
    if callable(there):
        there(path, b"theirs")
        return
    (there / path).parent.mkdir(parents=True, exist_ok=True)
    (there / path).write_bytes(b"theirs")


def in_order(renamed):
    # The first deploy ends with the second ledger.
    ledgers = [n for n, path in enumerate(renamed) if path == LEDGER]
    first = renamed[ledgers[0] + 1:ledgers[1]]
    last = -1
    for path in first:
        rank = next((n for n, (_, is_it) in enumerate(RANKS) if is_it(path)), None)
        if rank is None:
            continue
        if rank < last:
            yield f"{path}, {RANKS[rank][0]}, came after {RANKS[last][0]}"
        last = max(last, rank)
    if last < len(RANKS) - 1:
        yield f"no feed was seen in {first}"


def check_interrupted(check, by, options, site, www, shell):
    """Kills deploys in the middle, and lets the next one go on."""
    there = www / "killed"
    keys = {"by": by, "to": f"web:{there}", "ssh_config": "../ssh/user-config"}
    large = Site(options.binary, www.parent / "large", posts=600)
    large.target("web", **keys)
    killed = kill_when(large, lambda: count(there) > 300)
    check(f"{by}: a deploy can be killed in the middle", lambda: [] if killed else ["it was done"])
    before = count(there)
    stranger = Site(options.binary, www.parent / "stranger", posts=1)
    stranger.target("web", **keys)
    check(f"{by}: another machine waits for one that goes on",
          stranger.deploy("web").refused, 75, "another deploy is going on")
    resumed = large.deploy("web", "--no-build")
    total = len(large.files())
    check(f"{by}: the next deploy goes on from there", lambda: [
        *resumed.fine(), *same(large.files(), files_in(there)),
        *([] if resumed.one("plan").get("resumed") else ["it does not say so"]),
        *([] if resumed.one("deployed")["put"] <= total - before + 250
          else [f"{before} of {total} were there, and it has put {resumed.one('deployed')}"])])
    check(f"{by}: nothing is left of files that were on their way", lambda: [
        path for path in files_in(there) if "sitegen-new" in path])

    # The server goes away in the middle of it, and comes back.
    for number in range(600):
        (large.root / post(number)).write_text(text(number, "other text"))
    done = lose_connection(large, shell, there)
    check(f"{by}: a connection that is lost is opened again", lambda: [
        *done.fine(), *same(large.files(), files_in(there))])


def count(folder):
    return sum(1 for _ in folder.rglob("index.html")) if folder.exists() else 0


def kill_when(site, is_time):
    process = subprocess.Popen(site.command("web", "--no-verify"), stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL,
                               start_new_session=True)
    while process.poll() is None:
        if is_time():
            os.killpg(process.pid, 9)
            process.wait()
            return True
        time.sleep(0.01)
    return False


def lose_connection(site, shell, there):
    """Ends the processes of the server for our connection while files arrive."""
    from scene import Done
    process = subprocess.Popen(site.command("web", "--no-verify"), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                               stdin=subprocess.DEVNULL, text=True)
    changed = lambda: sum(1 for path in there.rglob("index.html") if b"other text" in path.read_bytes())
    while process.poll() is None and changed() < 50:
        time.sleep(0.05)
    pid = (shell.folder / "pid").read_text().strip()
    children = subprocess.run(["pgrep", "-P", pid], capture_output=True, text=True, check=False)
    for child in children.stdout.split():
        subprocess.run(["kill", "-9", child], check=False)
    out, err = process.communicate()
    return Done(subprocess.CompletedProcess([], process.returncode, out, err))


def check_full(check, by, site, www):
    """A disk that is full on the other side."""
    small = www / "small"
    small.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "none", small],
                             capture_output=True, check=False)
    if mounted.returncode != 0:
        check.skip(f"{by}: a full disk; this machine lets nobody mount one")
        return
    try:
        keys = {"by": by, "to": f"web:{small}/site", "ssh_config": "../ssh/user-config"}
        site.target("small", **keys)
        check(f"{by}: a full disk there is named", site.deploy("small").refused, 3, "no room left")
        subprocess.run(["mount", "-o", "remount,size=64m", small], check=True)
        check(f"{by}: with room, the deploy goes on", lambda: [
            *site.deploy("small").fine(), *same(site.files(), files_in(small / "site"))])
    finally:
        subprocess.run(["umount", small], check=False)


def check_s3(check, options, work):
    store = Store(options.store, work / "store")
    site = Site(options.binary, work / "site")
    keys = {"by": "s3", "to": "bucket", "endpoint": f"http://127.0.0.1:{store.port}"}
    site.target("web", **keys)
    with store.run():
        check("s3: without a key nothing is asked", site.deploy("web").refused, 3,
              "AWS_ACCESS_KEY_ID is not set")
        site.environment = {**store.key, "AWS_SECRET_ACCESS_KEY": "wrong"}
        check("s3: a wrong secret is refused by the store",
              site.deploy("web").refused, 3, "does not let us in")
        site.environment = store.key
        late = site.deploy("web", before=["faketime", "-f", "-3h"])
        check("s3: a wrong clock is named", late.refused, 3, "clock of this machine is wrong")
        check("s3: and by how much", lambda: [] if "behind" in late.one("error")["help"] else [
            late.one("error")["help"]])
        site.target("nowhere", **{**keys, "to": "no-such-bucket"})
        check("s3: a bucket that is not there is named",
              site.deploy("nowhere").refused, 3, "place is not there")
        there = lambda path, content: (
            (store.folder / "bucket" / path).parent.mkdir(parents=True, exist_ok=True),
            (store.folder / "bucket" / path).write_bytes(content))
        check_life(check, "s3", site, there, store.files)
        secret = work / "secret"
        secret.write_text("AWS_ACCESS_KEY_ID=party\nAWS_SECRET_ACCESS_KEY=secret-of-the-party\n")
        site.environment = {}
        site.target("file", **keys, key_file="../secret")
        secret.chmod(0o644)
        check("s3: a secret that others can read is refused",
              site.deploy("file").refused, 3, "others on this machine can read")
        secret.chmod(0o600)
        check("s3: a secret comes from a file", site.deploy("file").fine)
        site.environment = store.key
        check_s3_interrupted(check, options, work, store, keys)
        check("s3: the secret is nowhere", secrets_nowhere, site)


def check_s3_interrupted(check, options, work, store, keys):
    large = Site(options.binary, work / "large", posts=600)
    large.environment = store.key
    large.target("web", **{**keys, "to": "bucket/large"})
    folder = store.folder / "bucket" / "large"
    os.environ.update(store.key)
    killed = kill_when(large, lambda: count(folder) > 300)
    check("s3: a deploy can be killed in the middle", lambda: [] if killed else ["it was done"])
    resumed = large.deploy("web", "--no-build")
    check("s3: the next deploy goes on from there", lambda: [
        *resumed.fine(), *same(large.files(), files_in(folder)),
        *([] if resumed.one("plan").get("resumed") else ["it does not say so"])])
    for name in store.key:
        del os.environ[name]


def secrets_nowhere(site):
    for path in site.root.rglob("*"):
        if path.is_file() and b"secret-of-the-party" in path.read_bytes():
            yield f"{path} has it"
    said = site.deploy("web", "--verbose")
    if "secret-of-the-party" in f"{said.said}{said.stderr}":
        yield "the program says it"


def check_git(check, options, work):
    bare = work / "pages.git"
    git = lambda *arguments: subprocess.run(
        ["git", "-c", "user.name=x", "-c", "user.email=x@localhost", *arguments],
        check=True, capture_output=True, text=True).stdout
    git("init", "--quiet", "--bare", str(bare))
    site = Site(options.binary, work / "site")
    site.target("nowhere", by="git", to="../nowhere.git", branch="pages")
    check("git: a repository that is not there is named",
          site.deploy("nowhere").refused, 3, "place is not there")
    site.target("web", by="git", to="../pages.git", branch="pages")

    def checkout():
        copy = work / "copy"
        shutil.rmtree(copy, ignore_errors=True)
        try:
            git("clone", "--quiet", "--branch", "pages", str(bare), str(copy))
        except subprocess.CalledProcessError:
            return {}
        return files_in(copy)

    def put(path, content):
        copy = work / "copy"
        checkout()
        (copy / path).parent.mkdir(parents=True, exist_ok=True)
        (copy / path).write_bytes(content)
        git("-C", str(copy), "add", "--all")
        git("-C", str(copy), "commit", "--quiet", "--message", "theirs")
        git("-C", str(copy), "push", "--quiet")

    check_life(check, "git", site, put, checkout)
    check("git: dot files are there", lambda: [] if LEDGER in checkout() else ["they are not"])
    # Somebody else pushes between our look and our push.
    hook = bare / "hooks" / "pre-receive"
    hook.write_text("#!/bin/sh\nunset GIT_QUARANTINE_PATH\n"
                    "git update-ref refs/heads/pages refs/heads/pages~1\n")
    hook.chmod(0o755)
    (site.root / post(7)).write_text(text(7, "newest text"))
    check("git: who pushes at the same time is not overwritten",
          site.deploy("web").refused, 3, "another deploy has changed the target")
    hook.unlink()
    check("git: and the next deploy mends it", lambda: [
        *site.deploy("web", "--take-over").fine(), *same(site.files(), {
            path: content for path, content in checkout().items() if path != "photos/1.jpg"})])
    site.target("folder", by="git", to="../pages.git", branch="gitlab", folder="public")
    check("git: a site may lie in a folder of the branch", lambda: [
        *site.deploy("folder").fine(),
        *([] if "public/index.html" in git("-C", str(bare), "ls-tree", "-r", "--name-only", "gitlab")
          else ["it is not there"])])


def check_local(check, options, work):
    there = work / "www"
    site = Site(options.binary, work / "site")
    for name, to in {"top": "/", "home": str(Path.home()), "own": "."}.items():
        site.target(name, by="local", to=to)
        check(f"local: {to} is no place for a site", site.deploy(name).refused, 1, "cannot go to")
    strange = work / "strange"
    strange.mkdir()
    (strange / "letter.txt").write_bytes(b"theirs")
    site.target("strange", by="local", to=str(strange))
    check("local: a folder with something else in it is left alone",
          site.deploy("strange").refused, 1, "not empty, and not from sitegen")
    check("local: unless it is said", lambda: [
        *site.deploy("strange", "--take-over").fine(),
        *same(site.files(), files_in(strange), ["letter.txt"])])
    site.target("web", by="local", to=str(there))
    check_life(check, "local", site, there, lambda: files_in(there))


def check_command(check, options, work):
    site = Site(options.binary, work / "site")
    script = site.root / "upload.sh"
    script.write_text("#!/bin/sh\ncp -r \"$2\" \"$1\"\n")
    script.chmod(0o755)
    there = work / "there"
    site.target("web", by="command", run=["./upload.sh", str(there)])
    check("command: the program gets the folder", lambda: [
        *site.deploy("web").fine(), *same(site.files(), files_in(there))])
    site.target("bad", by="command", run=["false"])
    check("command: its failure is ours", site.deploy("bad").refused, 3, "has failed")
    site.target("none", by="command", run=["no-such-program"])
    check("command: one that is not there is named",
          site.deploy("none").refused, 3, "no-such-program")


def check_live(check, options, work):
    """Whether the live site is looked at afterwards."""
    there = work / "www"
    site = Site(options.binary, work / "site")
    site.target("web", by="local", to=str(there))
    there.mkdir()
    with serving(there, work / "web") as (asking, bells):
        done = site.deploy("web", *asking, verified=True)
        check("live: the site is asked whether it has arrived", lambda: [
            *done.fine(), *([] if done.one("verified").get("differ") == 0 else [f"{done.said}"])])
        page = there / "news" / "index.html"
        good = page.read_bytes()
        page.write_bytes(good.replace(b"News", b"Olds"))
        done = site.deploy("web", *asking, verified=True)
        check("live: a page that is another one is named", lambda: [
            *([] if done.code == 1 else [f"exit code {done.code}"]),
            *([] if any("news/" in str(line) for line in done.said if line["kind"] == "finding")
              else [f"{done.said}"])])
        page.write_bytes(good)
        check("live: without accounts, no post office is asked", lambda: bells)
        settings = site.root / "site.toml"
        keys = 'post_office = "http://127.0.0.1:8025"\nhost = "nginx"\n'
        actor = '\n[[actors]]\nuser = "news"\nname = "News"\nsummary = "News"\n'
        settings.write_text(keys + settings.read_text() + actor)
        subprocess.run([options.binary, "key", "new", "news", "--root", site.root], check=True,
                       capture_output=True)
        done = site.deploy("web", *asking)
        check("live: a post office is asked to look", lambda: [
            *done.fine(), *([] if bells == ["/ap/check"] else [f"{bells}"])])


if __name__ == "__main__":
    main()
