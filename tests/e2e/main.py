"""The checks. `tests/e2e/run` installs what they need and calls this."""

import argparse
import re
import shutil
import subprocess
import unicodedata
import xml.etree.ElementTree as ElementTree
from collections import Counter
from pathlib import Path
from urllib.parse import urlsplit

import calendars
import feeds
import sites
from expected import Expected
from harness import Built, Checks, write

# After the last dated post of the example site but one, which is a time capsule.
CLOCK = "2027-01-01T00:00:00Z"
FOLDERS = ("content", "data", "keys", "static", "themes")


def main():
    parser = argparse.ArgumentParser()
    for name in ("binary", "repository", "work", "shared"):
        parser.add_argument(f"--{name}", required=True, type=Path)
    options = parser.parse_args()
    check = Checks()

    example = copy_of_repository(options.repository, options.work / "example")
    built = Built(options.binary, example, options.work / "example.out", CLOCK, "--strict")
    check("example: builds without a warning", built.fine)
    check_site(check, "example", built)
    check("example: the embargoed post is nowhere", nowhere, built, "time-capsule")

    hostile = options.work / "hostile"
    write(hostile, sites.hostile())
    built = Built(options.binary, hostile, options.work / "hostile.out", CLOCK)
    check("hostile: builds", built.fine)
    check_site(check, "hostile", built)
    check("hostile: nothing that runs is in a page", nothing_runs, built)

    check("hostile: Liquid inside of HTML is named", lambda: [] if any(
        problem["place"]["path"] == "content/liquid.md" for problem in built.coded("foreign-tag")
    ) else ["it is not"])

    events = options.work / "events"
    write(events, calendars.site())
    built = Built(options.binary, events, options.work / "events.out", CLOCK)
    check("events: builds", built.fine)
    check("events: another program reads the calendar",
          calendars.read_back, built.output / "calendar.ics")

    for name in ("example", "hostile"):
        check(f"{name}: the same bytes in every zone, language, thread count and file order",
              same_bytes, options.binary, options.work, name)

    corpus = options.shared / "corpora" / "ostrava-party"
    if corpus.is_dir():
        check_corpus(check, options.binary, corpus, options.work)
    else:
        check.skip(f"there is no {corpus} (SITEGEN_SHARED says where to look)")
    check.finish()


def copy_of_repository(repository, site):
    """The example site without the program, and without anything a build left."""
    site.mkdir()
    shutil.copy(repository / "site.toml", site)
    if (repository / "published.toml").exists():
        shutil.copy(repository / "published.toml", site)
    for folder in FOLDERS:
        if (repository / folder).is_dir():
            shutil.copytree(repository / folder, site / folder)
    return site


def check_site(check, name, built):
    """What must hold for every site whose sources the checks can read."""
    expected = Expected(built)
    base = expected.base
    check_feeds(check, name, built, base, expected.entries)
    check(f"{name}: every language, section and term has its feeds", expected.missing, built)
    check_sitemap(check, name, built, base)
    check(f"{name}: pages name feeds that are there", autodiscovery, built, base)


def check_feeds(check, name, built, base, entries):
    for file, media_type in feeds.NAMES.items():
        paths = built.files(file)
        title = f"{name}: {len(paths)} × {file}"
        if file.endswith(".xml"):
            check(f"{title}: xmllint", feeds.well_formed, paths)
            one = feeds.xml_feed
        else:
            one = feeds.json_feed_file
        program = "JSON Feed 1.1" if file.endswith(".json") else "feedparser"
        check(f"{title}: {program}, entries, ids, dates, addresses, enclosures",
              lambda one=one, paths=paths: [
                  problem for path in paths
                  for problem in one(built, base, path, entries(built.name(path)))])
    check(f"{name}: the three formats have the same entries", same_entries, built)


def same_entries(built):
    for path in built.files("feed.json"):
        found = []
        rss = ElementTree.parse(path.with_name("rss.xml"))
        found.append([item.findtext("guid") for item in rss.iter("item")])
        atom = ElementTree.parse(path.with_name("atom.xml"))
        space = "{http://www.w3.org/2005/Atom}"
        found.append([entry.findtext(f"{space}id") for entry in atom.iter(f"{space}entry")])
        found.append([item["id"] for item in feeds.json.loads(path.read_bytes())["items"]])
        if not found[0] == found[1] == found[2]:
            yield f"{built.name(path)}: {found}"


def check_sitemap(check, name, built, base):
    paths = built.files("sitemap*.xml")
    check(f"{name}: sitemap: xmllint", feeds.well_formed, paths)
    check(f"{name}: sitemap: what is published and nothing else", sitemap, built, base, paths)


