"""The checks. `tests/e2e/office/run` gets what they need and calls this."""

import argparse
import json
import re
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE.parent / "hosts")]

from harness import Checks
from scene import HOST, SITE, USERS, Office, Party, Peers, Web, is_signed_with, until
from servers import certificate, free_port

HANDLE = f"@news@{HOST}"
ACTOR = f"{SITE}/ap/news/actor.json"
INBOX = f"{SITE}/ap/news/inbox"
LOWRI = f"{SITE}/ap/lowri/actor.json"
ACTIVITY = "application/activity+json"
RFC9421, CAVAGE = "rfc9421", "draft-cavage-http-signatures-12"
# Servers, who is there, and how they sign first. One of them will be away for a while.
NEW, OLD, AWAY = "new.example", "old.example", "away.example"
FOLLOWERS = {NEW: "gwenllian", OLD: "siencyn", AWAY: "arwel"}
FORMS = {NEW: RFC9421, OLD: CAVAGE, AWAY: RFC9421}
WELL = (NEW, OLD)
# Others, of whom nobody follows: at the same servers, and at one that never hears of us.
OTHERS = {NEW: "eluned", OLD: "tegwen"}
STRANGER = "stranger.example"
# A server that was away is tried again after a minute, or a fifth longer.
AGAIN_SECONDS = 80


