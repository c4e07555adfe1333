#!/usr/bin/env python3
"""Reads a node with the gRPC of another language, knowing nothing but its address.

Nothing here is shared with wpsx: grpcio, grpcio-reflection and
grpcio-health-checking from PyPI. Messages are made from what the node describes by
reflection.

    read_node.py target/release/wpsx

makes a node with some records in a temporary folder, runs it, and checks over TLS
with its certificate: health, the services that it names, every page of a list, error
details, a deadline, and the metrics as Prometheus reads them. Exits with 1 at the
first thing that does not hold.
"""

import contextlib
import json
import os
import re
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

import grpc
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message_factory import GetMessageClass
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import (
    ProtoReflectionDescriptorDatabase,
)

NAME = "interop.example.org"
RECORDS = 1234
EXCHANGE = "wpsx.exchange.v1.ExchangeService"


def expect(holds, what):
    if not holds:
        sys.exit(f"read_node.py: {what}")


@contextlib.contextmanager
def running_node(wpsx, folder):
    """A node with records: the addresses of its TLS port and its metrics."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("WPSX_")}

    def run(*arguments):
        command = [wpsx, "--data-dir", folder, "--json", *arguments]
        done = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE)
        return json.loads(done.stdout)

    any_port = "127.0.0.1:0"
    run("init", "--name", NAME, "--listen", any_port, "--http-listen", "none",
        "--metrics-listen", any_port)
    run("publisher", "add", NAME, "--title", "Interop")
    plans = os.path.join(folder, "plans.csv")
    with open(plans, "w", encoding="utf-8") as file:
        file.write("external_id,kind,title.en,countries\n")
        file.writelines(f"x-{n},national-action-plan,Plan {n},KEN\n" for n in range(RECORDS))
    run("import", plans)
    log = open(os.path.join(folder, "log"), "w+", encoding="utf-8")
    serve = [wpsx, "--data-dir", folder, "serve"]
    node = subprocess.Popen(serve, env=environment, stderr=log)
    try:
        for _ in range(300):
            with open(log.name, encoding="utf-8") as written:
                addresses = re.search(r'listen="(\S+)".*metrics="(\S+)"', written.read())
            if addresses or node.poll() is not None:
                break
            time.sleep(0.1)
        expect(addresses, "the node does not say where it listens")
        yield addresses.groups()
    finally:
        node.terminate()
        expect(node.wait(60) == 0, "the node did not end in good order")


class Service:
    """A service that reflection describes."""

    def __init__(self, channel, pool, name):
        self.channel = channel
        self.described = pool.FindServiceByName(name)

    def call(self, method, timeout=20, **fields):
        described = self.described.methods_by_name[method]
        call = self.channel.unary_unary(
            f"/{self.described.full_name}/{method}",
            request_serializer=lambda message: message.SerializeToString(),
            response_deserializer=GetMessageClass(described.output_type).FromString,
        )
        return call(GetMessageClass(described.input_type)(**fields), timeout=timeout)

    def refusal(self, method, **fields):
        try:
            self.call(method, **fields)
        except grpc.RpcError as error:
            return error
        return sys.exit(f"read_node.py: {method} {fields} is not refused")

    def unfinished(self, method, timeout):
        """How a call ends that has no request yet, which no answer can come before."""
        ended = threading.Event()
        call = self.channel.stream_unary(
            f"/{self.described.full_name}/{method}",
            request_serializer=lambda message: message,
        ).future((ended.wait() for _ in range(1)), timeout=timeout)
        call.add_done_callback(lambda _: ended.set())
        return call.code()


def check_health(channel):
    health = health_pb2_grpc.HealthStub(channel)
    for service in ["", EXCHANGE, "wpsx.replication.v1.ReplicationService"]:
        answer = health.Check(health_pb2.HealthCheckRequest(service=service), timeout=20)
        serving = health_pb2.HealthCheckResponse.SERVING
        expect(answer.status == serving, f"health of {service!r}: {answer}")


def check_services(named):
    expect(EXCHANGE in named, f"reflection does not name the exchange: {named}")
    expect("grpc.reflection.v1.ServerReflection" in named, "reflection v1 is missing")
    expect(not any("admin" in name for name in named), "administration is named outside")


def check_pages(exchange):
    entries, token, pages = [], "", 0
    while pages == 0 or token:
        page = exchange.call("ListRecords", page_size=500, page_token=token)
        expect(0 < len(page.entries) <= 500, f"a page of {len(page.entries)}")
        expect(len(page.checkpoints) == 1, "a page without its checkpoint")
        entries += page.entries
        token, pages = page.next_page_token, pages + 1
    expect(pages == 3, f"{pages} pages")
    indexes = [entry.index for entry in entries]
    expect(indexes == list(range(RECORDS)), "the pages leave records out or repeat them")


def check_refusals(exchange):
    short = exchange.refusal("GetRecord", record_id=b"short")
    expect(short.code() == grpc.StatusCode.INVALID_ARGUMENT, short)
    details = dict(short.trailing_metadata()).get("grpc-status-details-bin", b"")
    expect(b"google.rpc.BadRequest" in details, "no details name the field")
    missing = exchange.refusal("GetRecord", record_id=bytes(16))
    expect(missing.code() == grpc.StatusCode.NOT_FOUND, missing)
    token = exchange.refusal("ListRecords", page_token="no token")
    expect(token.code() == grpc.StatusCode.INVALID_ARGUMENT, token)
    late = exchange.unfinished("ListRecords", timeout=0.2)
    expect(late == grpc.StatusCode.DEADLINE_EXCEEDED, late)


def check_metrics(address):
    """Every sample has a family with HELP and TYPE before it, and comes once."""
    with urllib.request.urlopen(f"http://{address}/metrics", timeout=20) as answer:
        content_type = answer.headers["content-type"]
        lines = answer.read().decode().splitlines()
    expect(content_type.startswith("text/plain"), f"metrics are {content_type}")
    helped, typed, seen = set(), set(), set()
    for line in filter(None, lines):
        word = line.split()
        if line.startswith("# HELP "):
            expect(len(word) > 3 and word[2] not in helped, line)
            helped.add(word[2])
        elif line.startswith("# TYPE "):
            expect(word[2] in helped and word[3] in ("counter", "gauge", "histogram"), line)
            expect((word[3] == "counter") == word[2].endswith("_total"), line)
            typed.add(word[2])
        else:
            sample = re.fullmatch(r'([a-z_]+)(\{[a-z_]+="[^"]*"(?:,[a-z_]+="[^"]*")*\})? (\S+)', line)
            expect(sample, f"no sample: {line}")
            name = re.sub("_(bucket|sum|count)$", "", sample[1])
            expect(sample[1] in typed or name in typed, f"a sample without its type: {line}")
            expect((sample[1], sample[2]) not in seen, f"a sample comes twice: {line}")
            float(sample[3])
            seen.add((sample[1], sample[2]))
    expect(f'wpsx_log_records{{origin="{NAME}/wpsx/public"}} {RECORDS}' in lines, "no records")


def main():
    wpsx = os.path.abspath(sys.argv[1])
    with tempfile.TemporaryDirectory() as folder, running_node(wpsx, folder) as (tls, metrics):
        host, port = tls.rsplit(":", 1)
        certificate = ssl.get_server_certificate((host, int(port))).encode()
        credentials = grpc.ssl_channel_credentials(certificate)
        options = [("grpc.ssl_target_name_override", NAME)]
        with grpc.secure_channel(tls, credentials, options) as channel:
            check_health(channel)
            database = ProtoReflectionDescriptorDatabase(channel)
            check_services(database.get_services())
            exchange = Service(channel, DescriptorPool(database), EXCHANGE)
            check_pages(exchange)
            check_refusals(exchange)
        check_metrics(metrics)
    print(f"health, reflection, {RECORDS} records, refusals and metrics hold")


if __name__ == "__main__":
    main()
