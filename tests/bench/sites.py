"""The site of the benchmark, as files for each program."""

import json
import shutil
from pathlib import Path

from posts import Posts

HERE = Path(__file__).parent


# An account, for a site whose posts are documents of the fediverse too.
ACTOR = '\n[[actors]]\nuser = "news"\n'
KEY = HERE.parent / "it/keys/news.pem"


def lay_out(root, count, actor=False):
    """Makes a site with posts at `root`, and beside it what Hugo needs to build the same."""
    shutil.copytree(HERE / "sitegen", root)
    shutil.copytree(HERE / "hugo", hugo_source(root))
    text = (root / "site.toml").read_text()
    (root / DURABLE).write_text(text + "durable = true\n")
    if actor:
        (root / "site.toml").write_text(text + ACTOR)
        (root / "keys").mkdir()
        shutil.copy(KEY, root / "keys")
    for post in Posts(count):
        front = f'title = "{post.title}"\ndate = {post.date}\ntags = {json.dumps(post.tags)}\n'
        text = f"+++\n{front}+++\n\n{post.markdown}"
        (root / "content/posts" / f"{post.name}.md").write_text(text)
    return root


# A second configuration of the site, which waits for the disk.
DURABLE = "durable.toml"


def hugo_source(root):
    return root.with_name(f"{root.name}.hugo")


class Edited:
    """A post in the middle of a site, which is changed from run to run."""

    def __init__(self, root, count):
        self.path = root / "content/posts" / f"post-{count // 2:05}.md"
        self.changes = 0

    def text(self):
        """One more sentence at the end."""
        self.write(self.path.read_text() + f"\nSentence {self.next()}.\n")

    def title(self):
        """One more word in the title, which lists and neighbours show."""
        self.write(self.path.read_text().replace('title = "', f'title = "Word{self.next()} ', 1))

    def next(self):
        self.changes += 1
        return self.changes

    def write(self, text):
        self.path.write_text(text)
