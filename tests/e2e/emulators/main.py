"""The checks. `tests/e2e/emulators/run` gets what they need and calls this."""

import argparse
import json
import sys
from pathlib import Path
from urllib.parse import quote

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE.parent / "hosts")]

import example
import grammar
from emulators import Emulator
from harness import Checks
from servers import certificate
from wanted import ACTIVITY, FEEDS, HTML, JRD, LONG, WELL_KNOWN, secured, typed

DOMAIN = example.DOMAIN
HOSTS = ("netlify", "cloudflare-pages")
# What it says by itself of what is not told otherwise. Netlify says the same; its program says
# nothing, and so does the store behind it.
BRIEF = {"cloudflare-pages": "public, max-age=0, must-revalidate", "netlify": None}
# A post that is taken back.
SLIP = "content/news/2025-09-18-school-dinner-survey.md"
SLIP_TARGET = "/ap/news/posts/news-2025-09-18-school-dinner-survey.json"
ENDINGS = {".css": "text/css", ".png": "image/png", ".jpg": "image/jpeg", ".svg": "image/svg+xml",
           ".html": HTML, ".pdf": "application/pdf", ".txt": "text/plain"}


def files(server):
    """The files for visitors, as they are asked for."""
    output = server.place / "output"
    for path in sorted(output.rglob("*")):
        name = path.relative_to(output).as_posix()
        if path.is_file() and name not in ("_headers", "_redirects"):
            yield name, f"/{quote(name.removesuffix('index.html'))}"


def wanted_type(server, name):
    """The type of a file, and whether it is compared as a whole."""
    path = Path(name)
    if name.startswith("ap/"):
        # The file that answers for a name is rewritten to on Netlify, with its headers.
        jrd = server.name == "netlify" and path.name == "webfinger.json" and len(path.parts) == 3
        return JRD if jrd else ACTIVITY, True
    if name.startswith(".well-known/") and path.name in WELL_KNOWN:
        return WELL_KNOWN[path.name], True
    return FEEDS.get(path.name) or ENDINGS.get(path.suffix), False


def types(server):
    """Every file has exactly one type, the right one."""
    old = {line.split(" ")[0] for line in grammar.lines(server.place / "output/_redirects")}
    counted = {ACTIVITY: 0, HTML: 0, JRD: 0, **{media_type: 0 for media_type in FEEDS.values()}}
    for name, target in files(server):
        media_type, exact = wanted_type(server, name)
        # The ends of addresses of pages are taken off by Cloudflare Pages; see `missing`.
        if media_type is None or target in old or name.endswith("404.html"):
            continue
        answer = server.ask(target)
        if answer.status != 200 or not typed(answer, media_type, exact):
            yield f"{target}: {answer.status} {answer.all('Content-Type')}, expected {media_type}"
        counted[media_type] = counted.get(media_type, 0) + 1
    yield from (f"no {media_type} was there" for media_type, count in counted.items() if not count)


def names(server):
    """Each actor is found in every spelling, and nobody else, where the host reads queries."""
    chooses = server.name == "netlify"
    for user, page in (("news", "/"), ("lowri", "/people/lowri-maddox/")):
        handle, subject = f"{user}@{DOMAIN}", f"acct:{user if chooses else 'news'}@{DOMAIN}"
        values = [f"acct:{handle}", handle, f"https://{DOMAIN}/ap/{user}/actor.json",
                  f"https://{DOMAIN}{page}"]
        values += [*(quote(value, safe="") for value in values), f"acct%3a{user}%40{DOMAIN}",
                   f"acct:{user}%40{DOMAIN}"]
        queries = [f"resource={value}" for value in values]
        queries += [f"rel=self&{queries[0]}", f"{queries[4]}&rel=self"]
        for query in queries:
            answer = server.ask(f"/.well-known/webfinger?{query}")
            found = answer.status == 200 and json.loads(answer.body)["subject"]
            if found != subject or answer.one("Content-Type") != JRD:
                yield f"{query}: {answer.status} {found} {answer.all('Content-Type')}"
            if answer.one("Access-Control-Allow-Origin") != "*":
                yield f"{query}: {answer.fields}"
    for query, status in ((f"?resource=acct:nobody@{DOMAIN}", 404),
                          (f"?resource=acct:news@{DOMAIN}.evil.example", 404),
                          (f"?resource=xacct:news@{DOMAIN}", 404), ("", 200), ("?rel=self", 200)):
        answer = server.ask(f"/.well-known/webfinger{query}")
        if answer.status != (status if chooses else 200):
            yield f"{query}: {answer.status}"


