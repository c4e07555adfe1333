#!/usr/bin/env python3
"""Reads what a node's pages offer as files, with the parsers that others read them with.

Nothing here is shared with wpsx: html5lib, openpyxl, feedparser, icalendar, rdflib,
bibtexparser and rispy from PyPI, csv and json of Python.

    read_pages.py target/release/wpsx folder/of/a/node

serves the node and checks, for every kind of record that its sitemap names: that the
figure on the page is the number of rows of the table, of lines, of records in JSON, of
rows of the workbook; that a table of parts has a row for each; that the feed, the
calendar, the linked data and the citations are what their formats say; the proof file of
every record, with `verify_tlog.py`; that `verify_proof.py` takes a proof as its page
says; and that the node's log says neither who asked nor
for what. Exits with 1 at the first thing that does not hold.
"""

import base64
import concurrent.futures
import contextlib
import csv
import datetime
import io
import json
import os
import re
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
import warnings
import xml.etree.ElementTree as etree

import bibtexparser
import feedparser
import html5lib
import icalendar
import openpyxl
import rdflib
import rispy

import verify_proof
import verify_tlog

# Pages about the site, which are no lists.
ABOUT = ["network", "method", "accessibility"]
LANGUAGES = ["en", "fr", "es", "ru", "ar", "zh"]
# What texts are cited as.
TYPES = {"RPRT", "GOVDOC", "LEGAL", "DATA", "CONF", "ELEC"}
SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
XHTML = "{http://www.w3.org/1999/xhtml}"
TOMBSTONES = "{http://purl.org/atompub/tombstones/1.0}"
ATOM = "{http://www.w3.org/2005/Atom}"
# What a row says of its publishing, in a table and in JSON.
PROVENANCE = {
    "publisher": "publisher",
    "log_origin": "origin",
    "publish_time": "time",
    "revision_address": "page",
}
# A workbook of more is made in Rust's tests.
LONGEST_BOOK = 1500


def expect(holds, what):
    if not holds:
        sys.exit(f"read_pages.py: {what}")


@contextlib.contextmanager
def serving(wpsx, folder):
    """The address of the pages of the node in the folder."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("WPSX_")}
    with tempfile.TemporaryFile("w+", encoding="utf-8") as log:
        serve = [wpsx, "--data-dir", folder, "serve"]
        node = subprocess.Popen(serve, env=environment, stderr=log)
        try:
            for _ in range(300):
                log.seek(0)
                address = re.search(r' http="(\S+?)"', log.read())
                if address or node.poll() is not None:
                    break
                time.sleep(0.1)
            expect(address, "the node does not say where its pages are")
            yield f"http://{address[1]}"
        finally:
            node.terminate()
            expect(node.wait(60) == 0, "the node did not end in good order")
        log.seek(0)
        told = [line for line in log if " wpsx::access: " in line]
        expect(told, "the log tells of no request")
        for line in told:
            expect("address=" not in line and "question=" not in line, f"the log tells who asked what: {line}")


# What a calendar has to tell otherwise than by whole days.
EVENTS = """external_id,title.en,countries,state,period.start,start_time,end_time,time_zone
interop-zoned,Zoned,KEN,confirmed,2027-03-05,09:30,17:00,Africa/Nairobi
interop-floating,Floating,KEN,planned,2027-07-05,22:00,02:00,
interop-open,Open,KEN,planned,2027-07-06,10:00,,Europe/Paris
interop-gone,Gone,KEN,planned,2027-03-06,,,
"""


def publish_events(wpsx, folder, site):
    """Publishes the events and withdraws the last one; its id."""
    with tempfile.TemporaryDirectory() as place:
        table = os.path.join(place, "events.csv")
        with open(table, "w", encoding="utf-8") as file:
            file.write(EVENTS)
        run = [wpsx, "--data-dir", folder]
        subprocess.run([*run, "import", table, "--kind", "event"], check=True, stdout=subprocess.DEVNULL)
        for _ in range(100):
            lines = map(json.loads, site.text("/en/event.jsonl?country=KEN").splitlines())
            ids = {line["record"].get("external_id"): line["id"] for line in lines}
            if "interop-gone" in ids:
                break
            time.sleep(0.1)
        gone = ids["interop-gone"]
        withdraw = [*run, "withdraw", gone, "--reason", "outdated"]
        subprocess.run(withdraw, check=True, stdout=subprocess.DEVNULL)
        for _ in range(100):
            if gone not in site.text("/en/event.jsonl?country=KEN"):
                return gone
            time.sleep(0.1)
        sys.exit(f"read_pages.py: {gone} is listed after it was withdrawn")


class Site:
    def __init__(self, base):
        self.base = base

    def answer(self, path, **headers):
        address = path if path.startswith("http") else self.base + path
        request = urllib.request.Request(address, headers=headers)
        return urllib.request.urlopen(request, timeout=60)

    def bytes(self, path):
        with self.answer(path) as answer:
            return answer.read()

    def text(self, path):
        return self.bytes(path).decode("utf-8")

    def page(self, path):
        return html5lib.parse(self.bytes(path), namespaceHTMLElements=False)


def figure(page):
    """The number that a list's page shows; none where it says that there is nothing."""
    for element in page.iter():
        if element.get("class") == "figure":
            number = element.find(".//strong")
            expect(number is not None, "the figure is not told from what stands beside it")
            return int(re.sub(r"\D", "", "".join(number.itertext())))
    return 0


