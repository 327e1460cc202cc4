"""The checks. `tests/e2e/deploy/run` installs what they need and calls this."""

import argparse
import itertools
import shutil
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))
from harness import Checks
from mishaps import (check_cut, check_full, check_interrupted, check_links, check_others_at_work,
                     check_private, check_resumed, check_web_root)
from scene import (LEDGER, Shell, Site, Store, files_in, post, ledger_is_done, same, serving,
                   text)

WAYS = ("rsync", "sftp", "s3", "git", "local", "command", "live")
RANKS = [
    ("an asset", lambda path: path.endswith((".css", ".svg", ".js", ".txt")) and path != "robots.txt"),
    ("a page", lambda path: path.endswith("index.html") and "/post-" in path),
    ("a list", lambda path: path in ("index.html", "news/index.html")),
    ("a feed", lambda path: path.endswith((".xml", ".json")) and not path.startswith(("ap/", "."))),
    ("a document of the fediverse", lambda path: path.startswith("ap/")),
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
    # As long as a name may be on most disks.
    (site.root / "static" / f"{'o' * 251}.txt").write_text("odd")
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
            followed = Site(options.binary, work / "followed", posts=5)
            followed.target("web", **{**keys, "to": f"web:{www}/followed"})
            check_order(check, by, followed, lambda: shell.changes(www / "followed"),
                        lambda: shell.changes(there))
        check_links(check, by, site, there, www)
        check_private(check, by, options, www)
        check_web_root(check, by, options, www, shell)
        check_cut(check, by, options, www, shell)
        check_interrupted(check, by, options, www, shell)
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
    other.set(site.more)
    settings = other.root / "site.toml"
    settings.write_text(settings.read_text().replace("www.party", "www.other"))
    check(f"{by}: the place of another site is left alone", lambda: [
        *other.deploy("web").refused(1, "place of another site"),
        *same(site.files(), found(), [theirs])])
    check(f"{by}: unless it is said, and then nothing of it is removed", lambda: [
        *other.deploy("web", "--take-over").fine(),
        *same({**site.files(), **other.files()}, found(), [theirs])])
    check(f"{by}: and the first one can come back", lambda: [
        *site.deploy("web", "--take-over").fine(), *same(site.files(), found(), [theirs])])


    check(f"{by}: two copies of a folder do not undo what the other has deployed",
          two_copies, site, found, theirs)


def two_copies(site, found, theirs):
    other = site.copy(site.root.parent / "laptop")
    (site.root / post(50)).write_text(text(50))
    yield from site.deploy("web").fine()
    (other.root / post(51)).write_text(text(51))
    before = found()
    yield from other.deploy("web").refused(1, "would undo what was deployed from elsewhere")
    if found() != before:
        yield "and yet something has changed"
    shutil.copy(site.root / post(50), other.root / post(50))
    yield from other.deploy("web").fine()
    yield from same(other.files(), found(), [theirs])
    # The other way round, where the first folder has fetched the texts and had nothing to deploy.
    shutil.copy(other.root / post(51), site.root / post(51))
    shutil.copy(other.root / "published.toml", site.root / "published.toml")
    nothing = site.deploy("web")
    yield from nothing.fine()
    if nothing.one("deployed").get("put") != 0:
        yield f"there was something to deploy: {nothing.one('plan')}"
    (other.root / post(51)).write_text(text(51, "newer text"))
    yield from other.deploy("web").fine()
    (site.root / post(52)).write_text(text(52))
    yield from site.deploy("web").refused(1, "would undo what was deployed from elsewhere")
    yield from site.deploy("web", "--force").fine()
    yield from same(site.files(), found(), [theirs])


def put_theirs(there, path):
    """Somebody else puts a file there."""
    if callable(there):
        there(path, b"theirs")
        return
    (there / path).parent.mkdir(parents=True, exist_ok=True)
    (there / path).write_bytes(b"theirs")


def check_order(check, by, followed, new, all_so_far):
    """What the server has logged, of a new site and of all deploys so far."""
    followed.open_account()
    check(f"{by}: a site that can be followed arrives", followed.deploy("web").fine)
    check(f"{by}: the server has seen it arrive in order", lambda: in_order(deploys(new())[0]))
    check(f"{by}: and nothing arrive after something was removed",
          lambda: removed_last(deploys(all_so_far())))


def deploys(changes):
    """The changes of each deploy: between the ledger that says it goes on, and the next one."""
    ledgers = [n for n, (_, path) in enumerate(changes) if path == LEDGER]
    return [changes[first + 1:next] for first, next in zip(ledgers, [*ledgers[1:], len(changes)])
            if next > first + 1]


def in_order(changes):
    last = -1
    for what, path in changes:
        rank = next((n for n, (_, is_it) in enumerate(RANKS) if is_it(path)), None)
        if rank is None or what != "put":
            continue
        if rank < last:
            yield f"{path}, {RANKS[rank][0]}, came after {RANKS[last][0]}"
        last = max(last, rank)
    if last < len(RANKS) - 1:
        yield f"no document of the fediverse was seen in {changes}"


def removed_last(deploys):
    last = None
    for changes in deploys:
        for (before, _), (after, path) in itertools.pairwise(changes):
            last = path if after == "remove" else last
            if (before, after) == ("remove", "put"):
                yield f"{path} came after something was removed"
    if not last:
        yield "nothing was ever removed"


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
        followed = Site(options.binary, work / "followed", posts=5)
        followed.environment = store.key
        followed.target("web", **{**keys, "to": "bucket/followed"})
        check_order(check, "s3", followed, lambda: store.changes("followed/"), store.changes)
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
    check_resumed(check, "s3", large, store.folder / "bucket" / "large")


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

    def after_a_kill():
        own = site.root / ".sitegen" / "deploy" / "web.git"
        (site.root / post(6)).write_text(text(6, "text after a kill"))
        for name in ("in-use", "config.lock", "deploy-index.lock"):
            (own / name).write_text("")
        for path in (own / "objects").rglob("*"):
            if path.is_file():
                path.unlink()
        yield from site.deploy("web").fine()
        yield from same(site.files(), checkout(), ["photos/1.jpg"])

    check("git: a deploy that was killed does not stop the next one", after_a_kill)
    check_git_over_ssh(check, options, work)
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
        *site.deploy("web", "--take-over", "--force").fine(), *same(site.files(), {
            path: content for path, content in checkout().items() if path != "photos/1.jpg"})])
    site.target("folder", by="git", to="../pages.git", branch="gitlab", folder="public")
    check("git: a site may lie in a folder of the branch", lambda: [
        *site.deploy("folder").fine(),
        *([] if "public/index.html" in git("-C", str(bare), "ls-tree", "-r", "--name-only", "gitlab")
          else ["it is not there"])])


