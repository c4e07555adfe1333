#!/usr/bin/env python3
"""Checks one proof file of a record from the C2SP specifications alone.

Nothing here is shared with wpsx: standard library only, written from tlog-proof,
signed-note, tlog-checkpoint and tlog-cosignature.

    verify_proof.py FILE VKEY [COSIGNER-VKEY]...

VKEY is the key of the publisher's log. What has to hold: the checkpoint in the file is
signed with that key (and with those of the cosigners that were named), the entry in the
file stands in the checkpoint's tree at the index that the file says, and the payload
beside the entry is the one that the entry commits to. Prints one JSON object; exits with
1 at the first thing that does not hold.
"""

import base64
import hashlib
import json
import sys

from verify_tlog import Broken, Key, leaf_hash, need, node_hash, parse_note, signed_by

HEADER = "c2sp.org/tlog-proof@v1"
PAYLOAD_TAG = b"wpsx/payload/v1\n"


def root_of(leaf, index, size, path):
    """RFC 9162, 2.1.3.2."""
    need(index < size, f"entry {index} of a log of {size}")
    first, last, result = index, size - 1, leaf
    for sibling in path:
        need(last > 0, "the path is too long")
        if first & 1 or first == last:
            result = node_hash(sibling, result)
            while not first & 1 and first:
                first, last = first >> 1, last >> 1
        else:
            result = node_hash(result, sibling)
        first, last = first >> 1, last >> 1
    need(last == 0, "the path is too short")
    return result


def check(text, vkey, cosigners):
    head, note = text.split("\n\n", 1)
    lines = head.split("\n")
    need(lines.pop(0) == HEADER, "not a proof file")
    need(lines and lines[0].startswith("extra "), "the entry is not in the file")
    extra = base64.b64decode(lines.pop(0)[6:], validate=True)
    need(lines and lines[0].startswith("index "), "the index is missing")
    index = int(lines.pop(0)[6:])
    path = [base64.b64decode(line, validate=True) for line in lines]
    need(all(len(part) == 32 for part in path), "a hash that is not 32 bytes")

    signed, signatures = parse_note(note.encode())
    origin, size, root = signed.decode().split("\n")[:3]
    key = Key(vkey)
    need(key.name == origin, f"the checkpoint is of {origin}, not of {key.name}")
    need(signed_by(key, signed, signatures), "the publisher did not sign the checkpoint")
    for cosigner in map(Key, cosigners):
        need(signed_by(cosigner, signed, signatures), f"{cosigner.name} did not cosign")

    length = int.from_bytes(extra[:2], "big")
    entry, slot = extra[2 : 2 + length], extra[2 + length :]
    found = root_of(leaf_hash(entry), index, int(size), path)
    need(found == base64.b64decode(root), "the entry is not in the log at that index")
    if slot:
        commitment = hashlib.sha256(PAYLOAD_TAG + slot).digest()
        need(commitment in entry, "the payload is not the one that the entry commits to")
    return {"origin": origin, "index": index, "size": int(size), "payload": len(slot[32:])}


def main():
    if len(sys.argv) < 3:
        print(__doc__, file=sys.stderr)
        return 2
    try:
        with open(sys.argv[1], encoding="utf-8") as file:
            print(json.dumps(check(file.read(), sys.argv[2], sys.argv[3:])))
    except (Broken, ValueError, OSError) as error:
        print(f"verify_proof: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
