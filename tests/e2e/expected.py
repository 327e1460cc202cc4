"""Which feeds a site must have, and what must be in them, worked out from its sources."""

import re
import tomllib
import unicodedata
from datetime import datetime


def slug(text):
    """An address made from a text of the Latin alphabet."""
    folded = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub("[^a-z0-9]+", "-", folded.replace("'", "")).strip("-")


def folder_of_term(above, term):
    """The folder of a term. How other scripts are written in Latin letters is not for us to say:
    then the first word decides."""
    if not re.search("[^\0-\u024f]", term):
        return slug(term)
    start = slug(term.split()[0]) + "-"
    found = [path.name for path in above.iterdir() if path.name.startswith(start)]
    return found[0] if len(found) == 1 else slug(term)


def front_matter(text):
    """The head of a text: TOML, or the little YAML that our sites use."""
    if text.startswith("+++"):
        return tomllib.loads(text.split("+++\n")[1])
    if not text.startswith("---"):
        return {}
    head = text.split("---\n")[1]
    found = {}
    for line in head.splitlines():
        key, colon, value = line.partition(":")
        value = value.strip()
        if colon and not line.startswith(" "):
            inside = value.removeprefix("[").removesuffix("]")
            parts = [part.strip().strip("\"'") for part in inside.split(",")]
            found[key] = parts if value.startswith("[") else value.strip("\"'")
    return found


class Expected:
    """The feeds of a built site: folder of the output to the posts that belong in it."""

    def __init__(self, built):
        config = tomllib.loads((built.site / "site.toml").read_text())
        self.base = config["base_url"].rstrip("/") + "/"
        self.limit = config.get("feed_limit", 20)
        default = config.get("default_language", "en")
        codes = {default, *config.get("languages", {})}
        self.folders = {"" if code == default else f"{code}/": [] for code in codes}
        self.posts = [page for page in built.pages if page["state"] == "published" and page["date"]]
        for post in self.posts:
            prefix = "" if post["language"] == default else post["language"] + "/"
            self.folders[prefix].append(post)
            folder = re.sub(r"/[^/]*$", "", post["source"].removeprefix("content/"))
            if re.search(r"/index(\.\w+)?\.md$", post["source"]):
                folder = folder.rpartition("/")[0]
            if "/" in post["source"].removeprefix("content/") and folder:
                self.folders.setdefault(f"{prefix}{folder}/", []).append(post)
            front = front_matter((built.site / post["source"]).read_text())
            for taxonomy in config.get("taxonomies", []):
                name = taxonomy["name"]
                values = front.get(name, front.get(name.removesuffix("s"), []))
                values = [values] if isinstance(values, str) else values
                above = f"{prefix}{taxonomy.get('slug', name)}/"
                for term in {folder_of_term(built.output / above, value) for value in values}:
                    self.folders.setdefault(f"{above}{term}/", []).append(post)

    def missing(self, built):
        """Feeds that are not there, and feeds that should not be."""
        names = ("rss.xml", "atom.xml", "feed.json")
        wanted = {folder + name for folder in self.folders for name in names}
        there = {built.name(path) for name in names for path in built.files(name)}
        yield from (f"{name} is missing" for name in sorted(wanted - there))
        yield from (f"{name} is not expected" for name in sorted(there - wanted))

    def entries(self, name):
        """A check of the addresses in a feed."""
        posts = self.folders.get(name.rpartition("/")[0] + "/" if "/" in name else "", [])
        dates = {post["url"]: datetime.fromisoformat(post["date"]) for post in posts}

        def check(addresses):
            count = min(self.limit, len(dates))
            if len(addresses) != count:
                yield f"{len(addresses)} entries, expected {count}"
            strangers = set(addresses) - set(dates)
            if strangers:
                yield f"these do not belong in it: {sorted(strangers)}"
                return
            shown = [dates[address] for address in addresses]
            left = [dates[address] for address in set(dates) - set(addresses)]
            if left and shown and max(left) > min(shown):
                yield "it leaves out newer posts than it shows"

        return check