def mapped(site):
    """Every address that the sitemap names."""
    index = etree.fromstring(site.bytes("/sitemap.xml"))
    parts = [loc.text for loc in index.iter(SITEMAP + "loc")]
    expect(len(parts) > 1, "the sitemap has no parts")
    addresses = []
    for part in parts:
        urls = etree.fromstring(site.bytes(part))
        found = [loc.text for loc in urls.iter(SITEMAP + "loc")]
        for url in urls.iter(SITEMAP + "url"):
            others = {link.get("hreflang") for link in url.iter(XHTML + "link")}
            expect(others == {*LANGUAGES, "x-default"}, f"{part}: {others}")
        expect(len(found) <= 50_000, f"{part} is too long")
        addresses += found
    expect(len(set(addresses)) == len(addresses), "the sitemap names a page twice")
    return [address.removeprefix(site.base) for address in addresses]


def check_list(site, kind):
    """The same figure in every form; the ids of the records."""
    shown = figure(site.page(f"/en/{kind}"))
    csv.field_size_limit(1 << 24)
    with site.answer(f"/en/{kind}.csv") as answer:
        expect("describedby" in answer.headers["link"], f"{kind}.csv has no readme")
        table = answer.read().decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(table, newline=""), strict=True))
    lines = [json.loads(line) for line in site.text(f"/en/{kind}.jsonl").splitlines()]
    whole = json.loads(site.bytes(f"/en/{kind}.json"))
    counts = {"csv": len(rows), "jsonl": len(lines), "json": len(whole["records"])}
    expect(set(counts.values()) == {shown}, f"{kind}: the page says {shown}, files {counts}")
    for row, line in zip(rows, lines):
        told = [row[name] for name in PROVENANCE]
        expect(told == [line[name] for name in PROVENANCE.values()], f"{kind}: {told}")
        expect(all(told), f"{kind}: a row does not say who published it, where and when")
        expect("licence" in row, f"{kind}: no column for the licence")
    ids = [row["record_id"] for row in rows]
    expect(ids == [line["id"] for line in lines], f"{kind}: the table has other records")
    expect(lines == whole["records"], f"{kind}: the lines are not the records of the JSON")
    expect(str(shown) in whole["about"].values(), f"{kind}: the JSON does not say how many")
    expect(not any(None in row for row in rows), f"{kind}: a row is longer than the header")
    check_parts(site, kind, lines)
    if shown <= LONGEST_BOOK:
        book = openpyxl.load_workbook(io.BytesIO(site.bytes(f"/en/{kind}.xlsx")), read_only=True)
        sheet = book.worksheets[0]
        told = [row[0] for row in sheet.iter_rows(min_row=2, max_col=1, values_only=True)]
        expect(told == ids, f"{kind}: the workbook has other records")
        readme = dict(book["readme"].iter_rows(max_col=2, values_only=True))
        expect(readme["Records"] == str(shown), f"{kind}: its readme says {readme}")
        missing = {"Source", "Licence", "Method", "How to cite", "As of"} - set(readme)
        expect(not missing, f"{kind}: its readme does not say {missing}")
        head = [cell.value for cell in next(sheet.iter_rows(max_row=1))]
        expect(set(PROVENANCE) <= set(head), f"{kind}: the workbook's columns are {head[:12]}")
    return ids


