#!/usr/bin/env python3
"""Puts a node's pages behind the web servers of OPERATING.md, as that page has them.

    behind_proxies.py target/release/wpsx folder/of/a/node

takes the blocks for nginx and Caddy from the chapter "Behind a proxy with HTTPS", with
other ports and a certificate made here, starts each before a copy of the node, and
checks through it: pages over HTTPS and HTTP/2 with the headers that the chapter
promises, plain HTTP that leads to HTTPS, a page for what is not there in the reader's
language, links that begin with the address that readers type, that the node counts the
reader's own address and not the server's, and that a node which is gone is told as gone,
not answered for from what was kept. Needs nginx, caddy, curl and openssl. Exits with 1 at
the first thing that does not hold. A web server that answers nobody here, not even for a
site of one word, is told with its own words and passed over: what it says of its settings
has been checked by then.
"""

import contextlib
import os
import pathlib
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time

NAME = "wps.example.org"
CHAPTER = "## Behind a proxy with HTTPS"
GUIDE = pathlib.Path(__file__).parents[2] / "deploy" / "OPERATING.md"
# Where readers come from, other than the web server itself.
READER = "127.0.0.9"


def expect(holds, what):
    if not holds:
        sys.exit(f"behind_proxies.py: {what}")


def block(server):
    """The settings that the chapter shows for a web server."""
    chapter = GUIDE.read_text(encoding="utf-8").split(CHAPTER)[1].split("\n## ")[0]
    shown = re.search(rf"\*\*{server}\*\*.*?\n```\n(.*?)```", chapter, re.S)
    expect(shown, f"the guide shows no settings of {server}")
    return shown[1]


def free_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


def replaced(text, pairs):
    """Each of the pairs stands in what the guide shows."""
    for shown, here in pairs:
        expect(shown in text, f"the guide does not have {shown!r} any more")
        text = text.replace(shown, here)
    return text


@contextlib.contextmanager
def running(command, **options):
    process = subprocess.Popen(command, **options)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(60)


@contextlib.contextmanager
def folder():
    with tempfile.TemporaryDirectory() as place:
        place = pathlib.Path(place)
        place.chmod(0o755)
        yield place


class Server:
    """A web server of the guide, with settings in a folder of its own."""

    def __init__(self, place, site):
        self.place, self.site = place, site
        self.http, self.https = free_port(), free_port()
        self.told = place / "server.log"
        self.reader = Reader(self.http, self.https)

    def accepts(self):
        """It reads its settings, and finds nothing wrong with them."""
        checked = subprocess.run(
            self.checks(), capture_output=True, text=True, check=False, env=self.environment()
        )
        expect(checked.returncode == 0, f"{self.name} refuses what the guide shows: {checked.stderr}")

    def written(self, name):
        settings = self.place / name
        settings.write_text(self.settings(), encoding="utf-8")
        return settings

    def environment(self):
        return os.environ | {"HOME": str(self.place)}

    @contextlib.contextmanager
    def serving(self):
        with self.told.open("w", encoding="utf-8") as told:
            with running(self.runs(), env=self.environment(), stderr=told, stdout=told):
                yield


