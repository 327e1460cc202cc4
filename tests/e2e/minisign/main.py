"""The checks. `tests/e2e/minisign/run` gets what they need and calls this."""

import argparse
import functools
import http.server
import json
import subprocess
import sys
import threading
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from harness import Checks, write

BASE = "http://www.party.example"
MANIFEST = "public/.well-known/sitegen/manifest.txt"
SIGNATURE = f"{MANIFEST}.minisig"
PUBLIC, SECRET = "keys/signing.pub", ".sitegen/keys/signing.key"


def minisign(*arguments):
    """How minisign ends, and what it says."""
    done = subprocess.run(["minisign", *map(str, arguments)], capture_output=True, text=True,
                          stdin=subprocess.DEVNULL, check=False)
    return done.returncode, done.stdout + done.stderr


class Site:
    """A signed site in a folder, and a server for it."""

    def __init__(self, binary, folder):
        self.binary, self.folder = binary, folder
        write(folder, {
            "site.toml": f'base_url = "{BASE}"\ntitle = "The Party"\nsign = true\n',
            "content/news/a.md": '+++\ntitle = "A"\ndate = 2026-05-01\n+++\nText of A.\n',
            "content/about.md": '+++\ntitle = "About"\n+++\nUs.\n',
        })
        self.run("key", "new", "--signing")
        self.run("build")
        self.line = (folder / PUBLIC).read_text().splitlines()[1]

        class Quiet(http.server.SimpleHTTPRequestHandler):
            def log_message(self, *_):
                pass

        handler = functools.partial(Quiet, directory=str(folder / "public"))
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def run(self, *arguments, code=0):
        done = subprocess.run([self.binary, *map(str, arguments)], cwd=self.folder,
                              capture_output=True, text=True, check=False)
        assert done.returncode == code, (arguments, done)
        return done.stdout + done.stderr

    def verify(self, code, key=None, state="seen"):
        """The findings of `sitegen verify`, which ends with a code."""
        way = f"www.party.example:80:127.0.0.1:{self.server.server_port}"
        text = self.run("verify", BASE, "--key", key or self.line, "--state", state,
                        "--allow-address", "127.0.0.1", "--resolve", way, "--format", "json",
                        code=code)
        lines = [json.loads(line) for line in text.splitlines()]
        return [line for line in lines if line["kind"] == "finding"]


def verifies_ours(site):
    manifest, signature = site.folder / MANIFEST, site.folder / SIGNATURE
    for key in (["-P", site.line], ["-p", site.folder / PUBLIC]):
        for options in ([], ["-H"]):
            code, said = minisign("-V", *options, "-m", manifest, "-x", signature, *key)
            if code or "file:manifest.txt" not in said:
                yield f"{key} {options}: {code} {said}"
    # As people do it, with the signature beside the file.
    code, said = minisign("-Vm", manifest, "-P", site.line)
    if code:
        yield said


def refuses_what_was_changed(site):
    other = site.folder / "other.txt"
    other.write_text((site.folder / MANIFEST).read_text().replace("serial ", "serial 9", 1))
    code, said = minisign("-Vm", other, "-x", site.folder / SIGNATURE, "-P", site.line)
    if not code:
        yield said
    signature = site.folder / "other.minisig"
    signature.write_text((site.folder / SIGNATURE).read_text().replace("timestamp:", "timestamp:9"))
    code, said = minisign("-Vm", site.folder / MANIFEST, "-x", signature, "-P", site.line)
    if not code:
        yield said


def signs_with_our_key(site):
    signed = site.folder / "signed.txt"
    signed.write_text("hello\n")
    code, said = minisign("-S", "-s", site.folder / SECRET, "-m", signed, "-W")
    if code:
        yield said
    code, said = minisign("-Vm", signed, "-P", site.line)
    if code:
        yield said


def is_verified_by_us(site, legacy):
    """A key of minisign signs a site."""
    key, public = site.folder / "mini.key", site.folder / "mini.pub"
    code, said = minisign("-G", "-f", "-W", "-s", key, "-p", public)
    if code:
        yield said
    manifest, signature = site.folder / MANIFEST, site.folder / SIGNATURE
    ours = signature.read_bytes()
    arguments = ["-S", "-s", key, "-m", manifest, "-x", signature, "-t", "by minisign"]
    code, said = minisign(*arguments, *(["-l"] if legacy else []))
    if code:
        yield said
    if found := site.verify(0, key=public, state=f"seen-{legacy}"):
        yield f"{found}"
    found = site.verify(1, state=f"ours-{legacy}")
    if [line["check"] for line in found] != ["signature"]:
        yield f"with our key: {found}"
    signature.write_bytes(ours)


def takes_a_key_of_minisign(binary, folder):
    write(folder, {"site.toml": f'base_url = "{BASE}"\ntitle = "B"\nsign = true\n'})
    key, public = folder / "mini.key", folder / "mini.pub"
    code, said = minisign("-G", "-W", "-s", key, "-p", public)
    if code:
        yield said
    for arguments in (["key", "import", "--signing", "mini.key"], ["build"]):
        done = subprocess.run([binary, *arguments], cwd=folder, capture_output=True, text=True,
                              check=False)
        if done.returncode:
            yield done.stderr
    code, said = minisign("-Vm", folder / MANIFEST, "-p", public)
    if code:
        yield said


def names_a_changed_byte(site):
    if found := site.verify(0):
        yield f"nothing was changed: {found}"
    page = site.folder / "public/about/index.html"
    before = page.read_bytes()
    page.write_bytes(before.replace(b"Us.", b"Uz."))
    found = site.verify(1)
    if [(line["check"], line["path"]) for line in found] != [("changed", "about/index.html")]:
        yield f"{found}"
    page.write_bytes(before)


def notices_an_old_list(site):
    old = {path: (site.folder / path).read_bytes() for path in (MANIFEST, SIGNATURE)}
    site.verify(0)
    write(site.folder, {"content/about.md": '+++\ntitle = "About"\n+++\nAll of us.\n'})
    site.run("build")
    site.verify(0)
    for path, content in old.items():
        (site.folder / path).write_bytes(content)
    code, said = minisign("-Vm", site.folder / MANIFEST, "-P", site.line)
    if code:
        yield f"it is as genuine as ever: {said}"
    checks = [line["check"] for line in site.verify(1)]
    if checks[0] != "older" or "changed" not in checks:
        yield f"{checks}"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--binary", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    arguments = parser.parse_args()
    binary = arguments.binary.resolve()
    checks = Checks()
    site = Site(binary, arguments.work / "site")
    checks("minisign verifies what we sign", verifies_ours, site)
    checks("minisign refuses what was changed", refuses_what_was_changed, site)
    checks("minisign signs with our key", signs_with_our_key, site)
    checks("we verify what minisign signs", is_verified_by_us, site, False)
    checks("we verify what minisign signs in its old way", is_verified_by_us, site, True)
    checks("we sign with a key of minisign", takes_a_key_of_minisign, binary,
           arguments.work / "other")
    checks("a changed byte on the site is named", names_a_changed_byte, site)
    checks("an old list that is shown again is noticed", notices_an_old_list, site)
    checks.finish()


main()