def check_git_over_ssh(check, options, work):
    """By a server that goes away at each question."""
    shell = Shell(work / "ssh")
    bare = work / "ssh.git"
    subprocess.run(["git", "init", "--quiet", "--bare", bare], check=True)
    site = Site(options.binary, work / "ssh-site", posts=3)
    site.environment = {"GIT_SSH_COMMAND": f"ssh -F {shell.folder}/user-config"}
    site.target("web", by="git", to=f"ssh://web{bare}", branch="pages")

    def found():
        copy = work / "ssh-copy"
        shutil.rmtree(copy, ignore_errors=True)
        subprocess.run(["git", "clone", "--quiet", "--branch", "pages", bare, copy], check=True)
        return files_in(copy)

    def cut():
        for number in itertools.count():
            (site.root / post(0)).write_text(text(0, f"text {number}"))
            before = found()
            shell.cut_after(number, 0)
            done = site.deploy("web")
            if not shell.has_cut():
                if number < 3:
                    yield f"only {number} questions were cut off"
                return
            # Only pushing is tried again.
            if done.code != 0:
                yield from done.refused(3, "connection was lost")
                if found() != before:
                    yield f"cut at question {number}: something has changed"
            yield from (f"after a cut at question {number}: {problem}" for problem in [
                *site.deploy("web").fine(), *same(site.files(), found())])

    with shell.run():
        check("git over ssh: deploys", lambda: [
            *site.deploy("web").fine(), *same(site.files(), found())])
        check("git over ssh: whichever question is cut off, nothing is half done", cut)


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
    check_links(check, "local", site, there, work)
    check_others_at_work(check, options, work)


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
        site.open_account()
        done = site.deploy("web", *asking)
        check("live: a post office is asked to look", lambda: [
            *done.fine(), *([] if bells == ["/ap/check"] else [f"{bells}"])])


if __name__ == "__main__":
    main()
