"""A compacted topic of many segments, read from the start to the end: while it is compacted, and afterwards.

What a client must see is the newest value of each key, at ascending offsets, up to the last record of the log. Some
keys end with a tombstone; those are gone or still there.
"""

import random

from . import records as rec
from .client import records_to_wire
from .configs import TOPIC, set_configs
from .context import eventually, expect
from .segments import read_batches

KEYS = 12
# More than ten: librdkafka gives up after as many answers without a record.
ROUNDS_BEFORE = 40
ROUNDS_MEANWHILE = 12
ROUNDS_BETWEEN_READS = 3
RECORDS_A_ROUND = 10
# A segment for about each round.
SEGMENT_MS = "1"
# Every group of segments that is compacted together becomes one of this size. The reference broker takes no less than
# the second one.
SEGMENT_BYTES = ["1000", "1048576"]
COMPACTION = {"cleanup.policy": "compact", "delete.retention.ms": "0"}
ONCE, ALWAYS = {"min.cleanable.dirty.ratio": "0.5"}, {"min.cleanable.dirty.ratio": "0.01"}


def plain(ctx):
    write_and_read(ctx, "compacted", idempotent=False)


def idempotent(ctx):
    """The last batch of a producer stays although it has no record any more; each round is another producer."""
    write_and_read(ctx, "compacted-idempotent", idempotent=True)


def write_and_read(ctx, label, idempotent):
    topic = ctx.topic(label)
    writer = Writer(ctx, topic, idempotent)
    writer.rounds(1)  # some clients create a topic by writing to it
    make_segments_small(ctx.broker.port, topic)
    writer.rounds(ROUNDS_BEFORE)
    # All at once: of nearly every segment nothing stays, and what is left of them is not joined yet.
    set_configs(ctx.broker.port, TOPIC, topic, COMPACTION | ONCE)
    expect_compacted(ctx, writer)
    set_configs(ctx.broker.port, TOPIC, topic, ALWAYS)
    for _ in range(0, ROUNDS_MEANWHILE, ROUNDS_BETWEEN_READS):
        writer.rounds(ROUNDS_BETWEEN_READS)
        expect_newest(ctx, topic, {"beginning": True}, writer.end, writer.newest)
    expect_compacted(ctx, writer)


class Writer:
    """What was written into a topic: the newest value of each key, and where it ends."""

    def __init__(self, ctx, topic, idempotent):
        self.ctx_, self.topic, self.idempotent_ = ctx, topic, idempotent
        self.random_ = random.Random(topic)
        self.newest, self.end = {}, 0

    def rounds(self, count):
        for _ in range(count):
            rows = round_of(self.random_, self.end)
            fields = {"codec": "none", "idempotent": self.idempotent_, "records": records_to_wire(rows)}
            self.ctx_.client.call("produce", topic=self.topic, **fields)
            self.newest |= {row["key"]: row["value"] for row in rows}
            self.end += len(rows)


def expect_compacted(ctx, writer):
    """Waits for it, then reads from the start, from within gaps and from behind each record but the last."""
    topic, end = writer.topic, writer.end
    eventually(f"{topic}: compacted", lambda: records_left(ctx.broker.data_of(topic, 0), topic), lambda n: n <= 3 * KEYS)
    found = expect_newest(ctx, topic, {"beginning": True}, end, writer.newest)
    for start in [1, end // 3, end // 2, *[row["offset"] + 1 for row in found[:-1]]]:
        wanted = {row["key"] for row in found if row["offset"] >= start}
        expect_newest(ctx, topic, {"offset": start}, end, {key: writer.newest[key] for key in wanted})


def round_of(rng, number):
    """Each key now and then, and now and then its end."""
    rows = []
    for i in range(RECORDS_A_ROUND):
        key = f"key-{rng.randrange(KEYS)}"
        gone = rng.random() < 0.2
        value = None if gone else f"{key} {number}.{i}".encode() + rng.randbytes(20).hex().encode()
        rows.append(rec.record(0, key.encode(), value))
    return rows


def make_segments_small(port, topic):
    for size in SEGMENT_BYTES:
        try:
            return set_configs(port, TOPIC, topic, {"segment.ms": SEGMENT_MS, "segment.bytes": size})
        except RuntimeError:
            if size == SEGMENT_BYTES[-1]:
                raise


def records_left(data, topic):
    while True:
        try:
            return sum(batch.records for batch in read_batches(data, topic, 0))
        except FileNotFoundError:
            pass  # compaction has put another file in its place meanwhile


def expect_newest(ctx, topic, start, end, newest):
    found = ctx.consume(topic, 0, start, end)
    offsets = [row["offset"] for row in found]
    expect(offsets == sorted(set(offsets)), f"{topic} from {start}: offsets do not ascend: {rec.show(offsets)}")
    expect(offsets and offsets[-1] == end - 1, f"{topic} from {start}: ends at {offsets[-1:]}, not {end - 1}")
    seen = {row["key"]: row["value"] for row in found}
    for key, value in newest.items():
        shown = seen.get(key)
        expect(shown == value, f"{topic} from {start}: {key} is {rec.show(shown)}, not {rec.show(value)}")
    return found
