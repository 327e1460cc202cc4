"""The checks. `tests/e2e/hosts/run` writes what they need and calls this."""

import argparse
import gzip
import json
import ssl
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import quote

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import example
import grammar
from harness import Checks, write
from servers import DOMAIN, Server, certificate
from wanted import ACTIVITY, BRIEF, HTML, JRD, LONG, secured, typed

HOSTS = ("nginx", "apache", "caddy", "lighttpd")
KILOBYTE = 1024
# As in `src/host/sample.rs`.
ODD = ("/a b/", "/\"quoted\" 'too'/", "/100%/", "/$uri/{path}/${x}/%{y}/", "/a+b(c)[d]*?.html",
       "/caf\u00e9/\u4e2d\u6587/", "/#;x y/", "/a:b&c=d/", "/`x`|~^/", "/no\u00a0break/")


def small_site():
    """A small output folder."""
    page = "<!DOCTYPE html><title>{}</title>" + "<p>The same words again.</p>" * 40
    finger = json.dumps({"subject": f"acct:news@{DOMAIN}"})
    files = {
        "index.html": page.format("home"),
        "404.html": page.format("not found"),
        "cy/index.html": page.format("hafan"),
        "cy/404.html": page.format("heb ei ganfod"),
        "news/index.html": page.format("news"),
        "old/index.html": page.format("this leads on"),
        "a.css": "p { color: red }\n",
        "a.js": "1;\n",
        "a.jpg": b"\xff\xd8\xff",
        "a.avif": b"avif",
        "a.woff2": b"wOF2",
        "a.ics": "BEGIN:VCALENDAR\r\n",
        "a.webmanifest": "{}",
        "book.tar.gz": gzip.compress(b"a book"),
        ".secret": "secret",
        ".git/config": "secret",
        ".well-known/webfinger": finger,
        ".well-known/nodeinfo": "{}",
        ".well-known/nodeinfo-2.1.json": "{}",
        ".well-known/atproto-did": "did:plc:party",
        ".well-known/security.txt": "Contact: mailto:a@party.example\n",
        "ap/news/posts/slip.json": '{"type":"Tombstone"}',
        "ap/news/posts/feed.json": '{"type":"Note"}',
        "ap/news/posts/a.json": '{"type":"Note"}',
    }
    for user in ("news", "jo.smith"):
        files[f"ap/{user}/webfinger.json"] = json.dumps({"subject": f"acct:{user}@{DOMAIN}"})
        files[f"ap/{user}/actor.json"] = json.dumps({"preferredUsername": user})
    for name in ("atom.xml", "rss.xml", "feed.json"):
        files[name] = files[f"news/{name}"] = "x" * 2000
    for name in [name for name in files if name.endswith((".html", ".json", ".xml", ".css"))]:
        content = files[name]
        content = content if isinstance(content, bytes) else content.encode()
        files[f"{name}.gz"] = gzip.compress(content, mtime=0)
    return files


def types(server):
    """Every file has exactly one type, the right one."""
    wanted = {
        "/": HTML,
        "/news/": HTML,
        "/news/index.html": HTML,
        "/a.css": "text/css",
        "/a.js": "text/javascript",
        "/a.jpg": "image/jpeg",
        "/a.avif": "image/avif",
        "/a.woff2": "font/woff2",
        "/a.ics": "text/calendar",
        "/a.webmanifest": "application/manifest+json",
        "/atom.xml": "application/atom+xml",
        "/news/rss.xml": "application/rss+xml",
        "/news/feed.json": "application/feed+json",
        "/ap/news/actor.json": ACTIVITY,
        "/ap/news/webfinger.json": ACTIVITY,
        "/ap/news/posts/feed.json": ACTIVITY,
        "/.well-known/nodeinfo": "application/json",
        "/.well-known/nodeinfo-2.1.json": "application/json",
        "/.well-known/atproto-did": "text/plain",
        "/.well-known/security.txt": "text/plain",
    }
    # Their letters may be named where that is not compared as a whole.
    exact = ("/ap/", "/.well-known/nodeinfo")
    for target, media_type in wanted.items():
        for headers in ({}, {"Accept-Encoding": "gzip"}):
            answer = server.ask(target, headers=headers)
            if answer.status != 200 or not typed(answer, media_type, target.startswith(exact)):
                found = answer.all("Content-Type")
                yield f"{target} {headers}: {answer.status} {found}, expected {media_type}"


