"""The records that the checks write, and how what was read is compared with them."""

import random
import time

SIZES = [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000]


def text(rng, size):
    """Bytes that are neither UTF-8 nor constant, and that every codec makes smaller."""
    words = [rng.randbytes(rng.randint(2, 12)) for _ in range(32)]
    out = bytearray()
    while len(out) < size:
        out += rng.choice(words)
    return bytes(out[:size])


def record(partition, key, value, headers=()):
    return {"partition": partition, "key": key, "value": value, "headers": list(headers), "timestamp": None}


def corner_cases(rng):
    headers = [("a", b"1"), ("b", b"\xff\xfe"), ("empty", b"")]
    pairs = [(None, b"v"), (b"k", None), (b"k", b"v"), (text(rng, 300), text(rng, 300))]
    pairs += [(b"\x00", b"\x00"), (b"sized", text(rng, 999))]
    return [(key, value, ()) for key, value in pairs] + [
        (b"h", b"with headers", headers),
        (None, b"x", headers[:1]),
    ]


def make_records(seed, partitions=3, small=150, sizes=SIZES):
    """Corner cases, all sizes, then many small records, spread over the partitions; timestamps rise by 1 s.

    The timestamps start an hour and more before now: old enough never to be "in the future", young enough for the
    default retention.
    """
    rng = random.Random(seed)
    rows = corner_cases(rng)
    rows += [(f"size-{size}".encode(), text(rng, size), ()) for size in sizes]
    rows += [(f"key-{i}".encode(), text(rng, 40 + i), ()) for i in range(small)]
    start = int(time.time() - 3600) * 1000 - len(rows) * 1000
    records = []
    for i, (key, value, headers) in enumerate(rows):
        row = record(i % partitions, key, value, headers)
        row["timestamp"] = start + i * 1000
        records.append(row)
    return records


def of_partition(records, partition):
    return [row for row in records if row["partition"] == partition]


def show(value):
    shown = repr(value)
    return shown if len(shown) <= 80 else f"{shown[:60]}... ({len(value)})"


def difference(expected, actual, with_timestamps):
    """None when both lists hold the same records in the same order, else a sentence about the first difference."""
    names = ["key", "value", "headers"] + (["timestamp"] if with_timestamps else [])
    for i, (left, right) in enumerate(zip(expected, actual)):
        for name in names:
            a, b = left[name], right[name]
            if name == "headers":
                a, b = [tuple(header) for header in a], [tuple(header) for header in b]
            if a != b:
                return f"record {i} of the partition: {name} written {show(a)}, read {show(b)}"
    if len(expected) != len(actual):
        return f"{len(expected)} records written, {len(actual)} read"
    return None
