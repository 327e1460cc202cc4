"""A site whose authors mean no good: every text in it is the worst there is."""

# What XML cannot carry, what ends its sections, markup, quotes, marks that change the direction
# of writing, line separators, joined emoji, letters outside the first plane, templates, escapes.
HOSTILE = (
    "\0\1\x0b\x1b\x7f\x85\ufffe\uffff]]> <![CDATA[ ]]]]>> <!-- --> </script> </title> </textarea> "
    "\"double\" 'single' &amp; & < > &lt; &#0; &#x1b; \u202eright\u202c \u2066x\u2069 \u2028\u2029 "
    "\u05e9\u05dc\u05d5\u05dd \u0645\u0631\u062d\u0628\u0627 \U0001f469\U0001f3fd\u200d\U0001f692 "
    "\U0001d518 e\u0301 ?> {{ x }} {% x %} %41 \\ \ttab $(x) `x`")

CONFIG = """\
base_url = "https://hostile.example/under/a/path"
title = {text}
description = {text}
author = {text}
timezone = "Pacific/Auckland"
default_language = "cs"
front_matter = "lenient"
feed_limit = 5
feed_hub = "https://hub.example/?a=b&c=d"
taxonomies = [{{ name = "tags", feed = true }}, {{ name = "authors", feed = true }}]

[languages.en]
title = {text}
"""

FRONT = """\
+++
title = {text}
description = {text}
date = 2026-{month:02}-28T23:59:59+13:00
authors = [{author}, "Ann"]
tags = [{tag}, "plain"]
image = "p.png"
image_alt = {text}
+++
"""

BODY = """
{raw}

<!-- more -->

## {raw} {{#x}}

[{raw}](../second.md "{raw}") ![{raw}](p.png) [x](#x) [y](//else.example/y) <https://a.example/?b&c>
[bad](javascript:alert(1)) [bad](data:text/html,x) <b onclick="x">html</b> note[^1] [up](../../)

`{raw}`

```{raw}
{raw}
```

| {raw} | b |
|---|---|
| c | {raw} |

[^1]: {raw}
"""


def quoted(text):
    """A string of TOML that can say anything."""
    def escaped(letter):
        if letter in "\"\\":
            return "\\" + letter
        return letter if letter.isprintable() else f"\\U{ord(letter):08X}"
    return '"' + "".join(map(escaped, text)) + '"'


def hostile():
    """Its files, by path."""
    raw = HOSTILE.replace("|", "").replace("`", "").replace("\0", "")
    # Without what would be a shortcode, and on one line.
    raw = raw.replace("{{", "{").replace("{%", "{")
    files = {
        "site.toml": CONFIG.format(text=quoted(HOSTILE)),
        "content/_index.md": f"+++\ntitle = {quoted(HOSTILE)}\n+++\n{raw}\n",
        "content/news/_index.md":
            f"+++\ntitle = {quoted(HOSTILE)}\ndescription = {quoted(HOSTILE)}\n+++\n",
        "content/news/2026-01-05-long.md": "# " + "A title without an end ]]> & é. " * 32768 + "\n\nText.\n",
        "content/news/2026-01-04-crlf.md":
            "---\r\ntitle: \"a\\x0Bb\\0c ]]>\"\r\nauthor: Yaml\r\ntags: [plain]\r\n---\r\nText.\r\n",
    }
    files["content/liquid.md"] = "# Liquid\n\n<a href=\"{{ 'a' | relative_url }}\">b</a>\n"

    def page(month):
        front = FRONT.format(
            text=quoted(f"{month} {HOSTILE}"), month=month, author=quoted(f"B {HOSTILE}"),
            tag=quoted(f"t {HOSTILE}"))
        return front + BODY.replace("{{#x}}", "{#x}").replace("{raw}", raw)
    for name, month in (("first/index", 2), ("first/index.en", 2), ("second", 3), ("third", 4)):
        files[f"content/news/{name}.md"] = page(month)
        files[f"content/news/{name.rpartition('/')[0] or '.'}/p.png"] = b"\x89PNG not really"
    return files