def compressed(server):
    """What was compressed before is sent so, with the type of what is in it."""
    if server.name == "lighttpd":
        return
    for target in ("/", "/news/feed.json", "/ap/news/actor.json", "/a.css"):
        answer = server.ask(target, headers={"Accept-Encoding": "gzip"})
        if answer.one("Content-Encoding") != "gzip":
            yield f"{target}: {answer.fields}"
            continue
        if gzip.decompress(answer.body) != server.ask(target).body:
            yield f"{target}: another text"
        if "accept-encoding" not in str(answer.all("Vary")).lower():
            yield f"{target}: Vary {answer.all('Vary')}"
    answer = server.ask("/book.tar.gz", headers={"Accept-Encoding": "gzip"})
    if answer.one("Content-Encoding") or gzip.decompress(answer.body) != b"a book":
        yield f"a download: {answer.fields}"


def names(server):
    """Each actor is found in every spelling, and nobody else."""
    def finger(query):
        return server.ask(f"/.well-known/webfinger{query}")

    for user in ("news", "jo.smith"):
        handle = f"{user}@{DOMAIN}"
        actor = f"https://{DOMAIN}/ap/{user}/actor.json"
        page = f"https://{DOMAIN}/{user}/"
        values = [f"acct:{handle}", handle, f"acct:{handle.upper()}", actor, page,
                  *(quote(text, safe="") for text in (f"acct:{handle}", handle, actor, page)),
                  f"acct%3a{user}%40{DOMAIN}", f"acct:{user}%40{DOMAIN}"]
        queries = [f"?resource={value}" for value in values]
        queries += [f"?rel=self&resource=acct:{handle}", f"?resource=acct%3A{user}%40{DOMAIN}&rel=self"]
        for query in queries:
            for headers in ({}, {"Accept-Encoding": "gzip"}):
                answer = server.ask(f"/.well-known/webfinger{query}", headers=headers)
                body = answer.body
                if answer.one("Content-Encoding") == "gzip":
                    body = gzip.decompress(body)
                subject = answer.status == 200 and json.loads(body)["subject"]
                if subject != f"acct:{handle}" or answer.one("Content-Type") != JRD:
                    yield f"{query} {headers}: {answer.status} {subject} {answer.all('Content-Type')}"
                if answer.one("Access-Control-Allow-Origin") != "*":
                    yield f"{query}: {answer.fields}"
    for query in (f"?resource=acct:nobody@{DOMAIN}", f"?resource=acct:joxsmith@{DOMAIN}",
                  f"?resource=acct:news@{DOMAIN}.evil.example", f"?xresource=acct:news@{DOMAIN}x",
                  f"?resource=xacct:news@{DOMAIN}", f"?a=resource=acct:news@{DOMAIN}",
                  "?", "", "?resource=", "?rel=self"):
        answer = finger(query)
        asks = "?resource=a" in query or "?resource=x" in query
        expected = 404 if asks else {"lighttpd": 200}.get(server.name, 400)
        if answer.status != expected:
            yield f"{query}: {answer.status}, expected {expected}"


