"""kcat, run once for each operation: what a shell script would do, seen through the suite's line protocol.

kcat has no admin functions: its topics come to be when they are first written to.
"""

import itertools
import os
import re
import subprocess
import threading

import kcat_groups
import protocol
from protocol import Unsupported

KCAT = ["kcat", "-b", os.environ["BOOTSTRAP"]]
# Unlikely in random bytes; kcat knows no escapes.
END_OF_RECORD, END_OF_KEY = b"<<END-OF-RECORD>>", b"<<END-OF-KEY>>"
# The sizes come first (-1 is null), then the raw bytes.
FORMAT = r"%o %T %K %S %h\n%k%s"
PATIENT = [
    *["-X", "message.timeout.ms=300000", "-X", "retries=1000000"],
    *["-X", "retry.backoff.ms=50", "-X", "reconnect.backoff.max.ms=500"],
]
DELIVERED = re.compile(rb"Message delivered to partition (\d+) \(offset (\d+)\)")


def run(*arguments, data=None):
    done = subprocess.run([*KCAT, *arguments], input=data, capture_output=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(done.stderr.decode(errors="replace").strip())
    return done.stdout


def no_admin(**_):
    raise Unsupported("kcat has no admin functions")


def producer(topic, partition):
    return ["-P", "-t", topic, "-p", str(partition), "-D", END_OF_RECORD, "-K", END_OF_KEY]


def produce(topic, codec, idempotent, records):
    """One kcat for each partition and set of headers; it does not tell offsets."""
    count = len(records)
    records = sorted(protocol.decode_records(records), key=lambda record: record["partition"])
    for (partition, headers), rows in itertools.groupby(
        records, lambda row: (row["partition"], row["headers"])
    ):
        options = [
            "-z",
            codec,
            "-X",
            f"enable.idempotence={str(idempotent).lower()}",
            "-X",
            "message.max.bytes=1048588",
        ]
        for name, value in headers:
            if value is None:
                raise Unsupported("-H cannot say null")
            options += ["-H", name.encode() + b"=" + value]
        run(*producer(topic, partition), "-Z", *options, data=END_OF_RECORD.join(line(row) for row in rows))
    return [None] * count


def line(record):
    """With -Z what is empty is null; a line without key delimiter would be skipped if it is empty."""
    return (record["key"] or b"") + END_OF_KEY + (record["value"] or b"")


def consume(topic, partition, start, until):
    start = f"s@{start['time']}" if "time" in start else str(start.get("offset", "beginning"))
    output = run("-C", "-q", "-t", topic, "-p", str(partition), "-o", start, "-e", "-f", FORMAT)
    out = []
    position = 0
    while position < len(output):
        end = output.index(b"\n", position)
        offset, timestamp, key_size, value_size, headers = output[position:end].split(b" ", 4)
        key, position = take(output, end + 1, int(key_size))
        value, position = take(output, position, int(value_size))
        headers = [header.partition(b"=")[::2] for header in headers.split(b",")] if headers else []
        headers = [(name.decode(), data) for name, data in headers]
        out.append(protocol.record_to_wire(int(offset), int(timestamp), key, value, headers))
    return out


def take(output, position, size):
    return (None, position) if size < 0 else (output[position : position + size], position + size)


def list_offsets(topic, partition, spec):
    time = {"earliest": -2, "latest": -1}.get(spec, spec)
    answer = run("-Q", "-t", f"{topic}:{partition}:{time}").decode()
    offset = int(re.search(r"offset (-?\d+)", answer)[1])
    return offset if offset >= 0 else None


def write(topic, partitions, count, size, idempotent):
    """One kcat for each partition, all at once; with -vvv they report each delivery, in order of
    writing, and with -E they outlive the broker."""
    order = "enable.idempotence=true" if idempotent else "max.in.flight=1"
    failures = []

    def one(partition):
        command = [*KCAT, *producer(topic, partition), *PATIENT, "-X", order, "-X", "acks=all", "-vvv", "-E"]
        # A short queue makes kcat wait for acknowledgements instead of reading all its input at once.
        command += ["-X", "queue.buffering.max.messages=500"]
        numbers = range(partition, count, partitions)
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE)
        feeder = threading.Thread(target=feed, args=(process.stdin, numbers, size))
        feeder.start()
        acked = iter(numbers)
        for text in process.stderr:
            if found := DELIVERED.search(text):
                protocol.say({"acked": [[next(acked), partition, int(found[2])]]})
            elif b"delivery failed" in text:
                failures.append(text.decode(errors="replace").strip())
        feeder.join()
        process.wait()

    threads = [threading.Thread(target=one, args=(partition,)) for partition in range(partitions)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise RuntimeError(failures[0])


def feed(stdin, numbers, size):
    for number in numbers:
        stdin.write(protocol.numbered_value(number, size) + END_OF_RECORD)
    stdin.close()


protocol.serve(
    {
        "create_topic": no_admin,
        "delete_topic": no_admin,
        "list_topics": no_admin,
        "describe_topic": no_admin,
        "create_partitions": no_admin,
        "describe_configs": no_admin,
        "alter_configs": no_admin,
        "delete_records": no_admin,
        "produce": produce,
        "consume": consume,
        "list_offsets": list_offsets,
        "write": write,
        **kcat_groups.OPERATIONS,
    }
)
