"""Calendars, read back by `icalendar`, which has nothing to do with ours."""

from datetime import date, datetime, timezone

from icalendar import Calendar

CONFIG = """\
base_url = "https://party.example"
title = "Parti ŵ ŷ"
timezone = "Europe/London"
"""

SECTION = '+++\ntitle = "Events"\nkind = "event"\n+++\n'

EVENTS = {
    "camp": 'title = "Camp"\nstart = 2026-08-01\nend = 2026-08-03',
    "night": 'title = "Night"\nstart = 2026-10-25T00:30:00+01:00\nend = 2026-10-25T03:00:00Z',
    "spring": 'title = "Spring"\nstart = 2026-03-29T00:30:00\nend = 2026-03-29T02:30:00',
    "talk": 'title = "Talk"\nstart = 2026-06-20T18:00\nzone = "Europe/Berlin"\ncancelled = true',
    "far": 'title = "Far"\nstart = 2026-07-05T19:30:00\nzone = "Australia/Lord_Howe"',
    "moved": 'title = "Moved"\nstart = 2026-09-06T19:30\nmoved_from = 2026-09-05T19:30',
    "text": 'title = "A, b; c \\\\ d – ŵ ŷ 😀"\nstart = 2026-07-05\nlocation = "Hall, Bridge; Street"',
}


def site():
    """A site with every kind of event."""
    files = {"site.toml": CONFIG, "content/events/_index.md": SECTION}
    for name, front in EVENTS.items():
        files[f"content/events/{name}.md"] = f"+++\n{front}\ndate = 2026-01-01\n+++\nText.\n"
    return files


def utc(*parts):
    return datetime(*parts, tzinfo=timezone.utc)


# What each event says: start and end, and its status.
EXPECTED = {
    "Camp": (date(2026, 8, 1), date(2026, 8, 4), "CONFIRMED"),
    "Night": (utc(2026, 10, 24, 23, 30), utc(2026, 10, 25, 3), "CONFIRMED"),
    "Spring": (utc(2026, 3, 29, 0, 30), utc(2026, 3, 29, 1, 30), "CONFIRMED"),
    "Cancelled: Talk": (utc(2026, 6, 20, 16), None, "CANCELLED"),
    "Far": (utc(2026, 7, 5, 9), None, "CONFIRMED"),
    "Moved": (utc(2026, 9, 6, 18, 30), None, "CONFIRMED"),
    "A, b; c \\ d – ŵ ŷ 😀": (date(2026, 7, 5), date(2026, 7, 6), "CONFIRMED"),
}


def instant(value):
    value = value.dt
    return value.astimezone(timezone.utc) if isinstance(value, datetime) else value


def read_back(path):
    """What is wrong with the calendar of the whole site."""
    text = path.read_bytes()
    # A zone that no machine knows has to be understood from what the file says of it.
    for zone in (b"Europe/London", b"Europe/Berlin", b"Australia/Lord_Howe"):
        text = text.replace(zone, b"Nowhere/" + zone.split(b"/")[1])
    calendar = Calendar.from_ical(text)
    if calendar["NAME"] != "Parti ŵ ŷ":
        yield f"the calendar is called {calendar['NAME']}"
    if calendar.errors:
        yield f"errors: {calendar.errors}"
    found = {str(event["SUMMARY"]): event for event in calendar.walk("VEVENT")}
    if set(found) != set(EXPECTED):
        yield f"the events are {sorted(found)}"
        return
    for title, (start, end, status) in EXPECTED.items():
        event = found[title]
        if event.errors:
            yield f"{title}: {event.errors}"
        if instant(event["DTSTART"]) != start:
            yield f"{title} starts at {event['DTSTART'].dt}, not {start}"
        if (instant(event["DTEND"]) if "DTEND" in event else None) != end:
            yield f"{title} does not end at {end}"
        if event["STATUS"] != status:
            yield f"{title} is {event['STATUS']}"
        for wanted in ("UID", "DTSTAMP", "SEQUENCE", "URL", "LAST-MODIFIED"):
            if wanted not in event:
                yield f"{title} has no {wanted}"
    if found["A, b; c \\ d – ŵ ŷ 😀"]["LOCATION"] != "Hall, Bridge; Street":
        yield "the place is not as it was written"
    if "Saturday 5 September 2026, 19:30" not in found["Moved"]["DESCRIPTION"]:
        yield "what was moved does not say from when"
    if len({str(event["UID"]) for event in found.values()}) != len(found):
        yield "two events have one UID"
