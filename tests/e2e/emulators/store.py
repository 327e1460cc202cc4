"""The files of a site as Netlify has them in its store: `netlify dev` asks this for each.

Its own static server will not do, for the types it sends win over those of `_headers`, unlike those
of the service (https://github.com/netlify/cli/issues/990). This one sends a type only where
`_headers` names none: a document without one was forgotten there.

Usage: store.py PORT FOLDER
"""

import sys
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

TYPES = {".html": "text/html; charset=UTF-8", ".css": "text/css; charset=UTF-8",
         ".txt": "text/plain; charset=UTF-8", ".png": "image/png", ".jpg": "image/jpeg",
         ".svg": "image/svg+xml", ".webp": "image/webp", ".pdf": "application/pdf"}


class Store(SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        path = self.translate_path(urlsplit(self.path).path)
        if urlsplit(self.path).path.endswith("/"):
            path = f"{path.rstrip('/')}/index.html"
        try:
            with open(path, "rb") as file:
                status, content = 200, file.read()
        except OSError:
            status, content, path = 404, b"none\n", ".txt"
        self.send_response(status)
        ending = path[path.rfind("."):]
        if ending in TYPES:
            self.send_header("Content-Type", TYPES[ending])
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    do_HEAD = do_GET

    def do_POST(self):
        self.send_error(405)

    def log_message(self, *_):
        pass


if __name__ == "__main__":
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])),
                        partial(Store, directory=sys.argv[2])).serve_forever()
