"""What happens to a deploy from outside: it is killed or cut off, the disk is full, somebody else
works at the target."""

import itertools
import os
import shutil
import subprocess
import threading
import time

from scene import Done, Site, files_in, post, same, text

LARGE = 6 << 20


def check_resumed(check, by, site, there, between=lambda: None):
    """Kills a deploy in the middle, and lets the next one go on."""
    killed = kill_when(site, lambda: count(there) > 300)
    check(f"{by}: a deploy can be killed in the middle", lambda: [] if killed else ["it was done"])
    before = count(there)
    between()
    resumed = site.deploy("web", "--no-build")
    total = len(site.files())
    check(f"{by}: the next deploy goes on from there", lambda: [
        *resumed.fine(), *same(site.files(), files_in(there)),
        *([] if resumed.one("plan").get("resumed") else ["it does not say so"]),
        *([] if resumed.one("deployed")["put"] <= total - before + 250
          else [f"{before} of {total} were there, and it has put {resumed.one('deployed')}"])])


def check_interrupted(check, by, options, www, shell):
    there = www / "killed"
    keys = {"by": by, "to": f"web:{there}", "ssh_config": "../ssh/user-config"}
    large = Site(options.binary, www.parent / "large", posts=600)
    large.target("web", **keys)
    stranger = Site(options.binary, www.parent / "stranger", posts=1)
    stranger.target("web", **keys)
    check_resumed(check, by, large, there, lambda: check(
        f"{by}: another machine waits for one that goes on",
        stranger.deploy("web").refused, 75, "another deploy is going on"))
    check(f"{by}: nothing is left of files that were on their way", left_over, there)

    # The server goes away in the middle of it, and comes back.
    for number in range(600):
        (large.root / post(number)).write_text(text(number, "other text"))
    done = lose_connection(large, shell, there)
    check(f"{by}: a connection that is lost is opened again", lambda: [
        *done.fine(), *same(large.files(), files_in(there))])