def check_parts(site, kind, lines):
    """A row for each part of the lists that have a table of their own."""
    page = site.text(f"/en/{kind}")
    for name in re.findall(rf'<a href="/en/{kind}\.(\w+)\.csv"', page):
        table = site.bytes(f"/en/{kind}.{name}.csv").decode("utf-8-sig")
        rows = list(csv.DictReader(io.StringIO(table, newline=""), strict=True))
        said = [(line["id"], part) for line in lines for part in line["record"][kind.replace("-", "_")].get(name, [])]
        expect(len(rows) == len(said) > 0, f"{kind}.{name}: {len(rows)} rows of {len(said)} parts")
        for row, (record, part) in zip(rows, said):
            expect(row["record_id"] == record, f"{kind}.{name}: a row of {row['record_id']}, not {record}")
            told = {field: row[field] for field in part if field in row}
            expect(told == {**part, **told} == part, f"{kind}.{name}: {row} says not {part}")


def check_feed(site, kind):
    text = site.bytes(f"/en/{kind}.atom")
    root = etree.fromstring(text)
    entries = root.findall(ATOM + "entry")
    gone = root.findall(TOMBSTONES + "deleted-entry")
    feed = feedparser.parse(text)
    expect(not feed.bozo, f"{kind}.atom: {feed.get('bozo_exception')}")
    expect(len(feed.entries) == len(entries), f"{kind}.atom: {len(feed.entries)} entries")
    for entry in feed.entries:
        expect(entry.id and entry.title and entry.updated_parsed, f"{kind}.atom: {entry}")
        revision = json.loads(site.bytes(f"{entry.link}.json"))
        expect(entry.updated == revision["time"], f"{kind}.atom: {entry.updated}, not {revision['time']}")
        expect(entry.author == revision["publisher"], f"{kind}.atom: by {entry.author}")
        licence = revision["record"].get("licence", "")
        expect(entry.get("rights", "").startswith(licence[:200]), f"{kind}.atom: {entry.get('rights')}")
    return len(entries) + len(gone)


def check_calendar(site, ids, gone):
    calendar = icalendar.Calendar.from_ical(site.bytes("/en/events.ics"))
    events = calendar.walk("VEVENT")
    left_out = int(re.search(r"(\d+)\.", str(calendar["DESCRIPTION"]))[1])
    uids = [str(event["UID"]).split("@")[0] for event in events]
    expect(len(set(uids)) == len(uids), "the calendar has an event twice")
    there = set(uids) & set(ids)
    expect(len(there) + left_out == len(ids), f"{len(there)} events and {left_out} without a day")
    zones = {str(zone["TZID"]) for zone in calendar.walk("VTIMEZONE")}
    for uid, event in zip(uids, events):
        expect(uid in there or event["STATUS"] == "CANCELLED", f"{uid} is gone, and not cancelled")
        start, end = event["DTSTART"], event.get("DTEND")
        expect(start.params.get("TZID") in {None, *zones}, f"{uid} is in a zone that nobody explains")
        timed = isinstance(start.dt, datetime.datetime)
        expect(end is None and timed or start.dt < end.dt, f"an event without a day: {event}")
        expect(end is None or isinstance(end.dt, datetime.datetime) == timed, f"{uid} ends otherwise")
        if timed:
            aware = start.dt.tzinfo is not None
            expect(aware == ("TZID" in start.params), f"{uid} is not where it says")
        expect(int(event["SEQUENCE"]) >= 0 and event["SUMMARY"], f"no event: {event}")
    by_name = {str(event["SUMMARY"]): event for event in events}
    at = {name: str(by_name[name]["DTSTART"].dt) for name in ["Zoned", "Floating", "Open"]}
    expect(at["Zoned"] == "2027-03-05 09:30:00+03:00", f"not in Nairobi: {at}")
    expect(at["Floating"] == "2027-07-05 22:00:00", f"not floating: {at}")
    expect(at["Open"] == "2027-07-06 10:00:00+02:00", f"not in Paris's summer: {at}")
    expect(str(by_name["Floating"]["DTEND"].dt) == "2027-07-06 02:00:00", "not the night after")
    expect("DTEND" not in by_name["Open"], "an end that nobody stated")
    expect(uids[events.index(by_name["Gone"])] == gone, "what was withdrawn is another event")
    expect(by_name["Gone"]["STATUS"] == "CANCELLED", "what was withdrawn is not cancelled")
    expect(int(by_name["Gone"]["SEQUENCE"]) == 1, "a calendar does not see that it is newer")


