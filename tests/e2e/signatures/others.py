"""Other people's libraries, each with the same two functions: `sign` and `verify`.

`sign(request)` returns the request with a signature, `verify(request)` whether its signature is
right; a request is a `Request`.
"""

import json
import subprocess
from dataclasses import dataclass, field, replace
from datetime import datetime, timezone
from pathlib import Path
from urllib.parse import urlsplit

from apsig.draft.sign import Signer
from apsig.draft.verify import Verifier
from apsig.rfc9421 import RFC9421Signer
from http_message_signatures import (
    HTTPMessageSigner, HTTPMessageVerifier, MappingKeyResolver, algorithms)

HERE = Path(__file__).resolve().parent
TYPE = "application/activity+json"


@dataclass
class Request:
    method: str
    url: str
    body: str = ""
    headers: dict = field(default_factory=dict)

    @property
    def target(self):
        parts = urlsplit(self.url)
        return parts.path + (f"?{parts.query}" if parts.query else "")

    @property
    def host(self):
        return urlsplit(self.url).netloc

    def having(self, headers):
        """With these headers, under the names that everybody reads."""
        return replace(self, headers={name.title(): value for name, value in dict(headers).items()})

    def but(self, name, value):
        return replace(self, headers={**self.headers, name: value})


class Library:
    def __init__(self, keys):
        self.keys = keys


class ApsigDraft(Library):
    name, form = "apsig (draft)", "cavage"

    def sign(self, request):
        headers = {"Content-Type": TYPE} if request.body else {}
        signed = Signer(headers=headers, private_key=self.keys.private, method=request.method,
                        url=request.url, key_id=self.keys.id, body=request.body.encode()).sign()
        # It is the same text once more.
        signed.pop("Authorization")
        return request.having(signed)

    def verify(self, request):
        verifier = Verifier(self.keys.public_pem, request.method, request.url, request.headers,
                            request.body.encode())
        return verifier.verify() == self.keys.id


class ApsigRfc(Library):
    """It knows no `@target-uri`, which Mastodon wants, and never signs the hash of a body: so it
    only signs, and only questions. It wants headers that a question seldom has."""

    name, form = "apsig (RFC 9421)", "rfc9421"

    def sign(self, request):
        signer = RFC9421Signer(self.keys.private, self.keys.id)
        headers = {"Host": request.host, "Content-Type": TYPE}
        return request.having(signer.sign(
            request.method, request.target, request.host, headers, request.body.encode()))


class MessageSignatures(Library):
    """With the components that a server on the fediverse signs."""

    form = "rfc9421"

    def __init__(self, keys, server, *components, include_alg=True):
        super().__init__(keys)
        self.name = f"http-message-signatures (as {server})"
        self.components, self.include_alg = components, include_alg
        self.resolver = MappingKeyResolver(
            public_keys={keys.id: keys.public}, private_keys={keys.id: keys.private})

    def sign(self, request):
        date = datetime.now(timezone.utc).strftime("%a, %d %b %Y %H:%M:%S GMT")
        signed = replace(request, headers={"Host": request.host, "Date": date})
        signer = HTTPMessageSigner(
            signature_algorithm=algorithms.RSA_V1_5_SHA256, key_resolver=self.resolver)
        # With a body, it makes the hash and signs that as well.
        signer.sign(signed, key_id=self.keys.id, covered_component_ids=self.components,
                    include_alg=self.include_alg, body=request.body.encode() or None)
        return signed

    def verify(self, request):
        verifier = HTTPMessageVerifier(
            signature_algorithm=algorithms.RSA_V1_5_SHA256, key_resolver=self.resolver)
        try:
            verifier.verify(request, require_components=self.components,
                            body=request.body.encode() or None)
        except Exception:
            return False
        return True


class ActivityPubHttpSignatures(Library):
    name, form = "activitypub-http-signatures", "cavage"

    def ask(self, order):
        done = subprocess.run(["node", HERE / "draft.mjs"], input=json.dumps([order]), text=True,
                              stdout=subprocess.PIPE, check=True, timeout=60)
        return json.loads(done.stdout)[0]

    def sign(self, request):
        headers, names = [], ["(request-target)", "host", "date"]
        if request.body:
            headers = [["Digest", self.keys.digest(request.body)], ["Content-Type", TYPE]]
            names += ["digest", "content-type"]
        return request.having(self.ask({
            "do": "sign", "method": request.method, "url": request.url, "headers": headers,
            "names": names, "key_id": self.keys.id, "private_key": self.keys.private_pem}))

    def verify(self, request):
        return self.ask({
            "do": "verify", "method": request.method, "target": request.target,
            "headers": list(request.headers.items()), "public_key": self.keys.public_pem})
