"""The table of results."""

from dataclasses import dataclass

from measure import middle, ratio

HEAD = ("what", "ours", "other", "ratio", "target", "met")
UNITS = {"seconds": "s", "mib": "MiB"}
NONE = "–"


@dataclass
class Target:
    """The largest ratio that is good enough, and the one that would be better still."""

    most: float
    stretch: float | None = None

    def __str__(self):
        text = f"≤ {ratio_text(self.most)}"
        return f"{text} (stretch {ratio_text(self.stretch)})" if self.stretch else text


class Table:
    """Rows of text, and how many of them miss their target."""

    def __init__(self):
        self.rows = []
        self.missed = 0

    def add(self, what, ours, other=NONE, proportion=NONE, target=NONE, met=None):
        """A row. `met` is `None` where there is nothing to meet."""
        verdict = {None: NONE, True: "yes", False: "NO"}[met]
        self.missed += met is False
        self.rows.append((what, ours, other, proportion, str(target), verdict))

    def compare(self, what, unit, ours, others, target=None):
        """A row that compares the runs of two programs by `seconds` or `mib`."""
        found = ratio(ours, others, unit)
        self.add(what, amount(middle(ours, unit), unit), amount(middle(others, unit), unit),
                 ratio_text(found), target or NONE, found <= target.most if target else None)

    def text(self):
        """For a terminal."""
        rows = [HEAD, *self.rows]
        widths = [max(len(row[column]) for row in rows) for column in range(len(HEAD))]
        lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip()
                 for row in rows]
        return "\n".join([lines[0], "  ".join("-" * width for width in widths), *lines[1:]])

    def markdown(self):
        """For a README."""
        lines = [f"| {' | '.join(row)} |" for row in [HEAD, ["---"] * len(HEAD), *self.rows]]
        return "\n".join(lines)


def amount(value, unit):
    """`0.52 s`, `107 MiB`."""
    return f"{value:.0f} {UNITS[unit]}" if value >= 100 else f"{value:.2g} {UNITS[unit]}"


def ratio_text(value):
    """`1/5.4` for less than 1."""
    return f"1/{trimmed(1 / value)}" if value < 0.95 else trimmed(value)


def trimmed(value):
    """`5.4`, `1.25`, `2`."""
    return f"{value:.1f}".removesuffix(".0") if value >= 3 else f"{value:.3g}"