def check_linked(site, record):
    page = site.page(f"/en/record/{record}")
    blocks = [element for element in page.iter("script")]
    expect(len(blocks) == 1, f"{record} has {len(blocks)} blocks of data")
    expect(blocks[0].get("type") == "application/ld+json", f"{record} has a script")
    graph = rdflib.Graph().parse(data=blocks[0].text, format="json-ld")
    file = rdflib.Graph().parse(data=site.text(f"/en/record/{record}.jsonld"), format="json-ld")
    expect(len(graph) == len(file) > 5, f"{record}: {len(graph)} and {len(file)} triples")
    subject = rdflib.URIRef(f"{site.base}/en/record/{record}")
    names = list(graph.objects(subject, rdflib.URIRef("https://schema.org/name")))
    expect(names, f"{record} has no name")
    expect(list(graph.objects(subject, rdflib.RDF.type)), f"{record} is nothing")


def check_citations(site, record):
    library = bibtexparser.parse_string(site.text(f"/en/record/{record}.bib"))
    expect(len(library.entries) == 1 and not library.failed_blocks, f"{record}.bib")
    bib = library.entries[0].fields_dict
    (ris,) = rispy.loads(site.text(f"/en/record/{record}.ris"))
    address = bib["url"].value
    expect(address in ris["urls"], f"{record}: {address} is not in {ris}")
    expect(re.fullmatch(rf".*/en/record/{record}/[1-9][0-9]*", address), address)
    expect(figure_of(site, address) == 200, f"{address} is not there")
    expect("title" in bib and ris["title"], f"{record} has no title")
    # A year that nobody knows is left out of both.
    year = bib["year"].value if "year" in bib else None
    expect(year is None or re.fullmatch("[0-9]{4}", year), f"{record}: the year {year}")
    expect(ris.get("year") == year, f"{record}: {year} and {ris.get('year')}")
    expect("edition" not in ris, f"{record}: a revision of a record is no edition of its text")
    expect(("author" in bib) == bool(ris.get("authors")), f"{record}: {ris.get('authors')}")
    expect("author" in bib or "key" in bib, f"{record} has neither author nor key")
    is_report = ris["type_of_reference"] in {"RPRT", "GOVDOC"} and "author" in bib
    expected = "techreport" if is_report else "misc"
    expect(library.entries[0].entry_type == expected, f"{record}: {library.entries[0].entry_type}")
    expect(ris["type_of_reference"] in TYPES, f"{record}: {ris['type_of_reference']}")
    told = json.loads(site.bytes(f"{address}.json"))
    expect(told["publisher"] in ris["notes"][0], f"{record} does not say where it was published")


def figure_of(site, address):
    with site.answer(address) as answer:
        return answer.status


class Proofs:
    """Checks proof files; a checkpoint's signature once."""

    def __init__(self, site):
        listed = json.loads(site.bytes("/mirror/"))
        self.site = site
        self.keys = {log["origin"]: verify_tlog.Key(log["vkey"]) for log in listed}
        self.signed = {}

    def check(self, record):
        text = self.site.text(f"/en/record/{record}.tlog-proof")
        head, checkpoint = text.split("\n\n", 1)
        format_, extra, index, *path = head.split("\n")
        expect(format_ == "c2sp.org/tlog-proof@v1", f"{record}: {format_}")
        extra = base64.b64decode(extra.removeprefix("extra "), validate=True)
        entry = extra[2:2 + int.from_bytes(extra[:2], "big")]
        index = int(index.removeprefix("index "))
        path = [base64.b64decode(hash_, validate=True) for hash_ in path]
        size, root = self.signed.get(checkpoint) or self.sign(checkpoint)
        expect(bytes.fromhex(record) in entry, f"{record}: the entry is another record's")
        expect(root_of(entry, index, size, path) == root, f"{record} is not in the log")

    def sign(self, checkpoint):
        text, signatures = verify_tlog.parse_note(checkpoint.encode())
        origin, size, root = text.decode().split("\n")[:3]
        expect(verify_tlog.signed_by(self.keys[origin], text, signatures), f"{origin}: not signed")
        self.signed[checkpoint] = int(size), base64.b64decode(root, validate=True)
        return self.signed[checkpoint]