class Scene:
    def __init__(self, options, check):
        self.check = check
        port = free_port()
        hosts = [*FOLLOWERS, STRANGER]
        self.pair, authority = certificate(options.work, [HOST, *hosts])
        self.party = Party(options.binary, options.work / "party", port)
        self.party.build()
        self.web = Web("nginx", self.party.place, self.pair, HOST)
        self.peers = Peers(options.node, options.work, self.pair, authority, self.web, [
            {"host": host, "first_knock": FORMS.get(host, RFC9421),
             "users": [one[host] for one in (FOLLOWERS, OTHERS) if host in one]}
            for host in hosts], {OTHERS[NEW]: [LOWRI]})
        self.office = Office(options.binary, options.work / "office", port)
        # The post office asks the web server for the site, as from another machine.
        self.office.move_in(self.party, authority, [
            f"{HOST}:443:127.0.0.1:{self.web.secure}",
            *(f"{host}:443:127.0.0.1:{self.peers.port}" for host in hosts)])

    def each(self, name, check, hosts=WELL):
        for host in hosts:
            self.check(f"{host}: {name}", check, host)

    def publish(self):
        """Asks the post office to look, as a person does after an upload."""
        self.since = self.peers.now()
        answer = self.web.ask("/ap/check", "POST", b"")
        assert answer.status == 202, answer.status

    def signed(self, host, message, form, target="/ap/news/inbox", wrong=False):
        """The headers and the body of a message of somebody who does not follow."""
        body = json.dumps(message)
        user = message["actor"].rpartition("/")[2]
        answer = self.peers.ask(host, "sign", url=f"{SITE}{target}", body=body, user=user,
                                form=form, wrong=wrong)
        # The host is named by who sends it.
        headers = {name: value for name, value in answer["headers"].items() if name != "host"}
        return headers, body.encode()

    def post(self, headers, body, target="/ap/news/inbox"):
        return self.web.ask(target, "POST", body, headers).status

    # Following.

    def is_found(self, host):
        found = self.peers.ask(host, "lookup", what=HANDLE)
        if (found["kind"], found["id"], found["inbox"]) != ("Organization", ACTOR, INBOX):
            yield str(found)

    def follows(self, host):
        """The follow is answered within a second, and one message is enough for it."""
        before = self.peers.now()
        sent = self.peers.ask(host, "follow", user=FOLLOWERS[host], what=HANDLE)
        accept = self.peers.wait(host, "Accept", after=before, object=sent["id"])
        if not accept:
            yield f"no Accept: {self.peers.lines.all[before:]}"
            return
        took = round(accept["at"] - sent["began"])
        self.check.note(f"{took} ms from the follow to the answer")
        if accept["actor"] != ACTOR or took > 1000:
            yield f"{accept}"
        knocks = [knock["form"] for knock in self.peers.events(None, "knock", before, to=INBOX)]
        if knocks != [FORMS[host].removesuffix("-http-signatures-12")]:
            yield f"it knocked with {knocks}"
        if not self.is_follower(host):
            yield f"the followers: {self.office.followers()}"

    def is_follower(self, host):
        return f"https://{host}/users/{FOLLOWERS[host]}" in self.office.followers()

    def unfollows(self, host):
        self.peers.ask(host, "unfollow", user=FOLLOWERS[host], what=HANDLE)
        if self.is_follower(host):
            yield "still a follower"

    # Posts.

    def told(self, host, kind, about):
        """What the account tells a server of something."""
        return self.peers.wait(host, kind, after=self.since, actor=ACTOR, object=about)

    def not_heard(self):
        return f"not heard of: {self.peers.lines.all[self.since:]}"

    def hears(self, kind, name):
        """A check: a server hears of a post what the site says of it."""
        document = self.party.document(name)

        def heard(host):
            event = self.told(host, kind, document["id"])
            if not event:
                yield self.not_heard()
                return
            wanted = ("Note", ACTOR, document["content"])
            if (event["kind"], event["author"], event["content"]) != wanted:
                yield f"{event} instead of {wanted}"

        return heard

    def is_deleted(self, host):
        if not self.told(host, "Delete", self.taken_back):
            yield self.not_heard()

    def is_renamed(self, host):
        event = self.told(host, "Update", ACTOR)
        if not event or event["name"] != "Another party":
            yield str(event) if event else self.not_heard()

    def is_sent_once(self, host):
        """No message is taken twice."""
        taken = [event["id"] for event in self.peers.events(host, "request", method="POST")
                 if event["status"] == 202]
        yield from sorted({id for id in taken if taken.count(id) > 1})

    # Being away.

    def is_refused_once(self):
        """Of two messages one was tried, once."""
        refused = self.peers.events(AWAY, "request", self.since, status=503)
        if [event["kind"] for event in refused] != ["Create"]:
            yield f"{refused}"

    def waiting(self, host):
        """The ids of the messages that are on their way to a server."""
        sql = """SELECT activity.uri FROM delivery JOIN activity ON activity.id = activity
                 JOIN host ON host.id = delivery.host WHERE origin = ? ORDER BY delivery.id"""
        return [uri for uri, in self.office.rows(sql, f"https://{host}")]

    def kill(self, *away):
        """Kills the post office when nothing is on its way but to servers that are away: what it
        has not heard of yet that it arrived would be sent again."""
        there = set(FOLLOWERS) - set(away)
        assert until(lambda: not any(map(self.waiting, there)), 5), "messages do not arrive"
        self.office.kill()

    def arrives_late(self):
        """What waited arrives, in its order, with the same id as elsewhere; but no news of a post
        that was taken back since."""
        last = f"{self.party.document('after')['id']}#create"
        if not self.peers.wait(AWAY, "request", AGAIN_SECONDS, id=last, status=202):
            yield "the last message does not arrive"
        got, elsewhere = (
            [event["id"] for event in self.peers.events(host, "request", status=202, method="POST")
             if event["kind"] != "Accept"] for host in (AWAY, OLD))
        wanted = [id for id in elsewhere if not id.startswith(self.taken_back)]
        wanted.insert(1, f"{self.taken_back}#delete")
        if got != wanted:
            yield f"it got {got} instead of {wanted}"

    # What must not be believed.

    def follow_of(self, host, number, user=None):
        return {"@context": "https://www.w3.org/ns/activitystreams", "type": "Follow",
                "id": f"https://{host}/follows/{number}", "object": ACTOR,
                "actor": f"https://{host}/users/{user or OTHERS[host]}"}

    def is_not_believed(self, host):
        form = FORMS[host]
        follow = self.follow_of(host, "forged")
        _, body = self.signed(host, follow, form)
        if (status := self.post({"Content-Type": ACTIVITY}, body)) != 401:
            yield f"without a signature: {status}"
        if (status := self.post(*self.signed(host, follow, form, wrong=True))) != 401:
            yield f"signed with another key: {status}"
        headers, body = self.signed(host, follow, form)
        if (status := self.post(headers, body.replace(b"/forged", b"/forger"))) != 401:
            yield f"changed on its way: {status}"
        known = f"{host}/users/{FOLLOWERS[host]}"
        undo = {**follow, "type": "Undo", "actor": follow["actor"], "object": {
            **follow, "actor": f"https://{known}"}}
        if (status := self.post(*self.signed(host, undo, form))) != 202:
            yield f"an Undo of what somebody else did: {status}"
        if not self.is_follower(host):
            yield "somebody has taken back the follow of another"
        if follow["actor"] in self.office.followers():
            yield "somebody follows who has proven nothing"

    def is_not_replayed(self, host):
        follow = self.follow_of(host, "once")
        headers, body = self.signed(host, follow, FORMS[host])
        before = self.peers.now()
        if (status := self.post(headers, body)) != 202:
            yield f"the message itself: {status}"
        if not self.peers.wait(host, "Accept", after=before, object=follow["id"]):
            yield "the message itself is not answered"
        if (status := self.post(headers, body, "/ap/lowri/inbox")) != 401:
            yield f"sent to another: {status}"
        if self.office.followers("lowri"):
            yield "the other has a follower"
        if (status := self.post(headers, body)) != 202:
            yield f"sent again: {status}"
        if self.office.rows("SELECT 1 FROM activity WHERE kind = 3"):
            yield "it is answered once more"

    def no_stranger_is_asked(self):
        """For servers tell everybody that an account is gone."""
        actor = f"https://{STRANGER}/users/somebody"
        message = {"@context": "https://www.w3.org/ns/activitystreams", "type": "Delete",
                   "id": f"{actor}#delete", "actor": actor, "object": actor}
        for form in (RFC9421, CAVAGE):
            if (status := self.post(*self.signed(STRANGER, message, form))) != 202:
                yield f"{form}: {status}"
        if asked := self.peers.events(STRANGER, "request"):
            yield f"{asked}"
        # It would be known if it were.
        follow = self.follow_of(STRANGER, "a", "somebody")
        if (status := self.post(*self.signed(STRANGER, follow, RFC9421))) != 401:
            yield f"a Follow of nobody: {status}"
        if not self.peers.events(STRANGER, "request"):
            yield "the stranger is not asked for the one who follows either"

    def reacts(self, host):
        post = self.party.document("late")["id"]
        for kind in ("Like", "Announce", "Create"):
            self.peers.ask(host, "react", user=FOLLOWERS[host], kind=kind, what=post)
        actor = f"https://{host}/users/{FOLLOWERS[host]}"
        kinds = self.office.rows(
            "SELECT kind FROM reaction WHERE actor = ? AND post = ? ORDER BY kind", actor, post)
        if kinds != [(0,), (1,), (2,)]:
            yield f"{kinds}"

    # Floods.

    def is_held(self, flood):
        said = self.office.lines.wait(lambda line: "sitegen deliver --confirm" in line, 5)
        if not said or "11 messages" not in said:
            yield f"{self.office.lines.all}"
        code, said = self.office.deliver()
        if code == 0 or "another post office is at work" not in said:
            yield f"two at once: {code} {said}"
        if (code := self.office.stop()) != 0:
            yield f"the post office ends with {code}"
        code, said = self.office.deliver()
        if code != 0:
            yield f"without a word of anybody: {code} {said}"
        sent = {event["object"] for host in WELL
                for event in self.peers.events(host, "Create", self.since)}
        yield from sorted(sent & set(flood))

    def is_confirmed(self, flood):
        code, said = self.office.deliver("--confirm")
        if code != 0 or "messages delivered" not in said:
            yield f"{code} {said}"
        for host in WELL:
            got = [event["object"] for event in self.peers.events(host, "Create", self.since)]
            if sorted(got) != sorted(flood):
                yield f"{host} got {got}"

    def is_not_held(self):
        self.party.post("after", "One more.")
        self.party.build()
        code, said = self.office.deliver()
        if code != 0 or not all(self.told(host, "Create", self.party.document("after")["id"])
                                for host in WELL):
            yield f"{code} {said}"

    # The key.

    def makes_way(self):
        """A new key is made beside the site, and brought to the post office, which runs."""
        self.old, self.new = self.party.place / "old.pem", self.party.site / "keys/news.pem"
        self.old.write_text(self.new.read_text())
        self.party.run("key", "rotate", "news")
        carried = self.office.place / "carried.pem"
        self.party.run("key", "export", "news", "--private", "--next", "--output", carried)
        self.office.run("key", "import", "news", carried, "--next")
        self.party.post("newer", "Signed with another key.")
        self.party.build()
        self.publish()
        if not self.office.lines.wait(lambda line: "shows the new key" in line, 5):
            yield f"{self.office.lines.all}"

    def is_taken(self, kind, about, key):
        """A check: a server takes a message at its first try, and that key has signed it."""
        def taken(host):
            self.peers.wait(host, "request", AGAIN_SECONDS, self.since, kind=kind, object=about)
            tries = self.peers.events(host, "request", self.since, kind=kind, object=about)
            if [one["status"] for one in tries] != [202] or not self.told(host, kind, about):
                yield f"{tries}"
            yield from (f"another key has signed {one}" for one in tries
                        if not is_signed_with(one, key))

        return taken

    def ends(self):
        self.since = self.peers.now()
        file = self.office.place / "followers.csv"
        self.office.run("retire", "news", "--followers", file, "--yes", "news")
        if len(file.read_text().splitlines()) != 1 + len(self.office.followers()):
            yield "not all followers are in the file"

    def moves_only_to_itself(self):
        """An account moves only to one that names it, and that the site names."""
        def refused(user, why):
            said = self.office.run(*retire, "--move-to", f"@{user}@{NEW}", code=2)
            return [] if why in said else [said]

        retire = "retire", "lowri", "--followers", self.office.place / "lowri.csv", "--yes", "lowri"
        yield from refused(FOLLOWERS[NEW], "does not say that it is also this one")
        yield from refused("nobody", "is not there")
        yield from refused(OTHERS[NEW], "moved_to = ")
        self.party.moves("lowri", f"https://{NEW}/users/{OTHERS[NEW]}")
        self.party.build()
        said = self.office.run(*retire, "--move-to", f"@{OTHERS[NEW]}@{NEW}")
        if "@lowri has ended" not in said:
            yield said

    def names_nobody(self):
        log = [line for lines in self.office.log for line in lines]
        names = re.compile("|".join([*FOLLOWERS.values(), *OTHERS.values(), "/users/", "somebody"]))
        if len(log) < 10:
            yield f"there is hardly a log: {log}"
        yield from (line for line in log if names.search(line))