def sitemap(built, base, paths):
    space = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
    groups = {}
    listed = Counter()
    for path in paths:
        for url in ElementTree.parse(path).iter(f"{space}url"):
            address = url.findtext(f"{space}loc")
            listed[address] += 1
            file = feeds.file_of(built, base, address)
            if file is None or not file.is_file():
                yield f"{address} is not in the output"
            links = url.findall("{http://www.w3.org/1999/xhtml}link")
            groups[address] = {link.get("hreflang"): link.get("href") for link in links}
    yield from (f"{address} is there {count} times" for address, count in listed.items() if count > 1)
    published = {page["url"] for page in built.pages if page["state"] == "published"}
    hidden = {page["url"] for page in built.pages} - published
    yield from (f"{address} is missing" for address in sorted(published - set(listed)))
    yield from (f"{address} is not published" for address in sorted(hidden & set(listed)))
    for address, group in groups.items():
        if group and address not in group.values():
            yield f"{address} does not name itself among its translations"
        for other in group.values():
            if groups.get(other) != group:
                yield f"{address} and {other} do not name each other as translations"


def autodiscovery(built, base):
    count = 0
    pattern = re.compile(r'<link rel="alternate" type="application/(?:rss\+xml|atom\+xml|feed\+json)"'
                         r'[^>]*? href="([^"]*)"')
    root = urlsplit(base).path
    for page in built.files("*.html"):
        for address in pattern.findall(page.read_text()):
            count += 1
            path = urlsplit(address).path
            if not path.startswith(root) or not (built.output / path[len(root):]).is_file():
                yield f"{built.name(page)} names {address}"
    if not count:
        yield "no page names a feed"


def nowhere(built, word):
    for path in built.files("*"):
        if word in built.name(path) or word.encode() in path.read_bytes():
            yield built.name(path)


def nothing_runs(built):
    """No script but data, no handler, no address that is code."""
    bad = [re.compile(r"<script(?! type=\"application/ld\+json\">)"),
           re.compile(r"<[a-z][^<>]*\son[a-z]+\s*="),
           re.compile(r"(?:href|src)=\"\s*(?:javascript|data|vbscript):", re.IGNORECASE)]
    for page in built.files("*.html"):
        text = page.read_text()
        for pattern in bad:
            for found in pattern.findall(text)[:3]:
                yield f"{built.name(page)}: {found}"


def same_bytes(binary, work, name):
    """Builds a site in two ways that must not matter."""
    site = work / name
    files = {path.relative_to(site): path.read_bytes() for path in sorted(site.rglob("*"))
             if path.is_file()}
    other = work / f"{name}.again"
    write(other, dict(reversed(files.items())))
    ways = [
        (site, {"TZ": "Pacific/Auckland", "LANG": "C", "RAYON_NUM_THREADS": "1"}),
        (other, {"TZ": "America/St_Johns", "LC_ALL": "cs_CZ.UTF-8", "RAYON_NUM_THREADS": "2"}),
    ]
    outputs = []
    for number, (root, environment) in enumerate(ways):
        output = work / f"{name}.way{number}"
        built = Built(binary, root, output, CLOCK, environment=environment)
        yield from built.fine()
        outputs.append(output)
    done = subprocess.run(["diff", "-r", *map(str, outputs)], capture_output=True, text=True,
                          errors="replace", check=False)
    if done.returncode != 0:
        yield done.stdout + done.stderr


CORPUS_CONFIG = """\
base_url = "https://www.strana.example"
title = "Strana"
description = "Místní strana"
default_language = "cs"
timezone = "Europe/Prague"
front_matter = "lenient"
# The site has a page of its own at /tags/.
taxonomies = [
  { name = "tags", slug = "stitky", feed = true },
]
"""

# Sources whose front matter no parser of YAML accepts: they lack a blank after a colon.
CORPUS_UNREADABLE = 2
CORPUS_PAGES = 340


def check_corpus(check, binary, corpus, work):
    """A large site that was written for another program, in Czech."""
    site = work / "corpus"
    shutil.copytree(corpus, site / "content", copy_function=shutil.copyfile)
    write(site, {"site.toml": CORPUS_CONFIG})
    built = Built(binary, site, work / "corpus.out", CLOCK, "--keep-going")
    base = "https://www.strana.example/"
    sources = {path.relative_to(site).as_posix() for path in site.rglob("*.md")}
    check("corpus: has its 340 pages", lambda: [] if len(sources) == CORPUS_PAGES else [len(sources)])
    check("corpus: every page with readable front matter is published", all_published, built, sources)
    check("corpus: addresses: diacritics folded, dates and underscores gone", corpus_addresses, built)
    check("corpus: each unknown key is listed once, with a count", unknown_keys, built)
    check("corpus: what is broken is listed page by page", broken, built, sources)
    candidates = [page for page in built.pages if page["date"] and page["state"] == "published"]
    known = {page["url"] for page in candidates}

    def entries(_name):
        return lambda addresses: [f"{a} is no post" for a in addresses if a not in known]

    check_feeds(check, "corpus", built, base, entries)
    check_sitemap(check, "corpus", built, base)
    counts = Counter(problem["code"] for problem in built.problems)
    check.note("corpus: " + ", ".join(f"{count} {code}" for code, count in counts.most_common()))


