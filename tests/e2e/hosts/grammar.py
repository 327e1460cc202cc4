"""`_headers` and `_redirects`, held to what Netlify and Cloudflare Pages say of these files."""

import re

# Cloudflare Pages: rules in `_headers`, characters of a line in it; fixed redirects, characters of one.
RULES_MAX, LINE_MAX, FIXED_MAX, REDIRECT_MAX = 100, 2000, 2000, 1000
TOKEN = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
PATH = r"/[\x21-\x7e]*"
STATUSES = {"netlify": r"(?:200|301|404|410)!?", "cloudflare-pages": r"301"}


def lines(path):
    text = path.read_text("ascii")
    return [line for line in text.split("\n") if line and not line.startswith("#")]


def headers(host, output):
    """A path at the margin, then its headers, further in."""
    rules = {}
    for line in lines(output / "_headers"):
        if len(line) > LINE_MAX:
            yield f"{len(line)} characters: {line[:80]}"
        if re.fullmatch(PATH, line):
            if line in rules:
                yield f"twice: {line}"
            # More than one asterisk is refused by Cloudflare; Netlify reads one as a folder.
            if line.count("*") > (1 if host == "cloudflare-pages" else 2):
                yield f"more than one asterisk: {line}"
            fields = rules[line] = []
        elif re.fullmatch(rf"  {TOKEN}: [\x20-\x7e]*\S", line) and rules:
            name = line.split(":")[0].strip().lower()
            if name in fields:
                yield f"{name} twice"
            fields.append(name)
        else:
            yield f"no rule: {line}"
    if not all(rules.values()):
        yield "a rule without headers"
    if len(rules) > RULES_MAX:
        yield f"{len(rules)} rules"
    for path in ("/*", "/ap/*", "/.well-known/webfinger"):
        if path not in rules:
            yield f"no rule for {path}"


def redirects(host, output):
    """From, to, status; on Netlify parameters of the query between the first two."""
    seen = set()
    for line in lines(output / "_redirects"):
        parameter = r"(?: [a-z]+=[\x21-\x7e]+)*" if host == "netlify" else ""
        match = re.fullmatch(rf"({PATH}{parameter}) ({PATH}) {STATUSES[host]}", line)
        if not match or len(line) > REDIRECT_MAX:
            yield f"no rule: {line}"
        elif match[1] in seen:
            yield f"twice: {match[1]}"
        else:
            seen.add(match[1])
    if not seen or len(seen) > FIXED_MAX:
        yield f"{len(seen)} rules"
    asks = any(line.startswith("/.well-known/webfinger resource=acct:lowri@") for line in seen)
    if asks != (host == "netlify"):
        yield "WebFinger is not asked by its query" if host == "netlify" else "a query in a rule"


def try_all(check, example):
    for host in STATUSES:
        output = example.built(host) / "output"
        check(f"{host}: _headers as documented", headers, host, output)
        check(f"{host}: _redirects as documented", redirects, host, output)