def play(scene):
    check, each, office, party, peers = (
        scene.check, scene.each, scene.office, scene.party, scene.peers)

    office.start()
    everybody = tuple(FOLLOWERS)
    each("the account is found", scene.is_found, everybody)
    each("a follow is accepted within a second, by the first message", scene.follows, everybody)
    each("no post arrives that was there before",
         lambda host: map(str, peers.events(host, "Create")))

    peers.ask(AWAY, "mode", mode="busy")
    party.post("late", "The bus was late.")
    party.post("bus", "There will be *another* bus.")
    party.build()
    scene.publish()
    each("a new post arrives", scene.hears("Create", "bus"))
    each("another new post arrives", scene.hears("Create", "late"))
    peers.wait(AWAY, "request", after=scene.since, status=503)
    scene.kill(AWAY)
    check(f"{AWAY}: a server that is busy is left alone", scene.is_refused_once)
    check(f"{AWAY}: what did not arrive waits when the post office is killed",
          lambda: {party.document(name)["id"] + "#create" for name in ("bus", "late")}
          ^ set(scene.waiting(AWAY)))
    peers.ask(AWAY, "mode", mode="well")

    peers.ask(NEW, "mode", mode="silent")
    party.post("bus", "There will be *two* more buses.")
    party.build()
    scene.since = peers.now()
    office.start()
    each("an edit arrives, which was made while the post office was away",
         scene.hears("Update", "bus"), (OLD,))
    unanswered = peers.wait(NEW, "request", after=scene.since, kind="Update")
    scene.kill(NEW, AWAY)
    peers.ask(NEW, "mode", mode="well")
    office.start()
    each("an edit arrives although the post office was killed while it was under way",
         scene.hears("Update", "bus"), (NEW,))
    check(f"{NEW}: it is the same message", lambda: [] if unanswered and peers.wait(
        NEW, "request", after=scene.since, id=unanswered["id"], status=202) else [str(unanswered)])

    scene.taken_back = party.document("bus")["id"]
    party.run("withdraw", "content/news/bus.md", "--yes")
    party.build()
    scene.web.reload(scene.pair)
    path = scene.taken_back.removeprefix(SITE)
    check("the web server knows that a post was taken back",
          lambda: [] if until(lambda: scene.web.ask(path).status == 410, 5) else ["no 410"])
    scene.publish()
    each("a post that was taken back is deleted", scene.is_deleted)

    each("an unfollow ends the follow", scene.unfollows)
    each("a second follow is accepted within a second", scene.follows)
    each("nobody is believed who has proven nothing", scene.is_not_believed)
    each("a message that was overheard is worth nothing", scene.is_not_replayed)
    check("no stranger is asked because of a Delete", scene.no_stranger_is_asked)
    each("a like, a boost and a reply are kept", scene.reacts)

    check("the post office ends in peace when it is told to",
          lambda: [] if office.stop() == 0 else [str(office.lines.all)])
    # From now on the site is on the same machine.
    office.reads(party.output)
    party.rename("Another party")
    party.build()
    scene.since = peers.now()
    office.start()
    each("a new name arrives", scene.is_renamed)

    flood = [f"flood-{number}" for number in range(11)]
    for name in flood:
        party.post(name, "One of many.")
    party.build()
    scene.publish()
    flood = [party.document(name)["id"] for name in flood]
    check("more posts at once than people write wait for a word", scene.is_held, flood)
    check("they go out when somebody confirms it", scene.is_confirmed, flood)
    check("another post goes out by itself after that", scene.is_not_held)
    office.start()
    check(f"{AWAY}: what waited arrives when it is back", scene.arrives_late)
    each("nothing arrives twice", scene.is_sent_once, everybody)
    each("nothing is left for it", lambda host: [] if until(
        lambda: not scene.waiting(host), 5) else scene.waiting(host), everybody)
    check("the post office sees that the site shows another key", scene.makes_way)
    each("what tells of the new key is signed with the old one",
         scene.is_taken("Update", ACTOR, scene.old), everybody)
    each("a post after that is signed with the new one",
         scene.is_taken("Create", party.document("newer")["id"], scene.new), everybody)
    check("an account moves only to one that names it", scene.moves_only_to_itself)
    check("an account ends", scene.ends)
    each("it is deleted", scene.is_taken("Delete", ACTOR, scene.new), everybody)
    check("the log names no follower", scene.names_nobody)
    each("no message was wrong", lambda host: map(str, peers.events(host, "error")), everybody)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--binary", required=True)
    parser.add_argument("--node", required=True)
    parser.add_argument("--work", required=True, type=Path)
    options = parser.parse_args()
    check = Checks()
    scene = Scene(options, check)
    try:
        with scene.web:
            play(scene)
    finally:
        scene.office.end()
        scene.peers.end()
    check.finish()


if __name__ == "__main__":
    main()