def moved(server):
    """Old addresses lead on, once, although there are pages at them; pages have one address."""
    lines = grammar.lines(server.place / "output/_redirects")
    lines = [line.split(" ") for line in lines if line.rstrip("!").endswith(" 301")]
    if ["/contact-us/", "/contact/"] not in [line[:2] for line in lines]:
        yield f"no line for an alias: {lines}"
    for old, new, _ in lines:
        for target in (old, f"{old}?a=b"):
            answer = server.ask(target)
            if answer.status != 301 or str(answer.one("Location")).split("?")[0] != new:
                yield f"{target}: {answer.status} {answer.all('Location')}"
        # Cloudflare Pages looks at exactly what was asked, and finds the folder of the old page.
        first = (308, old) if server.name == "cloudflare-pages" else (301, new)
        answer = server.ask(old.removesuffix("/"))
        if (answer.status, answer.one("Location")) != first:
            yield f"{old} without its slash: {answer.status} {answer.all('Location')}"
    if server.name == "netlify":
        # `netlify dev` shows the page at both; the service leads to the one with the slash
        # (https://github.com/gatsbyjs/gatsby/issues/9207).
        return
    for target, to in (("/contact", "/contact/"), ("/contact/index.html", "/contact/")):
        answer = server.ask(target)
        if (answer.status, answer.one("Location")) != (308, to):
            yield f"{target}: {answer.status} {answer.all('Location')}"


def missing(server):
    """What is not there has the page of its language."""
    for target, language in {"/none": "en", "/none/": "en", "/none.jpg": "en", "/a/b/c": "en",
                             "/cy/none": "cy", "/cy/none/at/all/": "cy", "/ap/none.json": "en",
                             "/ap/": "en", "/.well-known/none": "en", "/.git/config": "en"}.items():
        answer = server.ask(target)
        if answer.status != 404 or f'<html lang="{language}"'.encode() not in answer.body:
            yield f"{target}: {answer.status} {answer.body[:80]}"
        # What is said of a path holds for its error page too on Cloudflare Pages.
        if not target.startswith("/ap/") and not typed(answer, HTML, False):
            yield f"{target}: {answer.all('Content-Type')}"
        if LONG in answer.all("Cache-Control"):
            yield f"{target} is kept for long"


def taken_back(server):
    answer = server.ask(SLIP_TARGET)
    if answer.status != (410 if server.name == "netlify" else 200):
        yield f"{answer.status}"
    if json.loads(answer.body)["type"] != "Tombstone" or answer.one("Content-Type") != ACTIVITY:
        yield f"{answer.all('Content-Type')} {answer.body[:200]}"


def headers(server):
    """What everything has, once; what some have."""
    for target in ("/", "/none", "/ap/news/actor.json", "/ap/none.json", "/img/icon.png", SLIP_TARGET,
                   "/.well-known/nodeinfo", f"/.well-known/webfinger?resource=acct:news@{DOMAIN}"):
        yield from secured(target, server.ask(target))
    brief = BRIEF[server.name]
    for target, cache, for_all in (
            ("/", brief, False), ("/campaign.css", brief, False), ("/img/icon.png", LONG, False),
            ("/favicon.svg", LONG, False), ("/ap/news/actor.json", brief, True),
            ("/atom.xml", brief, True), ("/cy/news/feed.json", brief, True),
            ("/.well-known/nodeinfo", brief, True)):
        answer = server.ask(target)
        found = answer.one("Access-Control-Allow-Origin")
        # Cloudflare Pages says it of everything
        # (https://github.com/cloudflare/cloudflare-docs/issues/9325).
        if answer.one("Cache-Control") != cache or found != "*" and (
                for_all or server.name == "cloudflare-pages" or found is not None):
            yield f"{target}: {answer.all('Cache-Control')} {found}"


def no_inbox(server):
    for method, target in (("POST", "/ap/news/inbox"), ("GET", "/ap/news/inbox"),
                           ("GET", "/ap/check"), ("POST", "/ap/check")):
        body = b"{}" if method == "POST" else None
        answer = server.ask(target, method, body, {"Content-Type": ACTIVITY})
        expected = 405 if (server.name, method) == ("cloudflare-pages", "POST") else 404
        if answer.status != expected:
            yield f"{method} {target}: {answer.status}"


def one_name(site, server, authority):
    """All is well but the name of the second actor, which the host cannot tell from the first."""
    code, findings, summary = site.doctor(server, authority)
    if code != 1 or summary["broken"] != 1 or summary["warnings"]:
        yield f"exit code {code}: {summary}"
    for finding in findings:
        if finding["severity"] not in ("fine", "note") and (
                (finding["check"], finding["actor"]) != ("webfinger", "lowri")
                or f"acct:news@{DOMAIN}" not in finding["came"]):
            yield json.dumps(finding, ensure_ascii=False)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--work", required=True, type=Path)
    parser.add_argument("--binary", required=True, type=Path)
    parser.add_argument("--node", required=True)
    parser.add_argument("--repository", required=True, type=Path)
    parser.add_argument("hosts", nargs="*", default=HOSTS)
    options = parser.parse_args()
    check = Checks()
    pair, authority = certificate(options.work, (DOMAIN,))
    site = example.Example(options.binary, options.repository, options.work)
    site.run("withdraw", SLIP, "--yes")
    for host in options.hosts:
        place = site.built(host)
        with Emulator(host, place, pair, DOMAIN, options.node) as server:
            for name, one in (
                    ("types", types), ("names", names), ("old addresses", moved),
                    ("what is not there", missing), ("a post that was taken back", taken_back),
                    ("headers", headers), ("no post office", no_inbox)):
                check(f"{host}: {name}", one, server)
            if host == "netlify":
                check(f"{host}: the doctor finds nothing wrong", example.green, site, server, authority)
            else:
                check(f"{host}: the doctor finds one name only", one_name, site, server, authority)
    check.finish()


if __name__ == "__main__":
    main()