def missing(server):
    """What is not there has the page of its language; nothing hidden is there."""
    for target, text in {"/none": "not found", "/none/": "not found", "/cy/none": "heb ei ganfod",
                         "/cy/none/at/all/": "heb ei ganfod", "/ap/none.json": "not found",
                         "/ap/": "", "/.well-known/none": "", "/.secret": "", "/.git/config": "",
                         "/.htaccess": "", "/ap/.htaccess": "", "/news/.x/y": ""}.items():
        answer = server.ask(target)
        hidden = answer.status == 403 and not text
        if answer.status != 404 and not hidden or text.encode() not in answer.body:
            yield f"{target}: {answer.status} {answer.body[:80]}"
        if text and answer.one("Content-Type") not in (HTML, "text/html;charset=utf-8"):
            yield f"{target}: {answer.fields}"
        if b"secret" in answer.body or b"Index of" in answer.body:
            yield f"{target}: {answer.body}"


def moved(server):
    """Old addresses lead on, whatever they look like."""
    targets = {"/old/": "/news/new/", "/old": "/news/new/", "/old.html": "/news/new/",
               "/old/?a=b": "/news/new/"}
    for path in ODD:
        targets[quote(path, safe="/")] = "/news/a%20b/"
        targets[quote(path, safe="/:;=&$+@!*'()~,")] = "/news/a%20b/"
    for target, to in targets.items():
        answer = server.ask(target)
        found = answer.one("Location") or ""
        found = found.split("?")[0].removeprefix(f"https://{DOMAIN}").removeprefix(
            f":{server.secure}")
        if (answer.status, found) != (301, to):
            yield f"{target}: {answer.status} {answer.all('Location')}"
    answer = server.ask("/news")
    found = str(answer.one("Location"))
    if answer.status not in (301, 308) or not found.endswith("/news/"):
        yield f"/news: {answer.status} {found}"
    answer = server.ask("/news/?a=b", secure=False)
    if answer.status not in (301, 302, 307, 308) or f"https://{DOMAIN}" not in str(answer.one("Location")):
        yield f"without encryption: {answer.status} {answer.fields}"


def taken_back(server):
    answer = server.ask("/ap/news/posts/slip.json")
    if server.name == "lighttpd":
        if answer.status != 404:
            yield f"{answer.status}"
        return
    if answer.status != 410 or b"Tombstone" not in answer.body:
        yield f"{answer.status} {answer.body[:80]}"
    if answer.one("Content-Type") != ACTIVITY:
        yield f"{answer.fields}"


def headers(server):
    """What everything has, once; what some have."""
    for target in ("/", "/none", "/ap/news/actor.json", "/ap/news/posts/slip.json", "/a.jpg", "/old/",
                   "/.well-known/nodeinfo", "/ap/none.json", "/news",
                   f"/.well-known/webfinger?resource=acct:news@{DOMAIN}"):
        # lighttpd redirects before it knows of headers.
        if target == "/old/" and server.name == "lighttpd":
            continue
        yield from secured(target, server.ask(target))
    for target, cache, for_all in (
            ("/", BRIEF, None), ("/a.css", BRIEF, None), ("/a.jpg", LONG, None),
            ("/ap/news/actor.json", BRIEF, "*"), ("/news/atom.xml", BRIEF, "*"),
            ("/feed.json", BRIEF, "*"), ("/.well-known/nodeinfo", BRIEF, "*")):
        answer = server.ask(target)
        found = answer.one("Cache-Control"), answer.one("Access-Control-Allow-Origin")
        if found != (cache, for_all):
            yield f"{target}: {found}"
    if LONG in server.ask("/none.jpg").all("Cache-Control") and server.name != "lighttpd":
        yield "what is not there is kept for long"


def no_inbox(server):
    for method, target in (("POST", "/ap/news/inbox"), ("GET", "/ap/news/inbox"),
                           ("GET", "/ap/check"), ("POST", "/ap/check")):
        answer = server.ask(target, method, b"{}" if method == "POST" else None)
        if answer.status != 404:
            yield f"{method} {target}: {answer.status}"
    answer = server.ask("/news/index.html", "POST", b"{}")
    if answer.status not in (404, 405) and server.name == "nginx":
        yield f"POST to a page: {answer.status}"


