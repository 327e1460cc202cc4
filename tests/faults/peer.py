"""The servers of those who follow: they show people, take messages and remember them, and sign what
they send, as in draft-cavage-http-signatures-12."""

import base64
import hashlib
import json
import ssl
import subprocess
import threading
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

SITE = "www.party.example"
ACTOR = f"https://{SITE}/ap/news/actor.json"
INBOX = "/ap/news/inbox"
ACTIVITY = "application/activity+json"
CONTEXT = "https://www.w3.org/ns/activitystreams"
HOSTS = ("one.example", "two.example", "three.example")

# All people have one key, which says nothing less about faults.
NAMES = ", ".join(f"DNS:{host}" for host in HOSTS)
SETTINGS = f"""\
[req]
distinguished_name = name
[name]
[authority]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign
[site]
basicConstraints = critical, CA:FALSE
subjectAltName = {NAMES}
"""


def person(host):
    return f"https://{host}/users/jo"


def inbox(host):
    return f"{person(host)}/inbox"


def follow(host):
    return {"@context": CONTEXT, "type": "Follow", "id": f"https://{host}/follows/1",
            "actor": person(host), "object": ACTOR}


def openssl(*words, **rest):
    done = subprocess.run(["openssl", *map(str, words)], capture_output=True, check=False, **rest)
    if done.returncode != 0:
        raise RuntimeError(f"openssl {words[0]}: {done.stderr.decode()}")
    return done.stdout


def make_keys(folder):
    """The key of the people; a certificate for their servers, its key, and who signed it."""
    folder.mkdir(parents=True)
    settings = folder / "openssl.conf"
    settings.write_text(SETTINGS)
    openssl("genrsa", "-out", folder / "person.pem", 2048)
    openssl("rsa", "-in", folder / "person.pem", "-pubout", "-out", folder / "public.pem")
    signer = ()
    for name in ("authority", "site"):
        openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", 2, "-config", settings,
                "-extensions", name, "-subj", f"/CN={name}", "-out", folder / f"{name}.pem",
                "-keyout", folder / f"{name}.key", *signer)
        signer = ("-CA", folder / "authority.pem", "-CAkey", folder / "authority.key")


def letter(keys, host):
    """The headers and the body of a follow, signed now."""
    body = json.dumps(follow(host))
    digest = base64.b64encode(hashlib.sha256(body.encode()).digest()).decode()
    headers = {"Host": SITE, "Date": formatdate(usegmt=True), "Digest": f"SHA-256={digest}"}
    lines = [f"(request-target): post {INBOX}"]
    lines += [f"{name.lower()}: {value}" for name, value in headers.items()]
    signed = openssl("dgst", "-sha256", "-sign", keys / "person.pem",
                     input="\n".join(lines).encode())
    signature = base64.b64encode(signed).decode()
    headers["Signature"] = (f'keyId="{person(host)}#main-key",algorithm="rsa-sha256",'
                            f'headers="(request-target) host date digest",signature="{signature}"')
    return {**headers, "Content-Type": ACTIVITY}, body


class Peer:
    """All of the servers, behind one port of the loopback."""

    def __init__(self, keys):
        self.public, self.taken = (keys / "public.pem").read_text(), []
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self.handler())
        self.server.daemon_threads = True
        # Whoever is killed hangs up in the midst of it.
        self.server.handle_error = lambda *_: None
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(keys / "site.pem", keys / "site.key")
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True,
                                                 do_handshake_on_connect=False)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def actor(self, host):
        key = {"id": f"{person(host)}#main-key", "owner": person(host), "publicKeyPem": self.public}
        return {"@context": CONTEXT, "id": person(host), "type": "Person",
                "preferredUsername": "jo", "inbox": inbox(host), "publicKey": key}

    def handler(peer):
        class Handler(BaseHTTPRequestHandler):
            def answer(self, status, body=b""):
                self.send_response(status)
                self.send_header("Content-Type", ACTIVITY)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def do_GET(self):
                self.answer(200, json.dumps(peer.actor(self.headers["Host"])).encode())

            def do_POST(self):
                message = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                about = message["object"]
                about = about["id"] if isinstance(about, dict) else about
                to = f"https://{self.headers['Host']}{self.path}"
                # It has arrived, whether or not the answer does.
                peer.taken.append((to, message["type"], message["id"], about))
                self.answer(202)

            def log_message(self, *_):
                pass

        return Handler
