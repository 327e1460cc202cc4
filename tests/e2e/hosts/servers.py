"""Starts and stops the servers, each with a small configuration around what sitegen wrote."""

import http.client
import os
import re
import socket
import ssl
import subprocess
import time
from pathlib import Path

DOMAIN = "www.party.example"
MODULES = Path("/usr/lib/apache2/modules")
APACHE_MODULES = ("mpm_event authz_core authz_host mime dir alias env setenvif headers rewrite ssl "
                  "socache_shmcb proxy proxy_http autoindex negotiation").split()
START_SECONDS = 15


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def self_signed(folder, domain=DOMAIN):
    """A certificate for the domain, and its key, signed by itself."""
    paths = folder / "certificate.pem", folder / "key.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
         "-subj", f"/CN={domain}", "-addext", f"subjectAltName=DNS:{domain}",
         "-addext", "keyUsage=digitalSignature,keyCertSign",
         "-out", str(paths[0]), "-keyout", str(paths[1])],
        check=True, capture_output=True)
    return paths


def certificate(folder, domains):
    """A certificate for the domains and its key, and the authority that signed it."""
    paths = [folder / name for name in ("certificate.pem", "key.pem", "authority.pem", "ca-key.pem")]
    settings = folder / "openssl.conf"
    names = ", ".join(f"DNS:{domain}" for domain in domains)
    settings.write_text(f"""\
[req]
distinguished_name = name
[name]
[authority]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign
[site]
basicConstraints = critical, CA:FALSE
subjectAltName = {names}
""")

    def make(extensions, subject, certificate, key, *signer):
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
             "-config", settings, "-extensions", extensions, "-subj", f"/CN={subject}",
             "-out", certificate, "-keyout", key, *signer],
            check=True, capture_output=True)

    make("authority", "An authority for a minute", *paths[2:])
    make("site", domains[0], *paths[:2], "-CA", paths[2], "-CAkey", paths[3])
    return paths[:2], paths[2]


class Server:
    """A server with a site, while it runs."""

    def __init__(self, name, place, pair, domain=DOMAIN):
        self.name, self.place, self.domain = name, place, domain
        self.plain, self.secure = free_port(), free_port()
        self.log = place / "log"
        self.command = self.configure(pair)

    def configure(self, pair):
        """Writes what it works by, from what sitegen wrote; gives the command that starts it."""
        snippet = (self.place / "snippet").read_text()
        live = f"/etc/letsencrypt/live/{self.domain}"
        snippet = snippet.replace(f"{live}/fullchain.pem", str(pair[0]))
        snippet = snippet.replace(f"{live}/privkey.pem", str(pair[1]))
        return getattr(self, self.name)(snippet, pair)

    def write(self, name, text):
        path = self.place / name
        path.write_text(text)
        return str(path)

    def nginx(self, snippet, _pair):
        lines = [line for line in snippet.splitlines() if "listen [::]" not in line]
        snippet = "\n".join(lines).replace("listen 80;", f"listen 127.0.0.1:{self.plain};")
        snippet = snippet.replace("listen 443 ", f"listen 127.0.0.1:{self.secure} ")
        site = self.write("site.conf", snippet)
        temporary = "".join(
            f"{kind}_temp_path {self.place}/{kind};\n"
            for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        conf = self.write("nginx.conf", f"""\
daemon off;
pid {self.place}/pid;
error_log {self.log};
events {{ }}
http {{
include /etc/nginx/mime.types;
access_log off;
{temporary}include {site};
}}
""")
        return ["nginx", "-c", conf, "-e", str(self.log)]

    def apache(self, snippet, _pair):
        snippet = snippet.replace("*:80>", f"127.0.0.1:{self.plain}>")
        snippet = snippet.replace("*:443>", f"127.0.0.1:{self.secure}>")
        site = self.write("site.conf", snippet)
        modules = "\n".join(f"LoadModule {name}_module {MODULES}/mod_{name}.so"
                            for name in APACHE_MODULES)
        user = "User www-data\nGroup www-data\n" if os.geteuid() == 0 else ""
        conf = self.write("apache.conf", f"""\
ServerRoot {self.place}
ServerName localhost
DefaultRuntimeDir {self.place}
PidFile {self.place}/pid
ErrorLog {self.log}
{modules}
TypesConfig /etc/mime.types
AddType application/x-gzip .gz
{user}Listen 127.0.0.1:{self.plain}
Listen 127.0.0.1:{self.secure}
<Directory />
AllowOverride None
Require all denied
</Directory>
<FilesMatch "^\\.ht">
Require all denied
</FilesMatch>
Include {site}
""")
        return ["apache2", "-X", "-f", conf]

    def caddy(self, snippet, pair):
        head = f"https://{self.domain} {{\n"
        assert head in snippet
        snippet = snippet.replace(head, f"{head}\tbind 127.0.0.1\n\ttls {pair[0]} {pair[1]}\n")
        conf = self.write("Caddyfile", f"""\
{{
	admin off
	http_port {self.plain}
	https_port {self.secure}
	default_bind 127.0.0.1
}}

{snippet}""")
        return ["caddy", "run", "--config", conf, "--adapter", "caddyfile"]

    def lighttpd(self, snippet, _pair):
        # A machine need not have IPv6.
        snippet = re.sub(r'\$SERVER\["socket"\] == "\[::\].*?\n}\n', "", snippet, flags=re.DOTALL)
        snippet = snippet.replace('":443"', f'"127.0.0.1:{self.secure}"')
        site = self.write("site.conf", snippet)
        conf = self.write("lighttpd.conf", f"""\
server.bind = "127.0.0.1"
server.port = {self.plain}
server.document-root = "{self.place}"
server.errorlog = "{self.log}"
server.modules = ( "mod_access", "mod_alias", "mod_redirect" )
include "{site}"
""")
        return ["lighttpd", "-D", "-f", conf]

    def __enter__(self):
        environment = {**os.environ, "HOME": str(self.place), "XDG_DATA_HOME": str(self.place)}
        self.output = open(self.place / "output.log", "wb")
        self.process = subprocess.Popen(
            self.command, stdout=self.output, stderr=self.output, env=environment)
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.secure), 1).close()
                return self
            except OSError:
                if self.process.poll() is not None or time.monotonic() > deadline:
                    self.__exit__()
                    raise RuntimeError(f"{self.name} does not start: {self.said()}") from None
                time.sleep(0.05)

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(10)
        self.output.close()

    def said(self):
        logs = [path.read_text(errors="replace")
                for path in (self.place / "output.log", self.log) if path.exists()]
        return "\n".join(logs)[-3000:]

    def ask(self, target, method="GET", body=None, headers=None, secure=True, timeout=10):
        """Status, fields as a list, and body."""
        connection = http.client.HTTPConnection("127.0.0.1", self.plain, timeout=timeout)
        if secure:
            connection = http.client.HTTPConnection("127.0.0.1", self.secure, timeout=timeout)
            connection.connect()
            context = ssl._create_unverified_context()
            connection.sock = context.wrap_socket(connection.sock, server_hostname=self.domain)
        try:
            connection.request(method, target, body, {"Host": self.domain, **(headers or {})})
            response = connection.getresponse()
            return Answer(response.status, response.getheaders(), response.read())
        finally:
            connection.close()


class Answer:
    def __init__(self, status, fields, body):
        self.status, self.fields, self.body = status, fields, body

    def all(self, name):
        return [value for known, value in self.fields if known.lower() == name.lower()]

    def one(self, name):
        values = self.all(name)
        return values[0] if len(values) == 1 else values or None
