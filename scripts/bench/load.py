#!/usr/bin/env python3
"""Does a Swift node stay flat and alive under mixed valid and broken requests?

usage: load.py BINARY TREE [--seconds 120] [--connections 8]

Plays the bodies of parity/scenarios/slice-bodies.json (empty, truncated, not UTF-8, wrong types, 2 MiB, deeply nested) in
random order, with GETs, connections cut off in the middle and requests that are no HTTP, from several processes, in a
sealed namespace. Passes when the resident memory of the last third is within 8 MiB of the middle third (medians of one
figure a second), the node never ended, and GET /health and /election/grant answer as at the start. A/A: requests a second of
the two halves. Last line `N passed, N failed`.
"""
import argparse
import json
import os
import random
import socket
import statistics
import sys
import time
from multiprocessing import Array, Process

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from node import PORT, Node, private_copy, request, sealed  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))
SCENARIO = os.path.join(HERE, "../../parity/scenarios/slice-bodies.json")
GROWTH = 8.0
LARGE = 100_000
# Counters: requests by leading digit of the answer's status, [0] for connections that ended without one, [6] all.
CLOSED, ALL = 0, 6


def message(method, path, body, headers):
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1"]
    lines += [f"{name}: {value}" for name, value in {"Content-Type": "application/json", **headers}.items()]
    if body or method == "POST":
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


def messages():
    """(small, large, cut): whole requests, and the beginnings of some after which the connection is closed."""
    small, large = [], []
    with open(SCENARIO) as file:
        steps = json.load(file)["steps"]
    for step in steps:
        if "method" not in step:
            continue
        if "body" in step:
            body = json.dumps(step["body"]).encode()
        elif "hex" in step:
            body = bytes.fromhex(step["hex"])
        else:
            body = step.get("raw", "").encode("utf-8", "surrogatepass")
        body += b" " * step.get("pad", 0)
        data = message(step["method"], step["path"], body, step.get("headers", {}))
        (large if len(data) > LARGE else small).append(data)
    for path in ("/health", "/status", "/", "/election/grant", "/nowhere", "/health?x=%ff"):
        small += [message("GET", path, b"", {}), message("HEAD", path, b"", {})]
    for number in range(50):
        body = json.dumps({"node_id": f"peer-{number}", "host": "h", "port": 9000 + number, "nat_blocked": True})
        small.append(message("POST", "/heartbeat", body.encode(), {}))
    cut = [data[: len(data) * part // 4] for data in small[::5] + large for part in (1, 2, 3)]
    cut += [b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", b"GET\r\n\r\n", b"\x00" * 64, b"POST /heartbeat HTTP/9.9\r\n\r\n",
            b"POST /heartbeat HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n", b"A" * 70000,
            b"POST /heartbeat HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"]
    return small, large, cut


def connect():
    connection = socket.create_connection(("127.0.0.1", PORT), 10)
    connection.settimeout(20)
    return connection, connection.makefile("rb")


def answer(stream, head):
    """Reads one answer: (status, whether the connection stays)."""
    line = stream.readline()
    if not line:
        return None, False
    status, length, keep = int(line.split()[1]), 0, line.startswith(b"HTTP/1.1")
    while (header := stream.readline()) not in (b"\r\n", b""):
        name, _, value = header.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
        elif name.lower() == b"connection" and value.strip().lower() == b"close":
            keep = False
    if not head:
        stream.read(length)
    return status, keep


def hammer(seed, deadline, counts):
    dice = random.Random(seed)
    small, large, cut = messages()
    connection = stream = None
    mine = [0] * 7
    while time.time() < deadline:
        kind = dice.random()
        data = dice.choice(large) if kind < 0.01 else dice.choice(cut) if kind < 0.06 else dice.choice(small)
        status, keep = None, False
        try:
            if connection is None:
                connection, stream = connect()
            connection.sendall(data)
            if 0.01 <= kind < 0.06:
                if dice.random() < 0.5:
                    connection.shutdown(socket.SHUT_WR)
                    status, keep = answer(stream, False)[0], False
            else:
                status, keep = answer(stream, data.startswith(b"HEAD"))
        except OSError:  # refused while a large body is still being sent, timed out, reset
            pass
        if not keep:
            if connection is not None:
                stream.close()
                connection.close()
            connection = None
        mine[status // 100 if status else CLOSED] += 1
        mine[ALL] += 1
        if mine[ALL] % 32 == 0:
            publish(counts, mine)
    publish(counts, mine)


def publish(counts, mine):
    with counts.get_lock():
        for index, value in enumerate(mine):
            counts[index] += value
            mine[index] = 0


def main(options, work):
    tree = private_copy(options.tree, work)
    node = Node("swift", tree, options.binary, node_id="soak", log="/dev/shm/soak.log")
    counts = Array("l", 7)
    failures = []
    try:
        node.wait_for_answer()
        first = {path: request("GET", path)[0] for path in ("/health", "/election/grant")}
        start = time.time()
        deadline = start + options.seconds
        workers = [Process(target=hammer, args=(seed, deadline, counts)) for seed in range(options.connections)]
        for worker in workers:
            worker.start()
        memory, totals = [], []
        while time.time() < deadline and node.process.poll() is None:
            time.sleep(1)
            memory.append(node.memory("VmRSS"))
            totals.append(counts[ALL])
            os.truncate(node.log, 0)  # the access log; appended to, so that it starts again
        for worker in workers:
            worker.join(30)
            worker.kill()
        alive = node.process.poll() is None
        last = {path: request("GET", path)[0] for path in first} if alive else {}
        peak, end = (node.memory("VmHWM"), node.memory("VmRSS")) if alive else (0, 0)
    finally:
        node.kill()
    third = max(1, len(memory) // 3)
    middle, late = statistics.median(memory[third:2 * third]), statistics.median(memory[-third:])
    half = len(totals) // 2
    rates = totals[half] / (half + 1), (totals[-1] - totals[half]) / max(1, len(totals) - half - 1)
    print(f"load: {options.seconds} s, {options.connections} connections, {counts[ALL]} requests, "
          f"{rates[0]:.0f} / {rates[1]:.0f} a second (first / second half); answers: "
          + ", ".join(f"{digit}xx {counts[digit]}" for digit in range(1, 6) if counts[digit])
          + f", none {counts[CLOSED]}")
    print(f"load: resident MiB: start {memory[0]:.1f}, middle third {middle:.1f}, last third {late:.1f}, "
          f"end {end:.1f}, peak {peak:.1f}")
    if not alive:
        failures.append("the node ended")
    if last != first:
        failures.append(f"answers at the end {last}, at the start {first}")
    if late - middle > GROWTH:
        failures.append(f"memory grew by {late - middle:.1f} MiB (allowed {GROWTH})")
    for failure in failures:
        print(f"  FAIL {failure}")
    print(f"{3 - len(failures)} passed, {len(failures)} failed")
    return 1 if failures else 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binary", type=os.path.abspath)
    parser.add_argument("tree", type=os.path.abspath)
    parser.add_argument("--seconds", type=int, default=120)
    parser.add_argument("--connections", type=int, default=8)
    arguments = parser.parse_args()
    sealed(lambda work: main(arguments, work))
