"""Writes a text line by line through a Kafka client, reads it back with another one, and compares.

usage: quickstart.py HOST:PORT TOPIC FILE

The key of a record is the line's number, so that its partition is the client's choice by key, as in any application.
"""

import subprocess
import sys
from collections import defaultdict

from confluent_kafka import Producer

SHOWN = 8


def write(address, topic, lines):
    """What was acknowledged: partition -> [(offset, key, value)] in order of the offsets."""
    stored = defaultdict(list)
    failed = []

    def acknowledged(error, message):
        if error:
            failed.append(error)
            return
        stored[message.partition()].append((message.offset(), message.key().decode(), message.value().decode()))

    producer = Producer({"bootstrap.servers": address, "enable.idempotence": True, "compression.type": "zstd"})
    for number, line in enumerate(lines):
        producer.produce(topic, key=str(number), value=line, on_delivery=acknowledged)
        producer.poll(0)
    producer.flush()
    if failed:
        sys.exit(f"{len(failed)} lines were not acknowledged, the first: {failed[0]}")
    for records in stored.values():
        records.sort()
    return stored


def read(address, topic):
    """Everything in the topic, through kcat: partition -> [(offset, key, value)]."""
    # \x1e and \x1f cannot be in a text file's lines.
    form = "%p\x1f%o\x1f%k\x1f%s\x1e"
    command = ["kcat", "-b", address, "-t", topic, "-C", "-o", "beginning", "-e", "-q", "-f", form]
    output = subprocess.run(command, check=True, capture_output=True).stdout.decode()
    found = defaultdict(list)
    for entry in output.split("\x1e")[:-1]:
        partition, offset, key, value = entry.split("\x1f")
        found[int(partition)].append((int(offset), key, value))
    return found


def show(stored):
    print(f"{'line':>6} {'partition':>9} {'offset':>7}  text")
    by_line = sorted((int(key), partition, offset, value)
                     for partition, records in stored.items() for offset, key, value in records)
    for number, partition, offset, value in by_line[:SHOWN]:
        print(f"{number:>6} {partition:>9} {offset:>7}  {value[:70]}")
    if len(by_line) > SHOWN:
        print(f"   ... {len(by_line) - SHOWN} more")


def main():
    address, topic, path = sys.argv[1:]
    with open(path, encoding="utf-8") as text:
        lines = text.read().splitlines()
    stored = write(address, topic, lines)
    show(stored)
    found = read(address, topic)
    print(f"\n{'partition':>9} {'written':>8} {'read':>6}  offsets")
    for partition in sorted(stored):
        written = stored[partition]
        print(f"{partition:>9} {len(written):>8} {len(found[partition]):>6}  {written[0][0]}..{written[-1][0]}")
    if found != stored:
        sys.exit("what was read is NOT what was written")
    print(f"\n{len(lines)} lines written, all read back: same partitions, offsets, keys and bytes")


if __name__ == "__main__":
    main()
