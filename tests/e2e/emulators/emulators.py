"""Starts and stops what the two services give people to try their sites with."""

import http.client
import os
import shlex
import signal
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from servers import Server, free_port

HERE = Path(__file__).resolve().parent
START_SECONDS = 60
STOP_SECONDS = 10


class Plain(BaseHTTPRequestHandler):
    """Leads to https, as both services do by themselves."""

    def do_GET(self):
        self.send_response(301)
        self.send_header("Location", f"https://{self.headers['Host'].split(':')[0]}{self.path}")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


class Emulator(Server):
    """A service with a site, while it runs."""

    def __init__(self, name, place, pair, domain, node):
        self.name, self.place, self.domain, self.node = name, place, domain, node
        self.secure, self.log = free_port(), place / "log"
        self.folder, self.home = place / "run", place / "home"
        self.folder.mkdir()
        self.home.mkdir()
        start = {"netlify": self.netlify, "cloudflare-pages": self.cloudflare_pages}[name]
        self.command = start(place / "output", pair)

    def netlify(self, output, pair):
        store = free_port()
        command = shlex.join(
            [sys.executable, str(HERE / "store.py"), str(store), str(output)])
        (self.folder / "netlify.toml").write_text(f"""\
[build]
publish = '{output}'
[dev]
framework = "#auto"
command = '''{command}'''
targetPort = {store}
port = {self.secure}
publish = '{output}'
autoLaunch = false
[dev.https]
certFile = '{pair[0]}'
keyFile = '{pair[1]}'
""")
        # Edge functions want Deno, which is fetched; we have none.
        return [self.node, HERE / "node_modules/netlify-cli/bin/run.js", "dev", "--offline",
                "--no-open", "--skip-gitignore", "--geo", "mock", "--internal-disable-edge-functions"]

    def cloudflare_pages(self, output, pair):
        return [self.node, HERE / "node_modules/wrangler/bin/wrangler.js", "pages", "dev", output,
                "--ip", "127.0.0.1", "--port", str(self.secure), "--inspector-port", str(free_port()),
                "--compatibility-date", "2026-01-01", "--show-interactive-dev-session=false",
                "--local-protocol", "https", "--https-cert-path", pair[0], "--https-key-path", pair[1]]

    def environment(self):
        """Nothing of the person who runs this, and nobody is told that it runs."""
        return {
            "PATH": f"{Path(self.node).parent}:{os.environ['PATH']}", "HOME": str(self.home),
            "LANG": "C.UTF-8", "NO_COLOR": "1", "BROWSER": "none", "NO_UPDATE_NOTIFIER": "1",
            # `netlify` tells nothing of itself where this is set.
            "CI": "1", "WRANGLER_SEND_METRICS": "false",
            # Where a visitor is said to be is fetched otherwise.
            "CLOUDFLARE_CF_FETCH_ENABLED": "false",
        }

    def __enter__(self):
        self.redirector = ThreadingHTTPServer(("127.0.0.1", 0), Plain)
        self.plain = self.redirector.server_address[1]
        threading.Thread(target=self.redirector.serve_forever, daemon=True).start()
        self.output = open(self.place / "output.log", "wb")
        self.process = subprocess.Popen(
            self.command, stdin=subprocess.DEVNULL, stdout=self.output, stderr=self.output,
            env=self.environment(), cwd=self.folder, start_new_session=True)
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                if self.ask("/").status == 200:
                    return self
            except (OSError, http.client.HTTPException):
                pass
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.__exit__()
                raise RuntimeError(f"{self.name} does not start: {self.said()}") from None
            time.sleep(0.1)

    def __exit__(self, *_):
        # Those that it started are of its group: the one that answers, and the store.
        for ending in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(self.process.pid, ending)
            except ProcessLookupError:
                break
            try:
                self.process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                pass
        self.output.close()
        self.redirector.shutdown()
        self.redirector.server_close()
