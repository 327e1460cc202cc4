"""Posts for benchmarks: the same ones every time, on every machine.

A post has about 600 words: paragraphs with emphasis, links and code, two headings, a list and a
quotation. One to three of 200 tags go to each by a Zipf law, as on real sites: a few tags are on
very many posts, most on few.
"""

import random
from bisect import bisect
from datetime import date, timedelta
from itertools import accumulate

TAGS = 200
WORDS = """
a about above after again all also always and any are around as at away back be because been
before being below between both branch bridge budget bus but by call campaign can candidate care
city clean come council could country day did different do does down each early election energy
enough even evening every fair few find first for forest four free from full future garden get
give go good great green had half hand has have health here high hill home hospital hour house
how if in into is it its just keep know land large last late law learn less letter library light
like line little local long look made make many market may meeting member might mile money month
more morning most much must name near need neighbour never new next night no nor not nothing now
number of off often old on once one only open or other our out over own park part party path
people perhaps petition place plan play policy poor power press promise public question quiet
rail rather read ready report right river road roof room rule safe said same say school sea see
seven several shall share she shop should show side simple since small so some something soon
speak spring staff station still street strong such summer support table take talk tell than that
the their them then there these they thing think this those three through time to today together
told too town train tree true turn twenty two under union until up upon us use very village voice
vote wage walk wall want ward warm was water way we week well were what when where which while
who why will wind winter wish with within without word work world would write year yes yet you
young your
""".split()


class Posts:
    """Gives the posts one after the other."""

    def __init__(self, count):
        self.count = count
        self.random = random.Random(20260501)
        self.weights = list(accumulate(1 / rank for rank in range(1, TAGS + 1)))

    def __iter__(self):
        for number in range(self.count):
            yield Post(self, number)

    # Only `random()` gives the same numbers in every version of Python.
    def below(self, end):
        return int(self.random.random() * end)

    def words(self, count):
        return [WORDS[self.below(len(WORDS))] for _ in range(count)]

    def tag(self):
        at = self.random.random() * self.weights[-1]
        return f"topic-{bisect(self.weights, at) + 1:03}"


class Post:
    """A post: `name`, `title`, `date`, `tags`, `markdown`."""

    def __init__(self, posts, number):
        self.name = f"post-{number:05}"
        self.title = f"{' '.join(posts.words(5)).capitalize()} {number}"
        # Days differ, so that every program has one order only.
        self.date = date(1880, 1, 1) + timedelta(days=number)
        self.tags = sorted({posts.tag() for _ in range(1 + posts.below(3))})
        self.markdown = "\n\n".join(blocks(posts)) + "\n"


def blocks(posts):
    """The blocks of a text."""
    for part in range(3):
        if part:
            yield f"## {' '.join(posts.words(4)).capitalize()}"
        yield paragraph(posts, 80)
        yield paragraph(posts, 60)
        if part == 1:
            yield "\n".join(f"- {' '.join(posts.words(8))}" for _ in range(5))
        if part == 2:
            yield f"> {' '.join(posts.words(20))}"
    yield paragraph(posts, 60)


def paragraph(posts, count):
    """A paragraph with a few marks in it."""
    words = posts.words(count)
    words[5] = f"**{words[5]}**"
    words[17] = f"*{words[17]} {words[18]}*"
    words[30] = f"[{words[30]}](https://example.org/{words[31]})"
    words[42] = f"`{words[42]}`"
    return " ".join(words).capitalize() + "."
