"""The rules for feeds: of RSS, Atom and JSON Feed, and of this program."""

import json
import re
import subprocess
from html.parser import HTMLParser
from urllib.parse import unquote, urlsplit

import feedparser

NAMES = {"rss.xml": "application/rss+xml", "atom.xml": "application/atom+xml",
         "feed.json": "application/feed+json"}
TYPES = {"svg": "image/svg+xml", "png": "image/png", "jpg": "image/jpeg", "webp": "image/webp",
         "mp3": "audio/mpeg", "pdf": "application/pdf"}
RFC_3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*")
SCHEMES = {"http", "https", "mailto", "tel", "webcal"}


def well_formed(paths):
    """What xmllint says about files."""
    if not paths:
        yield "there are no files"
        return
    done = subprocess.run(["xmllint", "--noout", "--nonet", *map(str, paths)],
                          capture_output=True, text=True, errors="replace", check=False)
    if done.returncode != 0:
        yield done.stderr
    for path in paths:
        bad = re.search("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]",
                        path.read_bytes().decode("utf-8"))
        if bad:
            yield f"{path}: U+{ord(bad[0]):04X} at {bad.start()}"


class Addresses(HTMLParser):
    """Collects the addresses in a piece of HTML."""

    ATTRIBUTES = {"href", "src", "srcset", "poster", "data", "action", "cite", "longdesc"}

    def __init__(self, html):
        super().__init__()
        self.found = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.found += [value or "" for name, value in attrs if name in self.ATTRIBUTES]


def is_absolute(address):
    """A web address with scheme and host."""
    parts = urlsplit(address) if isinstance(address, str) else None
    return bool(parts) and parts.scheme in ("http", "https") and bool(parts.netloc)


def relative_addresses(html):
    """Addresses that lead nowhere once the HTML is read elsewhere."""
    for address in Addresses(html).found:
        if urlsplit(address).scheme not in SCHEMES:
            yield f"relative address {address!r}"


def file_of(built, base, address):
    """The file of the output that an address is served from."""
    if not address.startswith(base):
        return None
    path = unquote(urlsplit(address[len(base):]).path)
    path = built.output / path
    return path / "index.html" if address.endswith("/") else path


def enclosure(built, base, address, length, media_type):
    """An enclosure is there, as long as it says, and what it says."""
    path = file_of(built, base, address)
    if path is None or not path.is_file():
        yield f"enclosure {address} is not in the output"
        return
    if str(length) != str(path.stat().st_size):
        yield f"enclosure {address} has {path.stat().st_size} bytes, not {length}"
    wanted = TYPES.get(path.suffix.lstrip("."))
    if media_type != wanted:
        yield f"enclosure {address} is {wanted}, not {media_type}"


def xml_feed(built, base, path, expected):
    """One RSS or Atom feed. `expected` says what is wrong with the addresses of its entries."""
    name = built.name(path)
    media_type = NAMES[path.name]
    feed = feedparser.parse(
        path.read_bytes(), sanitize_html=False, resolve_relative_uris=False,
        response_headers={"content-type": f"{media_type}; charset=utf-8"})
    problems = []
    say = problems.append
    if feed.bozo:
        say(f"bozo: {feed.get('bozo_exception')}")
    if feed.version != {"rss.xml": "rss20", "atom.xml": "atom10"}[path.name]:
        say(f"version {feed.version}")
    links = {link.rel: link.href for link in feed.feed.links}
    if links.get("self") != base + name:
        say(f"self is {links.get('self')}, not {base + name}")
    home = file_of(built, base, links.get("alternate", ""))
    if home is None or not home.is_file():
        say(f"alternate {links.get('alternate')} is not in the output")
    for key in ("title", "language") if path.name == "rss.xml" else ("title", "id"):
        if not feed.feed.get(key):
            say(f"no {key}")
    if not feed.feed.get("updated_parsed"):
        say("no date")
    problems += expected([entry.link for entry in feed.entries])
    ids = [entry.id for entry in feed.entries]
    if len(set(ids)) != len(ids):
        say("an id is there twice")
    dates = [entry.get("published_parsed") for entry in feed.entries]
    if None in dates:
        say("a date is missing or not read")
    elif dates != sorted(dates, reverse=True):
        say("not newest first")
    for entry in feed.entries:
        problems += [f"{entry.id}: {text}" for text in xml_entry(built, base, path, entry)]
    return [f"{name}: {problem}" for problem in problems]