@contextlib.contextmanager
def node(wpsx, folder, port):
    """The node, as the chapter sets it."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith("WPSX_")}
    environment |= {
        "WPSX_NODE_LISTEN": "127.0.0.1:0",
        "WPSX_NODE_HTTP_LISTEN": f"127.0.0.1:{port}",
        "WPSX_SITE_BASE": f"https://{NAME}",
        "WPSX_SITE_TRUSTED_PROXIES": "127.0.0.1",
        "WPSX_LOG_ACCESS": "requests,addresses",
    }
    log = folder.with_name("node.log")
    with log.open("w", encoding="utf-8") as told:
        serve = [wpsx, "--data-dir", folder, "serve"]
        with running(serve, env=environment, stderr=told):
            for _ in range(300):
                if " http=" in log.read_text(encoding="utf-8"):
                    break
                time.sleep(0.1)
            yield log


class Nginx(Server):
    name = "nginx"
    # What asks no node.
    alone = """server {
    listen 80;
    listen 443 ssl;
    ssl_certificate     /etc/ssl/wps.example.org.pem;
    ssl_certificate_key /etc/ssl/wps.example.org.key;
    location / { return 200; }
}"""

    def settings(self):
        certificate, key = self.place / "site.pem", self.place / "site.key"
        made = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
        made += ["-days", "2", "-subj", f"/CN={NAME}", "-addext", f"subjectAltName=DNS:{NAME}"]
        made += ["-keyout", key, "-out", certificate]
        subprocess.run(made, check=True, capture_output=True)
        servers = replaced(
            self.site,
            [
                ("listen 443 ", f"listen 127.0.0.1:{self.https} "),
                ("listen 80;", f"listen 127.0.0.1:{self.http};"),
                (f"/etc/ssl/{NAME}.pem", str(certificate)),
                (f"/etc/ssl/{NAME}.key", str(key)),
            ],
        ).replace("/var/cache/nginx/wps", str(self.place / "kept"))
        folders = "\n".join(
            f"{kind}_temp_path {self.place / kind};"
            for kind in ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        )
        return (
            f"pid {self.place / 'pid'};\nerror_log {self.place / 'errors'};\ndaemon off;\nevents {{ }}\n"
            f"http {{\naccess_log off;\n{folders}\n{servers}\n}}\n"
        )

    def checks(self):
        return ["nginx", "-t", "-c", self.written("nginx.conf")]

    def runs(self):
        return ["nginx", "-c", self.written("nginx.conf")]


class Caddy(Server):
    name = "Caddy"
    alone = f"{NAME} {{\n    respond /healthz 200\n}}"

    def settings(self):
        return (
            f"{{\nadmin off\nlocal_certs\nskip_install_trust\ndefault_bind 127.0.0.1\n"
            f"servers {{\nprotocols h1 h2\n}}\n"
            f"http_port {self.http}\nhttps_port {self.https}\n"
            f"storage file_system {self.place / 'caddy'}\n}}\n{self.site}"
        )

    def checks(self):
        return ["caddy", "validate", "--adapter", "caddyfile", "--config", self.written("Caddyfile")]

    def runs(self):
        return ["caddy", "run", "--adapter", "caddyfile", "--config", self.written("Caddyfile")]


class Reader:
    """Somebody with a browser somewhere else."""

    def __init__(self, http, https):
        self.http, self.https = http, https

    def get(self, path, *options, scheme="https"):
        """The head of an answer, and its body."""
        port = self.https if scheme == "https" else self.http
        asked = ["curl", "-ksS", "--max-time", "20", "--interface", READER, "-D", "-"]
        asked += ["--resolve", f"{NAME}:{port}:127.0.0.1", *options, f"{scheme}://{NAME}:{port}{path}"]
        answer = subprocess.run(asked, capture_output=True, text=True, check=False).stdout
        head, _, body = answer.replace("\r\n", "\n").partition("\n\n")
        return head, body

    def answered(self):
        """The head of the first answer that is one, or nothing."""
        for _ in range(200):
            head, _ = self.get("/healthz")
            if " 200" in head.split("\n")[0]:
                return head
            time.sleep(0.1)
        return ""


def check(server, reader, log):
    def holds(it, what):
        expect(it, f"behind {server}: {what}")

    head, page = reader.get("/en/event")
    holds(head.startswith("HTTP/2 200"), f"a page is answered with {head}")
    for header in ["strict-transport-security: max-age=", "content-security-policy: default-src 'none'"]:
        holds(header in head.lower(), f"{header} is missing in {head}")
    holds(f'rel="canonical" href="https://{NAME}/en/event' in page, "the page does not say its own address")
    head, _ = reader.get("/en/event", scheme="http")
    holds(re.search(r"^HTTP/1.1 30[18]", head), f"plain HTTP is answered with {head}")
    holds(re.search(rf"(?mi)^location: https://{NAME}", head), f"it leads to {head}")
    head, page = reader.get("/nothing", "-H", "Accept-Language: fr")
    holds(head.startswith("HTTP/2 404") and '<html lang="fr"' in page, f"what is not there: {head}")
    # Somebody says that they come from elsewhere.
    reader.get("/en/theme", "-H", "X-Forwarded-For: 192.0.2.7")
    for _ in range(100):
        told = [line for line in log.read_text(encoding="utf-8").splitlines() if "/en/theme" in line]
        if told:
            break
        time.sleep(0.1)
    counts = all(re.search(rf'address="?{re.escape(READER)}\b', line) for line in told)
    holds(told and counts, f"the node counts {told}")


def behind(kind, wpsx, own, place):
    """Whether the web server answered here, and what it answered was right."""
    copy, port = place / "node", free_port()
    shutil.copytree(own, copy)
    site = replaced(block(kind.name), [("127.0.0.1:7480", f"127.0.0.1:{port}")])
    server = kind(place, site)
    server.accepts()
    with server.serving():
        with node(wpsx, copy, port) as log:
            if not server.reader.answered():
                return False
            check(server.name, server.reader, log)
        expect("use_stale" not in site, f"{server.name} answers from what is too old")
        head, _ = server.reader.get("/healthz")
        expect(" 50" in head.split("\n")[0], f"behind {server.name} a node that is gone is told as {head}")
    return True


def serves_alone(kind, place):
    """Whether the web server answers here at all."""
    server = kind(place, kind.alone)
    with server.serving():
        return bool(server.reader.answered())


def main():
    wpsx, own = sys.argv[1], pathlib.Path(sys.argv[2])
    for kind in [Nginx, Caddy]:
        # Somebody else may have taken a port meanwhile.
        for _ in range(3):
            with folder() as place:
                answered = behind(kind, wpsx, own, place)
                told = (place / "server.log").read_text(encoding="utf-8")
            if answered:
                print(f"pages behind {kind.name}, as the guide has it: HTTPS, headers, readers' own addresses")
                break
            print(f"{kind.name} did not answer; it said:\n{told[-2000:]}")
        else:
            with folder() as place:
                expect(not serves_alone(kind, place), f"{kind.name} answers, but not with what the guide shows")
                told = (place / "server.log").read_text(encoding="utf-8")
            print(f"{kind.name} answers nobody here, whatever its site:\n{told[-2000:]}")


main()