def check_cut(check, by, options, www, shell):
    """The server goes away in the middle of a file, and at each thing that it is asked."""
    there = www / "cut"
    site = Site(options.binary, www.parent / "cut", posts=2)
    site.target("web", by=by, to=f"web:{there}", ssh_config="../ssh/user-config")
    # Large, and as small when it is packed.
    (site.root / "static" / "large.bin").write_bytes(os.urandom(LARGE))
    shell.cut_after(0, LARGE // 2)
    done = site.deploy("web")
    check(f"{by}: a file that was cut off in the middle arrives whole", lambda: [
        *done.fine(), *same(site.files(), files_in(there)), *left_over(there),
        *([] if shell.has_cut() else ["nothing was cut off"])])

    def each():
        for number in itertools.count():
            (site.root / post(0)).write_text(text(0, f"text {number}"))
            shell.cut_after(number, 0)
            yield from (f"cut at question {number}: {problem}" for problem in [
                *site.deploy("web").fine(), *same(site.files(), files_in(there))])
            if not shell.has_cut():
                if number < 5:
                    yield f"only {number} questions were cut off"
                return

    check(f"{by}: whichever question is cut off, all arrives", each)

    def contested():
        theirs, ours = there / "photos" / "1.jpg", site.root / "static" / "photos" / "1.jpg"
        for path, content in (theirs, b"theirs"), (ours, b"ours"):
            path.parent.mkdir()
            path.write_bytes(content)
        for number in itertools.count():
            shell.cut_after(number, 0)
            yield from (f"cut at question {number}: {problem}" for problem in
                        site.deploy("web").refused(1, "would be overwritten"))
            if theirs.read_bytes() != b"theirs":
                yield f"cut at question {number}: it is overwritten"
            if not shell.has_cut():
                if number < 2:
                    yield f"only {number} questions were cut off"
                return

    check(f"{by}: and nothing of others is overwritten for want of an answer", contested)
    shell.cut_after(None)


def check_private(check, by, options, www):
    """A machine that keeps all that it writes to its owner."""
    there = www / "private"
    site = Site(options.binary, www.parent / "private", posts=2)
    site.target("web", by=by, to=f"web:{there}", ssh_config="../ssh/user-config")

    def readable():
        before = os.umask(0o077)
        try:
            yield from site.deploy("web").fine()
        finally:
            os.umask(before)
        for path in there.rglob("*"):
            wanted = 0o755 if path.is_dir() else 0o644
            if path.stat().st_mode & wanted != wanted:
                yield f"{path} has the rights {path.stat().st_mode & 0o777:o}"

    check(f"{by}: what arrives can be read, however private its origin", readable)


def check_web_root(check, by, options, www, shell):
    """A provider lets one straight into the folder of the domain."""
    home = shell.folder / "home"
    home.mkdir()
    (home / "theirs.txt").write_bytes(b"theirs")
    site = Site(options.binary, www.parent / "web-root", posts=2)
    site.target("web", by=by, to="web", web_root=True, ssh_config="../ssh/user-config")

    def arrives():
        yield from site.deploy("web").refused(1, "not empty, and not from sitegen")
        yield from site.deploy("web", "--take-over").fine()
        (site.root / post(1)).unlink()
        (site.root / "static" / "new.txt").write_text("new")
        yield from site.deploy("web").fine()
        yield from same(site.files(), files_in(home), ["theirs.txt"])
        (site.root / "static" / "theirs.txt").write_text("ours")
        yield from site.deploy("web").refused(1, "would be overwritten")

    check(f"{by}: the folder that one comes into can be that of the site", arrives)
    shutil.rmtree(home)


def check_links(check, by, site, there, www):
    """The target has links, which somebody there has made for a reason."""
    elsewhere = www / "elsewhere"
    elsewhere.mkdir()
    letter = elsewhere / "letter.txt"
    letter.write_bytes(b"a letter")

    def is_left():
        return [] if letter.read_bytes() == b"a letter" else ["what the link names is overwritten"]

    def taken():
        for name, target in ("link.txt", letter), ("dangling.txt", elsewhere / "nothing"):
            (site.root / "static" / name).write_bytes(b"ours")
            (there / name).symlink_to(target)
            yield from site.deploy("web").refused(1, "would be overwritten")
            yield from is_left()
            if not (there / name).is_symlink():
                yield f"{name} is no link any more"
            if (elsewhere / "nothing").exists():
                yield "the deploy wrote where the link leads"
            (there / name).unlink()
            (site.root / "static" / name).unlink()

    check(f"{by}: a link of others is not overwritten", taken)

    def replaced():
        page = there / "index.html"
        page.unlink()
        page.symlink_to(letter)
        front = site.root / "content" / "_index.md"
        front.write_text(front.read_text() + "More.\n")
        yield from site.deploy("web").fine()
        yield from is_left()
        if page.read_bytes() != (site.output / "index.html").read_bytes():
            yield "the page is another one"

    check(f"{by}: in place of a page, a link gives way and what it names is left", replaced)

    def moved():
        (there / "news").rename(elsewhere / "news")
        (there / "news").symlink_to(elsewhere / "news")
        before = files_in(elsewhere / "news")
        (site.root / post(9)).write_text(text(9, "text behind the link"))
        (site.root / post(10)).unlink()
        done = site.deploy("web")
        if not (there / "news").is_symlink():
            yield "the link is gone"
        if done.code == 0 and by != "local":
            return
        # Rsync follows none since its version 3.5, and what is put there at once cannot.
        code, words = (1, "sitegen has not made") if by == "local" else (3, "is a link to somewhere")
        yield from done.refused(code, words)
        if files_in(elsewhere / "news") != before:
            yield "what the link names has changed all the same"
        (there / "news").unlink()
        (elsewhere / "news").rename(there / "news")
        yield from site.deploy("web").fine()

    check(f"{by}: a folder that was moved and linked is followed, or named", moved)
    check(f"{by}: and all of it is as it should be", lambda: same(
        site.files(), {**files_in(there), **{
            path.relative_to(there).as_posix(): path.read_bytes()
            for path in there.glob("news/**/*") if path.is_file()}}, ["photos/1.jpg"]))


def check_others_at_work(check, options, work):
    """Somebody uploads files while the whole folder is exchanged."""
    there = work / "busy"
    site = Site(options.binary, work / "busy-site", posts=150)
    site.target("web", by="local", to=str(there))

    def busy():
        yield from site.deploy("web").fine()
        for round in range(4):
            for number in range(150):
                (site.root / post(number)).write_text(text(number, f"round {round}"))
            uploaded, is_over = [], threading.Event()
            thread = threading.Thread(target=upload, args=(there, uploaded, is_over))
            thread.start()
            done = site.deploy("web")
            is_over.set()
            thread.join()
            yield from done.fine()
            yield from same(site.files(), {path: content for path, content in files_in(there).items()
                                           if not path.startswith("uploads/")})
            if not uploaded:
                yield "nothing was uploaded"
            lost = [path for path in uploaded
                    if not path.exists() or path.read_bytes() != b"theirs"]
            yield from (f"round {round}: {path} is lost, of {len(uploaded)}" for path in lost)
            # The folder is exchanged only where nothing else is in it.
            shutil.rmtree(there / "uploads")

    check("local: what others upload during a deploy is not lost", busy)


def upload(there, uploaded, is_over):
    for number in itertools.count():
        if is_over.is_set():
            return
        path = there / "uploads" / f"{number}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            path.write_bytes(b"theirs")
        except FileNotFoundError:
            continue
        uploaded.append(path)
        time.sleep(0.001)


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


def count(folder):
    return sum(1 for _ in folder.rglob("index.html")) if folder.exists() else 0


def left_over(there):
    """Files that were on their way, as rsync and we call them."""
    return [path for path in files_in(there)
            if "sitegen-new" in path or path.rsplit("/")[-1].startswith((".large.bin", ".index.html"))]


def kill_when(site, is_time):
    process = subprocess.Popen(site.command("web", "--no-verify"), stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL,
                               start_new_session=True, env={**os.environ, **site.environment})
    while process.poll() is None:
        if is_time():
            os.killpg(process.pid, 9)
            process.wait()
            return True
        time.sleep(0.01)
    return False


def lose_connection(site, shell, there):
    """Ends the processes of the server for our connection while files arrive."""
    process = subprocess.Popen(site.command("web", "--no-verify"), stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True)

    def changed():
        return sum(1 for path in there.rglob("index.html") if b"other text" in path.read_bytes())

    while process.poll() is None and changed() < 50:
        time.sleep(0.05)
    pid = (shell.folder / "pid").read_text().strip()
    children = subprocess.run(["pgrep", "-P", pid], capture_output=True, text=True, check=False)
    for child in children.stdout.split():
        subprocess.run(["kill", "-9", child], check=False)
    out, err = process.communicate()
    return Done(subprocess.CompletedProcess([], process.returncode, out, err))
