"""What every host should send, whoever it is."""

HTML = "text/html; charset=utf-8"
ACTIVITY = "application/activity+json"
JRD = "application/jrd+json"
BRIEF, LONG = "public, max-age=300", "public, max-age=86400"
SECURITY = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Strict-Transport-Security": "max-age=86400",
}
POLICY = "default-src 'none'; img-src"
# The types of feeds by their names.
FEEDS = {"atom.xml": "application/atom+xml", "rss.xml": "application/rss+xml",
         "feed.json": "application/feed+json"}
# Of what has no type of its own below `.well-known`.
WELL_KNOWN = {"nodeinfo": "application/json", "nodeinfo-2.1.json": "application/json",
              "atproto-did": "text/plain", "webfinger": JRD}


def typed(answer, media_type, exact):
    """Whether the type is the right one; where that is not compared as a whole, letters may be named."""
    found = answer.one("Content-Type")
    bare = isinstance(found, str) and found.lower().removesuffix("; charset=utf-8")
    return found == media_type or not exact and bare == media_type.removesuffix("; charset=utf-8")


def secured(target, answer):
    """The headers that everything has, once."""
    for name, value in SECURITY.items():
        if answer.one(name) != value:
            yield f"{target}: {name}: {answer.all(name)}"
    if not str(answer.one("Content-Security-Policy")).startswith(POLICY):
        yield f"{target}: {answer.all('Content-Security-Policy')}"
