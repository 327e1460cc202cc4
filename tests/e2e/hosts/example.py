"""The example site on each server, just as a person would put it there, and the doctor's word on it:
all green when it was done as told, and red with the cause when something went wrong on the way."""

import json
import re
import shutil
import subprocess
from pathlib import Path

from servers import Server

DOMAIN = "www.dyffryn-helyg.example"
SOURCES = ("content", "static", "data", "themes", "site.toml", "published.toml", "keys")
ACTORS = {"news", "lowri"}
ACTOR = f"https://{DOMAIN}/ap/news/actor.json"
FEDIVERSE = {"Mastodon", "GoToSocial", "Misskey", "Lemmy", "snac"}


class Example:
    """The example site, built for any host."""

    def __init__(self, binary, repository, work):
        self.binary, self.work = binary, work
        self.site = work / "example"
        for name in SOURCES:
            copy = shutil.copytree if (repository / name).is_dir() else shutil.copy
            (self.site / name).parent.mkdir(parents=True, exist_ok=True)
            copy(repository / name, self.site / name)
        config = self.site / "site.toml"
        config.write_text(f"sign = true\n{config.read_text()}")
        self.run("key", "new", "--signing")
        self.key = (self.site / "keys/signing.pub").read_text().splitlines()[1]

    def run(self, *arguments):
        command = [self.binary, *arguments, "--root", self.site]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout

    def built(self, host, name=None):
        """A folder with the site in `output` and what the host is told in `snippet`."""
        text = (self.site / "site.toml").read_text()
        text, count = re.subn(r'(?m)^host = ".*"$', f'host = "{host}"', text)
        assert count == 1, "site.toml names no host"
        (self.site / "site.toml").write_text(text)
        place = self.work / f"example-{name or host}"
        self.run("build", "--output-dir", place / "output")
        (place / "snippet").write_text(
            self.run("host", "show", "--folder", place / "output"))
        place.chmod(0o755)
        return place

    def doctor(self, server, authority):
        """How the doctor ends, its findings, and its summary."""
        return self.ask(server, authority, "doctor")

    def verify(self, server, authority):
        """How a comparison with what was signed ends, its findings, and its summary."""
        return self.ask(server, authority, "verify", "--key", self.key,
                        "--state", server.place / "seen")

    def ask(self, server, authority, what, *options):
        command = [self.binary, what, f"https://{DOMAIN}", "--format", "json",
                   "--allow-address", "127.0.0.1", "--ca-file", authority, *options]
        for port, there in ((443, server.secure), (80, server.plain)):
            command += ["--resolve", f"{DOMAIN}:{port}:127.0.0.1:{there}"]
        # Not in the folder of the site: nothing may be known but what the server says.
        done = subprocess.run(command, capture_output=True, text=True, cwd="/", check=False)
        assert done.stdout, done.stderr
        *findings, summary = [json.loads(line) for line in done.stdout.split("\n") if line]
        return done.returncode, findings, summary


def green(example, server, authority):
    """Nobody refuses anything of either actor."""
    code, findings, summary = example.doctor(server, authority)
    if code != 0 or not summary["ok"]:
        yield f"exit code {code}: {summary}"
    for finding in findings:
        if finding["severity"] not in ("fine", "note"):
            yield json.dumps(finding, ensure_ascii=False)
    if summary["level"] != "found and readable":
        yield f"the level: {summary['level']}"
    for check in ("webfinger", "actor", "key", "picture", "collection", "post"):
        users = {finding["actor"] for finding in findings if finding["check"] == check}
        if not users >= ACTORS:
            yield f"{check} was looked at for {users}"
    for check in ("website", "nodeinfo", "feed"):
        if not any(finding["check"] == check for finding in findings):
            yield f"{check} was not looked at"


def as_signed(example, server, authority):
    """Whatever the server does by design is no alarm, and a changed byte is one."""
    code, findings, summary = example.verify(server, authority)
    if code != 0 or not summary["ok"] or summary["same"] != summary["asked"] - len(findings):
        yield f"exit code {code}: {summary}"
    yield from (json.dumps(finding, ensure_ascii=False) for finding in findings)
    page = server.place / "output/about/index.html"
    before = page.read_bytes()
    page.write_bytes(before.replace(b"council", b"councii", 1))
    code, findings, _ = example.verify(server, authority)
    named = [(finding["check"], finding["path"]) for finding in findings]
    if code != 1 or named != [("changed", "about/index.html")]:
        yield f"exit code {code}: {named}"
    page.write_bytes(before)


def wrong_type(place):
    """The server takes documents for any JSON."""
    snippet = (place / "snippet").read_text()
    (place / "snippet").write_text(
        replaced(snippet, "default_type application/activity+json;", "default_type application/json;"))


def redirecting_id(place):
    """The server has the profile somewhere else."""
    folder = place / "output/ap/news"
    (folder / "actor.json").rename(folder / "profile.json")
    snippet = (place / "snippet").read_text()
    moved = "location = /ap/news/actor.json { return 301 /ap/news/profile.json; }\n"
    (place / "snippet").write_text(
        replaced(snippet, "location ^~ /ap/ {", f"{moved}    location ^~ /ap/ {{"))


