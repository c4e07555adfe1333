#!/usr/bin/env python3
"""Checks the public logs of a node from the C2SP specifications alone.

Nothing here is shared with wpsx: standard library only, written from signed-note,
tlog-checkpoint, tlog-cosignature, tlog-tiles and tlog-mirror.

    verify_tlog.py http://127.0.0.1:7480 [--origin ORIGIN] [--cosigner VKEY]...

For each log listed at /mirror/ it fetches the checkpoint, verifies the log's
signature and those of the cosigners that were named, fetches every tile and entry
bundle that a tree of that size has, and rebuilds the root three times: from the
entries, from the tiles of level 0, and from the highest tiles. Prints one JSON
object a log; exits with 1 at the first thing that does not hold.
"""

import argparse
import base64
import gzip
import hashlib
import json
import re
import sys
import urllib.error
import urllib.request


class Broken(Exception):
    """The log does not hold what it promises."""


def need(condition, what):
    if not condition:
        raise Broken(what)


# --- Ed25519 (RFC 8032, 5.1.7, with points in extended coordinates)

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P


def recover_x(y, sign):
    if y >= P:
        return None
    xx = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(xx, (P + 3) // 8, P)
    if (x * x - xx) % P != 0:
        x = x * pow(2, (P - 1) // 4, P) % P
    if (x * x - xx) % P != 0 or (x == 0 and sign):
        return None
    return P - x if x & 1 != sign else x


def point(data):
    number = int.from_bytes(data, "little")
    y = number & ((1 << 255) - 1)
    x = recover_x(y, number >> 255)
    return None if x is None else (x, y, 1, x * y % P)


def add(a, b):
    e = (a[1] - a[0]) * (b[1] - b[0]) % P
    f = (a[1] + a[0]) * (b[1] + b[0]) % P
    g = 2 * a[3] * b[3] * D % P
    h = 2 * a[2] * b[2] % P
    i, j, k, m = f - e, h - g, h + g, f + e
    return (i * j % P, k * m % P, j * k % P, i * m % P)


def times(number, base):
    result = (0, 1, 1, 0)
    while number:
        if number & 1:
            result = add(result, base)
        base = add(base, base)
        number >>= 1
    return result


BASE = point((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))


def ed25519_verify(public, message, signature):
    if len(public) != 32 or len(signature) != 64:
        return False
    a, r = point(public), point(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if a is None or r is None or s >= L:
        return False
    h = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % L
    left, right = times(s, BASE), add(r, times(h, a))
    return (left[0] * right[2] - right[0] * left[2]) % P == 0 and (
        left[1] * right[2] - right[1] * left[2]
    ) % P == 0


# --- Signed notes

ED25519, COSIGNATURE = 0x01, 0x04


class Key:
    def __init__(self, vkey):
        name, key_id, material = vkey.split("+", 2)
        material = base64.b64decode(material, validate=True)
        need(len(material) == 33, f"key {name} is not 32 bytes and a type")
        computed = hashlib.sha256(name.encode() + b"\n" + material).digest()[:4]
        need(computed.hex() == key_id, f"key id of {name} is {computed.hex()}, not {key_id}")
        self.name, self.id, self.type, self.public = name, computed, material[0], material[1:]

    def verify(self, text, signature):
        if self.type == COSIGNATURE:
            need(len(signature) == 72, f"cosignature of {self.name} is not 72 bytes")
            time = int.from_bytes(signature[:8], "big")
            message = f"cosignature/v1\ntime {time}\n".encode() + text
            return ed25519_verify(self.public, message, signature[8:])
        need(self.type == ED25519, f"key of {self.name} has type {self.type}")
        return ed25519_verify(self.public, text, signature)


def parse_note(note):
    need(b"\n\n" in note, "a note without an empty line")
    text, lines = note.rsplit(b"\n\n", 1)
    text += b"\n"
    need(lines.endswith(b"\n"), "a note that does not end in a line")
    signatures = []
    for line in lines.decode().splitlines():
        match = re.fullmatch("\u2014 ([^ +]+) ([A-Za-z0-9+/=]+)", line)
        need(match, f"not a signature line: {line!r}")
        blob = base64.b64decode(match[2], validate=True)
        signatures.append((match[1], blob[:4], blob[4:]))
    return text, signatures


def signed_by(key, text, signatures):
    mine = [s for name, key_id, s in signatures if name == key.name and key_id == key.id]
    return len(mine) == 1 and key.verify(text, mine[0])


# --- Merkle trees (RFC 6962, 2.1)


def leaf_hash(data):
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left, right):
    return hashlib.sha256(b"\x01" + left + right).digest()


def merge(hashes):
    """The root over complete subtrees of one size; the last may stand alone."""
    if not hashes:
        return hashlib.sha256(b"").digest()
    hashes = list(hashes)
    while len(hashes) > 1:
        pairs = [node_hash(a, b) for a, b in zip(hashes[::2], hashes[1::2])]
        if len(hashes) % 2:
            pairs.append(hashes[-1])
        hashes = pairs
    return hashes[0]


# --- Tiles


class Log:
    def __init__(self, base):
        self.base = base
        self.bytes = self.tiles = 0

    def get(self, path, content, cache):
        request = urllib.request.Request(
            self.base + path, headers={"Accept-Encoding": "gzip, identity"}
        )
        with urllib.request.urlopen(request, timeout=30) as response:
            body = response.read()
            self.bytes += len(body)
            self.tiles += 1
            found = response.headers.get("Content-Type")
            need(found == content, f"{path}: content type {found!r}, not {content!r}")
            found = response.headers.get("Cache-Control", "")
            need(cache in found, f"{path}: cache control {found!r} without {cache!r}")
            if response.headers.get("Content-Encoding") == "gzip":
                body = gzip.decompress(body)
        return body

    def tile(self, kind, number, width):
        groups = [f"{number % 1000:03}"]
        while number >= 1000:
            number //= 1000
            groups.insert(0, f"x{number % 1000:03}")
        partial = f".p/{width}" if width < 256 else ""
        path = f"tile/{kind}/{'/'.join(groups)}{partial}"
        return self.get(path, "application/octet-stream", "immutable")

    def level(self, level, size):
        """All hashes of one level of tiles, in order."""
        count = size >> (8 * level)
        hashes = []
        for number in range((count + 255) // 256):
            width = min(256, count - 256 * number)
            data = self.tile(level, number, width)
            need(len(data) == 32 * width, f"tile {level}/{number} has {len(data)} bytes")
            hashes += [data[i : i + 32] for i in range(0, len(data), 32)]
        return hashes

    def entries(self, size):
        for number in range((size + 255) // 256):
            width = min(256, size - 256 * number)
            data = self.tile("entries", number, width)
            place = count = 0
            while place < len(data):
                length = int.from_bytes(data[place : place + 2], "big")
                need(place + 2 + length <= len(data), f"bundle {number} is cut")
                yield data[place + 2 : place + 2 + length]
                place += 2 + length
                count += 1
            need(count == width, f"bundle {number} has {count} entries, not {width}")


def check(base, listed, cosigners):
    origin = listed["origin"]
    folder = hashlib.sha256(origin.encode()).hexdigest()
    need(listed["path"].strip("/") == f"mirror/{folder}", f"{origin} is listed at {listed['path']}")
    log = Log(f"{base}/mirror/{folder}/")

    note = log.get("checkpoint", "text/plain; charset=utf-8", "max-age")
    text, signatures = parse_note(note)
    lines = text.decode().split("\n")
    need(lines[0] == origin, f"the checkpoint of {origin} is of {lines[0]}")
    need(lines[3:] == [""], f"the checkpoint of {origin} has extension lines")
    need(re.fullmatch("0|[1-9][0-9]*", lines[1]), f"tree size {lines[1]!r}")
    size, root = int(lines[1]), base64.b64decode(lines[2], validate=True)

    key = Key(listed["vkey"])
    need(key.name == origin and key.type == ED25519, f"the key of {origin} is of {key.name}")
    need(signed_by(key, text, signatures), f"{origin}: the log's signature is not valid")
    for cosigner in cosigners:
        need(
            signed_by(cosigner, text, signatures),
            f"{origin}: no valid cosignature of {cosigner.name}",
        )

    leaves = [leaf_hash(entry) for entry in log.entries(size)]
    need(merge(leaves) == root, f"{origin}: the entries do not make the signed root")
    level, hashes = 0, log.level(0, size)
    need(hashes == leaves, f"{origin}: the tiles of level 0 are not those of the entries")
    need(merge(hashes) == root, f"{origin}: the tiles of level 0 do not make the signed root")
    # Each level above holds the full tiles of the one below; what is not in a full
    # tile hangs on the right.
    right = []
    while len(hashes) >= 256:
        full = len(hashes) // 256
        above = [merge(hashes[256 * i : 256 * i + 256]) for i in range(full)]
        right.append(hashes[256 * full :])
        level += 1
        hashes = log.level(level, size)
        need(hashes == above, f"{origin}: the tiles of level {level} are not those below")
    right.append(hashes)
    edge = None
    for rest in right:
        rest = rest if edge is None else rest + [edge]
        edge = merge(rest) if rest else edge
    if size:
        need(edge == root, f"{origin}: the highest tiles do not make the signed root")
    return {
        "origin": origin,
        "size": size,
        "root": root.hex(),
        "signers": [name for name, _, _ in signatures],
        "levels": level + 1,
        "requests": log.tiles,
        "bytes": log.bytes,
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("base", help="the node's HTTP address")
    parser.add_argument("--origin", action="append", help="a log that has to be there")
    parser.add_argument("--cosigner", action="append", default=[], help="must have cosigned")
    options = parser.parse_args()
    base = options.base.rstrip("/")
    try:
        cosigners = [Key(vkey) for vkey in options.cosigner]
        listing = json.loads(Log(base).get("/mirror/", "application/json", "max-age"))
        for origin in options.origin or []:
            need(origin in [listed["origin"] for listed in listing], f"{origin} is not listed")
        for listed in listing:
            print(json.dumps(check(base, listed, cosigners)))
    except (Broken, ValueError, urllib.error.URLError) as error:
        print(f"verify_tlog: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
