"""The checks. `tests/e2e/signatures/run` gets what they need and calls this."""

import argparse
import base64
import hashlib
import json
import os
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from harness import Checks
from others import (
    TYPE, ActivityPubHttpSignatures, ApsigDraft, ApsigRfc, MessageSignatures, Request)

HOST = "www.party.example"
POST = Request("POST", f"https://{HOST}/ap/news/inbox", '{"type":"Follow","name":"é"}')
GET = Request("GET", f"https://{HOST}/ap/news/actor.json")
ASKING = Request("GET", f"https://{HOST}/ap/news/outbox.json?page=1&x=%20")


class Keys:
    """A key in the forms in which the libraries want it."""

    id = "https://social.example/users/bob#main-key"

    def __init__(self):
        self.private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.public = self.private.public_key()
        self.private_pem = self.private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption()).decode()
        self.public_pem = self.public.public_bytes(
            serialization.Encoding.PEM,
            serialization.PublicFormat.SubjectPublicKeyInfo).decode()

    @staticmethod
    def digest(body):
        return "SHA-256=" + base64.b64encode(hashlib.sha256(body.encode()).digest()).decode()


class Ours:
    """What is checked: a test that signs and verifies what it is told to."""

    def __init__(self, work, keys):
        self.orders, self.keys = work / "orders", keys

    def ask(self, orders):
        answers = self.orders.with_name("answers")
        answers.unlink(missing_ok=True)
        self.orders.write_text("".join(json.dumps(order) + "\n" for order in orders))
        subprocess.run(
            ["cargo", "test", "--quiet", "--locked", "--test", "it",
             "signatures_are_made_and_verified_for_other_programs", "--", "--ignored"],
            env={**os.environ, "SITEGEN_SIGNATURES": str(self.orders)},
            stdout=subprocess.DEVNULL, check=True)
        # A test that is not there is no failure.
        return [json.loads(line) for line in answers.read_text().splitlines()]

    def sign(self, requests, form):
        """Requests with a signature each."""
        answers = self.ask([{
            "do": "sign", "form": form, "method": request.method, "url": request.url,
            "body": request.body, "content_type": TYPE, "now": int(time.time()),
            "key_id": self.keys.id, "private_key": self.keys.private_pem}
            for request in requests])
        return [request.having(headers) for request, headers in zip(requests, answers)]

    def verify(self, requests):
        """What is wrong with each of them, or None."""
        return self.ask([{
            "do": "verify", "method": request.method, "target": request.target, "host": HOST,
            "headers": list(request.headers.items()), "body": request.body,
            "now": int(time.time()), "key_id": self.keys.id, "public_key": self.keys.public_pem}
            for request in requests])


def changed_text(text):
    """With another character in the middle, of the same kind."""
    middle = len(text) // 2
    other = next(c for c in "a1b2" if c not in (text[middle], text[middle].lower()))
    return text[:middle] + other + text[middle + 1:]


def changed(request, covered):
    """The request with one thing changed, for all that is signed: names and requests."""
    yield "method", replace(request, method="PUT" if request.method == "POST" else "HEAD")
    yield "target", replace(request, url=changed_text(request.url + "/x"))
    if request.body:
        yield "body", replace(request, body=changed_text(request.body))
    for name, value in request.headers.items():
        if name.lower() in covered:
            yield name, request.but(name, changed_text(value))
    # The signature stands at the end of the header in some, in the middle in others.
    header = request.headers["Signature"]
    mark = 'signature="' if "keyId" in header else "=:"
    start = header.index(mark) + len(mark) + 50
    wrong = "A" if header[start] != "A" else "B"
    yield "signature", request.but("Signature", header[:start] + wrong + header[start + 1:])


def covered(request):
    """The names of the headers that are signed, in lower case."""
    if "Signature-Input" in request.headers:
        names = request.headers["Signature-Input"].split("(")[1].split(")")[0]
        return {"signature-input", *names.replace('"', "").split()}
    return set(request.headers["Signature"].split('headers="')[1].split('"')[0].split())


def theirs_to_us(check, ours, library, requests):
    """What a library signs is verified by us, and no more when it is changed."""
    for request in requests:
        signed = library.sign(request)
        cases = [("as it is", signed), *changed(signed, covered(signed))]
        verdicts = dict(zip((name for name, _ in cases), ours.verify(one for _, one in cases)))
        problem = verdicts.pop("as it is")
        check(f"{library.name}: we verify a {request.method}",
              lambda problem=problem: [f"{problem}: {signed}"] if problem else [])
        check(f"{library.name}: we notice each change of a {request.method}: {', '.join(verdicts)}",
              lambda verdicts=verdicts: [name for name, problem in verdicts.items() if not problem])


def ours_to_them(check, ours, library, requests, unseen=()):
    """What we sign is verified by a library, and no more when it is changed. `unseen` are changes
    that it leaves to its users."""
    for request, signed in zip(requests, ours.sign(requests, library.form)):
        check(f"{library.name}: verifies our {request.method}",
              lambda signed=signed: [] if library.verify(signed) else [str(signed)])
        cases = {name: one for name, one in changed(signed, covered(signed)) if name not in unseen}
        check(f"{library.name}: notices each change of our {request.method}: {', '.join(cases)}",
              lambda cases=cases: [name for name, one in cases.items() if library.verify(one)])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--work", required=True, type=Path)
    options = parser.parse_args()
    check, keys = Checks(), Keys()
    ours = Ours(options.work, keys)

    apsig = ApsigDraft(keys)
    theirs_to_us(check, ours, apsig, [POST, GET, ASKING])
    # It leaves out the query.
    ours_to_them(check, ours, apsig, [POST, GET])

    node = ActivityPubHttpSignatures(keys)
    theirs_to_us(check, ours, node, [POST, GET, ASKING])
    ours_to_them(check, ours, node, [POST, GET, ASKING], unseen=["body"])

    least = ("@method", "@target-uri")
    for library in [
        MessageSignatures(keys, "Mastodon", *least, include_alg=False),
        MessageSignatures(keys, "Fedify", *least, "@authority", "host", "date"),
        MessageSignatures(keys, "one that signs parts", "@method", "@authority", "@path", "@query"),
    ]:
        theirs_to_us(check, ours, library, [POST, GET, ASKING])
    ours_to_them(check, ours, MessageSignatures(keys, "a server", *least), [POST, GET, ASKING])

    apsig = ApsigRfc(keys)
    theirs_to_us(check, ours, apsig, [GET])
    check("apsig (RFC 9421): its signature of a POST leaves out the body, which we notice",
          lambda: ours.verify([apsig.sign(POST)]) == [None] and ["we do not"] or [])
    check.finish()


if __name__ == "__main__":
    main()