def cut_off(place):
    """An upload ended in the middle."""
    path = place / "output/ap/news/webfinger.json"
    path.write_bytes(path.read_bytes()[:100])


def wrong_key(place):
    """The profile has the key of somebody else."""
    path, other = (place / f"output/ap/{user}/actor.json" for user in ("news", "lowri"))
    actor = json.loads(path.read_text())
    actor["publicKey"] = json.loads(other.read_text())["publicKey"]
    path.write_text(json.dumps(actor))


def unreadable_key(place):
    """Half of the key was lost."""
    path = place / "output/ap/news/actor.json"
    actor = json.loads(path.read_text())
    pem = actor["publicKey"]["publicKeyPem"].split("\n")
    actor["publicKey"]["publicKeyPem"] = "\n".join(pem[:3] + pem[-2:])
    path.write_text(json.dumps(actor))


def no_icon(place):
    """A picture was not uploaded."""
    (place / "output/img/icon.png").unlink()


def no_well_known(place):
    """The program that uploads left out what begins with a dot, and the server has only files."""
    shutil.rmtree(place / "output/.well-known")
    snippet = re.sub(r"try_files \$\w+_finger =404;", "try_files $uri =404;",
                     (place / "snippet").read_text())
    (place / "snippet").write_text(replaced(snippet, 'if ($arg_resource = "") { return 400; }', ""))


def replaced(text, old, new):
    assert old in text, f"nothing says {old}"
    return text.replace(old, new)


# What went wrong; what is looked at; what is said to have come, and to be done; who refuses it.
FAULTS = (
    (wrong_type, "content-type", "the type `application/json`",
     "as exactly `application/activity+json`", {"Mastodon", "GoToSocial", "Misskey"}),
    (redirecting_id, "identity", f"a redirect to https://{DOMAIN}/ap/news/profile.json",
     "at exactly its `id`, without a redirect", {"GoToSocial", "Misskey", "Lemmy"}),
    (cut_off, "webfinger", "what is no whole JSON", "the upload was cut off", FEDIVERSE),
    (wrong_key, "key", "the `owner` of the key is not the actor", "the key in `keys/`",
     {"Mastodon", "GoToSocial"}),
    (unreadable_key, "key", "the key cannot be read", "the key in `keys/`", FEDIVERSE),
    (no_icon, "picture", "the status 404", "upload the file of the icon", {"Mastodon"}),
    (no_well_known, "webfinger", "the status 404", "upload the folder `.well-known`", FEDIVERSE),
)


def red(example, server, authority, check, came, mend, refused_by):
    """The cause is named, and who refuses it; and the run fails."""
    code, findings, summary = example.doctor(server, authority)
    if code != 1 or summary["ok"]:
        yield f"exit code {code}: {summary}"
    broken = [finding for finding in findings if finding["severity"] == "broken"]
    named = [finding for finding in broken if finding["check"] == check
             and came in finding["came"] and mend in finding["mend"] and finding["sees"]]
    if not any(refused_by <= set(finding["refused_by"]) for finding in named):
        yield f"expected {check}: {came}, refused by {refused_by}"
        yield from (json.dumps(finding, ensure_ascii=False)
                    for finding in findings if finding["severity"] in ("broken", "warning"))


def browser(example, server, chromium):
    """What a browser says to each page."""
    output = server.place / "output"
    pages = sorted(path.relative_to(output).as_posix() for path in output.rglob("*.html"))
    listed = example.work / "pages.json"
    listed.write_text(json.dumps([f"/{page.removesuffix('index.html')}" for page in pages]))
    script = Path(__file__).resolve().parents[2] / "browser/headers.mjs"
    done = subprocess.run(
        ["node", script, "--chromium", chromium, "--origin", f"https://{DOMAIN}",
         "--port", str(server.secure), "--pages", listed],
        capture_output=True, text=True, check=False)
    if done.returncode != 0:
        yield done.stdout + done.stderr


def plant(output):
    """A page that does all that pages must not do. It has an icon, since a browser asks for one
    when it likes, and would say on the page after this one that there is none."""
    (output / "planted.html").write_text(
        "<!DOCTYPE html><html lang=en><title>Planted</title><link rel=icon href=/favicon.svg>"
        "<p style='color: red'>Red</p>"
        "<script>document.title = 'run'</script><img alt='' src='https://elsewhere.example/a.png'>")


def try_all(check, example, hosts, pair, authority, chromium):
    for host in hosts:
        place = example.built(host)
        with Server(host, place, pair, DOMAIN) as server:
            check(f"{host}: the doctor finds nothing wrong with the example site",
                  green, example, server, authority)
            check(f"{host}: the example site is as signed", as_signed, example, server, authority)
            if chromium and host == hosts[0]:
                plant(place / "output")
                check(f"{host}: no page does what its headers forbid", browser, example, server,
                      chromium)
    if "nginx" not in hosts:
        return
    for fault, *expected in FAULTS:
        place = example.built("nginx", fault.__name__)
        fault(place)
        with Server("nginx", place, pair, DOMAIN) as server:
            title = fault.__doc__.strip().removesuffix(".")
            check(f"nginx: the doctor says why: {title}", red, example, server, authority,
                  *expected)