def all_published(built, sources):
    listed = {page["source"] for page in built.pages if page["state"] == "published"}
    errors = [problem for problem in built.problems if problem["severity"] == "error"]
    unreadable = {problem["place"]["path"] for problem in errors}
    yield from (f"{path} is neither published nor named by an error"
                for path in sorted(sources - listed - unreadable))
    yield from (f"an error in what is published: {problem}"
                for problem in errors if problem["place"]["path"] not in sources - listed)
    if len(unreadable) > CORPUS_UNREADABLE:
        yield f"{len(unreadable)} pages count as unreadable: {sorted(unreadable)}"
    if built.code != (1 if errors else 0):
        yield f"exit code {built.code} with {len(errors)} errors"
    for page in built.pages:
        file = feeds.file_of(built, "https://www.strana.example/", page["url"])
        if page["state"] == "published" and not file.is_file():
            yield f"{page['source']} is not in the output"


def corpus_addresses(built):
    """By hand, and a rule that holds for all."""
    by_hand = {
        "_posts/2019/2019-09-07-spalovna-verejne projednani-2.md":
            "posts/2019/spalovna-verejne-projednani-2/",
        "_posts/2022/2022-10-12-pirati-jdou-opet-do-vedeni-ostravy-a-dvou-mětskych-obvodu.md":
            "posts/2022/pirati-jdou-opet-do-vedeni-ostravy-a-dvou-metskych-obvodu/",
        "_posts/2019/2019-10-15-fajne-skolni-bistro.md": "posts/2019/fajne-skolni-bistro/",
        "_people/radim-stach.md": "people/radim-stach/",
        "_candidatelists/jih.md": "candidatelists/jih/",
        "_program/jih2022/skolstvi.md": "program/jih2022/skolstvi/",
        "kontakt/index.md": "kontakt/",
        "volby/moap2022.md": "volby/moap2022/",
        "tags/index.md": "tags/",
    }
    found = {page["source"]: page for page in built.pages}
    for source, address in by_hand.items():
        url = found.get(f"content/{source}", {}).get("url")
        if url != f"https://www.strana.example/{address}":
            yield f"{source} is at {url}, expected {address}"
    for page in built.pages:
        path = urlsplit(page["url"]).path
        if not re.fullmatch("/([a-z0-9-]+/)*", path):
            yield f"{page['source']} is at {path}"
        name = page["source"].removeprefix("content/").removesuffix(".md").removesuffix("/index")
        name = re.sub(r"(^|/)_", r"\1", name)
        name = re.sub(r"(^|/)(\d{4}-\d\d-\d\d)-", r"\1", name)
        name = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
        name = re.sub("[^a-z0-9/]+", "-", name).strip("-")
        if path.strip("/") != name:
            yield f"{page['source']} is at {path}, expected /{name}/"
        dated = re.search(r"/(\d{4}-\d\d-\d\d)-[^/]*$", page["source"])
        if dated and not (page["date"] or "").startswith(dated[1]):
            # A date in the front matter may differ from the one in the name.
            head = (built.site / page["source"]).read_text().split("---")[1]
            if not re.search(r"^date:", head, re.MULTILINE):
                yield f"{page['source']} has the date {page['date']}"


def unknown_keys(built):
    keys = Counter()
    for problem in built.coded("unknown-key-kept"):
        match = re.fullmatch(r"unknown key `(.*)` in ([\d,]+) files?", problem["message"])
        if not match:
            yield problem["message"]
            continue
        keys[match[1]] += 1
    yield from (f"{key} is listed {count} times" for key, count in keys.items() if count > 1)
    yield from (f"{key} is not listed" for key in ("layout", "uid", "name") if key not in keys)


def broken(built, sources):
    """Liquid, kramdown attributes and pictures, found here with plain searches."""
    listed = {page["source"] for page in built.pages}
    named = {
        kind: {problem["place"]["path"] for problem in built.problems if test(problem)}
        for kind, test in {
            "Liquid": lambda p: p["code"] == "foreign-tag" and "Liquid" in p["message"],
            "kramdown": lambda p: p["code"] == "foreign-tag" and "kramdown" in p["message"],
            "picture": lambda p: p["code"] == "missing-picture",
        }.items()
    }
    for source in sorted(sources & listed):
        text = (built.site / source).read_text()
        parts = re.split(r"^---[ \t]*$", text, maxsplit=2, flags=re.MULTILINE)
        head, body = parts[1:] if len(parts) == 3 and not parts[0] else ("", text)
        body = re.sub(r"<!--.*?-->", "", body, flags=re.DOTALL)
        wanted = {
            "Liquid": re.search(r"\{%.*?%\}|\{\{.*?\}\}", body),
            "kramdown": re.search(r"\{:\s*[.#\w]", body),
            # The site came without its pictures.
            "picture": re.search(r"^image: *[\w/]", head, re.MULTILINE),
        }
        for kind, there in wanted.items():
            if there and source not in named[kind]:
                yield f"{source} has {kind} ({there[0][:60]!r}), but is not listed"


if __name__ == "__main__":
    main()