def xml_entry(built, base, path, entry):
    if not entry.title.strip():
        yield "no title"
    if not (entry.get("content") and entry.content[0].value.strip()):
        yield "no full text"
    else:
        yield from relative_addresses(entry.content[0].value)
    if not entry.get("summary", "").strip():
        yield "no summary"
    else:
        yield from relative_addresses(entry.summary)
    if path.name == "rss.xml" and entry.guidislink:
        yield "its id is taken for an address"
    if path.name == "atom.xml" and not entry.get("updated_parsed"):
        yield "no updated"
    if any(not author.get("name") for author in entry.get("authors", [])):
        yield "an author without a name"
    for file in entry.enclosures:
        yield from enclosure(built, base, file.href, file.length, file.type)


def json_feed(feed):
    """Every rule of JSON Feed 1.1 (jsonfeed.org/version/1.1) that a program can check."""
    if not isinstance(feed, dict):
        yield "not an object"
        return
    if feed.get("version") != "https://jsonfeed.org/version/1.1":
        yield f"version {feed.get('version')!r}"
    if not isinstance(feed.get("title"), str):
        yield "title is required and a string"
    yield from typed(feed, {
        "home_page_url": is_absolute, "feed_url": is_absolute, "next_url": is_absolute,
        "icon": is_absolute, "favicon": is_absolute, "description": is_string,
        "user_comment": is_string, "language": is_language, "expired": is_flag,
        "author": is_author, "authors": list_of(is_author), "hubs": list_of(is_hub),
        "version": is_string, "title": is_string, "items": list_of(is_object)})
    if "next_url" in feed and feed["next_url"] == feed.get("feed_url"):
        yield "next_url must not be feed_url"
    if not isinstance(feed.get("items"), list):
        yield "items is required and an array"
        return
    ids = [item.get("id") for item in feed["items"]]
    if len(set(map(str, ids))) != len(ids):
        yield "ids must be unique"
    for item in feed["items"]:
        for problem in json_item(item):
            yield f"{item.get('id')}: {problem}"


def json_item(item):
    if not (isinstance(item.get("id"), str) and item["id"]):
        yield "id is required and a string"
    texts = [key for key in ("content_html", "content_text") if key in item]
    if not texts or not all(isinstance(item[key], str) for key in texts):
        yield "content_html or content_text is required and a string"
    yield from typed(item, {
        "id": is_string, "url": is_absolute, "external_url": is_absolute, "title": is_string,
        "content_html": is_string, "content_text": is_string, "summary": is_string,
        "image": is_absolute, "banner_image": is_absolute, "date_published": is_date,
        "date_modified": is_date, "author": is_author, "authors": list_of(is_author),
        "tags": list_of(is_string), "language": is_language,
        "attachments": list_of(is_attachment)})


def typed(thing, rules):
    for key, value in thing.items():
        if key.startswith("_"):
            if not isinstance(value, dict) or "." in key:
                yield f"the extension {key} must be an object and have no dot in its name"
        elif key not in rules:
            yield f"{key} is no part of the format"
        elif not rules[key](value):
            yield f"{key} must not be {str(value)[:200]!r}"


def is_string(value):
    return isinstance(value, str)


def is_object(value):
    return isinstance(value, dict)


def is_flag(value):
    return isinstance(value, bool)


def is_number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool) and value >= 0


def is_date(value):
    return isinstance(value, str) and RFC_3339.fullmatch(value) is not None


def is_language(value):
    return isinstance(value, str) and LANGUAGE.fullmatch(value) is not None


def is_author(value):
    rules = {"name": is_string, "url": is_absolute, "avatar": is_absolute}
    return isinstance(value, dict) and any(value.get(key) for key in rules) and not [*typed(value, rules)]


def is_hub(value):
    rules = {"type": is_string, "url": is_absolute}
    return isinstance(value, dict) and set(rules) <= set(value) and not [*typed(value, rules)]


def is_attachment(value):
    rules = {"url": is_absolute, "mime_type": is_string, "title": is_string,
             "size_in_bytes": is_number, "duration_in_seconds": is_number}
    needed = {"url", "mime_type"}
    return isinstance(value, dict) and needed <= set(value) and not [*typed(value, rules)]


def list_of(rule):
    return lambda value: isinstance(value, list) and all(map(rule, value))


def json_feed_file(built, base, path, expected):
    """One JSON feed: the rules of the format, and ours."""
    name = built.name(path)
    feed = json.loads(path.read_bytes())
    problems = [*json_feed(feed)]
    if feed.get("feed_url") != base + name:
        problems.append(f"feed_url is {feed.get('feed_url')}, not {base + name}")
    problems += expected([item.get("url") for item in feed["items"]])
    for item in feed["items"]:
        found = [*relative_addresses(item["content_html"])]
        for file in item.get("attachments", []):
            found += enclosure(built, base, file["url"], file["size_in_bytes"], file["mime_type"])
        if not item.get("summary", "").strip():
            found.append("no summary")
        problems += [f"{item['id']}: {problem}" for problem in found]
    return [f"{name}: {problem}" for problem in problems]