def check_as_told(site, record):
    """The program in another language takes the proof with the words that the page shows."""
    page = site.text(f"/en/record/{record}")
    told = re.search(r"<code>python3 verify_proof\.py (\S+) (\S+)</code>", page)
    expect(told, f"{record}: its page names no program but ours")
    proof = re.search(rf'href="(\S+)" download="{re.escape(told[1])}"', page)
    expect(proof, f"{record}: its page has no {told[1]}")
    text = site.text(proof[1])
    found = verify_proof.check(text, told[2], [])
    expect(found["payload"] > 0, f"{record}: nothing is proven")
    other = text.replace("index ", "index 1", 1)
    try:
        verify_proof.check(other, told[2], [])
    except verify_tlog.Broken:
        return
    sys.exit(f"read_pages.py: {record} is proven at another place")


def root_of(entry, index, size, path):
    """RFC 9162, 2.1.3.2."""
    node, last, hash_ = index, size - 1, verify_tlog.leaf_hash(entry)
    for other in path:
        if last == 0:
            return None
        if node & 1 or node == last:
            hash_ = verify_tlog.node_hash(other, hash_)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            hash_ = verify_tlog.node_hash(hash_, other)
        node, last = node >> 1, last >> 1
    return hash_ if last == 0 else None


def check_again(site, path):
    """Nothing is sent twice, and it comes compressed to who asks for that."""
    with site.answer(path, **{"Accept-Encoding": "gzip"}) as answer:
        expect(answer.headers["content-encoding"] == "gzip", f"{path} is not compressed")
        expect(answer.headers["access-control-allow-origin"] == "*", f"{path} is not for all")
        tag = answer.headers["etag"]
    try:
        site.answer(path, **{"If-None-Match": tag})
        sys.exit(f"read_pages.py: {path} is sent again")
    except urllib.error.HTTPError as error:
        expect(error.code == 304, f"{path}: {error}")


def main():
    warnings.simplefilter("ignore")
    wpsx, folder = map(os.path.abspath, sys.argv[1:3])
    with serving(wpsx, folder) as base:
        site = Site(base)
        gone = publish_events(wpsx, folder, site)
        addresses = mapped(site)
        records = [it.split("/")[3] for it in addresses if re.match("/en/record/", it)]
        kinds = [it[4:] for it in addresses if re.fullmatch("/en/[a-z-]+", it) and it[4:] not in ABOUT]
        expect(len(addresses) % len(LANGUAGES) == 0, "a page is missing in a language")
        expect(len(kinds) > 5 and len(records) > 100, f"{len(kinds)} kinds, {len(records)} records")
        ids = {kind: check_list(site, kind) for kind in kinds}
        listed = [record for of_kind in ids.values() for record in of_kind]
        expect(set(listed) == set(records), "the sitemap has other records than the lists")
        changes = sum(check_feed(site, kind) for kind in kinds)
        expect(changes > 0, "no feed tells a change")
        check_calendar(site, ids["event"], gone)
        for of_kind in ids.values():
            for record in {of_kind[0], of_kind[-1]}:
                check_linked(site, record)
                check_citations(site, record)
            check_as_told(site, of_kind[0])
        for path in ["/en", f"/en/{kinds[0]}", f"/en/{kinds[0]}.csv", f"/en/record/{records[0]}"]:
            check_again(site, path)
        proofs = Proofs(site)
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            list(pool.map(proofs.check, records))
    print(f"{len(kinds)} lists and {len(records)} records read back in every form, all proven")


if __name__ == "__main__":
    main()