def away(server):
    """While the post office is down others are asked to come back."""
    for method, target in (("POST", "/ap/news/inbox"), ("GET", "/ap/jo.smith/inbox"),
                           ("GET", "/ap/check?a=b")):
        answer = server.ask(target, method, b"{}" if method == "POST" else None)
        if answer.status != 503 or not str(answer.one("Retry-After")).isdigit():
            yield f"{method} {target}: {answer.status} {answer.fields}"
    if server.ask("/ap/news/actor.json").status != 200:
        yield "a document is away too"


class PostOffice(BaseHTTPRequestHandler):
    """Says what it was sent."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        sent = {"method": self.command, "path": self.path, "bytes": len(body),
                "fields": [[name.lower(), value] for name, value in self.headers.items()]}
        content = json.dumps(sent).encode()
        self.send_response(202 if self.command == "POST" else 200)
        self.send_header("Content-Type", ACTIVITY)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST

    def log_message(self, *_):
        pass


def passed_on(server):
    """Letters arrive whole, with the name that was asked and the address of who asked."""
    # lighttpd looks again once a second for one that was away.
    deadline = time.monotonic() + 10
    while server.ask("/ap/check").status == 503 and time.monotonic() < deadline:
        time.sleep(0.1)
    lie = {"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Host": "evil.example",
           "Signature": "keyId=\"a\"", "Content-Type": ACTIVITY}
    for method, target, body in (("POST", "/ap/news/inbox", b"x" * (250 * KILOBYTE)),
                                 ("GET", "/ap/check?resource=a%40b", None),
                                 ("GET", "/ap/jo.smith/inbox", None)):
        answer = server.ask(target, method, body, lie)
        if answer.status != (202 if method == "POST" else 200):
            yield f"{method} {target}: {answer.status} {answer.body[:200]}"
            continue
        sent = json.loads(answer.body)
        fields = dict(sent["fields"])
        if sent["path"] != target or sent["bytes"] != len(body or b""):
            yield f"{target}: {sent}"
        wanted = {"host": DOMAIN, "x-forwarded-for": "127.0.0.1", "x-forwarded-host": DOMAIN,
                  "x-forwarded-proto": "https", "signature": "keyId=\"a\""}
        for name, value in wanted.items():
            values = [known for key, known in sent["fields"] if key == name]
            if values != [value]:
                yield f"{target}: {name}: {values}"
        if answer.one("Content-Type") != ACTIVITY or answer.all("Cache-Control"):
            yield f"{target}: {answer.fields}"
        if answer.one("X-Content-Type-Options") != "nosniff":
            yield f"{target}: {answer.fields}"
    answer = None
    try:
        answer = server.ask("/ap/news/inbox", "POST", b"x" * (300 * KILOBYTE))
    except (BrokenPipeError, ConnectionResetError, ssl.SSLError):
        # Some hang up while the letter is still on its way.
        pass
    if answer and answer.status != 413:
        yield f"too long a letter: {answer.status}"


def odd(server):
    """Odd paths of documents and error pages, and an odd policy."""
    if server.ask("/").status != 200 or server.ask("/ap/news/actor.json").status != 200:
        yield "pages and documents are not there"
    policy = "default-src %22%24x%22 %7By%7D %60z%60; %7D # %%7Bw%7D %5C"
    if server.ask("/").all("Content-Security-Policy") != [policy]:
        yield f"{server.ask('/').fields}"
    for path in ODD:
        target = f"/ap{quote(path)}x.json"
        answer = server.ask(target)
        if answer.status != (404 if server.name == "lighttpd" else 410):
            yield f"{target}: {answer.status}"
        # Others have the page for all where a folder cannot be written down for them.
        target = f"{quote(path)}none"
        answer = server.ask(target)
        unknown = {"lighttpd": path, "nginx": "$", "caddy": "%{#\"`"}.get(server.name, "")
        known = not set(unknown) & set(path)
        if path.endswith("/") and known and b"an odd page" not in answer.body:
            yield f"{target}: {answer.status} {answer.body[:80]}"
        if answer.status != 404 or answer.one("Content-Type") not in (HTML, "text/html;charset=utf-8"):
            yield f"{target}: {answer.status} {answer.fields}"


def branch(server):
    """A site at a path of its host, which others share."""
    wanted = {
        "/branch/": (200, HTML, "home"),
        "/branch/news/": (200, HTML, "news"),
        "/branch/news/feed.json": (200, "application/feed+json", "x"),
        "/branch/a.jpg": (200, "image/jpeg", ""),
        "/branch/none": (404, HTML, "not found"),
        "/branch/cy/none/": (404, HTML, "heb ei ganfod"),
        "/branch/.secret": (404, None, ""),
        "/": (404, None, ""),
        "/news/": (404, None, ""),
        "/ap/news/actor.json": (404, None, ""),
    }
    for target, (status, media_type, text) in wanted.items():
        answer = server.ask(target)
        found = str(answer.one("Content-Type")).replace(";charset", "; charset")
        bare = found.removesuffix("; charset=utf-8")
        hidden = answer.status == 403 and media_type is None
        if answer.status != status and not hidden or media_type not in (None, found, bare):
            yield f"{target}: {answer.status} {found}"
        if text.encode() not in answer.body or b"<secret" in answer.body:
            yield f"{target}: {answer.body[:80]}"
    for target, to in {"/branch/old/": "/branch/news/new/", "/branch/old.html": "/branch/news/new/",
                       "/branch": "/branch/", "/branch/news": "/branch/news/"}.items():
        answer = server.ask(target)
        if answer.status not in (301, 308) or not str(answer.one("Location")).endswith(to):
            yield f"{target}: {answer.status} {answer.all('Location')}"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--work", required=True, type=Path)
    parser.add_argument("--post-office-port", required=True, type=int)
    parser.add_argument("--binary", required=True, type=Path)
    parser.add_argument("--repository", required=True, type=Path)
    parser.add_argument("--chromium", required=True)
    parser.add_argument("hosts", nargs="*", default=HOSTS)
    options = parser.parse_args()
    check = Checks()
    pair, authority = certificate(options.work, (DOMAIN, example.DOMAIN))
    for host in options.hosts:
        for ending in ("", ".post-office", ".odd", ".branch"):
            place = options.work / f"{host}{ending}"
            write(place / "output", small_site())
            if ending == ".odd":
                write(place / "output", {f"ap{path}x.json": '{"type":"Tombstone"}' for path in ODD})
                write(place / "output", {f"{path[1:]}404.html": "<!DOCTYPE html>an odd page"
                                         for path in ODD if path.endswith("/")})
            for path in [options.work, place, *place.rglob("*")]:
                path.chmod(0o755 if path.is_dir() else 0o644)
            with Server(host, place, pair) as server:
                if not ending:
                    for name, one in (
                            ("types", types), ("compressed before", compressed),
                            ("names", names), ("what is not there", missing),
                            ("old addresses", moved), ("posts that were taken back", taken_back),
                            ("headers", headers), ("no post office", no_inbox)):
                        check(f"{host}: {name}", one, server)
                    continue
                if ending != ".post-office":
                    title = "odd texts" if ending == ".odd" else "a site at a path"
                    check(f"{host}: {title}", odd if ending == ".odd" else branch, server)
                    continue
                check(f"{host}: the post office is away", away, server)
                address = ("127.0.0.1", options.post_office_port)
                with ThreadingHTTPServer(address, PostOffice) as office:
                    threading.Thread(target=office.serve_forever).start()
                    check(f"{host}: the post office is there", passed_on, server)
                    office.shutdown()
                check(f"{host}: the post office is away again", away, server)
    site = example.Example(options.binary, options.repository, options.work)
    example.try_all(check, site, options.hosts, pair, authority, options.chromium)
    grammar.try_all(check, site)
    check.finish()


if __name__ == "__main__":
    main()
