#!/usr/bin/env python3
"""Runs deploy/INTEGRATORS.md as an integrator would, against a real node.

    run_page.py target/release/wpsx [folder with buf]

makes a node with some records and runs the page's blocks in a temporary folder, in
their order: those marked with the name of a file become that file, those marked `sh`
are run, as the operator or as a client. Then it shows that the clients check what they
say they check: with another log key, another certificate or another card each of them
has to refuse. Needs Python with venv, npm, and the packages that the page installs.
"""

import os
import shutil
import subprocess
import sys
import tempfile

from read_node import NAME, RECORDS, expect, running_node

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PAGE = os.path.join(ROOT, "deploy", "INTEGRATORS.md")
TRUSTED = ("log.vkey", "node.card", "node.crt")
CLIENTS = (["venv/bin/python", "read.py"], ["node", "read.mjs"])


def blocks(page):
    """Each block that is marked: the words after its fence, its line and its text."""
    lines = enumerate(page.splitlines(), 1)
    for number, line in lines:
        if not line.startswith("```"):
            continue
        text = []
        for _, inner in lines:
            if inner == "```":
                break
            text.append(inner)
        words = line[3:].split()
        if len(words) == 2:
            yield words, number, "\n".join(text) + "\n"


def run(script, environment, folder):
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script], env=environment, cwd=folder,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=600, check=False,
    )
    return done.returncode, done.stdout


def refused(what, environment, folder):
    for client in CLIENTS:
        done = subprocess.run(
            client, env=environment, cwd=folder, capture_output=True, text=True,
            timeout=120, check=False,
        )
        expect(done.returncode != 0, f"{client[1]} takes {what}:\n{done.stdout[:500]}")


def main():
    wpsx = os.path.abspath(sys.argv[1])
    tools = [os.path.dirname(os.path.abspath(tool)) for tool in sys.argv[1:]]
    page = open(PAGE, encoding="utf-8").read()
    with (
        tempfile.TemporaryDirectory() as work,
        tempfile.TemporaryDirectory() as data,
        tempfile.TemporaryDirectory() as other,
        tempfile.TemporaryDirectory() as kept,
        running_node(wpsx, data) as (address, _),
    ):
        os.symlink(os.path.join(ROOT, "proto"), os.path.join(work, "proto"))
        environment = {k: v for k, v in os.environ.items() if not k.startswith("WPSX_")}
        environment["PATH"] = os.pathsep.join([*tools, environment["PATH"]])
        client = {**environment, "ADDRESS": address, "NAME": NAME}
        operator = {**environment, "WPSX_DATA_DIR": data}
        kinds = set()
        for (kind, name), line, text in blocks(page):
            kinds.add(name)
            if kind != "sh":
                with open(os.path.join(work, name), "w", encoding="utf-8") as file:
                    file.write(text)
                continue
            code, said = run(text, operator if name == "operator" else client, work)
            expect(code == 0, f"INTEGRATORS.md, line {line}:\n{text}\n{said}")
        expect({"operator", "buf", "python", "node"} <= kinds, f"only {kinds}")
        for name in ["python.tsv", "node.tsv"]:
            with open(os.path.join(work, name), encoding="utf-8") as told:
                lines = told.read().splitlines()
            expect(len(lines) == RECORDS, f"{name} has {len(lines)} records of {RECORDS}")

        # The same, with what another node and its publisher would have.
        with running_node(wpsx, other):
            theirs = {**environment, "WPSX_DATA_DIR": other}
            for file, command in [
                ("log.vkey", "wpsx key --vkey > log.vkey"),
                ("node.card", "wpsx card > node.card"),
                ("node.crt", "wpsx card --tls-cert > node.crt"),
                (None, "wpsx card > node.card; wpsx card --tls-cert > node.crt"),
            ]:
                for name in TRUSTED:
                    shutil.copy(os.path.join(work, name), os.path.join(kept, name))
                code, said = run(command, theirs, work)
                expect(code == 0, said)
                refused(f"another {file or 'node'}", client, work)
                for name in TRUSTED:
                    shutil.copy(os.path.join(kept, name), os.path.join(work, name))
    print(f"the page's clients read {RECORDS} records and refuse what is not proven")


if __name__ == "__main__":
    main()
